/* SPDX-License-Identifier: MIT */
/* Internationalised names.
 * Holds: ASCII names and literals stay as they are; IDNs become their xn-- form, mapped and
 * non-transitional; what is no name is refused with the name in the text; fullwidth digits do
 * not become an address that nobody sees. */
#include <criterion/criterion.h>
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/net/idn.h>

/* Where the library is missing, that is what is said; the rest cannot be tried. */
static bool library_is_there(void)
{
	void *handle = dlopen("libidn2.so.0", RTLD_NOW);

	if (!handle)
		handle = dlopen("libidn2.0.dylib", RTLD_NOW);
	if (handle)
		dlclose(handle);
	return handle != NULL;
}

static const char *converted(const char *host)
{
	static char name[IDN_MAX];
	static struct failure why;

	if (idn_to_ascii(name, host, &why))
		return name;
	cr_assert_eq(why.class, FAILURE_USAGE);
	return why.text;
}

Test(idn, ascii_stays_as_it_is)
{
	cr_assert_str_eq(converted("Example.ORG."), "Example.ORG.");
	cr_assert_str_eq(converted("under_score"), "under_score");
	cr_assert_str_eq(converted("::1%lo"), "::1%lo");
	cr_assert_str_eq(converted(""), "");
}

Test(idn, converts)
{
	if (!library_is_there()) {
		cr_assert_str_eq(
			converted("b\303\274cher.invalid"),
			"\"b\303\274cher.invalid\": names beyond ASCII need libidn2, which "
			"is not installed; write the xn-- form");
		return;
	}
	cr_assert_str_eq(converted("b\303\274cher.invalid"), "xn--bcher-kva.invalid");
	cr_assert_str_eq(converted("B\303\234CHER.invalid"), "xn--bcher-kva.invalid");
	cr_assert_str_eq(converted("bu\314\210cher.invalid"), "xn--bcher-kva.invalid");
	cr_assert_str_eq(converted("stra\303\237e.invalid"), "xn--strae-oqa.invalid");
	cr_assert_str_eq(converted("\344\276\213\343\200\202\346\265\213\350\257\225"),
			 "xn--fsq.xn--0zwm56d");
}

Test(idn, refuses_what_is_no_name)
{
	char expected[300], label[200] = "";

	if (!library_is_there())
		return;
	cr_assert_str_eq(converted("\357\274\221\357\274\222\357\274\227.1"),
			 "\"\357\274\221\357\274\222\357\274\227.1\": not a host name");
	cr_assert_str_eq(converted("\357\274\221\357\274\222\357\274\227.0.0.1"),
			 "\"\357\274\221\357\274\222\357\274\227.0.0.1\": not a host name");
	cr_assert_str_eq(converted("a\357\274\217b"), "\"a\357\274\217b\": not a host name");
	for (int i = 0; i < 60; i++)
		strcat(label, "\303\274");
	snprintf(expected, sizeof(expected), "\"%s\": not an internationalised name: ", label);
	cr_assert_eq(strncmp(converted(label), expected, strlen(expected)), 0);
}

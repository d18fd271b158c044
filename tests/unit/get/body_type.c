/* SPDX-License-Identifier: MIT */
/* tests/unit/get/body_type.c
 * Holds: the ending of the name decides, in any case; dots in folders, unknown endings and none
 * say nothing. */
#include <criterion/criterion.h>

#include <sockutil/get/body_parts.h>

static void is(const char *file, const char *type)
{
	cr_assert_str_eq(body_type_of(file), type, "%s: %s", file, body_type_of(file));
}

Test(body_type, by_the_ending)
{
	is("a.txt", "text/plain");
	is("/x/y/A.HTML", "text/html");
	is("a.json", "application/json");
	is("a.jpg", "image/jpeg");
	is("a.jpeg", "image/jpeg");
	is("a.png", "image/png");
	is("a.gif", "image/gif");
	is("a.svg", "image/svg+xml");
	is("a.pdf", "application/pdf");
	is("a.xml", "application/xml");
	is("a.csv", "text/csv");
	is("a.zip", "application/zip");
	is("a.tar.gz", "application/gzip");
}

Test(body_type, that_says_nothing)
{
	is("a", "application/octet-stream");
	is("", "application/octet-stream");
	is("-", "application/octet-stream");
	is("a.", "application/octet-stream");
	is("a.txt.sig", "application/octet-stream");
	is("folder.txt/a", "application/octet-stream");
	is("txt", "application/octet-stream");
}

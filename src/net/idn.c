/* SPDX-License-Identifier: MIT */
/* Internationalised domain names, by libidn2 when one is met. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/base/library.h>
#include <sockutil/net/endpoint_host.h>
#include <sockutil/net/idn.h>

/* From idn2.h, which need not be there to build: idn2_lookup_u8(3) takes NFC input or makes it,
 * and maps by UTS 46. */
enum {
	IDN2_OK = 0,
	IDN2_NFC_INPUT = 1,
	IDN2_NONTRANSITIONAL = 8,
};

static struct {
	int (*lookup)(const uint8_t *source, uint8_t **name, int flags);
	const char *(*message)(int code);
	void (*release)(void *memory);
} idn2;

static struct library library = {
	.purpose = "a name beyond ASCII",
	.names = (const char *const[]){ "libidn2.so.0", "libidn2.0.dylib", "libidn2.so", NULL },
	.symbols =
		(const struct library_symbol[]){
			{ "idn2_lookup_u8", &idn2.lookup },
			{ "idn2_strerror", &idn2.message },
			{ "idn2_free", &idn2.release },
			{ NULL, NULL },
		},
};

static bool is_ascii(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text >= 0x80)
			return false;
	return true;
}

/* What the mapping made is judged like what a user wrote: fullwidth digits and dots become an
 * IPv4 address that nobody sees. */
static bool judge(char out[static IDN_MAX], const char *host, const char *name, struct failure *why)
{
	if (strlen(name) >= IDN_MAX || !endpoint_host_check(name, why) ||
	    endpoint_host_is_v4(name) || endpoint_host_is_v6(name)) {
		fail(why, FAILURE_USAGE, "\"%s\": not a host name", host);
		return false;
	}
	snprintf(out, IDN_MAX, "%s", name);
	return true;
}

static bool convert(char out[static IDN_MAX], const char *host, struct failure *why)
{
	uint8_t *name = NULL;
	const int code =
		idn2.lookup((const uint8_t *)host, &name, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	bool done;

	if (code != IDN2_OK) {
		fail(why, FAILURE_USAGE, "\"%s\": not an internationalised name: %s", host,
		     idn2.message(code));
		return false;
	}
	done = judge(out, host, (const char *)name, why);
	idn2.release(name);
	return done;
}

bool idn_to_ascii(char out[static IDN_MAX], const char *host, struct failure *why)
{
	if (is_ascii(host)) {
		snprintf(out, IDN_MAX, "%s", host);
		return true;
	}
	if (library_load(&library, why))
		return convert(out, host, why);
	fail(why, FAILURE_USAGE,
	     "\"%s\": names beyond ASCII need libidn2, which is not installed; write the xn-- form",
	     host);
	return false;
}

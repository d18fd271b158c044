/* SPDX-License-Identifier: MIT */
/* Internationalised domain names, by libidn2 when one is met. */
#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/net/endpoint_host.h>
#include <sockutil/net/idn.h>

/* From idn2.h, which need not be there to build: idn2_lookup_u8(3) takes NFC input or makes it,
 * and maps by UTS 46. */
enum {
	IDN2_OK = 0,
	IDN2_NFC_INPUT = 1,
	IDN2_NONTRANSITIONAL = 8,
};

typedef int lookup_function(const uint8_t *source, uint8_t **name, int flags);
typedef const char *message_function(int code);
typedef void free_function(void *memory);

struct library {
	void *handle;
	lookup_function *lookup;
	message_function *message;
	free_function *release;
};

static void *find(void *handle, const char *name)
{
	return handle ? dlsym(handle, name) : NULL;
}

static bool load(struct library *library)
{
	static const char *const names[] = { "libidn2.so.0", "libidn2.0.dylib", "libidn2.so" };

	library->handle = NULL;
	for (size_t i = 0; !library->handle && i < sizeof(names) / sizeof(names[0]); i++)
		library->handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
	library->lookup = (lookup_function *)find(library->handle, "idn2_lookup_u8");
	library->message = (message_function *)find(library->handle, "idn2_strerror");
	library->release = (free_function *)find(library->handle, "idn2_free");
	return library->lookup && library->message && library->release;
}

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

static bool convert(char out[static IDN_MAX], const char *host, const struct library *library,
		    struct failure *why)
{
	uint8_t *name = NULL;
	const int code = library->lookup((const uint8_t *)host, &name,
					 IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	bool done;

	if (code != IDN2_OK) {
		fail(why, FAILURE_USAGE, "\"%s\": not an internationalised name: %s", host,
		     library->message(code));
		return false;
	}
	done = judge(out, host, (const char *)name, why);
	library->release(name);
	return done;
}

bool idn_to_ascii(char out[static IDN_MAX], const char *host, struct failure *why)
{
	struct library library;
	bool done = false;

	if (is_ascii(host)) {
		snprintf(out, IDN_MAX, "%s", host);
		return true;
	}
	if (load(&library))
		done = convert(out, host, &library, why);
	else
		fail(why, FAILURE_USAGE,
		     "\"%s\": names beyond ASCII need libidn2, which is not installed; write the "
		     "xn-- form",
		     host);
	if (library.handle)
		dlclose(library.handle);
	return done;
}

/* SPDX-License-Identifier: MIT */
/* src/get/public_suffix.c - the public suffix list, by libpsl. */
#include <libpsl.h>
#include <stddef.h>

#include <sockutil/base/library.h>
#include <sockutil/get/public_suffix.h>

static struct {
	__typeof__(&psl_latest) latest;
	__typeof__(&psl_is_public_suffix) is_public_suffix;
} psl;

static struct library library = {
	.purpose = "a cookie's Domain",
	.names = (const char *const[]){ "libpsl.so.5", "libpsl.5.dylib", "libpsl.so", NULL },
	.symbols =
		(const struct library_symbol[]){
			{ "psl_latest", &psl.latest },
			{ "psl_is_public_suffix", &psl.is_public_suffix },
			{ NULL, NULL },
		},
};

/* Kept until the program ends; NULL: there is none. */
static const psl_ctx_t *list(void)
{
	static const psl_ctx_t *newest;
	static int looked;
	struct failure ignored;

	if (!looked && library_load(&library, &ignored))
		newest = psl.latest(NULL);
	looked = 1;
	return newest;
}

enum public_suffix public_suffix_of(const char *domain)
{
	const psl_ctx_t *const newest = list();

	if (!newest)
		return PUBLIC_SUFFIX_UNKNOWN;
	return psl.is_public_suffix(newest, domain) ? PUBLIC_SUFFIX_YES : PUBLIC_SUFFIX_NO;
}

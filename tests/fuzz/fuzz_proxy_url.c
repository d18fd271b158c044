/* SPDX-License-Identifier: MIT */
/* fuzz_proxy_url.c - proxies' URLs: what is accepted has its pieces within bounds and no control in
 * them; what is refused says why in one line. */
#include "fuzz.h"

#include <sockutil/proto/proxy_url.h>

static void check_clean(const char *text, size_t room)
{
	fuzz_check(strnlen(text, room) < room);
	for (; *text; text++)
		fuzz_check((unsigned char)*text >= 0x20 && *text != 0x7f);
}

static void check_accepted(const struct proxy_url *url)
{
	fuzz_check(url->kind >= PROXY_HTTP && url->kind <= PROXY_SOCKS5H);
	fuzz_check(url->port >= 1 && url->port <= 65535);
	fuzz_check(*url->host && !strpbrk(url->host, " /@\\"));
	check_clean(url->host, sizeof(url->host));
	check_clean(url->user, sizeof(url->user));
	check_clean(url->password, sizeof(url->password));
	fuzz_check(url->has_user || !*url->user);
	fuzz_check(url->has_password || !*url->password);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	const char *at = strrchr(text, '@');
	struct failure why = { 0 };
	struct proxy_url url;

	if (proxy_url_parse(&url, text, &why)) {
		check_accepted(&url);
	} else {
		fuzz_check(why.class == FAILURE_USAGE);
		/* What stands before the last '@' is not shown. */
		fuzz_check(strncmp(why.text, at ? "proxy \"...@" : "proxy \"", at ? 11 : 7) == 0);
	}
	free(text);
	return 0;
}

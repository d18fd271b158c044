/* SPDX-License-Identifier: MIT */
/* fuzz_url.c - URLs and references: what is accepted cannot break a request line, says the same
 * when written again, and names the same host to everyone who reads it. A line is a URL, the next
 * one a reference to it. */
#include "fuzz.h"

#include <arpa/inet.h>

#include <sockutil/base/utf8.h>
#include <sockutil/net/endpoint_host.h>
#include <sockutil/proto/url.h>

static void check_plain(const char *text)
{
	for (; *text; text++)
		fuzz_check((unsigned char)*text > 0x20 && *text != 0x7f && *text != '\\');
}

static void check_host(const struct url *url)
{
	char out[URL_AUTHORITY_MAX];
	struct in_addr numbers;
	struct failure why = { 0 };

	check_plain(url->host);
	fuzz_check(*url->host && utf8_valid(url->host, strlen(url->host)));
	fuzz_check(endpoint_host_check(url->host, &why));
	fuzz_check(!inet_aton(url->host, &numbers) || endpoint_host_is_v4(url->host));
	fuzz_check(url->bracketed == endpoint_host_is_v6(url->host));
	fuzz_check(!strpbrk(url->host, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") || url->bracketed);
	check_plain(url_authority(out, url, url->host));
	fuzz_check(!strpbrk(out, "%@/?#\"<>'") && strlen(out) + 1 < sizeof(out));
}

static void check_secret(const char *text)
{
	for (; *text; text++)
		fuzz_check((unsigned char)*text >= 0x20 && *text != 0x7f);
}

static void check_target(const struct url *url)
{
	char segment[64];

	fuzz_check(url->target[0] == '/' && url->path_length == strcspn(url->target, "?"));
	for (const char *at = url->target; *at; at++)
		fuzz_check(*at > 0x20 && *at < 0x7f && !strchr("#\"<>\\^`{|}[]", *at));
	for (const char *at = url->target; (at = strstr(at, "/.")); at++)
		fuzz_check(at >= url->target + url->path_length ||
			   (!strchr("/?", at[2]) &&
			    (at[2] != '.' || (at[3] && !strchr("/?", at[3])))));
	if (url_last_segment(segment, sizeof(segment), url))
		fuzz_check(strlen(segment) < sizeof(segment));
}

/* The same but for user and password, which no text shows, and the scheme that it always has. */
static void check_again(const struct url *url)
{
	static struct url again, shown;
	static char text[URL_TEXT_MAX];
	struct failure why = { 0 };

	check_plain(url_text(text, sizeof(text), url));
	fuzz_check(strlen(text) + 1 < sizeof(text));
	fuzz_check(url_parse(&again, text, &why));
	shown = *url;
	shown.scheme_given = true;
	shown.has_user = shown.has_password = false;
	memset(shown.user, 0, sizeof(shown.user));
	memset(shown.password, 0, sizeof(shown.password));
	fuzz_check(!memcmp(&again, &shown, sizeof(again)));
	fuzz_check(url_same_origin(url, &again));
}

static void check_url(const struct url *url)
{
	fuzz_check(url->port >= 1 && url->port <= 65535);
	fuzz_check(url->has_user || (!url->has_password && !*url->user && !*url->password));
	check_host(url);
	check_secret(url->user);
	check_secret(url->password);
	check_target(url);
	check_again(url);
}

static void check_refusal(const struct failure *why)
{
	fuzz_check(why->class == FAILURE_URL && strstr(why->text, "\": "));
}

static void check_query(struct url *url, const char *query, size_t length)
{
	struct failure why = { 0 };

	if (!url_add_query(url, query, length, &why)) {
		fuzz_check(why.class == FAILURE_URL);
		return;
	}
	check_target(url);
	check_again(url);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct url base, url;
	char *text = fuzz_text(data, size);
	char *end = memchr(text, '\n', size);
	const char *reference = end ? end + 1 : "";
	const size_t length = end ? size - (size_t)(reference - text) : 0;
	struct failure why = { 0 };

	if (end)
		*end = '\0';
	if (!url_parse(&base, text, &why)) {
		check_refusal(&why);
	} else {
		check_url(&base);
		if (url_resolve(&url, &base, reference, length, &why))
			check_url(&url);
		else
			check_refusal(&why);
		check_query(&base, reference, length);
	}
	free(text);
	return 0;
}

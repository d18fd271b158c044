/* SPDX-License-Identifier: MIT */
/* fuzz_cookie.c - Set-Cookie fields of hostile servers: what is kept stays within its limits and
 * belongs to who set it; what is sent is one clean line; nothing of TLS shows in the clear. A line
 * of the input is a response: the first byte says from where, the rest is the field. */
#include "fuzz.h"

#include <sockutil/get/cookie_jar_parts.h>
#include <sockutil/proto/cookie.h>

enum { NOW = 1000000000 };

static const char *const hosts[] = { "a.b.example.org", "example.org", "b.example.org", "org",
				     "127.0.0.1",       "::1",         "localhost",     "x.co.uk" };
static const char *const targets[] = { "/", "/a/b/c?q", "/a/b", "/a" };

static enum public_suffix suffix(const char *domain)
{
	fuzz_check(*domain && !strchr(domain, ' '));
	return !strchr(domain, '.') || !strcmp(domain, "co.uk") ? PUBLIC_SUFFIX_YES
								: PUBLIC_SUFFIX_NO;
}

static const char *visit(struct url *url, uint8_t where)
{
	const char *target = targets[where >> 3 & 3];

	url->https = (where & 32) != 0;
	memcpy(url->target, target, strlen(target) + 1);
	url->path_length = strcspn(target, "?");
	return hosts[where & 7];
}

static void check_text(const char *text, size_t most)
{
	fuzz_check(strlen(text) <= most);
	for (; *text; text++)
		fuzz_check((unsigned char)*text >= 0x20 && *text != 0x7f);
}

static void check_cookie(const struct cookie *c)
{
	fuzz_check(*c->name && strlen(c->name) + strlen(c->value) <= 4096);
	check_text(c->name, 4096);
	check_text(c->value, 4096);
	check_text(c->path, 1024);
	fuzz_check(!strpbrk(c->name, ";=") && !strchr(c->value, ';'));
	fuzz_check(!*c->path || *c->path == '/');
	fuzz_check(strlen(c->domain) < COOKIE_DOMAIN_MAX);
	fuzz_check(strncasecmp(c->name, "__Secure-", 9) || c->secure);
}

static void check_jar(const struct cookie_jar *jar)
{
	fuzz_check(jar->count <= COOKIE_JAR_MOST);
	for (size_t i = 0; i < jar->count; i++) {
		const struct jar_cookie *c = jar->cookies[i];

		fuzz_check(!jar_cookie_expired(c, NOW));
		fuzz_check(*c->path == '/' && *c->domain);
		fuzz_check(c->host_only || suffix(c->domain) == PUBLIC_SUFFIX_NO);
		fuzz_check(c->host_only || !cookie_host_is_address(c->domain));
	}
}

static void set(struct cookie_jar *jar, const char *field, size_t length, uint8_t where)
{
	struct cookie cookie;
	struct url url;
	const char *host = visit(&url, where), *reason = NULL;
	const bool parsed = cookie_parse(&cookie, field, length, NOW);
	const bool kept = cookie_jar_set(jar, &url, host, field, length, NOW, &reason);

	if (parsed)
		check_cookie(&cookie);
	fuzz_check(kept == !reason);
	fuzz_check(!kept || parsed);
	fuzz_check(!kept || url.https || !cookie.secure);
	check_jar(jar);
}

static void check_header(struct cookie_jar *jar, uint8_t where)
{
	struct buffer out = { 0 };
	struct url url;
	const char *host = visit(&url, where);

	fuzz_check(cookie_jar_header(jar, &url, host, NOW, &out));
	check_text(buffer_text(&out), 8190);
	buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cookie_jar *jar = cookie_jar_new();

	jar->suffix = suffix;
	while (size > 0) {
		const uint8_t where = fuzz_byte(&data, &size);
		const uint8_t *newline = size ? memchr(data, '\n', size) : NULL;
		const size_t length = newline ? (size_t)(newline - data) : size;
		char *field = fuzz_text(data, length);

		set(jar, field, length, where);
		free(field);
		data += length + (newline != NULL);
		size -= length + (newline != NULL);
	}
	for (unsigned where = 0; where < 64; where++)
		check_header(jar, (uint8_t)where);
	cookie_jar_free(jar);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/proto/http_accept.c
 * Holds: what the client takes, by its weights, then by ours; identity last unless it has a weight,
 * and when nothing else is left; the asterisk; zero refuses; aliases and case; malformed elements
 * are not there; names and ends of file names.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/proto/http_accept.h>

/* "br gzip identity" */
static const char *accepted(const char *first, const char *second)
{
	static struct http_head head;
	static char text[100];
	enum http_accept_coding codings[HTTP_ACCEPT_CODINGS];
	size_t count, at = 0;

	head.field_count = 0;
	if (first)
		head.fields[head.field_count++] =
			(struct http_field){ "Accept-Encoding", first, 15, strlen(first) };
	if (second)
		head.fields[head.field_count++] =
			(struct http_field){ "accept-encoding", second, 15, strlen(second) };
	count = http_accept_codings(codings, &head);
	cr_assert(count >= 1 && count <= HTTP_ACCEPT_CODINGS);
	text[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		at += (size_t)snprintf(text + at, sizeof text - at, "%s%s", i ? " " : "",
				       http_accept_coding_name(codings[i]));
	}
	return text;
}

#define ACCEPTED(value, expected) cr_assert_str_eq(accepted(value, NULL), expected)

Test(http_accept, what_is_named)
{
	ACCEPTED("gzip", "gzip identity");
	ACCEPTED("gzip, deflate, br, zstd", "br zstd gzip identity");
	ACCEPTED("deflate", "identity");
	ACCEPTED("", "identity");
	ACCEPTED(NULL, "identity");
	ACCEPTED("GZip", "gzip identity");
	ACCEPTED("x-gzip", "gzip identity");
	cr_assert_str_eq(accepted("gzip", "br"), "br gzip identity");
}

Test(http_accept, weights)
{
	ACCEPTED("br;q=0.5, gzip;q=0.8", "gzip br identity");
	ACCEPTED("br;q=0.001, gzip;q=0", "br identity");
	ACCEPTED("gzip ; q=1.0, br;q=0.999", "gzip br identity");
	ACCEPTED("gzip;Q=0.5,br", "br gzip identity");
	ACCEPTED("identity, gzip;q=0.5", "identity gzip");
	ACCEPTED("identity;q=0.5, gzip;q=0.5", "gzip identity");
	ACCEPTED("gzip;q=0.2, gzip;q=0", "gzip identity");
}

Test(http_accept, the_asterisk)
{
	ACCEPTED("*", "br zstd gzip identity");
	ACCEPTED("*;q=0.5, gzip", "gzip br zstd identity");
	ACCEPTED("*;q=0.5, gzip;q=0.1", "br zstd identity gzip");
	ACCEPTED("gzip, *;q=0", "gzip");
	ACCEPTED("br;q=0, *", "zstd gzip identity");
}

Test(http_accept, identity_is_refused)
{
	ACCEPTED("gzip, identity;q=0", "gzip");
	ACCEPTED("identity;q=0", "identity");
	ACCEPTED("*;q=0", "identity");
}

Test(http_accept, malformed_elements_are_not_there)
{
	ACCEPTED("gzip;q=2", "identity");
	ACCEPTED("gzip;q=1.5", "identity");
	ACCEPTED("gzip;q=0.1234", "identity");
	ACCEPTED("gzip;q=", "identity");
	ACCEPTED("gzip;q", "identity");
	ACCEPTED("gzip;q=-1", "identity");
	ACCEPTED("gzip;q=.5", "identity");
	ACCEPTED("gzip;x=1", "identity");
	ACCEPTED("gzip;q=0,5", "identity");
	ACCEPTED("gzip br", "identity");
	ACCEPTED("gzip;q=0.a", "identity");
	ACCEPTED(";q=1", "identity");
	ACCEPTED("gzipx, br", "br identity");
}

Test(http_accept, names)
{
	cr_assert_str_eq(http_accept_coding_suffix(HTTP_ACCEPT_BROTLI), ".br");
	cr_assert_str_eq(http_accept_coding_suffix(HTTP_ACCEPT_ZSTD), ".zst");
	cr_assert_str_eq(http_accept_coding_suffix(HTTP_ACCEPT_GZIP), ".gz");
	cr_assert_str_eq(http_accept_coding_suffix(HTTP_ACCEPT_IDENTITY), "");
}

/* SPDX-License-Identifier: MIT */
/* fuzz_http_auth.c - challenges of hostile servers: what is chosen can be answered, in one line
 * that says to others what was read. A line of the input is a field. */
#include "fuzz.h"

#include <sockutil/proto/http_auth.h>

static const char field_name[] = "WWW-Authenticate";

static void check_text(const char *text)
{
	for (; *text; text++)
		fuzz_check(((unsigned char)*text >= 0x20 || *text == '\t') && *text != 0x7f);
}

static void check_challenge(const struct http_challenge *c)
{
	fuzz_check(memchr(c->realm, '\0', HTTP_AUTH_TEXT_MAX) != NULL);
	fuzz_check(memchr(c->nonce, '\0', HTTP_AUTH_TEXT_MAX) != NULL);
	fuzz_check(memchr(c->opaque, '\0', HTTP_AUTH_TEXT_MAX) != NULL);
	check_text(c->realm);
	check_text(c->nonce);
	check_text(c->opaque);
	if (c->scheme == HTTP_AUTH_DIGEST) {
		fuzz_check(!strcmp(c->algorithm, "MD5") || !strcmp(c->algorithm, "SHA-256"));
		fuzz_check(!c->session || (c->qop_auth && c->algorithm_given));
	} else {
		fuzz_check(!c->algorithm && !c->session && !c->algorithm_given);
	}
}

static void add(struct http_head *head, const char *value, size_t length)
{
	head->fields[head->field_count++] = (struct http_field){
		.name = field_name,
		.value = value,
		.name_length = sizeof(field_name) - 1,
		.value_length = length,
	};
}

/* The parameters come back: read as a challenge the answer says the same. */
static void check_answer(const struct http_challenge *c, const char *text)
{
	static struct http_head head;
	struct http_challenge again;

	check_text(text);
	head.field_count = 0;
	add(&head, text, strlen(text));
	http_challenge_choose(&again, &head, field_name);
	fuzz_check(again.scheme == HTTP_AUTH_DIGEST);
	fuzz_check(!strcmp(again.realm, c->realm) && !strcmp(again.nonce, c->nonce) &&
		   !strcmp(again.opaque, c->opaque) && !strcmp(again.algorithm, c->algorithm));
	fuzz_check(again.session == c->session && again.qop_auth == c->qop_auth &&
		   again.userhash == c->userhash && again.algorithm_given == c->algorithm_given);
}

static void answer(const struct http_challenge *c, const char *user)
{
	const struct http_credentials who = { .user = user, .password = "p\"\\:" };
	struct buffer out = { 0 };

	if (c->scheme == HTTP_AUTH_DIGEST) {
		fuzz_check(http_auth_digest(&out, c, &who, "GET", "/\"x\"", "0123456789abcdef", 1));
		check_answer(c, buffer_text(&out));
	}
	buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct http_head head;
	struct http_challenge challenge;
	char *text = fuzz_text(data, size), *end = text + size, *line = text;

	head.field_count = 0;
	while (head.field_count < HTTP_FIELDS_MAX) {
		char *newline = memchr(line, '\n', (size_t)(end - line));

		add(&head, line, (size_t)((newline ? newline : end) - line));
		if (!newline)
			break;
		line = newline + 1;
	}
	http_challenge_choose(&challenge, &head, field_name);
	check_challenge(&challenge);
	answer(&challenge, "J\303\244s\303\270n \"Doe\"");
	answer(&challenge, "Mufasa");
	free(text);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* http_auth.c - answers to challenges: Basic (RFC 7617) and Digest (RFC 7616, and 2069 servers). */
#include <stdio.h>
#include <string.h>

#include <sockutil/base/base64.h>
#include <sockutil/base/digest.h>
#include <sockutil/base/memory.h>
#include <sockutil/base/utf8.h>
#include <sockutil/proto/http_auth.h>

bool http_auth_basic(struct buffer *out, const struct http_credentials *who)
{
	struct buffer pair = { 0 };
	bool added = buffer_add(&pair, who->user, strlen(who->user)) && buffer_add(&pair, ":", 1) &&
		     buffer_add(&pair, who->password, strlen(who->password)) &&
		     buffer_add(out, "Basic ", 6) &&
		     base64_add(out, buffer_bytes(&pair), pair.length);

	memory_wipe(buffer_bytes(&pair), pair.length);
	buffer_free(&pair);
	return added;
}

/* What an answer is made of. */
struct answer {
	const struct http_challenge *challenge;
	const struct http_credentials *who;
	const struct digest_algorithm *algorithm;
	const char *method, *target, *cnonce;
	char count[9]; /* nc */
};

/* The RFC's H() of texts with colons between them; the list ends with NULL. */
static const char *hash(char out[static DIGEST_TEXT_MAX], const struct answer *a,
			const char *const *texts)
{
	struct digest d;

	digest_start(&d, a->algorithm);
	for (size_t i = 0; texts[i]; i++) {
		digest_add(&d, ":", i > 0);
		digest_add(&d, texts[i], strlen(texts[i]));
	}
	digest_finish_text(&d, out);
	memory_wipe(&d, sizeof(d));
	return out;
}

#define HASH(out, a, ...) hash(out, a, (const char *const[]){ __VA_ARGS__, NULL })

/* H(A1): RFC 7616, 3.4.2. */
static void hash_a1(char out[static DIGEST_TEXT_MAX], const struct answer *a)
{
	char secret[DIGEST_TEXT_MAX];

	HASH(out, a, a->who->user, a->challenge->realm, a->who->password);
	if (!a->challenge->session)
		return;
	memcpy(secret, out, sizeof(secret));
	HASH(out, a, secret, a->challenge->nonce, a->cnonce);
	memory_wipe(secret, sizeof(secret));
}

/* RFC 7616, 3.4.1; without qop RFC 2069, 2.1.2. */
static void respond(char out[static DIGEST_TEXT_MAX], const struct answer *a)
{
	char a1[DIGEST_TEXT_MAX] = "", a2[DIGEST_TEXT_MAX];

	hash_a1(a1, a);
	HASH(a2, a, a->method, a->target);
	if (a->challenge->qop_auth)
		HASH(out, a, a1, a->challenge->nonce, a->count, a->cnonce, "auth", a2);
	else
		HASH(out, a, a1, a->challenge->nonce, a2);
	memory_wipe(a1, sizeof(a1));
}

static bool add_text(struct buffer *out, const char *text)
{
	return buffer_add(out, text, strlen(text));
}

/* name="text", what is special in quotes escaped. */
static bool add_quoted(struct buffer *out, const char *name, const char *text)
{
	bool added = add_text(out, name) && buffer_add(out, "=\"", 2);

	for (; added && *text; text++) {
		if (*text == '"' || *text == '\\')
			added = buffer_add(out, "\\", 1);
		added = added && buffer_add(out, text, 1);
	}
	return added && buffer_add(out, "\"", 1);
}

/* RFC 8187, 3.2.1: letters, digits and a few marks stand for themselves. */
static bool add_extended(struct buffer *out, const char *name, const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "!#$&+-.^_`|~";
	bool added = add_text(out, name) && add_text(out, "*=UTF-8''");

	for (; added && *text; text++)
		added = strchr(plain, *text) ? buffer_add(out, text, 1)
					     : buffer_format(out, "%%%02X", (unsigned char)*text);
	return added;
}

static bool beyond_ascii(const char *text)
{
	while (*text && (unsigned char)*text < 0x80)
		text++;
	return *text != '\0';
}

static bool add_user(struct buffer *out, const struct answer *a)
{
	const char *user = a->who->user;
	char hidden[DIGEST_TEXT_MAX];

	if (a->challenge->userhash)
		return add_quoted(out, "username", HASH(hidden, a, user, a->challenge->realm));
	if (a->challenge->utf8 && beyond_ascii(user) && utf8_valid(user, strlen(user)))
		return add_extended(out, "username", user);
	return add_quoted(out, "username", user);
}

/* The order is that of the RFC's example. */
static bool add_answer(struct buffer *out, const struct answer *a)
{
	const struct http_challenge *c = a->challenge;
	char response[DIGEST_TEXT_MAX];

	respond(response, a);
	return add_text(out, "Digest ") && add_user(out, a) && add_text(out, ", ") &&
	       add_quoted(out, "realm", c->realm) && add_text(out, ", ") &&
	       add_quoted(out, "uri", a->target) && add_text(out, ", ") &&
	       (!c->algorithm_given ||
		buffer_format(out, "algorithm=%s%s, ", c->algorithm, c->session ? "-sess" : "")) &&
	       add_quoted(out, "nonce", c->nonce) && add_text(out, ", ") &&
	       (!c->qop_auth ||
		(buffer_format(out, "nc=%s, ", a->count) && add_quoted(out, "cnonce", a->cnonce) &&
		 add_text(out, ", qop=auth, "))) &&
	       buffer_format(out, "response=\"%s\"", response) &&
	       (!*c->opaque || (add_text(out, ", ") && add_quoted(out, "opaque", c->opaque))) &&
	       (!c->userhash || add_text(out, ", userhash=true"));
}

bool http_auth_digest(struct buffer *out, const struct http_challenge *challenge,
		      const struct http_credentials *who, const char *method, const char *target,
		      const char *cnonce, uint32_t count)
{
	const char *name = strcmp(challenge->algorithm, "MD5") == 0 ? "md5" : "sha256";
	struct answer a = {
		.challenge = challenge,
		.who = who,
		.algorithm = digest_find(name, strlen(name)),
		.method = method,
		.target = target,
		.cnonce = cnonce,
	};

	snprintf(a.count, sizeof(a.count), "%08x", (unsigned)count);
	return add_answer(out, &a);
}

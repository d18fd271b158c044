/* SPDX-License-Identifier: MIT */
/* digest.c - message digests by libmd, one table row a name. */
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

#include <sockutil/base/digest.h>

struct digest_algorithm {
	const char *name;
	size_t length; /* bytes of the digest */
	void (*start)(struct digest *d);
	void (*add)(struct digest *d, const void *bytes, size_t length);
	void (*finish)(struct digest *d, uint8_t *out);
};

/* libmd's functions have a type each; the table wants one. */
#define DIGEST(name, member, call)                                                                 \
	static void name##_start(struct digest *d)                                                 \
	{                                                                                          \
		call##Init(&d->state.member);                                                      \
	}                                                                                          \
	static void name##_add(struct digest *d, const void *bytes, size_t length)                 \
	{                                                                                          \
		call##Update(&d->state.member, bytes, length);                                     \
	}                                                                                          \
	static void name##_finish(struct digest *d, uint8_t *out)                                  \
	{                                                                                          \
		call##Final(out, &d->state.member);                                                \
	}
DIGEST(sha256, sha2, SHA256)
DIGEST(sha512, sha2, SHA512)
DIGEST(sha1, sha1, SHA1)
DIGEST(md5, md5, MD5)
#undef DIGEST

#define ROW(id, bytes)                                                                             \
	{                                                                                          \
		.name = #id, .length = (bytes), .start = id##_start, .add = id##_add,              \
		.finish = id##_finish                                                              \
	}
static const struct digest_algorithm algorithms[] = {
	ROW(sha256, SHA256_DIGEST_LENGTH),
	ROW(sha512, SHA512_DIGEST_LENGTH),
	ROW(sha1, SHA1_DIGEST_LENGTH),
	ROW(md5, MD5_DIGEST_LENGTH),
};
#undef ROW

const struct digest_algorithm *digest_find(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++)
		if (strlen(algorithms[i].name) == length &&
		    memcmp(algorithms[i].name, name, length) == 0)
			return &algorithms[i];
	return NULL;
}

const char *digest_names(void)
{
	return "sha256, sha512, sha1, md5";
}

const char *digest_name(const struct digest_algorithm *algorithm)
{
	return algorithm->name;
}

size_t digest_length(const struct digest_algorithm *algorithm)
{
	return algorithm->length;
}

void digest_start(struct digest *d, const struct digest_algorithm *algorithm)
{
	d->algorithm = algorithm;
	algorithm->start(d);
}

void digest_add(struct digest *d, const void *bytes, size_t length)
{
	if (length > 0)
		d->algorithm->add(d, bytes, length);
}

size_t digest_finish(struct digest *d, uint8_t out[static DIGEST_BYTES_MAX])
{
	d->algorithm->finish(d, out);
	return d->algorithm->length;
}

const char *digest_finish_text(struct digest *d, char out[static DIGEST_TEXT_MAX])
{
	uint8_t bytes[DIGEST_BYTES_MAX];
	const size_t length = digest_finish(d, bytes);

	for (size_t i = 0; i < length; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
	return out;
}

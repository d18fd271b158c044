/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_BASE_DIGEST_H
#define SOCKUTIL_BASE_DIGEST_H
/* Message digests by libmd: sha256, sha512, sha1, md5. They work without the TLS library. */
#include <md5.h>
#include <sha1.h>
#include <sha2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the longest digest; its hex form with a NUL. */
enum { DIGEST_BYTES_MAX = 64, DIGEST_TEXT_MAX = 129 };

struct digest_algorithm; /* static; one a name */

/* Between digest_start() and digest_finish(). Copying it is fine. */
struct digest {
	const struct digest_algorithm *algorithm;
	union {
		SHA2_CTX sha2;
		SHA1_CTX sha1;
		MD5_CTX md5;
	} state;
};

/* Lower-case name, length bytes of it; NULL when there is no such algorithm. */
const struct digest_algorithm *digest_find(const char *name, size_t length);
/* "sha256, sha512, sha1, md5", for messages. */
const char *digest_names(void);
const char *digest_name(const struct digest_algorithm *algorithm);
/* Bytes of a finished digest. */
size_t digest_length(const struct digest_algorithm *algorithm);

void digest_start(struct digest *d, const struct digest_algorithm *algorithm);
void digest_add(struct digest *d, const void *bytes, size_t length);
/* Returns digest_length() of it. */
size_t digest_finish(struct digest *d, uint8_t out[static DIGEST_BYTES_MAX]);
/* Finishes into lower-case hex. Returns out. */
const char *digest_finish_text(struct digest *d, char out[static DIGEST_TEXT_MAX]);
#endif

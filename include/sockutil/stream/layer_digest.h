/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_LAYER_DIGEST_H
#define SOCKUTIL_STREAM_LAYER_DIGEST_H
/* --digest: a digest of the bytes of each direction as they pass (libmd). */
#include <sockutil/base/digest.h>
#include <sockutil/stream/stream.h>

/* algorithm: "sha256", "sha512", "sha1", "md5"; otherwise NULL and FAILURE_USAGE naming the
 * known ones. */
struct stream *layer_digest_new(struct stream *below, const char *algorithm, struct failure *why);
/* Lower-case hex of what went that way until now. s is a digest layer. */
const char *layer_digest_text(const struct stream *s, enum stream_side side,
			      char out[static DIGEST_TEXT_MAX]);
#endif

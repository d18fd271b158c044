/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_GET_OUTPUT_H
#define SOCKUTIL_GET_OUTPUT_H
/*
 * Where a body goes. A file is written under a temporary name in the target's folder, forced to
 * disk and renamed when it is whole: the target is the old file or the new one, never a part. What
 * is no regular file (stdout, /dev/null, a FIFO, a device) is written as it is and never unlinked
 * or renamed.
 *
 *   TARGET.part            what came of a body that can be continued
 *   TARGET.part.validator  what it is a part of: "etag VALUE", "last-modified VALUE", "url URL",
 *                          "total BYTES", a line each
 *
 * Without --continue the temporary name is random (".TARGET.XXXXXXXX") and becomes TARGET.part only
 * when the transfer fails where it can be continued. With --continue TARGET.part is written from
 * the start, so that even a power cut leaves what came; it is locked (flock) meanwhile.
 */
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/base/failure.h>
#include <sockutil/proto/url.h>
#include <sockutil/stream/stream.h>

enum output_naming {
	OUTPUT_STDOUT,
	OUTPUT_FILE,        /* -o FILE; "-" is stdout */
	OUTPUT_REMOTE_NAME, /* -O: the URL's last segment, of the URL the user gave */
	OUTPUT_DISPOSITION, /* -J: what the server proposes, else as -O; never overwrites */
};

/* Borrowed. */
struct output_options {
	enum output_naming naming;
	const char *file;      /* OUTPUT_FILE */
	const char *directory; /* -P: in front of relative names; NULL: none */
	bool create_dirs;
	bool no_clobber; /* an existing target is left alone: TARGET.1 to TARGET.100 is taken */
	bool continuing; /* -C */
	bool binary_to_terminal; /* written although stdout is a terminal: -o - was said */
};

/* What identifies a representation, so that two parts are of the same. */
enum { VALIDATOR_TEXT_MAX = 1024 };
struct validator {
	char etag[VALIDATOR_TEXT_MAX];          /* strong, with its quotes; "" none */
	char last_modified[VALIDATOR_TEXT_MAX]; /* as sent; "" none */
	char url[URL_MAX];                      /* without userinfo */
	uint64_t total;                         /* UINT64_MAX: not known */
};

struct output;

/* Decides the name as far as it is known before the answer (not with OUTPUT_DISPOSITION) and looks
 * for a part. FAILURE_USAGE (no name in the URL: "-o names one"), FAILURE_OUTPUT. Nothing is
 * created or changed. */
struct output *output_new(const struct output_options *options, const struct url *url,
			  struct failure *why);

/* The target's path; "standard output"; NULL until it is known. */
const char *output_name(const struct output *o);
/* The target as it is now: false when it is no regular file that exists. */
bool output_target_time(const struct output *o, int64_t *modified);
bool output_is_regular(const struct output *o);

/* Bytes that are there to be continued, 0: none. With --continue TARGET.part and its validator;
 * *validator is zeroed and *foreign true when the target itself is to be continued (a file from
 * elsewhere: no part, no validator). Without it what this output has written so far, after
 * output_suspend(). */
uint64_t output_held(struct output *o, struct validator *validator, bool *foreign);

/*
 * Opens for a body that starts at offset: 0 (everything anew, what was held is dropped) or what
 * output_held() said. disposition: the name the server proposed, or NULL. first: the first bytes of
 * the body are not known yet; binary data to a terminal is caught by the sink at its first write
 * (FAILURE_OUTPUT, "binary data; -o FILE saves it, -o - shows it anyway"). The sink is borrowed and
 * valid until suspend, commit or free; its raw_fd is the file's.
 */
struct stream *output_open(struct output *o, uint64_t offset, const char *disposition,
			   const struct validator *validator, struct failure *why);

/* A try ended early, another may follow: flushes and keeps what is there. False when it cannot be
 * continued by position (stdout after its first byte). */
bool output_suspend(struct output *o);
/* Bytes written so far in all, the offset included. */
uint64_t output_written(const struct output *o);

/* All of it came: flush, fsync, close, rename; TARGET.part and its validator are gone. modified:
 * seconds since 1970 for the file's time, -1: leave it. FAILURE_OUTPUT. */
bool output_commit(struct output *o, int64_t modified, struct failure *why);

/* Closes. keep: what came stays as TARGET.part with the validator given to output_open (nothing is
 * kept of zero bytes, or without etag and last_modified); otherwise the temporary file is removed.
 * Returns the kept file's name or NULL, valid until output_free. */
const char *output_abandon(struct output *o, bool keep);
void output_free(struct output *o); /* abandons without keeping what is still open; NULL is fine */

/* For signals: removes or keeps every open temporary file of this process as output_abandon(keep)
 * would. */
void output_abandon_all(void);
#endif

/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_GET_OUTPUT_H
#define SOCKUTIL_GET_OUTPUT_H
/*
 * Where a body goes. A file is written under a temporary name in the target's folder, forced to
 * disk and renamed when it is whole: the target is the old file or the new one, never a part. What
 * is no regular file (stdout, /dev/null, a FIFO, a device) is written as it is and never unlinked
 * or renamed. The folder is not forced to disk: after a power cut the name may still be the old
 * file's, and that one is whole as well.
 *
 *   TARGET.part            what came of a body that can be continued
 *   TARGET.part.validator  what it is a part of: "etag VALUE", "last-modified VALUE", "total
 *                          BYTES", "held BYTES" (only so many are there, whatever the size of the
 *                          file), "url URL", a line each, in this order; all but the last may be
 *                          missing
 *
 * Without --continue the temporary name is random (".TARGET.XXXXXXXX") and becomes TARGET.part only
 * when the transfer fails where it can be continued. With --continue TARGET.part is written from
 * the start, so that even a power cut leaves what came; it is locked (flock) meanwhile. A part that
 * is no regular file, belongs to another user or has no well-formed validator beside it is none.
 *
 * A file of ours from elsewhere (TARGET exists, TARGET.part does not) is continued without a copy:
 * once the server has agreed it is renamed to TARGET.part, which it stays when the transfer fails
 * where it can be continued; otherwise it is put back, without what was added if that is not to be
 * kept.
 *
 * -o on a symbolic link writes what the link names, as open(2) would; -O and -J replace the link.
 * A regular file that is replaced must be writable and hands on its permissions and, as far as the
 * system lets us, its owner; new ones have 0666 less the umask.
 */
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/base/failure.h>
#include <sockutil/proto/url.h>
#include <sockutil/stream/stream.h>

enum output_naming {
	OUTPUT_STDOUT,
	OUTPUT_FILE,        /* -o FILE; "-" and "/dev/stdout" are stdout */
	OUTPUT_REMOTE_NAME, /* -O: the URL's last segment, of the URL the user gave */
	OUTPUT_DISPOSITION, /* -J: what the server proposes, else as -O; never overwrites */
};

/* Borrowed until output_free(). */
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
 * for a part, which is locked from here on. FAILURE_USAGE (no name in the URL: "-o names one"),
 * FAILURE_OUTPUT (a folder at the name, a missing folder, TARGET.1 to .100 taken, a part that
 * somebody else is writing). Nothing is created or changed. */
struct output *output_new(const struct output_options *options, const struct url *url,
			  struct failure *why);

/* The target's path; "standard output"; NULL until it is known. output_commit() may still change
 * its number (no_clobber). */
const char *output_name(const struct output *o);
/* Seconds since 1970 of the target as it is now: false when it is no regular file that exists. */
bool output_target_time(const struct output *o, int64_t *modified);
/* Goes to a regular file, as far as is known. */
bool output_is_regular(const struct output *o);

/* Bytes that are there to be continued, 0: none. With --continue TARGET.part and its validator;
 * *foreign true: the target itself is to be continued, or what became TARGET.part of such a one (a
 * file from elsewhere: neither etag nor last_modified). After output_suspend(), with and without
 * --continue, what this output has written so far and the validator given to output_open(). A
 * validator that says nothing has total UINT64_MAX. */
uint64_t output_held(struct output *o, struct validator *validator, bool *foreign);

/*
 * Opens for a body that starts at offset: 0 (everything anew, what was held is dropped) or what
 * output_held() said. disposition: the name the server proposed, or NULL. validator: NULL or
 * without url when nothing is known. The first bytes of the body are not known yet; binary data
 * (NUL, or no UTF-8, in the first 2 KiB) to a terminal is caught by the sink at its first write
 * (FAILURE_OUTPUT, "binary data; -o FILE saves it, -o - shows it anyway"). The sink is borrowed and
 * valid until suspend, commit or free; its raw_fd is the file's, which is readable as well
 * (pread(2), for a digest of what was held). Ending it does nothing. FAILURE_OUTPUT; with ENXIO in
 * why->error a FIFO has no reader yet: it may be tried again.
 */
struct stream *output_open(struct output *o, uint64_t offset, const char *disposition,
			   const struct validator *validator, struct failure *why);

/* After output_open(), before it happens: bytes will be put at any place of the file through its
 * descriptor (--segments). What counts as written, and what is kept, ends where output_placed()
 * said last; TARGET.part says so itself from the start. Until the next output_open(). Regular files
 * only. */
void output_scatter(struct output *o);
/* All bytes up to here are in place. */
void output_placed(struct output *o, uint64_t end);

/* What was written is on disk already: output_commit() does not force it again. */
void output_forced(struct output *o);

/* A try ended early, another may follow: flushes and keeps what is there. False when it cannot be
 * continued by position (stdout after its first byte). */
bool output_suspend(struct output *o);
/* Bytes written so far in all, the offset included. */
uint64_t output_written(const struct output *o);

/* All of it came: flush, fsync, close, rename; TARGET.part and its validator are gone. modified:
 * seconds since 1970 for the file's time, -1: leave it. FAILURE_OUTPUT; then the temporary file is
 * removed, but a TARGET.part that could only not be renamed stays. Standard output is not closed.
 */
bool output_commit(struct output *o, int64_t modified, struct failure *why);

/* Closes. keep: what came stays as TARGET.part with the validator given to output_open (nothing is
 * kept of zero bytes, or without etag and last_modified); otherwise the temporary file is removed.
 * A part from an earlier run that was never opened stays in any case. Returns the kept file's name
 * or NULL, valid until output_free. */
const char *output_abandon(struct output *o, bool keep);
void output_free(struct output *o); /* abandons without keeping what is still open; NULL is fine */

/* When a signal ends the program (not from its handler): removes or keeps every open temporary file
 * of this process as output_abandon(keep) would. */
void output_abandon_all(void);

/* Standard output as a stream of its own, for what is shown beside a body (-i): the same bytes in
 * the same order as the sinks over it. Borrowed, valid until output_stdout_close(). */
struct stream *output_stdout(void);
/* At the end: closes standard output if anything used it, and tells what that says.
 * FAILURE_OUTPUT. */
bool output_stdout_close(struct failure *why);
#endif

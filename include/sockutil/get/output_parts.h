/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_GET_OUTPUT_PARTS_H
#define SOCKUTIL_GET_OUTPUT_PARTS_H
/* What the files of get/output share. For them alone. */
#include <stddef.h>
#include <sys/stat.h>

#include <sockutil/base/buffer.h>
#include <sockutil/get/output.h>

/* --- output_folder.c: the folders files are made in ------------------------------------------- */

/* Names are looked up from its descriptor, so that a folder that is renamed or replaced on the way
 * changes nothing. */
struct output_folder {
	char *path; /* "" the current one */
	int fd;     /* for openat(2) and the like */
	unsigned users;
};

/* The one that length bytes of path name (none: the current one). The last one is kept open. NULL:
 * errno says why. */
struct output_folder *output_folder_get(const char *path, size_t length);
void output_folder_release(struct output_folder *folder); /* NULL is fine */
/* Makes what is missing of it, 0777 less the umask. FAILURE_OUTPUT names what could not be made. */
bool output_folder_make(const char *path, size_t length, struct failure *why);

/* --- output_sink.c: the stream a body is written to ------------------------------------------- */

/* Of a body to a terminal so many bytes are looked at. */
enum { OUTPUT_CHECKED = 2048 };

/* Invariant: below is NULL exactly when fd is written directly. */
struct output_sink {
	struct stream stream; /* below: standard output, a device, a FIFO */
	int fd;               /* a regular file; -1 */
	const char *name;     /* for messages */
	uint64_t written;     /* the offset included */
	unsigned unchecked;   /* bytes still to be looked at; 0: no terminal, or all were text */
	unsigned cut;         /* bytes of a character whose rest has not come */
	char begun[4];
};

/* A regular file; bytes go to the descriptor's position, which is offset. */
void output_sink_file(struct output_sink *sink, int fd, uint64_t offset, const char *name);
/* Over another stream. checked: it is a terminal that is to get text only. */
void output_sink_over(struct output_sink *sink, struct stream *below, bool checked);

/* --- output_validator.c: the text beside a part ----------------------------------------------- */

enum { OUTPUT_VALIDATOR_FILE_MAX = 2 * VALIDATOR_TEXT_MAX + URL_MAX + 128 };

/* Nothing is known. */
void output_validator_clear(struct validator *v);
/* It names a representation: without that two parts need not be of the same. */
bool output_validator_identifies(const struct validator *v);
/* What is no strong etag or could not stand in a request is left out. held: UINT64_MAX: not
 * limited. False when memory is short. */
bool output_validator_text(struct buffer *out, const struct validator *v, uint64_t held);
/* Strict: what output_validator_text() writes of a validator with an url. *v is undefined on false.
 */
bool output_validator_parse(const char *text, size_t length, struct validator *v, uint64_t *held);

/* --- output.c: the whole ---------------------------------------------------------------------- */

enum output_kind {
	OUTPUT_TO_STDOUT,
	OUTPUT_TO_SPECIAL, /* a device, a FIFO, an inherited descriptor */
	OUTPUT_TO_FILE,
};

enum output_state {
	OUTPUT_NEW,
	OUTPUT_OPEN,
	OUTPUT_SUSPENDED,
	OUTPUT_OVER, /* committed or abandoned */
};

/* Invariants: base points into path; folder is NULL only until the name is known or the folder is
 * made; fd is open exactly when temporary is not NULL, and belongs to it; opened means that
 * temporary is ours to remove, keep or put back. */
struct output {
	struct output_options options;
	enum output_kind kind;
	enum output_state state;

	char *path; /* NULL: not known yet */
	const char *base;
	size_t unnumbered; /* length of path without its number, 0: it has none */
	int number;
	char *url;      /* --continue: for a validator without one; NULL */
	char *proposal; /* -J: the name in the URL; NULL: none */
	struct output_folder *folder;
	struct stat target; /* valid when target_exists: a regular file to be replaced */
	bool target_exists;
	int descriptor; /* OUTPUT_TO_SPECIAL: an inherited one; -1 */

	int fd;
	char *temporary;       /* in folder */
	bool is_part;          /* temporary is TARGET.part */
	bool opened;           /* output_open() has been there */
	uint64_t part_size;    /* bytes held from an earlier run, 0: none */
	bool foreign;          /* they are a file from elsewhere: still the target, or adopted */
	bool adopted;          /* it has become TARGET.part, and goes back if that is given up */
	uint64_t foreign_size; /* of it before anything was added */

	bool forced; /* it is on disk already */

	bool scattered;
	uint64_t placed;
	char *validator; /* text of the one given to output_open(), or found; NULL: none */
	char *label;     /* text beside the part as we know it; NULL: none */

	struct output_sink sink;
	char *kept;
	struct output *previous, *next; /* of those with a temporary file */
};

/* --- output_name.c: which file ---------------------------------------------------------------- */

/* What is known of the name before the answer. */
bool output_name_decide(struct output *o, const struct url *url, struct failure *why);
/* -J: what the server proposed, or NULL. */
bool output_name_propose(struct output *o, const char *disposition, struct failure *why);
/* --create-dirs: makes the folder if it is not there yet, and looks at the target again. */
bool output_name_settle(struct output *o, struct failure *why);
/* The next number of a target that must not be overwritten. False: none is free. */
bool output_name_number(struct output *o, struct failure *why);

/* --- output_look.c: what is there at a name --------------------------------------------------- */

/* Opens the folder and looks at the target; may follow a link and change path. A missing folder is
 * none with --create-dirs. */
bool output_look(struct output *o, struct failure *why);

/* --- output_file.c: files under temporary names ----------------------------------------------- */

/* A new file under a random name (allocated) in the target's folder; -1: errno. */
int output_file_temporary(const struct output *o, mode_t mode, char **name);
/* The file to be written: a random name, or TARGET.part. */
bool output_file_create(struct output *o, struct failure *why);
/* Position and size. */
bool output_file_position(struct output *o, uint64_t offset, struct failure *why);
/* Closes it and takes it from the disk. */
void output_file_remove(struct output *o);
/* Closes it; the file stays. What close(2) says. */
int output_file_close(struct output *o);

/* --- output_commit.c: the file is whole ------------------------------------------------------- */

/* Permissions, owner, time, fsync, close, rename. */
bool output_commit_file(struct output *o, int64_t modified, struct failure *why);

/* --- output_part.c: TARGET.part --------------------------------------------------------------- */

/* --continue: opens and locks what can be continued. FAILURE_OUTPUT: somebody else writes it. */
bool output_part_find(struct output *o, struct failure *why);
/* An empty or no longer wanted TARGET.part, locked. */
bool output_part_create(struct output *o, mode_t mode, struct failure *why);
/* The file from elsewhere becomes TARGET.part, locked. */
bool output_part_adopt(struct output *o, struct failure *why);
/* And gets its name back, cut to size bytes. False: it had to stay TARGET.part. */
bool output_part_put_back(struct output *o, uint64_t size);
/* What was written becomes or stays TARGET.part, and is closed. False: that cannot be, and the file
 * is still open under the name it has. */
bool output_part_keep(struct output *o);

/* --- output_label.c: TARGET.part.validator ---------------------------------------------------- */

/* NULL: it is not there, or nothing to go by. For the caller to free; parsed into *v as well. */
char *output_label_read(const struct output *o, struct validator *v, uint64_t *held);
/* Makes it say what o->validator says. Without memory or room there is none. */
void output_label_write(struct output *o);
void output_label_remove(struct output *o);

/* --- output_all.c: those with a temporary file ------------------------------------------------ */

void output_all_add(struct output *o); /* again is fine */
void output_all_remove(struct output *o);
#endif

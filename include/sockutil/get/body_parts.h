/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_GET_BODY_PARTS_H
#define SOCKUTIL_GET_BODY_PARTS_H
/* What the files of get/body share. For them alone. */
#include <sockutil/get/body.h>

enum body_piece_kind {
	BODY_MEMORY,
	BODY_FILE,   /* a regular file */
	BODY_STREAM, /* anything else: read as it comes, once */
};

/* One after the other they are the body. */
struct body_piece {
	enum body_piece_kind kind;
	char *bytes;   /* BODY_MEMORY; NULL when there are none */
	char *file;    /* path; "-": stdin */
	uint64_t size; /* bytes; of a BODY_STREAM nobody knows */
};

/* Invariants: a BODY_STREAM is the only piece; length is the sum of the sizes or -1. */
struct get_body {
	char *type; /* NULL: none */
	struct body_piece *pieces;
	size_t count;
	int64_t length;
	bool opened;
};

/* --- body.c: while a body is made ------------------------------------------------------------- */

/* {0} is an empty one. Text is gathered and becomes a piece when a file follows. */
struct body_maker {
	struct get_body *body;
	struct buffer text;
	bool stdin_taken;
};

bool body_add_text(struct body_maker *m, const void *bytes, size_t length, struct failure *why);
/* A file's bytes: by reference when it is regular, otherwise read. */
bool body_add_file(struct body_maker *m, const char *file, struct failure *why);
/* type is taken over. NULL when ok is false or the body has more bytes than can be counted; m is
 * empty again. */
struct get_body *body_made(struct body_maker *m, char *type, bool ok, struct failure *why);

/* --- body_file.c ------------------------------------------------------------------------------ */

const char *body_file_name(const char *file); /* for messages: "standard input" */
/* Opens it for reading without waiting for a FIFO's writer; stdin is duplicated. *size is that of a
 * regular file, *regular false for others. -1: FAILURE_INPUT. */
int body_file_open(const char *file, uint64_t *size, bool *regular, struct failure *why);
/* The same without opening it: the writer of a FIFO would be let in and turned away. */
bool body_file_look(const char *file, uint64_t *size, bool *regular, struct failure *why);
/* All of it behind what is in out; fd is closed. FAILURE_INPUT. */
bool body_file_read(struct buffer *out, int fd, const char *file, struct failure *why);

/* --- body_stream.c ---------------------------------------------------------------------------- */

struct stream *body_stream_new(const struct get_body *body, struct failure *why);

/* --- body_type.c ------------------------------------------------------------------------------ */

/* By the ending of its name; "application/octet-stream" when that says nothing. */
const char *body_type_of(const char *file);
#endif

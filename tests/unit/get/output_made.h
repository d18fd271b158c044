/* SPDX-License-Identifier: MIT */
#ifndef GET_OUTPUT_MADE_H
#define GET_OUTPUT_MADE_H
/* Outputs into the test's own folder (get_folder.h), and what is written to them. */
#include <sockutil/get/output_parts.h>

/* The folder, an URL whose name is "name.bin", no user's umask. */
void made_begin(void);
void made_end(void);

/* Options with -P the folder; file may be NULL. */
struct output_options made_options(enum output_naming naming, const char *file);
/* An output for the URL; it has to be there. */
struct output *made(const struct output_options *options);
/* output_new() fails; the failure, valid until the next call. */
const struct failure *made_not(const struct output_options *options);
/* Both for another URL. */
struct output *made_for(const struct output_options *options, const char *url);
const struct failure *made_not_for(const struct output_options *options, const char *url);

/* An etag "v1", 10 bytes in all, http://h/name.bin. */
const struct validator *made_validator(void);
/* Opens at offset and writes text; all of it has to work. */
void made_write(struct output *o, uint64_t offset, const char *text);
/* The same for what has no validator. */
void made_write_bare(struct output *o, uint64_t offset, const char *text);
/* output_open() fails; valid until the next call. */
const struct failure *made_not_open(struct output *o, uint64_t offset, const char *disposition);
void made_commit(struct output *o);
const struct failure *made_not_commit(struct output *o);

/* "FOLDER/NAME: REST" is the text of the failure; of class FAILURE_OUTPUT. */
void made_says(const struct failure *why, const char *name, const char *rest);
#endif

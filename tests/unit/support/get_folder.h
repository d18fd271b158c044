/* SPDX-License-Identifier: MIT */
#ifndef GET_FOLDER_H
#define GET_FOLDER_H
/* A test's own temporary folder, and files in it. */
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/* Makes it; every other name is one in it. Removed with all that is in it by folder_end(). */
void folder_begin(void);
void folder_end(void);
/* "FOLDER/NAME"; valid until the eighth call after it. */
const char *folder_path(const char *name);
/* Makes a file of that text. */
void folder_put(const char *name, const char *text);
/* The content of a file, at most 8 KiB; NULL: it is not there. Valid until the fourth call after
 * it. */
const char *folder_get(const char *name);
/* lstat(2); false when there is nothing. */
bool folder_stat(const char *name, struct stat *status);
bool folder_has(const char *name);
/* All names but . and .., sorted, with a blank between them. Valid until the next call. */
const char *folder_list(void);
/* Descriptors of this process that are open. */
unsigned folder_descriptors(void);
#endif

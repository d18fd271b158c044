/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_MODES_VERSION_H
#define SOCKUTIL_MODES_VERSION_H
/* What --version says. */
#include <stdio.h>

/* The version, the TLS library and each optional part, one a line; all are loaded for that. */
void version_print(FILE *out);

/* Which paths through the system this build has: "Linux: splice, sendfile" or "POSIX alone". */
const char *version_system(void);
#endif

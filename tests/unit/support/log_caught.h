/* SPDX-License-Identifier: MIT */
#ifndef LOG_CAUGHT_H
#define LOG_CAUGHT_H
/* What base/log writes to standard error. */
#include <sockutil/base/log.h>

/* Standard error becomes a socket that keeps writes apart. */
void log_catch(void);
/* log_open(), with standard error caught. */
void log_opened(struct log_options options);
/* What the next write said; "" when there was none. */
const char *log_caught(void);
#endif

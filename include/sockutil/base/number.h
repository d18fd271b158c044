/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_BASE_NUMBER_H
#define SOCKUTIL_BASE_NUMBER_H
/*
 * Numbers as users write them. All parsers take the whole text or nothing: no sign where none makes
 * sense, no leading or trailing blanks, no overflow. They return false and leave *out alone
 * otherwise.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decimal digits alone, up to max. */
bool number_parse(const char *text, uint64_t max, uint64_t *out);
/* The same over length bytes that need no NUL. */
bool number_parse_bytes(const char *text, size_t length, uint64_t max, uint64_t *out);

/* Bytes: digits, optionally a fraction with a unit, K M G T (1024; lower case too, an optional B or
 * iB): "64K", "1.5M", "512". */
bool size_parse(const char *text, uint64_t *bytes);

/* Milliseconds: "250ms" "0.5" "5s" "2m" "1h"; a plain number is seconds. At most 24 days, so that
 * it fits every timer. */
bool duration_parse(const char *text, int64_t *milliseconds);

/* "1.5 KiB", "12 B", "3.2 GiB": at most three significant digits; out gets at most size bytes. */
const char *size_text(char *out, size_t size, uint64_t bytes);

/* "12ms", "1.50s", "2m05s", "1h02m". */
const char *duration_text(char *out, size_t size, int64_t milliseconds);
#endif

/* SPDX-License-Identifier: MIT */
#ifndef CHAT_FILING_H
#define CHAT_FILING_H
/* A client's files in the test's own folder (get_folder.h), with a host that the test plays. */
#include <stdint.h>

#include <sockutil/chat/files.h>

extern struct chat_files *filing;

/* The folder, and files that are written there; max_size bytes at most. */
void filing_begin(uint64_t max_size);
/* Ends both. Every descriptor must be closed again. */
void filing_end(void);
/* The folder that accepted files go to is another one of that name, or one that is not there. */
void filing_into(const char *name);

/* The host says that line. */
void filing_heard(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* data NUMBER with those bytes in base64. */
void filing_data(uint64_t number, const void *bytes, size_t length);
/* What was sent, what was told since the last call: lines with "\n" between them, "" nothing. Valid
 * until the next call. Numbers of seconds and rates in what is told are "T". */
const char *filing_sent(void);
const char *filing_told(void);

/* Those words are typed; why of those that are refused. */
void filing_send(const char *nick, const char *path);
const char *filing_send_refused(const char *nick, const char *path);
void filing_accept(const char *nick, const char *name);
const char *filing_accept_refused(const char *nick, const char *name);
/* SHA-256 in hex; valid until the next call. */
const char *filing_digest(const void *bytes, size_t length);
#endif

/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_BASE_FAILURE_H
#define SOCKUTIL_BASE_FAILURE_H
/*
 * What went wrong, filled where it is known, in the words of that layer. Below modes/ nothing
 * prints and nothing exits: a failure travels up as a value and is shown once, by base/log.
 */
#include <stdarg.h>
#include <stdbool.h>

enum failure_class {
#define FAILURE(name, status, meaning) FAILURE_##name,
#include <sockutil/base/failure.def>
#undef FAILURE
	FAILURE_CLASSES, /* how many there are */
};

/* The result of an operation that may have to wait. */
enum io {
	IO_DONE,   /* it happened; out-parameters are valid */
	IO_AGAIN,  /* would block: wait for what the object says it wants, then call again */
	IO_END,    /* orderly end of the peer's bytes; never a reset or a cut-short stream */
	IO_FAILED, /* see the failure; the object can only be closed now */
};

/* class is FAILURE_NONE as long as nothing failed; error is an errno value or 0. */
struct failure {
	enum failure_class class;
	int error;
	char text[500]; /* one sentence, no newline, may hold peer bytes: log masks them */
};

/* Fills *why and returns IO_FAILED, so that a layer can `return fail(...)`. A longer text is cut
 * at a UTF-8 boundary. */
enum io fail(struct failure *why, enum failure_class class, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same with `: ` and strerror(error) behind the text; keeps error. */
enum io fail_errno(struct failure *why, enum failure_class class, int error, const char *format,
		   ...) __attribute__((format(printf, 4, 5)));

/* Puts "WHERE: " in front of the text, for the caller who knows where it happened. Nothing for
 * FAILURE_NONE. */
void fail_at(struct failure *why, const char *where);

/* Exit status of a class, 0 for FAILURE_NONE (the table in failure.def). */
int failure_status(enum failure_class class);

/* The table's sentence for a class, for help texts and the man page. */
const char *failure_meaning(enum failure_class class);

/* Lower-case name of a class as --log-json shows it: "timeout", "reader_gone". */
const char *failure_name(enum failure_class class);
#endif

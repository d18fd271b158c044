/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_BASE_LIBRARY_H
#define SOCKUTIL_BASE_LIBRARY_H
/*
 * Shared libraries loaded on first use, so that a command that does not need one does not pay for
 * it (0.1 ms each at start-up). Each user keeps one static struct library with the functions it
 * calls; their types come from the library's own header (__typeof__(&inflate)).
 */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/failure.h>

struct library_symbol {
	const char *name;
	void *at; /* address of the function pointer to fill */
};

struct library {
	const char *purpose;      /* "gzip": the sentence is "PURPOSE needs NAME, which is not
				   * installed" */
	const char *const *names; /* sonames to try in order, Linux and macOS; ends with NULL */
	const struct library_symbol *symbols; /* ends with a NULL name */
	/* Zero at first, then library_load()'s own. */
	bool tried;
	void *handle;        /* NULL: not loaded; never closed */
	const char *missing; /* a symbol that the library found lacks */
};

/* Loads at the first call; the same answer ever after. False: the functions must not be called;
 * FAILURE_USAGE names what is missing. Safe from any thread. */
bool library_load(struct library *library, struct failure *why);
#endif

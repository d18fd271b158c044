/* SPDX-License-Identifier: MIT */
/* fuzz_cookie_jar.c - cookie files: what is read keeps the jar's limits, and is the same once
 * written and read again. */
#include "fuzz.h"

#include <fcntl.h>
#include <unistd.h>

#include <sockutil/get/cookie_jar_parts.h>

/* On a pipe, which takes what is longer than any input. */
static char input[40], output[40];
static int ends[2];

static void make_pipe(void)
{
	fuzz_check(pipe(ends) == 0);
	snprintf(input, sizeof(input), "/dev/fd/%d", ends[0]);
	snprintf(output, sizeof(output), "/dev/fd/%d", ends[1]);
}

static struct cookie_jar *read_jar(bool *done)
{
	struct cookie_jar *jar = cookie_jar_new();
	struct failure why = { 0 };

	close(ends[1]);
	*done = cookie_jar_read(jar, input, false, &why);
	close(ends[0]);
	fuzz_check(*done == (why.class == FAILURE_NONE));
	fuzz_check(*done || (why.class == FAILURE_INPUT && *why.text));
	fuzz_check(jar->count <= COOKIE_JAR_MOST);
	return jar;
}

static void check_same(const struct cookie_jar *a, const struct cookie_jar *b)
{
	fuzz_check(a->count == b->count);
	for (size_t i = 0; i < a->count; i++) {
		const struct jar_cookie *x = a->cookies[i], *y = b->cookies[i];

		fuzz_check(!strcmp(x->name, y->name) && !strcmp(x->value, y->value) &&
			   !strcmp(x->domain, y->domain) && !strcmp(x->path, y->path));
		fuzz_check(x->host_only == y->host_only && x->secure == y->secure &&
			   x->http_only == y->http_only && x->persistent == y->persistent &&
			   (!x->persistent || x->expires == y->expires));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cookie_jar *jar, *again;
	struct failure why;
	bool done;

	/* A pipe holds 64 KiB. */
	if (size > 16384)
		return 0;
	make_pipe();
	fuzz_check(write(ends[1], data, size) == (ssize_t)size);
	jar = read_jar(&done);
	make_pipe();
	fuzz_check(cookie_jar_write(jar, output, &why));
	again = read_jar(&done);
	fuzz_check(done);
	check_same(jar, again);
	cookie_jar_free(jar);
	cookie_jar_free(again);
	return 0;
}

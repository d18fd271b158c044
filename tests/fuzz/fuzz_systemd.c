/* SPDX-License-Identifier: MIT */
/* fuzz_systemd.c - LISTEN_FDS, LISTEN_FDNAMES and the wanted name, parted by NUL: the first
 * descriptor of that name is the one that is looked at. None of this program's is a listening
 * socket, so that the refusal tells which. */
#include "fuzz.h"

#include <unistd.h>

#include <sockutil/base/number.h>
#include <sockutil/net/listen_parts.h>

enum { FIRST = 3 };

/* The text up to the next NUL; the rest is what is left of the input. */
static char *field(const uint8_t **data, size_t *size)
{
	const uint8_t *end = *size ? memchr(*data, '\0', *size) : NULL;
	size_t length = end ? (size_t)(end - *data) : *size;
	char *text = fuzz_text(*data, length);

	*data += length + (end ? 1 : 0);
	*size -= length + (end ? 1 : 0);
	return text;
}

/* The first descriptor of that name, by cutting the list; -1: none. */
static long expected(uint64_t count, const char *names, const char *wanted)
{
	char *copy = fuzz_text((const uint8_t *)names, strlen(names)), *rest = copy, *name;
	long found = -1;

	for (uint64_t i = 0; i < count && found < 0; i++) {
		name = rest ? strsep(&rest, ":") : NULL;
		if (!*wanted || !strcmp(name ? name : "unknown", wanted))
			found = FIRST + (long)i;
		if (!name)
			break; /* all behind are unknown too */
	}
	free(copy);
	return found;
}

static void check(const char *fds, const char *names, const struct endpoint *endpoint)
{
	struct listen_options options = { .type = SOCK_STREAM };
	struct listen_batch batch = { 0 };
	struct failure why = { 0 };
	char look_for[64];
	uint64_t count = 0;
	long found;

	fuzz_check(!listen_systemd(&batch, endpoint, &options, &why));
	fuzz_check(why.class == FAILURE_USAGE && batch.count == 0);
	fuzz_check(!strncmp(why.text, "systemd:", 8));
	if (!number_parse(fds, INT32_MAX - FIRST, &count))
		count = 0;
	found = expected(count, names, endpoint->name);
	if (found >= 0)
		snprintf(look_for, sizeof(look_for), ": descriptor %ld is not ", found);
	else
		snprintf(look_for, sizeof(look_for), ": no socket %s",
			 count ? "of this name was passed" : "was passed");
	fuzz_check(strstr(why.text, look_for) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct endpoint endpoint = { .kind = ENDPOINT_SYSTEMD };
	char *fds = field(&data, &size), *names = field(&data, &size),
	     *wanted = field(&data, &size);
	char pid[24];

	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	snprintf(endpoint.name, sizeof(endpoint.name), "%s", wanted);
	fuzz_check(!setenv("LISTEN_PID", pid, 1) && !setenv("LISTEN_FDS", fds, 1));
	fuzz_check(!setenv("LISTEN_FDNAMES", names, 1));
	check(fds, names, &endpoint);
	free(fds);
	free(names);
	free(wanted);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* memory.c - allocation that cannot fail to the caller, and wiping that the compiler keeps. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/memory.h>

/* Neither log nor stdio: both may want memory, and the TLS module carries its own copy of this
 * file. */
static _Noreturn void out_of_memory(void)
{
	static const char line[] = "sockutil: out of memory\n";
	ssize_t ignored = write(STDERR_FILENO, line, sizeof line - 1);

	(void)ignored;
	exit(1);
}

void *memory_zeroed(size_t count, size_t size)
{
	/* calloc(0) may give NULL without being out of anything. */
	void *bytes = count && size ? calloc(count, size) : calloc(1, 1);

	if (!bytes)
		out_of_memory();
	return bytes;
}

char *memory_string(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = memory_zeroed(1, size);

	memcpy(copy, text, size);
	return copy;
}

/* Through a volatile pointer the compiler cannot know what is called, nor that it may be left out.
 */
static void *(*const volatile overwrite)(void *, int, size_t) = memset;

void memory_wipe(void *bytes, size_t length)
{
	if (bytes && length)
		overwrite(bytes, 0, length);
}

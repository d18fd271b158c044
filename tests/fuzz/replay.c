/* SPDX-License-Identifier: MIT */
/* replay.c - gives an entry each file named on the command line, once: for compilers without
 * libFuzzer. */
#include "fuzz.h"

enum { LARGEST = 1 << 20 };

static void replay(const char *path)
{
	static uint8_t bytes[LARGEST];
	FILE *file = fopen(path, "rb");
	uint8_t *exact;
	size_t size;

	if (!file) {
		perror(path);
		exit(2);
	}
	size = fread(bytes, 1, sizeof bytes, file);
	fclose(file);
	exact = (uint8_t *)fuzz_text(bytes, size);
	fprintf(stderr, "%s\n", path);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

int main(int count, char **paths)
{
	LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	for (int i = 1; i < count; i++)
		replay(paths[i]);
	return 0;
}

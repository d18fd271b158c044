/* SPDX-License-Identifier: MIT */
/* fuzz_option.c - a command line (words parted by NUL) against a table with an option of every
 * type: values in range, words that were there, one line of reason. */
#include "../unit/cli/made_up.c"
#include "fuzz.h"

enum { WORDS_MAX = 512 };

/* Cuts the input into words of their own memory; argv[0] and argv[1] are the program's. */
static int split(char *argv[WORDS_MAX], const uint8_t *data, size_t size)
{
	static const uint8_t program[] = "sockutil", mode[] = "made";
	int argc = 0;

	argv[argc++] = fuzz_text(program, sizeof program - 1);
	argv[argc++] = fuzz_text(mode, sizeof mode - 1);
	while (size > 0 && argc < WORDS_MAX) {
		const uint8_t *end = memchr(data, '\0', size);
		size_t length = end ? (size_t)(end - data) : size;

		argv[argc++] = fuzz_text(data, length);
		data += length + (end ? 1 : 0);
		size -= length + (end ? 1 : 0);
	}
	return argc;
}

static void check_list(const struct option_list *list, int argc)
{
	fuzz_check(list->count <= (size_t)argc);
	for (size_t i = 0; i < list->count; i++)
		fuzz_check(list->items[i] != NULL);
	fuzz_check(!list->items || !list->items[list->count]);
}

static void check_args(const struct made_up *args, int argc)
{
	fuzz_check(args->ttl >= 1 && args->ttl <= 255);
	fuzz_check(args->offset >= -5 && args->offset <= 5);
	fuzz_check(args->jobs == 0 || args->jobs >= 2);
	fuzz_check(args->timeout_ms >= 1 && args->timeout_ms <= 3600000);
	fuzz_check(args->color >= 0 && args->color < 3);
	fuzz_check(args->responder >= 0 && args->responder < 8);
	fuzz_check(args->family == 0 || args->family == 4 || args->family == 6);
	fuzz_check(args->text != NULL);
	check_list(&args->list, argc);
	check_list(&args->files, argc);
	check_list(&args->rest, argc);
	check_list(&args->tokens, argc);
}

/* Operands are words of the line, in their order. */
static void check_operands(char *const *operands, size_t count, char *const *argv, int argc)
{
	int at = 2;

	for (size_t i = 0; i < count; i++) {
		while (at < argc && argv[at] != operands[i])
			at++;
		fuzz_check(at < argc);
	}
	fuzz_check(!operands[count]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *argv[WORDS_MAX], **operands;
	int argc = split(argv, data, size), help;
	struct made_up args = { 0 };
	struct failure why = { 0 };
	size_t count;

	if (options_parse(&made_up_mode, argc, argv, 2, &args, &operands, &count, &help, &why)) {
		fuzz_check(help >= 0 && help <= 2);
		fuzz_check(why.class == FAILURE_NONE);
		fuzz_check(help || !(args.flag && args.other));
		check_args(&args, argc);
		check_operands(operands, count, argv, argc);
		options_free(&made_up_mode, &args);
	} else {
		fuzz_check(why.class == FAILURE_USAGE && why.text[0]);
		fuzz_check(!operands && !count);
	}
	fuzz_check(!args.password && !args.list.items && !args.tokens.items);
	free(operands);
	for (int i = 0; i < argc; i++)
		free(argv[i]);
	return 0;
}

/* SPDX-License-Identifier: MIT */
/* main.c - the table of modes and the dispatch. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/log.h>
#include <sockutil/base/memory.h>
#include <sockutil/cli/completion.h>
#include <sockutil/cli/help.h>
#include <sockutil/cli/manual.h>
#include <sockutil/cli/option.h>
#include <sockutil/modes/command_mistake.h>
#include <sockutil/modes/manual_text.h>
#include <sockutil/modes/modes.h>
#include <sockutil/modes/text_output.h>
#include <sockutil/modes/version.h>
#include <sockutil/net/process.h>

/* --- help, the mode that knows the table ----------------------------------- */

struct help_args {
	bool man, completion_given;
	int completion; /* index into shells */
};

#define AT(field) offsetof(struct help_args, field)

static const char *const shells[] = { "bash", "zsh", "fish", NULL };

static const struct option_row help_rows[] = {
	{
		.name = "man",
		.type = OPTION_FLAG,
		.at = AT(man),
		.help = "the manual, for man -l -",
		.example = "--man",
		.conflicts = "completion",
		.common = true,
	},
	{
		.name = "completion",
		.arg = "SHELL",
		.type = OPTION_CHOICE,
		.at = AT(completion),
		.given_at = AT(completion_given),
		.choices = shells,
		.help = "the completion script of a shell",
		.example = "--completion bash",
		.common = true,
	},
	{ 0 },
};

static const char *const help_examples[] = {
	"sockutil help connect",
	"what connect does and takes",
	"sockutil help --man | man -l -",
	"the manual",
	NULL,
};

static int help_run(void *args, char **operands, size_t count);

static const struct mode mode_help = {
	.name = "help",
	.operands = "[COMMAND]",
	.summary = "show a command's options, the manual, completion scripts",
	.examples = help_examples,
	.tables = (const struct option_row *const[]){ help_rows, NULL },
	.args_size = sizeof(struct help_args),
	.run = help_run,
};

static const struct mode *const modes[] = { &mode_connect, &mode_serve, &mode_get,
					    &mode_chat,    &mode_help,  NULL };

static const struct mode *find_mode(const char *name)
{
	for (size_t i = 0; modes[i]; i++)
		if (!strcmp(modes[i]->name, name))
			return modes[i];
	return NULL;
}

/* --- text that is the whole answer ----------------------------------------- */

struct answer {
	char *text;
	size_t length;
};

static FILE *answer_open(struct answer *answer)
{
	FILE *out = open_memstream(&answer->text, &answer->length);

	if (!out) {
		log_error("out of memory");
		exit(1);
	}
	return out;
}

/* Returns the exit status. */
static int answer_give(struct answer *answer, FILE *out)
{
	struct failure why = { 0 };

	if (fclose(out) != 0)
		fail(&why, FAILURE_OTHER, "out of memory");
	else
		text_output(answer->text, answer->length, &why);
	free(answer->text);
	return log_failure(&why);
}

static int give_help(const struct mode *mode, bool all)
{
	struct answer answer = { 0 };
	FILE *out = answer_open(&answer);

	if (mode)
		help_mode(out, mode, all);
	else
		help_program(out, modes);
	return answer_give(&answer, out);
}

static int give_version(void)
{
	struct answer answer = { 0 };
	FILE *out = answer_open(&answer);

	version_print(out);
	return answer_give(&answer, out);
}

/* Nothing was asked: the short help is the message. */
static int show_usage(void)
{
	struct answer answer = { 0 };
	FILE *out = answer_open(&answer);

	help_program(out, modes);
	if (fclose(out) == 0)
		log_block(answer.text, answer.length);
	free(answer.text);
	return failure_status(FAILURE_USAGE);
}

static int help_on(char **operands, size_t count)
{
	const struct mode *mode = count ? find_mode(operands[0]) : NULL;
	struct failure why = { 0 };

	if (count > 1)
		fail(&why, FAILURE_USAGE, "one command at a time: sockutil help %s", operands[0]);
	else if (count && !mode)
		command_mistake(modes, 2, (char *[]){ NULL, operands[0], NULL }, &why);
	else
		return give_help(mode, false);
	return log_failure(&why);
}

static int help_run(void *args, char **operands, size_t count)
{
	const struct help_args *help = args;
	struct answer answer = { 0 };
	struct failure why = { 0 };
	FILE *out;

	if (!help->man && !help->completion_given)
		return help_on(operands, count);
	if (count) {
		fail(&why, FAILURE_USAGE, "%s takes no command",
		     help->man ? "--man" : "--completion");
		return log_failure(&why);
	}
	out = answer_open(&answer);
	if (help->man)
		manual_print(out, &manual_text, modes);
	else
		completion_print(out, shells[help->completion], modes);
	return answer_give(&answer, out);
}

/* --- dispatch -------------------------------------------------------------- */

/* Mistakes on the command line are told before its options are known. */
static bool wants_json(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (!strcmp(argv[i], "--log-json"))
			return true;
	return false;
}

static void log_as(const char *command, int argc, char **argv)
{
	struct failure why;

	log_open(&(struct log_options){ .command = command,
					.level = LOG_LEVEL_NOTICE,
					.json = wants_json(argc, argv) },
		 &why);
}

static int run_mode(const struct mode *mode, int argc, char **argv)
{
	void *args = memory_zeroed(1, mode->args_size);
	struct failure why = { 0 };
	char **operands;
	size_t count;
	int status, help;

	log_as(mode->name, argc, argv);
	if (!options_parse(mode, argc, argv, 2, args, &operands, &count, &help, &why)) {
		free(args);
		return log_failure(&why);
	}
	status = help ? give_help(mode, help > 1) : mode->run(args, operands, count);
	options_free(mode, args);
	free(operands);
	free(args);
	return status;
}

int main(int argc, char **argv)
{
	struct failure why = { 0 };
	const struct mode *mode;

	process_start();
	log_as(NULL, argc, argv);
	if (argc < 2)
		return show_usage();
	mode = find_mode(argv[1]);
	if (mode)
		return run_mode(mode, argc, argv);
	if (!strcmp(argv[1], "--version"))
		return give_version();
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return give_help(NULL, false);
	command_mistake(modes, argc, argv, &why);
	return log_failure(&why);
}

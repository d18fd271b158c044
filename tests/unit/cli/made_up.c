/* SPDX-License-Identifier: MIT */
/* made_up.c - a mode with an option of every type, and a command line to read with it. */
#include "made_up.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define AT(field) offsetof(struct made_up, field)

static const char *const colors[] = { "auto", "always", "never", NULL };
static const char *const responders[] = { "echo",    "time",    "greet",   "prefix", "reverse",
					  "discard", "chargen", "daytime", NULL };

static const struct option_row own[] = {
	{
		.name = "flag",
		.letter = 'f',
		.type = OPTION_FLAG,
		.at = AT(flag),
		.help = "a flag",
		.conflicts = "other",
		.common = true,
	},
	{
		.name = "other",
		.letter = 'O',
		.type = OPTION_FLAG,
		.at = AT(other),
		.help = "another flag",
	},
	{
		.name = "verbose",
		.letter = 'v',
		.type = OPTION_COUNT,
		.at = AT(count),
		.help = "counted",
		.common = true,
	},
	{
		.name = "ipv4",
		.letter = '4',
		.type = OPTION_VALUE,
		.at = AT(family),
		.value = 4,
		.help = "one of two values",
	},
	{
		.name = "ipv6",
		.letter = '6',
		.type = OPTION_VALUE,
		.at = AT(family),
		.value = 6,
		.help = "the other value",
	},
	{
		.name = "text",
		.letter = 't',
		.arg = "TEXT",
		.type = OPTION_TEXT,
		.at = AT(text),
		.fallback = "hello",
		.help = "a text; it's [quoted]: so",
		.example = "-t abc 80",
		.common = true,
	},
	{
		.name = "wait",
		.letter = 'W',
		.arg = "TIME",
		.arg_optional = true,
		.if_bare = "bare",
		.type = OPTION_TEXT,
		.at = AT(wait),
		.help = "a text that may be missing",
	},
	{
		.name = "password",
		.letter = 'p',
		.arg = "WORD",
		.type = OPTION_TEXT,
		.at = AT(password),
		.help = "a secret",
		.secret = true,
	},
	{
		.name = "token",
		.arg = "WORD",
		.type = OPTION_LIST,
		.at = AT(tokens),
		.help = "secrets",
		.secret = true,
	},
	{ 0 },
};

static const struct option_row shared[] = {
	{
		.name = "file",
		.letter = 'o',
		.arg = "F",
		.type = OPTION_FILE,
		.at = AT(file),
		.group = "files",
		.help = "a file",
		.needs = "flag text size",
	},
	{
		.name = "cert",
		.arg = "F",
		.type = OPTION_FILE_LIST,
		.at = AT(files),
		.group = "files",
		.help = "files",
	},
	{
		.name = "send",
		.letter = 's',
		.arg = "TEXT",
		.type = OPTION_LIST,
		.at = AT(list),
		.group = "numbers",
		.help = "texts",
	},
	{
		.name = "ttl",
		.arg = "N",
		.type = OPTION_INTEGER,
		.at = AT(ttl),
		.given_at = AT(ttl_given),
		.min = 1,
		.max = 255,
		.fallback = "64",
		.group = "numbers",
		.help = "a number in a range",
	},
	{
		.name = "offset",
		.arg = "N",
		.type = OPTION_INTEGER,
		.at = AT(offset),
		.min = -5,
		.max = 5,
		.unit = "seconds",
		.group = "numbers",
		.help = "a number with a sign",
	},
	{
		.name = "jobs",
		.letter = 'j',
		.arg = "N",
		.type = OPTION_INTEGER,
		.at = AT(jobs),
		.min = 2,
		.fallback_text = "as many as there are processors",
		.group = "numbers",
		.help = "a number with a lower bound",
	},
	{
		.name = "timeout",
		.letter = 'w',
		.arg = "TIME",
		.type = OPTION_DURATION,
		.at = AT(timeout_ms),
		.min = 1,
		.max = 3600000,
		.fallback = "30s",
		.group = "numbers",
		.help = "a duration that takes so many words that it does not fit on one line of "
			"help",
		.example = "-w 500ms 80",
		.common = true,
	},
	{
		.name = "rcvbuf",
		.arg = "SIZE",
		.type = OPTION_SIZE,
		.at = AT(size),
		.max = 1 << 20,
		.group = "numbers",
		.help = "a size",
		.conflicts = "limit-rate other",
	},
	{
		.name = "size",
		.arg = "SIZE",
		.type = OPTION_SIZE,
		.at = AT(size),
		.group = "numbers",
		.help = "the same without a bound",
	},
	{
		.name = "limit-rate",
		.arg = "RATE",
		.type = OPTION_RATE,
		.at = AT(rate),
		.min = 1,
		.group = "numbers",
		.help = "a rate",
	},
	{
		.name = "color",
		.arg = "WHEN",
		.type = OPTION_CHOICE,
		.at = AT(color),
		.choices = colors,
		.fallback = "never",
		.group = "choices",
		.help = "one of a few",
	},
	{
		.name = "responder",
		.letter = 'R',
		.arg = "NAME",
		.type = OPTION_CHOICE,
		.at = AT(responder),
		.choices = responders,
		.group = "choices",
		.help = "one of many",
	},
	{
		.name = "exec",
		.letter = 'e',
		.arg = "CMD",
		.type = OPTION_REST,
		.at = AT(rest),
		.group = "choices",
		.help = "the rest of the line",
	},
	{ 0 },
};

static const struct option_row *const tables[] = { own, shared, NULL };

static const char *const examples[] = {
	"sockutil made 80",
	"beside",
	"sockutil made --a-long-command-line-that-leaves-no-room 80",
	"below",
	NULL,
};

static const char hints[] = "-l\0-l is netcat's; to be a server: sockutil serve {operands}\0"
			    "-k\0-k is curl's; here: --insecure\0"
			    "--listen\0sockutil serve {operands} is a server\0";

static int run(void *args, char **operands, size_t count)
{
	(void)args;
	(void)operands;
	(void)count;
	return 0;
}

const struct mode made_up_mode = {
	.name = "made",
	.operands = "PORT",
	.summary = "be made up",
	.description =
		"The first paragraph, which is\nwrapped.\n\n\tverbatim   line\n\nThe last one.",
	.examples = examples,
	.tables = tables,
	.hints = hints,
	.args_size = sizeof(struct made_up),
	.run = run,
};

void made_up_read(struct made_up_line *line, const char *const *words)
{
	*line = (struct made_up_line){ .argc = 2 };
	line->argv[0] = strdup("sockutil");
	line->argv[1] = strdup("made");
	for (; *words; words++)
		line->argv[line->argc++] = strdup(*words);
	line->good = options_parse(&made_up_mode, line->argc, line->argv, 2, &line->args,
				   &line->operands, &line->count, &line->help, &line->why);
}

void made_up_end(struct made_up_line *line)
{
	if (line->good)
		options_free(&made_up_mode, &line->args);
	free(line->operands);
	for (int i = 0; i < line->argc; i++)
		free(line->argv[i]);
}

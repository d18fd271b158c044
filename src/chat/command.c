/* SPDX-License-Identifier: MIT */
/* src/chat/command.c - what a member says, each command by its row in commands.def. */
#include <string.h>
#include <strings.h>

#include <sockutil/base/nearest.h>
#include <sockutil/base/number.h>
#include <sockutil/chat/command.h>

enum { COMMAND_WORD_MAX = 16 };

#define LOCAL CHAT_COMMAND_LOCAL
#define RICH  CHAT_COMMAND_RICH
#define HOST  CHAT_COMMAND_HOST
#define FREE  CHAT_COMMAND_FREE
#define COMMAND(name, said, letters, bits, behind, does)                                           \
	[CHAT_COMMAND_##name] = {                                                                  \
		.word = (said),                                                                    \
		.arguments = (letters),                                                            \
		.flags = (bits),                                                                   \
		.usage = (behind),                                                                 \
		.help = (does),                                                                    \
	},
const struct chat_command_row chat_command_rows[CHAT_COMMANDS] = {
#include <sockutil/chat/commands.def>
};
#undef COMMAND

/* --- words ----------------------------------------------------------------- */

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t';
}

static void skip_blanks(struct chat_slice *rest)
{
	while (rest->length && is_blank(*rest->bytes)) {
		rest->bytes++;
		rest->length--;
	}
}

/* The next word, empty when there is none; *rest begins with what stands behind it, no blank. */
static struct chat_slice take_word(struct chat_slice *rest)
{
	struct chat_slice word = { .bytes = rest->bytes, .length = 0 };

	while (word.length < rest->length && !is_blank(word.bytes[word.length]))
		word.length++;
	rest->bytes += word.length;
	rest->length -= word.length;
	skip_blanks(rest);
	return word;
}

/* --- refusing -------------------------------------------------------------- */

static bool refuse_unknown(struct chat_slice word, struct failure *why)
{
	const char *names[CHAT_COMMANDS];
	char typed[COMMAND_WORD_MAX];
	const char *near = NULL;
	size_t count = 0;

	/* What is longer is no slip of the fingers, what is no word must not come back. */
	if (word.length >= sizeof typed || !chat_slice_is_word(word)) {
		fail(why, FAILURE_USAGE, "no such command; // begins a text with a slash");
		return false;
	}
	for (size_t i = 0; i < CHAT_COMMANDS; i++)
		if (chat_command_rows[i].usage)
			names[count++] = chat_command_rows[i].word;
	memcpy(typed, word.bytes, word.length);
	typed[word.length] = '\0';
	near = nearest_name(typed, names, count);
	if (near)
		fail(why, FAILURE_USAGE, "no command /%s; /%s?", typed, near);
	else
		fail(why, FAILURE_USAGE, "no command /%s; /help tells which there are", typed);
	return false;
}

/* What usage calls its argument of that number; for programs, which have none, what it is. */
static struct chat_slice argument_word(const struct chat_command_row *row, size_t argument)
{
	struct chat_slice rest = chat_slice_of(row->usage), word = rest;

	if (!row->usage)
		return chat_slice_of(row->arguments[argument] == '#'   ? "NUMBER"
				     : row->arguments[argument] == 'z' ? "SIZE"
								       : "WORD");
	for (size_t i = 0; i <= argument; i++)
		word = take_word(&rest);
	/* What may be missing stands in brackets. */
	if (word.length && *word.bytes == '[')
		word = (struct chat_slice){ .bytes = word.bytes + 1, .length = word.length - 2 };
	return word;
}

/* "/msg NICK TEXT: TEXT is missing" */
static bool refuse_argument(const struct chat_command_row *row, size_t argument, const char *what,
			    struct failure *why)
{
	const char *usage = row->usage ? row->usage : "";
	const struct chat_slice word = argument_word(row, argument);

	fail(why, FAILURE_USAGE, "/%s%s%s: %.*s %s", row->word, *usage ? " " : "", usage,
	     (int)word.length, word.bytes, what);
	return false;
}

/* "/nick NAME: one word alone" */
static bool refuse_more(const struct chat_command_row *row, struct failure *why)
{
	if (*row->usage)
		fail(why, FAILURE_USAGE, "/%s %s: one word alone", row->word, row->usage);
	else
		fail(why, FAILURE_USAGE, "/%s stands alone", row->word);
	return false;
}

/* --- reading --------------------------------------------------------------- */

static bool parse_number(uint64_t *into, struct chat_slice word)
{
	return number_parse_bytes(word.bytes, word.length, INT64_MAX, into);
}

/* NULL, or what is wrong with what stands there (something does). */
static const char *parse_argument(struct chat_said *out, char letter, struct chat_slice *rest)
{
	switch (letter) {
	case 'n':
	case 'N':
		out->name = take_word(rest);
		return chat_slice_is_word(out->name) ? NULL
						     : "has controls or bytes that are not UTF-8";
	case '#':
		return parse_number(&out->number, take_word(rest))
			       ? NULL
			       : "is not digits alone, or too much";
	case 'z':
		return parse_number(&out->size, take_word(rest))
			       ? NULL
			       : "is not digits alone, or too much";
	default:
		out->text = *rest;
		rest->length = 0;
		return NULL;
	}
}

static bool is_needed(char letter)
{
	return letter != 'N' && letter != 'X';
}

static bool parse_arguments(struct chat_said *out, const struct chat_command_row *row,
			    struct chat_slice rest, struct failure *why)
{
	for (size_t i = 0; row->arguments[i]; i++) {
		const char *wrong = NULL;

		if (rest.length)
			wrong = parse_argument(out, row->arguments[i], &rest);
		else if (is_needed(row->arguments[i]))
			wrong = "is missing";
		if (wrong)
			return refuse_argument(row, i, wrong, why);
	}
	/* People would lose what they wrote; of programs, newer ones may say more. */
	if (rest.length && row->usage)
		return refuse_more(row, why);
	return true;
}

static enum chat_command find_command(struct chat_slice word)
{
	enum chat_command command = 0;

	while (command < CHAT_COMMANDS &&
	       (strlen(chat_command_rows[command].word) != word.length ||
		strncasecmp(chat_command_rows[command].word, word.bytes, word.length)))
		command++;
	return command;
}

static bool parse_command(struct chat_said *out, struct chat_slice rest, struct failure *why)
{
	struct chat_slice word = take_word(&rest);

	out->command = find_command(word);
	if (out->command == CHAT_COMMANDS)
		return refuse_unknown(word, why);
	return parse_arguments(out, &chat_command_rows[out->command], rest, why);
}

static bool all_blank(struct chat_slice line)
{
	skip_blanks(&line);
	return line.length == 0;
}

bool chat_command_parse(struct chat_said *out, const char *line, size_t length, struct failure *why)
{
	struct chat_slice rest = { .bytes = line, .length = length };
	bool slash = length > 0 && line[0] == '/';
	bool doubled = slash && length > 1 && line[1] == '/';

	*out = (struct chat_said){ .name = chat_slice_of(NULL), .text = chat_slice_of(NULL) };
	out->command = all_blank(rest) ? CHAT_COMMAND_NONE : CHAT_COMMAND_TEXT;
	if (slash) {
		rest.bytes++;
		rest.length--;
	}
	if (slash && !doubled)
		return parse_command(out, rest, why);
	if (out->command == CHAT_COMMAND_TEXT)
		out->text = rest;
	return true;
}

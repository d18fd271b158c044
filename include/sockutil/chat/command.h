/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CHAT_COMMAND_H
#define SOCKUTIL_CHAT_COMMAND_H
/* What a member says: a text, or a command with its words. The same for plain members, for richer
 * clients and for what is typed. Pure. */
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/base/failure.h>
#include <sockutil/chat/event.h>

enum chat_command {
#define COMMAND(name, word, arguments, flags, usage, help) CHAT_COMMAND_##name,
#include <sockutil/chat/commands.def>
#undef COMMAND
	CHAT_COMMANDS,
	CHAT_COMMAND_TEXT, /* no command: said to the room */
	CHAT_COMMAND_NONE, /* an empty line */
};

enum chat_command_flag {
	CHAT_COMMAND_LOCAL = 1, /* done by the client itself */
	CHAT_COMMAND_RICH = 2,  /* only from a richer client's program */
	CHAT_COMMAND_HOST = 4,  /* only from who hosts the chat */
	CHAT_COMMAND_FREE = 8,  /* not counted as talk */
};

struct chat_command_row {
	const char *word;      /* without the slash */
	const char *arguments; /* letters, see commands.def */
	unsigned flags;        /* enum chat_command_flag */
	const char *usage;     /* "NICK TEXT", "" when it stands alone; NULL: not for people */
	const char *help;      /* one line, lower case; NULL: not for people */
};
extern const struct chat_command_row chat_command_rows[CHAT_COMMANDS];

/* Slices are empty where nothing was said, numbers 0. */
struct chat_said {
	enum chat_command command;
	uint64_t number, size;  /* up to INT64_MAX */
	struct chat_slice name; /* the first word, where it is a name: chat_slice_is_word() */
	struct chat_slice text; /* the rest, as it came, without the blanks in front of it; of TEXT
				 * the whole, with one slash of "//" taken off */
};

/* One line without its end; words of commands in either case. Slices are parts of line. False: why
 * is FAILURE_USAGE, a sentence for who said it ("/msg NICK TEXT: TEXT is missing", "no command
 * /mgs; /msg?"), with nothing of the line but a mistyped word; out->command is the command that was
 * meant, CHAT_COMMANDS when there is none. */
bool chat_command_parse(struct chat_said *out, const char *line, size_t length,
			struct failure *why);
#endif

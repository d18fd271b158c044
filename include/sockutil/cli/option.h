/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CLI_OPTION_H
#define SOCKUTIL_CLI_OPTION_H
/*
 * One row says everything of an option once. Parser, --help, the man page's section, completions
 * for bash, zsh and fish, "did you mean" and the test of every example come from the rows.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/failure.h>

enum option_type {
	OPTION_FLAG,  /* bool: true when given */
	OPTION_COUNT, /* int: how often it was given */
	OPTION_VALUE, /* int: becomes row.value when given (-4, -6) */
	OPTION_TEXT,  /* const char *: the argument */
	OPTION_FILE,  /* const char *: a file name; completions offer files; "-" is stdin or stdout
			 where help says so */
	OPTION_LIST,  /* struct option_list: every argument, in order */
	OPTION_FILE_LIST, /* the same, of file names */
	OPTION_INTEGER,   /* int64_t in min..max */
	OPTION_SIZE,      /* uint64_t bytes in min..max, K M G */
	OPTION_RATE,      /* uint64_t bytes a second, K M G */
	OPTION_DURATION,  /* int64_t milliseconds in min..max */
	OPTION_CHOICE,    /* int: index into row.choices */
	OPTION_REST,      /* struct option_list: this and all that follows on the command line */
};

/* items[count] is NULL. */
struct option_list {
	const char **items;
	size_t count;
};

/* All strings are static. Zero members mean "no". */
struct option_row {
	const char *name;  /* long name without dashes; NULL ends a table */
	char letter;       /* or 0 */
	const char *arg;   /* argument word in capitals; NULL: takes none */
	bool arg_optional; /* --name[=ARG]; without it the field gets if_bare */
	const char *if_bare;
	enum option_type type;
	size_t at;        /* offsetof into the mode's args */
	size_t given_at;  /* offset of a bool that becomes true when the option is given; 0: none */
	int64_t min, max; /* of INTEGER, SIZE, DURATION (max 0: no bound) */
	int value;        /* of OPTION_VALUE */
	const char *const *choices; /* of OPTION_CHOICE, ends with NULL */
	const char *fallback; /* the default, as the user would write it: parsed before the command
				 line; NULL: zeroed */
	const char *fallback_text; /* shown as the default where fallback is NULL: "the kernel's" */
	const char *unit;          /* shown behind the range of an INTEGER: "hops", "seconds" */
	const char *group;         /* heading in --help-all; the row's table order is kept within */
	const char *help;          /* one line, lower case, no full stop; "%s" is not used */
	const char *example; /* what follows `sockutil MODE`; run or at least parsed by a test. In
				a table that several modes have "{address}" and "{tls address}"
				stand for the operands; see option_text_example() */
	const char
		*conflicts; /* names separated by blanks that cannot be given with this one; its own
			       name among them means nothing, so that a group shares one text */
	const char *needs; /* names separated by blanks, one of which must be given with this one */
	bool common;       /* shown by --help; all are shown by --help-all */
	bool secret;       /* the argument is wiped from the process's argument list once read */
};

/* A mode: its row. */
struct mode {
	const char *name;
	const char *operands; /* "HOST PORT | ENDPOINT" */
	const char *summary;  /* one line, lower case */
	const char
		*description; /* paragraphs for the man page and --help-all, blank line between */
	const char *const *examples; /* pairs: command line, what it does; ends with NULL */
	const struct option_row *const *tables; /* ends with NULL; the first is the mode's own; all
						   offsets are into the same args */
	size_t own; /* how many of the tables, from the first, are of no other mode; 0: one */
	/* Rows of the other tables that this mode has not, or has in its own way: names separated
	 * by blanks; NULL: none. */
	const char *without;
	/* What "{address}" and "{tls address}" are in the examples of shared rows: "localhost
	 * 8080", "--tls localhost 8443". NULL where no row has them. */
	const char *address, *tls_address;
	/* The same for who listens: "{listener}", "{tls listener}", "{file listener}" (a Unix
	 * socket). */
	const char *listener, *tls_listener, *file_listener;
	/*
	 * netcat's and curl's options that mean something else here: pairs "OPTION\0TEXT\0" ("-l",
	 * "--listen"), ended by an empty OPTION; or NULL. Asked only when no row has the option.
	 * TEXT is the whole message; "{operands}" in it becomes the operands of the line as a shell
	 * takes them ("..." when there are none), so that the message can show the right command.
	 */
	const char *hints;
	size_t args_size;
	/* Returns the exit status. args is filled; operands are what is left. */
	int (*run)(void *args, char **operands, size_t count);
};

/*
 * Parses argv[first..argc) into args (zeroed by the caller, args_size bytes): fallbacks first, then
 * options anywhere up to "--", letters may be bundled, values as "--name VALUE", "--name=VALUE",
 * "-nVALUE", "-n VALUE" (an optional one only attached). A single-valued option given twice takes
 * the last. Unambiguous prefixes of long names are NOT accepted (scripts break when options are
 * added), but are what "did you mean" offers. "-" is an operand. Strings in args are argv's own,
 * except those of secret rows: copies, wiped by options_free. *operands (for the caller to free)
 * gets the rest and a NULL. FAILURE_USAGE: one line that names what, why and the nearest valid
 * thing; then nothing is left to free. *help becomes 1 for -h/--help, 2 for --help-all (parsing
 * stops there, true is returned, needs and conflicts are not looked at).
 */
bool options_parse(const struct mode *mode, int argc, char **argv, int first, void *args,
		   char ***operands, size_t *operand_count, int *help, struct failure *why);

/* Frees the lists inside args; wipes and frees the copies of secret arguments. */
void options_free(const struct mode *mode, void *args);

/* The row of a long name (of length bytes of it), of a letter, or NULL. */
const struct option_row *option_find(const struct mode *mode, const char *name);
const struct option_row *option_find_bytes(const struct mode *mode, const char *name,
					   size_t length);
const struct option_row *option_find_letter(const struct mode *mode, char letter);

/* Walks the rows of all tables in order, from a zeroed cursor; NULL behind the last. count is how
 * many were given out. */
struct option_cursor {
	size_t table, row, count;
};
const struct option_row *option_next(const struct mode *mode, struct option_cursor *cursor);
size_t option_count(const struct mode *mode);
#endif

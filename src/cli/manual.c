/* SPDX-License-Identifier: MIT */
/* manual.c - the man page in mdoc(7), printed from the rows and a few sections of prose. */
#include <stdio.h>
#include <string.h>

#include <sockutil/base/failure.h>
#include <sockutil/base/utf8.h>
#include <sockutil/cli/manual.h>
#include <sockutil/cli/option_text.h>

/* Escapes make a line longer than its text: mandoc's lint asks for 80 at most. */
enum { LINE_BYTES = 66 };

/* roff's own characters as glyphs; a dash that starts an option stays a dash. */
static void print_character(FILE *out, uint32_t point, bool dash)
{
	switch (point) {
	case '\\':
		fputs("\\e", out);
		return;
	case '\'':
		fputs("\\(aq", out);
		return;
	case '`':
		fputs("\\(ga", out);
		return;
	case '^':
		fputs("\\(ha", out);
		return;
	case '~':
		fputs("\\(ti", out);
		return;
	case '"':
		fputs("\\(dq", out);
		return;
	case '-':
		fputs(dash ? "\\-" : "-", out);
		return;
	default:
		fprintf(out, point < 0x80 ? "%c" : "\\[u%04X]", (int)point);
	}
}

/* Text that roff shows as it stands here, on the current line: no newline comes out for one going
 * in. */
static void print_escaped(FILE *out, const char *text, size_t length)
{
	char before = ' ';

	for (size_t i = 0, step; i < length; i += step) {
		uint32_t point = (unsigned char)text[i];
		bool next_to_dash = before == '-' || (i + 1 < length && text[i + 1] == '-');

		step = utf8_decode(text + i, length - i, &point);
		if (!step)
			step = 1;
		print_character(out, point == '\n' ? ' ' : point,
				next_to_dash || strchr(" (\n=", before));
		before = text[i];
	}
}

static void print_text(FILE *out, const char *text)
{
	print_escaped(out, text, strlen(text));
}

/* A row's words as a sentence: the first letter is upper case, unless a name starts with it. */
static void print_sentence(FILE *out, const char *text)
{
	bool word = text[0] >= 'a' && text[0] <= 'z' && text[1] >= 'a' && text[1] <= 'z';

	fputs("\\&", out);
	if (word)
		fputc(text[0] - 'a' + 'A', out);
	print_text(out, text + word);
}

/* Lines of about 70 bytes, a new one for each sentence, as mdoc wants it; none may start with a
 * control character. */
static void print_sentences(FILE *out, const char *text, size_t length)
{
	const char *end = text + length;
	size_t column = 0;

	while ((text += strspn(text, " \n")) < end) {
		size_t word = strcspn(text, " \n");

		if (column > 0 && column + word > LINE_BYTES) {
			fputc('\n', out);
			column = 0;
		}
		if (column == 0 && (*text == '.' || *text == '\''))
			fputs("\\&", out);
		fputs(column > 0 ? " " : "", out);
		print_escaped(out, text, word);
		column += word + 1;
		text += word;
		if (text[-1] == '.') {
			fputc('\n', out);
			column = 0;
		}
	}
	if (column > 0)
		fputc('\n', out);
}

/* Lines that stay as they are, without their tabs. */
static void print_display(FILE *out, const char *text, size_t length, const char *layout)
{
	const char *end = text + length;

	fprintf(out, ".Bd -literal %s\n", layout);
	while (text < end) {
		size_t line = strcspn(text, "\n");

		if (line > (size_t)(end - text))
			line = (size_t)(end - text);
		fputs("\\&", out);
		print_escaped(out, text + (*text == '\t'), line - (*text == '\t'));
		fputc('\n', out);
		text += line + 1;
	}
	fputs(".Ed\n", out);
}

static void print_prose(FILE *out, const char *text)
{
	for (bool first = true; *text; first = false) {
		const char *blank = strstr(text, "\n\n");
		size_t length = blank ? (size_t)(blank - text) : strlen(text);

		if (*text == '\t') {
			print_display(out, text, length, "-offset indent");
		} else {
			if (!first)
				fputs(".Pp\n", out);
			print_sentences(out, text, length);
		}
		text += length + (blank ? 2 : 0);
	}
}

/* ".It Fl w , Fl -timeout Ar TIME" */
static void print_item(FILE *out, const struct option_row *row)
{
	char argument[OPTION_TEXT_MAX];

	fputs(".It ", out);
	if (row->letter)
		fprintf(out, "Fl %c , ", row->letter);
	fprintf(out, "Fl -%s", row->name);
	if (row->arg) {
		fputs(row->arg_optional ? " Ns Oo Ns = Ns Ar \"" : " Ar \"", out);
		print_text(out, option_text_argument(argument, row));
		fputs(row->arg_optional ? "\" Oc" : "\"", out);
	}
	fputc('\n', out);
}

/* "a b c" as "--a, --b, --c" behind a label, a sentence of its own; without the row's own name. */
static void print_names(FILE *out, const char *label, const char *names, const char *own)
{
	char sentence[2 * OPTION_TEXT_MAX];
	size_t used = (size_t)snprintf(sentence, sizeof sentence, "%s", label);
	const char *between = " ";

	if (!names)
		return;
	while (*(names += strspn(names, " ")) && used < sizeof sentence) {
		size_t length = strcspn(names, " ");
		const bool itself = length == strlen(own) && !strncmp(names, own, length);

		if (!itself)
			used += (size_t)snprintf(sentence + used, sizeof sentence - used,
						 "%s--%.*s", between, (int)length, names);
		between = itself ? between : ", ";
		names += length;
	}
	print_sentences(out, sentence, strlen(sentence));
}

static void print_option(FILE *out, const struct mode *mode, const struct option_row *row)
{
	char notes[OPTION_TEXT_MAX], example[OPTION_TEXT_MAX], words[OPTION_EXAMPLE_MAX];

	print_item(out, row);
	print_sentence(out, row->help);
	option_text_notes(notes, row, true);
	if (*notes) {
		fputs(" (", out);
		print_text(out, notes);
		fputc(')', out);
	}
	fputs(".\n", out);
	print_names(out, "Cannot be given together with:", row->conflicts, row->name);
	print_names(out, "Needs one of:", row->needs, row->name);
	if (row->example) {
		snprintf(example, sizeof example, "sockutil %s %s", mode->name,
			 option_text_example(words, mode, row));
		print_display(out, example, strlen(example), "-compact");
	}
}

/* Rows of these tables, group by group. */
static void print_options(FILE *out, const struct mode *mode)
{
	struct option_cursor groups = { 0 };
	const char *group;

	while ((group = option_text_next_group(mode, &groups))) {
		struct option_cursor cursor = { 0 };
		const struct option_row *row;

		fputs(".Pp\n.Sy ", out);
		print_text(out, group);
		fputs("\n.Bl -tag -width Ds\n", out);
		while ((row = option_next(mode, &cursor)))
			if (!strcmp(option_text_group(row), group))
				print_option(out, mode, row);
		fputs(".El\n", out);
	}
}

enum { TABLES_MAX = 16 };

static bool has_table(const struct mode *mode, const struct option_row *table)
{
	for (size_t t = 0; mode->tables && mode->tables[t]; t++)
		if (mode->tables[t] == table)
			return true;
	return false;
}

static bool is_shared(const struct option_row *table, const struct mode *const *modes)
{
	size_t users = 0;

	for (size_t i = 0; modes[i]; i++)
		users += has_table(modes[i], table);
	return users > 1;
}

static bool is_first_user(const struct mode *mode, const struct option_row *table,
			  const struct mode *const *modes)
{
	while (!has_table(*modes, table))
		modes++;
	return *modes == mode;
}

/* The mode with those of its tables alone that no other has; or with those that several have and
 * it is the first of. */
static void print_some_options(FILE *out, const struct mode *mode, const struct mode *const *modes,
			       bool shared)
{
	const struct option_row *tables[TABLES_MAX + 1] = { 0 };
	struct mode some = *mode;
	size_t count = 0;

	for (size_t t = 0; mode->tables && mode->tables[t] && count < TABLES_MAX; t++)
		if (is_shared(mode->tables[t], modes) == shared &&
		    is_first_user(mode, mode->tables[t], modes))
			tables[count++] = mode->tables[t];
	some.tables = tables;
	some.without = NULL;
	if (count > 0 || !shared)
		print_options(out, &some);
}

/* Adds what the mode lacks of a table; whether it has any of it. */
static bool add_missing(char *missing, size_t size, const struct mode *mode,
			const struct option_row *row)
{
	bool shares = false;

	for (; row->name; row++) {
		const size_t used = strlen(missing);

		if (option_find(mode, row->name))
			shares = true;
		else
			snprintf(missing + used, size - used, " %s", row->name);
	}
	return shares;
}

/* What the mode lacks of the options that the section for several commands will tell. */
static void print_missing(FILE *out, const struct mode *mode, const struct mode *const *modes)
{
	char missing[2 * OPTION_TEXT_MAX] = "";
	bool shares = false;

	for (size_t i = 0; modes[i]; i++)
		for (size_t t = 0; modes[i]->tables && modes[i]->tables[t]; t++) {
			const struct option_row *table = modes[i]->tables[t];

			if (is_shared(table, modes) && is_first_user(modes[i], table, modes))
				shares = add_missing(missing, sizeof(missing), mode, table) ||
					 shares;
		}
	if (shares && *missing)
		print_names(out, "Of the options of several commands it has not:", missing, "");
}

static void print_mode(FILE *out, const struct mode *mode, const struct mode *const *modes)
{
	fprintf(out, ".Ss %s\n", mode->name);
	print_sentence(out, mode->summary);
	fputs(".\n", out);
	if (mode->description) {
		fputs(".Pp\n", out);
		print_prose(out, mode->description);
	}
	print_some_options(out, mode, modes, false);
	print_missing(out, mode, modes);
}

static void print_head(FILE *out, const struct manual_page *page, const struct mode *const *modes)
{
	fprintf(out, ".Dd %s\n.Dt SOCKUTIL 1\n.Os\n.Sh NAME\n.Nm %s\n.Nd ", page->date, page->name);
	print_text(out, page->summary);
	fputs("\n.Sh SYNOPSIS\n", out);
	for (size_t i = 0; modes[i]; i++) {
		fprintf(out, ".Nm\n.Cm %s\n.Op Ar options\n.Ar \"", modes[i]->name);
		print_text(out, modes[i]->operands);
		fputs("\"\n", out);
	}
	fputs(".Nm\n.Fl -version\n.Sh DESCRIPTION\n", out);
	print_prose(out, page->description);
}

static void print_statuses(FILE *out)
{
	fputs(".Sh EXIT STATUS\n.Bl -tag -width 128+n\n", out);
	for (int i = 0; i < FAILURE_CLASSES; i++) {
		fprintf(out, ".It %d\n", failure_status((enum failure_class)i));
		print_sentence(out, failure_meaning((enum failure_class)i));
		fputs(".\n", out);
	}
	fputs(".It 128+n\nEnded by signal n.\n.El\n", out);
}

static void print_examples(FILE *out, const struct mode *const *modes)
{
	fputs(".Sh EXAMPLES\n", out);
	for (size_t i = 0; modes[i]; i++)
		for (size_t e = 0; modes[i]->examples && modes[i]->examples[e]; e += 2) {
			print_sentence(out, modes[i]->examples[e + 1]);
			fputs(":\n", out);
			print_display(out, modes[i]->examples[e], strlen(modes[i]->examples[e]),
				      "-offset indent");
		}
}

static void print_see_also(FILE *out, const char *pages)
{
	fputs(".Sh SEE ALSO\n", out);
	while (*pages) {
		const char *next = pages + strlen(pages) + 1;

		fprintf(out, ".Xr %s%s\n", pages, *next ? " ," : "");
		pages = next;
	}
}

void manual_print(FILE *out, const struct manual_page *page, const struct mode *const *modes)
{
	print_head(out, page, modes);
	fputs(".Sh COMMANDS\n", out);
	for (size_t i = 0; modes[i]; i++)
		print_mode(out, modes[i], modes);
	if (modes[0]) {
		fputs(".Ss Options of several commands\n"
		      "These are understood by the commands that make or take connections,\n"
		      "except where the section of one says otherwise.\n",
		      out);
		for (size_t i = 0; modes[i]; i++)
			print_some_options(out, modes[i], modes, true);
	}
	for (size_t i = 0; page->sections[i].title; i++) {
		fprintf(out, ".Sh %s\n", page->sections[i].title);
		print_prose(out, page->sections[i].text);
	}
	print_statuses(out);
	print_examples(out, modes);
	print_see_also(out, page->see_also);
}

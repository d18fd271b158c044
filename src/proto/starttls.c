/* SPDX-License-Identifier: MIT */
/* starttls.c - asking for TLS in the words of protocols made of lines. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include <sockutil/proto/starttls.h>
#include <sockutil/proto/starttls_parts.h>

const char *const starttls_names[STARTTLS_PROTOCOLS + 1] = {
	[STARTTLS_NONE] = "none", [STARTTLS_SMTP] = "smtp",         [STARTTLS_IMAP] = "imap",
	[STARTTLS_POP3] = "pop3", [STARTTLS_FTP] = "ftp",           [STARTTLS_XMPP] = "xmpp",
	[STARTTLS_LDAP] = "ldap", [STARTTLS_POSTGRES] = "postgres", [STARTTLS_MYSQL] = "mysql",
	[STARTTLS_NNTP] = "nntp", [STARTTLS_SIEVE] = "sieve",
};

enum { STEPS_MAX = 3, SHOWN = 100 };

/* Where an answer ends. */
enum ending {
	ENDING_LINE, /* with its first line */
	ENDING_CODE, /* "250 last", not "250-more" */
	ENDING_DOT,  /* a line that is a dot; the first line says how it went */
	ENDING_TAG,  /* a line that starts as the command did ("a OK") */
	ENDING_WORD, /* OK, NO or BYE */
};

/* One command and its answer. */
struct line_step {
	const char *say; /* NULL: the server speaks first */
	enum ending ending;
	const char *good;    /* how the deciding line starts */
	const char *offered; /* a word that has to be among the answer's; NULL: none */
};

static const struct line_step line_steps[STARTTLS_PROTOCOLS][STEPS_MAX + 1] = {
	[STARTTLS_SMTP] = {
		{ NULL, ENDING_CODE, "220", NULL },
		{ "EHLO localhost\r\n", ENDING_CODE, "250", "STARTTLS" },
		{ "STARTTLS\r\n", ENDING_CODE, "220", NULL },
	},
	[STARTTLS_IMAP] = {
		{ NULL, ENDING_LINE, "* OK", NULL },
		{ "a CAPABILITY\r\n", ENDING_TAG, "a OK", "STARTTLS" },
		{ "b STARTTLS\r\n", ENDING_TAG, "b OK", NULL },
	},
	[STARTTLS_POP3] = {
		{ NULL, ENDING_LINE, "+OK", NULL },
		{ "CAPA\r\n", ENDING_DOT, "+OK", "STLS" },
		{ "STLS\r\n", ENDING_LINE, "+OK", NULL },
	},
	[STARTTLS_FTP] = {
		{ NULL, ENDING_CODE, "220", NULL },
		{ "AUTH TLS\r\n", ENDING_CODE, "234", NULL },
	},
	[STARTTLS_NNTP] = {
		{ NULL, ENDING_LINE, "20", NULL },
		{ "CAPABILITIES\r\n", ENDING_DOT, "101", "STARTTLS" },
		{ "STARTTLS\r\n", ENDING_LINE, "382", NULL },
	},
	[STARTTLS_SIEVE] = {
		{ NULL, ENDING_WORD, "OK", "STARTTLS" },
		{ "STARTTLS\r\n", ENDING_WORD, "OK", NULL },
	},
};

enum io starttls_say(struct buffer *out, const void *bytes, size_t length, struct failure *why)
{
	if (buffer_add(out, bytes, length))
		return IO_DONE;
	return fail(why, FAILURE_OTHER, "out of memory");
}

enum io starttls_stripped(const struct starttls *s, struct failure *why)
{
	return fail(why, FAILURE_TLS,
		    "the server offers no TLS in %s (or somebody on the way took the offer out)",
		    starttls_names[s->protocol]);
}

/* ------ lines ------ */

struct line {
	const char *bytes;
	size_t length; /* without its end */
};

static bool line_starts(const struct line *line, const char *with)
{
	const size_t length = strlen(with);

	return line->length >= length && strncasecmp(line->bytes, with, length) == 0;
}

static bool is_word_byte(char c)
{
	return isalnum((unsigned char)c) || c == '-' || c == '_';
}

/* From the byte at `from` on. */
static bool line_has_word(const struct line *line, size_t from, const char *word)
{
	const size_t length = strlen(word);

	for (size_t i = from; i + length <= line->length; ++i) {
		const char *at = line->bytes + i;

		if (strncasecmp(at, word, length) == 0 && (i == from || !is_word_byte(at[-1])) &&
		    (i + length == line->length || !is_word_byte(at[length])))
			return true;
	}
	return false;
}

/* The next whole line behind s->used, which moves behind it. */
static bool line_take(struct starttls *s, const char *bytes, size_t length, struct line *line)
{
	const char *start = bytes + s->used;
	const char *newline = length > s->used ? memchr(start, '\n', length - s->used) : NULL;

	if (!newline)
		return false;
	line->bytes = start;
	line->length = (size_t)(newline - start);
	line->length -= line->length > 0 && newline[-1] == '\r';
	s->used += (size_t)(newline - start) + 1;
	return true;
}

static bool is_code_line(const struct line *line, bool *last)
{
	for (size_t i = 0; i < 3; ++i)
		if (i >= line->length || !isdigit((unsigned char)line->bytes[i]))
			return false;
	*last = line->length == 3 || line->bytes[3] == ' ';
	return *last || line->bytes[3] == '-';
}

/* Whether line decides how the command went; *malformed: it cannot be a line of this answer. */
static bool line_decides(const struct line_step *step, const struct line *line, bool first,
			 bool *malformed)
{
	bool last = false;

	*malformed = false;
	switch (step->ending) {
	case ENDING_LINE:
		return true;
	case ENDING_CODE:
		*malformed = !is_code_line(line, &last);
		return last;
	case ENDING_DOT:
		return first ? !line_starts(line, step->good)
			     : line->length == 1 && *line->bytes == '.';
	case ENDING_TAG:
		return line->length > 1 && line->bytes[0] == step->say[0] && line->bytes[1] == ' ';
	case ENDING_WORD:
		return line_starts(line, "OK") || line_starts(line, "NO") ||
		       line_starts(line, "BYE");
	}
	return false;
}

static enum io line_refused(const struct starttls *s, const struct line_step *step,
			    const struct line *line, struct failure *why)
{
	const int shown = (int)(line->length < SHOWN ? line->length : SHOWN);

	if (!step->say)
		return fail(why, FAILURE_PROTOCOL, "not a server of %s: it says \"%.*s\"",
			    starttls_names[s->protocol], shown, line->bytes);
	return fail(why, FAILURE_TLS, "the server refuses TLS: to %.*s it says \"%.*s\"",
		    (int)strcspn(step->say, "\r"), step->say, shown, line->bytes);
}

/* IO_DONE: the answer to the present command is whole and good. */
static enum io answer_take(struct starttls *s, const struct line_step *step, const char *bytes,
			   size_t length, struct failure *why)
{
	const size_t begun = s->used;
	const size_t words = step->ending == ENDING_CODE ? sizeof("250-") - 1 : 0;
	bool first = true, malformed;
	struct line line;

	s->offered = false;
	while (line_take(s, bytes, length, &line)) {
		const bool decides = line_decides(step, &line, first, &malformed);
		const bool good =
			step->ending == ENDING_DOT ? !first : line_starts(&line, step->good);

		if (malformed || (decides && !good))
			return line_refused(s, step, &line, why);
		s->offered =
			s->offered || (step->offered && line_has_word(&line, words, step->offered));
		if (decides)
			return step->offered && !s->offered ? starttls_stripped(s, why) : IO_DONE;
		first = false;
	}
	s->used = begun; /* looked at again when more has come */
	return IO_AGAIN;
}

static enum io lines_step(struct starttls *s, const char *bytes, size_t length, struct buffer *out,
			  struct failure *why)
{
	for (;;) {
		const struct line_step *step = &line_steps[s->protocol][s->step];
		enum io r = answer_take(s, step, bytes, length, why);

		if (r != IO_DONE)
			return r;
		++step;
		if (++s->step > STEPS_MAX - 1 || !step->say)
			return IO_DONE;
		r = starttls_say(out, step->say, strlen(step->say), why);
		if (r != IO_DONE)
			return r;
	}
}

/* ------ all of them ------ */

void starttls_init(struct starttls *s, enum starttls_protocol protocol, const char *host)
{
	*s = (struct starttls){ .protocol = protocol, .host = host };
}

enum io starttls_step(struct starttls *s, const char *bytes, size_t length, struct buffer *out,
		      struct failure *why)
{
	enum io r = IO_DONE;

	switch (s->protocol) {
	case STARTTLS_NONE:
		return IO_DONE;
	case STARTTLS_XMPP:
		r = starttls_xmpp(s, bytes, length, out, why);
		break;
	case STARTTLS_LDAP:
		r = starttls_ldap(s, bytes, length, out, why);
		break;
	case STARTTLS_POSTGRES:
		r = starttls_postgres(s, bytes, length, out, why);
		break;
	case STARTTLS_MYSQL:
		r = starttls_mysql(s, bytes, length, out, why);
		break;
	default:
		r = lines_step(s, bytes, length, out, why);
	}
	if (r == IO_DONE && s->used < length)
		return fail(why, FAILURE_PROTOCOL,
			    "%zu bytes came behind the server's last word before TLS: nobody may "
			    "put words in front of a handshake",
			    length - s->used);
	if (r == IO_AGAIN && length >= STARTTLS_MAX)
		return fail(why, FAILURE_SIZE, "more than %d bytes and no TLS yet", STARTTLS_MAX);
	return r;
}

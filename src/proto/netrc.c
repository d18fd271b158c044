/* SPDX-License-Identifier: MIT */
/* netrc.c - who logs in where, by the text of a .netrc file. */
#include <string.h>
#include <strings.h>

#include <sockutil/proto/netrc.h>

enum word {
	WORD,
	WORD_END,    /* of the text */
	WORD_BROKEN, /* a quote without an end: what follows cannot be told apart */
};

/* Invariant: at <= length. */
struct reader {
	const char *text;
	size_t length, at;
	char word[NETRC_WORD_MAX];
	bool cut; /* word is longer than that, or has a NUL: it is nobody's name or password */
};

static bool more(const struct reader *r)
{
	return r->at < r->length;
}

static bool is_line_end(char byte)
{
	return byte == '\n' || byte == '\r';
}

static bool is_blank(char byte)
{
	return byte == ' ' || (byte >= '\t' && byte <= '\r'); /* as isspace(3) in the C locale */
}

static void skip_line(struct reader *r)
{
	while (more(r) && r->text[r->at] != '\n')
		r->at++;
	if (more(r))
		r->at++;
}

static void put(struct reader *r, size_t *written, char byte)
{
	if (*written + 1 >= sizeof(r->word) || !byte)
		r->cut = true;
	else
		r->word[(*written)++] = byte;
	r->word[*written] = '\0';
}

static char unescaped(char byte)
{
	switch (byte) {
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	default:
		return byte;
	}
}

/* Behind the opening quote. A quoted word ends in its line, as curl has it. */
static enum word read_quoted(struct reader *r)
{
	size_t written = 0;
	bool escape = false;

	for (; more(r) && r->text[r->at] != '\n'; r->at++) {
		const char byte = r->text[r->at];

		if (!escape && byte == '"') {
			r->at++;
			return WORD;
		}
		if (escape || byte != '\\')
			put(r, &written, escape ? unescaped(byte) : byte);
		escape = !escape && byte == '\\';
	}
	return WORD_BROKEN;
}

/* The next word; a comment reaches from a word's place to the end of the line. */
static enum word read_word(struct reader *r)
{
	size_t written = 0;

	r->word[0] = '\0';
	r->cut = false;
	while (more(r) && (is_blank(r->text[r->at]) || r->text[r->at] == '#')) {
		if (r->text[r->at] == '#')
			skip_line(r);
		else
			r->at++;
	}
	if (!more(r))
		return WORD_END;
	if (r->text[r->at] == '"') {
		r->at++;
		return read_quoted(r);
	}
	while (more(r) && !is_blank(r->text[r->at]))
		put(r, &written, r->text[r->at++]);
	return WORD;
}

/* A macro reaches to the next empty line. */
static void skip_macro(struct reader *r)
{
	skip_line(r);
	while (more(r) && !is_line_end(r->text[r->at]))
		skip_line(r);
}

static bool is(const struct reader *r, const char *word)
{
	return !r->cut && strcasecmp(r->word, word) == 0;
}

/* What is known while the words go by. */
struct search {
	struct netrc_entry entry;
	const char *host, *login;
	bool ours;     /* the entry is for host, or the default */
	bool unusable; /* and has a word that is cut */
};

/* "machine" and "default" start an entry. */
static enum word start_entry(struct search *s, struct reader *r)
{
	const bool everyone = is(r, "default");
	const enum word result = everyone ? WORD : read_word(r);

	memset(&s->entry, 0, sizeof(s->entry));
	s->unusable = false;
	s->ours = everyone || (result == WORD && is(r, s->host));
	return result;
}

static enum word read_value(struct search *s, struct reader *r, char out[static NETRC_WORD_MAX],
			    bool *has)
{
	const enum word result = read_word(r);

	if (result != WORD)
		return result;
	s->unusable = s->unusable || r->cut;
	memcpy(out, r->word, sizeof(r->word));
	*has = true;
	return WORD;
}

static enum word read_member(struct search *s, struct reader *r)
{
	char account[NETRC_WORD_MAX];
	bool ignored;

	if (is(r, "login"))
		return read_value(s, r, s->entry.login, &s->entry.has_login);
	if (is(r, "password"))
		return read_value(s, r, s->entry.password, &s->entry.has_password);
	if (is(r, "account"))
		return read_value(s, r, account, &ignored);
	if (is(r, "macdef"))
		skip_macro(r);
	return WORD;
}

static bool is_wanted(const struct search *s)
{
	return s->ours &&
	       (!s->login || (s->entry.has_login && strcmp(s->entry.login, s->login) == 0));
}

bool netrc_find(struct netrc_entry *out, const char *text, size_t length, const char *host,
		const char *login)
{
	struct reader r = { .text = text, .length = length };
	struct search s = { .host = host, .login = login };
	enum word result;

	while ((result = read_word(&r)) == WORD) {
		if (!is(&r, "machine") && !is(&r, "default")) {
			result = read_member(&s, &r);
		} else {
			if (is_wanted(&s))
				break;
			result = start_entry(&s, &r);
		}
		if (result != WORD)
			break;
	}
	if (result == WORD_BROKEN || !is_wanted(&s) || s.unusable)
		return false;
	*out = s.entry;
	return true;
}

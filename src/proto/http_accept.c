/* SPDX-License-Identifier: MIT */
/* http_accept.c - which content codings a client takes, in its order. */
#include <string.h>
#include <strings.h>

#include <sockutil/proto/http_accept.h>

enum { UNSAID = -1 };

struct coding {
	const char *name, *alias, *suffix;
};

static const struct coding codings[HTTP_ACCEPT_CODINGS] = {
	[HTTP_ACCEPT_BROTLI] = { .name = "br", .suffix = ".br" },
	[HTTP_ACCEPT_ZSTD] = { .name = "zstd", .suffix = ".zst" },
	/* RFC 9110, 8.4.1.3: the alias is the same coding. */
	[HTTP_ACCEPT_GZIP] = { .name = "gzip", .alias = "x-gzip", .suffix = ".gz" },
	[HTTP_ACCEPT_IDENTITY] = { .name = "identity", .suffix = "" },
};

/* Thousandths, UNSAID for what was not named; any: of the asterisk. */
struct weights {
	int of[HTTP_ACCEPT_CODINGS];
	int any;
};

/* "0", "0.5", "1.000" (RFC 9110, 12.4.2) as thousandths; -1: none of them. */
static int weight_parse(const char *text, size_t length)
{
	int weight, place = 100;

	if (!length || (*text != '0' && *text != '1') || length > strlen("0.000") ||
	    (length > 1 && text[1] != '.'))
		return -1;
	weight = (*text - '0') * 1000;
	for (size_t i = 2; i < length; i++, place /= 10) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		weight += (text[i] - '0') * place;
	}
	return weight <= 1000 ? weight : -1;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

/* What stands behind the name: nothing, or ";q=0.5" with blanks around the semicolon; -1:
 * something else. */
static int weight_of(const char *text, size_t length)
{
	const char *end = text + length;

	if (!length)
		return 1000;
	while (text < end && blank(*text))
		text++;
	if (text == end || *text++ != ';')
		return -1;
	while (text < end && blank(*text))
		text++;
	if (end - text < 2 || (*text | 0x20) != 'q' || text[1] != '=')
		return -1;
	return weight_parse(text + 2, (size_t)(end - text - 2));
}

static bool is(const char *text, size_t length, const char *name)
{
	return name && strlen(name) == length && !strncasecmp(text, name, length);
}

/* The first word about a coding counts. */
static void element_take(struct weights *weights, const char *text, size_t length)
{
	size_t name = 0;
	int weight;

	while (name < length && text[name] != ';' && !blank(text[name]))
		name++;
	weight = weight_of(text + name, length - name);
	if (weight < 0)
		return;
	if (is(text, name, "*") && weights->any == UNSAID)
		weights->any = weight;
	for (size_t i = 0; i < HTTP_ACCEPT_CODINGS; i++) {
		if ((is(text, name, codings[i].name) || is(text, name, codings[i].alias)) &&
		    weights->of[i] == UNSAID)
			weights->of[i] = weight;
	}
}

static void fields_take(struct weights *weights, const struct http_head *head)
{
	const struct http_field *field = NULL;

	while ((field = http_head_find(head, "Accept-Encoding", field))) {
		const char *element;
		size_t cursor = 0, length;

		while (http_list_next(field->value, field->value_length, &cursor, &element,
				      &length))
			element_take(weights, element, length);
	}
}

/* Keeps the order of those that weigh the same. */
static size_t insert(enum http_accept_coding *out, size_t count, enum http_accept_coding coding,
		     const int *of)
{
	size_t at = count;

	for (; at > 0 && of[out[at - 1]] < of[coding]; at--)
		out[at] = out[at - 1];
	out[at] = coding;
	return count + 1;
}

size_t http_accept_codings(enum http_accept_coding out[static HTTP_ACCEPT_CODINGS],
			   const struct http_head *head)
{
	struct weights weights = { .of = { UNSAID, UNSAID, UNSAID, UNSAID }, .any = UNSAID };
	size_t count = 0;

	fields_take(&weights, head);
	for (int i = 0; i < HTTP_ACCEPT_CODINGS; i++) {
		if (weights.of[i] == UNSAID)
			weights.of[i] = weights.any;
		if (weights.of[i] > 0)
			count = insert(out, count, (enum http_accept_coding)i, weights.of);
	}
	if (weights.of[HTTP_ACCEPT_IDENTITY] == UNSAID || !count)
		out[count++] = HTTP_ACCEPT_IDENTITY;
	return count;
}

const char *http_accept_coding_name(enum http_accept_coding coding)
{
	return codings[coding].name;
}

const char *http_accept_coding_suffix(enum http_accept_coding coding)
{
	return codings[coding].suffix;
}

/* SPDX-License-Identifier: MIT */
/* http_condition.c - conditions of requests against what is there. */
#include <string.h>

#include <sockutil/proto/http_condition.h>
#include <sockutil/proto/http_date.h>

/* What stands between the quotes, and whether W/ was in front. */
struct tag {
	const char *text;
	size_t length;
	bool weak;
};

static bool tag_character(char c)
{
	const unsigned char byte = (unsigned char)c;

	return byte > ' ' && byte != '"' && byte != 0x7f;
}

/* One entity tag at the start of text (RFC 9110, 8.8.3: nothing is escaped in it); bytes taken, 0:
 * none is there. */
static size_t tag_take(struct tag *out, const char *text, size_t length)
{
	size_t at = 0;

	out->weak = length > 2 && !memcmp(text, "W/", 2);
	at += out->weak ? 2 : 0;
	if (at == length || text[at++] != '"')
		return 0;
	out->text = text + at;
	while (at < length && tag_character(text[at]))
		at++;
	if (at == length || text[at] != '"')
		return 0;
	out->length = (size_t)(text + at - out->text);
	return at + 1;
}

static bool same(const struct tag *a, const struct tag *b, bool strongly)
{
	if (strongly && (a->weak || b->weak))
		return false;
	return a->length == b->length && !memcmp(a->text, b->text, a->length);
}

static bool between(char c)
{
	return c == ' ' || c == '\t' || c == ',';
}

/* Whether one of the tags of a line is that one. */
static bool line_has(const struct http_field *field, const struct tag *wanted, bool strongly)
{
	const char *text = field->value, *end = text + field->value_length;

	while (text < end) {
		struct tag tag;
		const size_t taken = tag_take(&tag, text, (size_t)(end - text));

		if (!taken || (text + taken < end && !between(text[taken])))
			return false;
		if (same(&tag, wanted, strongly))
			return true;
		for (text += taken; text < end && between(*text);)
			text++;
	}
	return false;
}

/* Whether If-Match or If-None-Match, which is there, names what is there. */
static bool matches(const struct http_head *head, const char *name,
		    const struct http_validators *now, bool strongly)
{
	const struct http_field *field = NULL;
	struct tag wanted = { 0 };
	const bool tagged = now->exists && now->etag &&
			    tag_take(&wanted, now->etag, strlen(now->etag)) == strlen(now->etag);

	while ((field = http_head_find(head, name, field))) {
		if (field->value_length == 1 && *field->value == '*')
			return now->exists;
		if (tagged && line_has(field, &wanted, strongly))
			return true;
	}
	return false;
}

/* The date of a field that is there once and has one. */
static bool date_of(const struct http_head *head, const char *name, int64_t *seconds)
{
	const struct http_field *field = http_head_find(head, name, NULL);

	return field && !http_head_find(head, name, field) &&
	       http_date_parse(field->value, field->value_length, seconds);
}

static bool known(const struct http_validators *now)
{
	return now->exists && now->modified != HTTP_MODIFIED_UNKNOWN;
}

/* What protects against changing what others have changed. */
static bool still_the_same(const struct http_head *head, const struct http_validators *now)
{
	int64_t since;

	if (http_head_find(head, "If-Match", NULL))
		return matches(head, "If-Match", now, true);
	if (known(now) && date_of(head, "If-Unmodified-Since", &since))
		return now->modified <= since;
	return true;
}

enum http_condition http_condition_check(const struct http_head *head, bool reads,
					 const struct http_validators *now)
{
	int64_t since;

	if (!still_the_same(head, now))
		return HTTP_CONDITION_FAILED;
	if (http_head_find(head, "If-None-Match", NULL)) {
		if (!matches(head, "If-None-Match", now, false))
			return HTTP_CONDITION_GO;
		return reads ? HTTP_CONDITION_NOT_MODIFIED : HTTP_CONDITION_FAILED;
	}
	if (reads && known(now) && date_of(head, "If-Modified-Since", &since) &&
	    now->modified <= since)
		return HTTP_CONDITION_NOT_MODIFIED;
	return HTTP_CONDITION_GO;
}

bool http_condition_if_range(const struct http_head *head, const struct http_validators *now,
			     int64_t now_s)
{
	const struct http_field *field = http_head_find(head, "If-Range", NULL);
	struct tag wanted, given;
	int64_t date;

	if (!field)
		return true;
	if (!now->exists || http_head_find(head, "If-Range", field))
		return false;
	if (tag_take(&given, field->value, field->value_length) == field->value_length &&
	    field->value_length)
		return now->etag && tag_take(&wanted, now->etag, strlen(now->etag)) &&
		       same(&given, &wanted, true);
	return known(now) && date_of(head, "If-Range", &date) && date == now->modified &&
	       now->modified < now_s;
}

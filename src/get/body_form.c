/* SPDX-License-Identifier: MIT */
/* src/get/body_form.c - --form: multipart/form-data (RFC 7578). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/base/random.h>
#include <sockutil/get/body_parts.h>

enum { BOUNDARY_RANDOM = 24, BOUNDARY_MAX = BOUNDARY_RANDOM + 24, SHOWN = 100 };

/* Pieces of the user's text; NULL: not given. */
struct form_part {
	const char *text; /* all of it */
	const char *name, *value, *type, *filename;
	size_t name_length, value_length, type_length, filename_length;
	char kind; /* '=' text, '@' upload, '<' a file's text */
};

/* --- reading ---------------------------------------------------------------------------------- */

static bool form_wrong(const struct form_part *p, const char *what, struct failure *why)
{
	fail(why, FAILURE_USAGE, "--form %.*s: %s", SHOWN, p->text, what);
	return false;
}

static bool form_is_plain(const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)bytes[i] < ' ' || bytes[i] == '\177')
			return false;
	return true;
}

/* The first of the words that may stand behind a file's name. */
static const char *form_next_word(const char *text)
{
	const char *type = strstr(text, ";type=");
	const char *filename = strstr(text, ";filename=");

	if (!type || !filename)
		return type ? type : filename;
	return type < filename ? type : filename;
}

static bool form_read_word(struct form_part *p, const char **at, struct failure *why)
{
	const bool is_type = strncmp(*at, ";type=", 6) == 0;
	const char *value = strchr(*at, '=') + 1;
	const char *next = form_next_word(value);
	const size_t length = next ? (size_t)(next - value) : strlen(value);

	*at = next;
	if (length == 0)
		return form_wrong(p, is_type ? "type= is empty" : "filename= is empty", why);
	if (is_type ? p->type != NULL : p->filename != NULL)
		return form_wrong(p, is_type ? "type= is there twice" : "filename= is there twice",
				  why);
	if (!is_type) {
		p->filename = value;
		p->filename_length = length;
		return true;
	}
	p->type = value;
	p->type_length = length;
	return (form_is_plain(value, length) && memchr(value, '/', length)) ||
	       form_wrong(p, "type= is no media type, such as text/plain", why);
}

static bool form_read_file(struct form_part *p, struct failure *why)
{
	const char *at = form_next_word(p->value);

	if (at)
		p->value_length = (size_t)(at - p->value);
	while (at)
		if (!form_read_word(p, &at, why))
			return false;
	if (p->value_length == 0)
		return form_wrong(p, "no file is named", why);
	if (p->kind == '<' && p->filename)
		return form_wrong(p, "filename= belongs to an upload, NAME=@FILE", why);
	return true;
}

static bool form_read(struct form_part *p, const char *text, struct failure *why)
{
	const char *equals = strchr(text, '=');

	*p = (struct form_part){ .text = text, .name = text, .kind = '=' };
	if (!equals || equals == text)
		return form_wrong(
			p, "is not NAME=TEXT, NAME=@FILE[;type=T][;filename=N] or NAME=<FILE", why);
	p->name_length = (size_t)(equals - text);
	if (!form_is_plain(p->name, p->name_length))
		return form_wrong(p, "a control character is in the name", why);
	p->value = equals + 1;
	if (*p->value == '@' || *p->value == '<')
		p->kind = *p->value++;
	p->value_length = strlen(p->value);
	return p->kind == '=' || form_read_file(p, why);
}

/* --- writing ---------------------------------------------------------------------------------- */

static bool form_add(struct body_maker *m, const char *text, struct failure *why)
{
	return body_add_text(m, text, strlen(text), why);
}

/* The HTML standard, "multipart/form-data encoding algorithm". */
static bool form_add_quoted(struct body_maker *m, const char *bytes, size_t length,
			    struct failure *why)
{
	bool ok = form_add(m, "\"", why);

	for (size_t i = 0; ok && i < length; i++)
		switch (bytes[i]) {
		case '"':
			ok = form_add(m, "%22", why);
			break;
		case '\r':
			ok = form_add(m, "%0D", why);
			break;
		case '\n':
			ok = form_add(m, "%0A", why);
			break;
		default:
			ok = body_add_text(m, bytes + i, 1, why);
		}
	return ok && form_add(m, "\"", why);
}

static bool form_add_filename(struct body_maker *m, const struct form_part *p, const char *file,
			      struct failure *why)
{
	const char *slash = strrchr(file, '/');
	const char *name = slash ? slash + 1 : file;

	if (p->kind != '@')
		return true;
	if (!form_add(m, "; filename=", why))
		return false;
	return p->filename ? form_add_quoted(m, p->filename, p->filename_length, why)
			   : form_add_quoted(m, name, strlen(name), why);
}

static bool form_add_type(struct body_maker *m, const struct form_part *p, const char *file,
			  struct failure *why)
{
	if (!p->type && p->kind != '@')
		return true;
	if (!form_add(m, "\r\nContent-Type: ", why))
		return false;
	return p->type ? body_add_text(m, p->type, p->type_length, why)
		       : form_add(m, body_type_of(file), why);
}

static bool form_add_part(struct body_maker *m, const struct form_part *p, const char *boundary,
			  struct failure *why)
{
	char *file = memory_zeroed(1, p->value_length + 1);
	bool ok;

	memcpy(file, p->value, p->value_length);
	ok = form_add(m, "--", why) && form_add(m, boundary, why) &&
	     form_add(m, "\r\nContent-Disposition: form-data; name=", why) &&
	     form_add_quoted(m, p->name, p->name_length, why) &&
	     form_add_filename(m, p, file, why) && form_add_type(m, p, file, why) &&
	     form_add(m, "\r\n\r\n", why);
	if (ok)
		ok = p->kind == '=' ? form_add(m, file, why) : body_add_file(m, file, why);
	free(file);
	return ok && form_add(m, "\r\n", why);
}

/* As unlikely in a file as anything. */
static const char *form_boundary(char out[static BOUNDARY_MAX + 1])
{
	const size_t dashes = BOUNDARY_MAX - BOUNDARY_RANDOM;

	memset(out, '-', dashes);
	random_text(out + dashes, BOUNDARY_RANDOM);
	return out;
}

struct get_body *get_body_form(const char *const *parts, size_t count, struct failure *why)
{
	struct body_maker m = { 0 };
	struct form_part part;
	char boundary[BOUNDARY_MAX + 1], type[BOUNDARY_MAX + 40];
	bool ok = true;

	form_boundary(boundary);
	for (size_t i = 0; ok && i < count; i++)
		ok = form_read(&part, parts[i], why) && form_add_part(&m, &part, boundary, why);
	ok = ok && form_add(&m, "--", why) && form_add(&m, boundary, why) &&
	     form_add(&m, "--\r\n", why);
	snprintf(type, sizeof(type), "multipart/form-data; boundary=%s", boundary);
	return body_made(&m, memory_string(type), ok, why);
}

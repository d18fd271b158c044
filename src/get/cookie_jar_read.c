/* SPDX-License-Identifier: MIT */
/* src/get/cookie_jar_read.c - cookie files in the Netscape format, as curl reads them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include <sockutil/base/number.h>
#include <sockutil/get/cookie_jar_parts.h>
#include <sockutil/proto/cookie.h>

/* Room for the longest line that can be a cookie. */
enum { LINE_MAX_BYTES = 8192 };

enum { DOMAIN, BELOW, PATH, SECURE, EXPIRES, NAME, VALUE, FIELDS };

#define HTTP_ONLY "#HttpOnly_"

/* NULL, or what is wrong with a line. */
typedef const char *mistake;

/* What is left out. */
static char root[] = "/", nothing[] = "";

/* --- a line ----------------------------------------------------------------------------------- */

static mistake split(char *line, char *fields[static FIELDS])
{
	size_t count = 0;

	for (char *field; (field = strsep(&line, "\t"));) {
		/* Tabs in a row are one, as for curl: fields that may be empty can be left out. */
		if (!*field)
			continue;
		if (count == PATH && (strcmp(field, "TRUE") == 0 || strcmp(field, "FALSE") == 0))
			fields[count++] = root;
		if (count == FIELDS)
			return "more than seven fields with tabs between them";
		fields[count++] = field;
	}
	if (count == VALUE)
		fields[count++] = nothing;
	return count == FIELDS ? NULL : "not the seven fields of a cookie, with tabs between them";
}

static bool read_flag(const char *text, bool *out)
{
	*out = strcasecmp(text, "TRUE") == 0;
	return *out || strcasecmp(text, "FALSE") == 0;
}

/* Seconds since 1970, of which fractions do not count; 0 is a session's. */
static bool read_expires(const char *text, struct jar_cookie *c)
{
	const bool negative = *text == '-';
	const size_t length = strcspn(text + negative, ".");
	uint64_t seconds;

	if (!number_parse_bytes(text + negative, length, INT64_MAX, &seconds))
		return false;
	c->expires = negative ? -(int64_t)seconds : (int64_t)seconds;
	c->persistent = seconds != 0;
	return true;
}

/* In place: no dot in front, no port behind, lower case. */
static bool read_domain(char *text, struct jar_cookie *c)
{
	char *colon;

	if (*text == '.')
		text++;
	colon = strchr(text, ':');
	if (colon && colon[1 + strspn(colon + 1, "0123456789")] == '\0')
		*colon = '\0';
	for (char *at = text; *at; at++)
		if (*at >= 'A' && *at <= 'Z')
			*at |= 0x20;
	c->domain = text;
	return *text && *text != '.' && !strpbrk(text, " #/") && strlen(text) < COOKIE_DOMAIN_MAX;
}

/* In place, as curl does it: no quotes around it, a '/' in front and none behind. */
static bool read_path(char *text, struct jar_cookie *c)
{
	const bool quoted = *text == '"';
	size_t length = strlen(text += quoted);

	if (quoted && length > 0 && text[length - 1] == '"')
		text[--length] = '\0';
	while (length > 1 && text[length - 1] == '/')
		text[--length] = '\0';
	c->path = *text == '/' ? text : root;
	return length < COOKIE_PATH_MAX;
}

static bool has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	return false;
}

static mistake read_fields(char *fields[static FIELDS], struct jar_cookie *c)
{
	bool below;

	for (size_t i = 0; i < FIELDS; i++)
		if (has_control(fields[i]))
			return "a control character";
	if (!read_domain(fields[DOMAIN], c))
		return "the domain is no host's name";
	if (!read_flag(fields[BELOW], &below))
		return "the second field is neither TRUE nor FALSE";
	if (!read_path(fields[PATH], c))
		return "the path is too long";
	if (!read_flag(fields[SECURE], &c->secure))
		return "the fourth field is neither TRUE nor FALSE";
	if (!read_expires(fields[EXPIRES], c))
		return "the fifth field is not a time in seconds";
	c->name = fields[NAME];
	c->value = fields[VALUE];
	if (strlen(c->name) + strlen(c->value) >= COOKIE_TEXT_MAX)
		return "the cookie is longer than 4096 bytes";
	c->host_only = !below || cookie_host_is_address(c->domain);
	return NULL;
}

static mistake read_line(struct cookie_jar *jar, char *line, int64_t now)
{
	struct jar_cookie c = { 0 };
	char *fields[FIELDS];
	mistake wrong;

	line += strspn(line, " \t");
	c.http_only = strncmp(line, HTTP_ONLY, strlen(HTTP_ONLY)) == 0;
	if (c.http_only)
		line += strlen(HTTP_ONLY);
	line[strcspn(line, "\r")] = '\0';
	if (!*line || *line == '#')
		return NULL;
	wrong = split(line, fields);
	if (!wrong)
		wrong = read_fields(fields, &c);
	if (!wrong && cookie_prefix_holds(c.name, c.path, c.secure, c.host_only))
		cookie_jar_put(jar, &c, now);
	return wrong;
}

/* --- a file ----------------------------------------------------------------------------------- */

/* A line without its end; false at the end of the file. */
static bool get_line(FILE *file, char line[static LINE_MAX_BYTES], mistake *wrong)
{
	size_t length = 0;
	int c;

	*wrong = NULL;
	while ((c = getc(file)) != EOF && c != '\n' && !*wrong) {
		line[length++] = (char)c;
		if (c == '\0')
			*wrong = "a NUL byte";
		else if (length == LINE_MAX_BYTES)
			*wrong = "longer than any cookie";
	}
	line[*wrong ? 0 : length] = '\0';
	return c != EOF || length > 0;
}

static bool read_lines(struct cookie_jar *jar, FILE *file, const char *name, struct failure *why)
{
	const int64_t now = time(NULL);
	char line[LINE_MAX_BYTES];
	mistake wrong;

	for (unsigned long number = 1; get_line(file, line, &wrong); number++) {
		if (!wrong)
			wrong = read_line(jar, line, now);
		if (wrong) {
			fail(why, FAILURE_INPUT, "cookie file %s, line %lu: %s", name, number,
			     wrong);
			return false;
		}
	}
	if (ferror(file))
		fail_errno(why, FAILURE_INPUT, errno, "cannot read the cookie file %s", name);
	return !ferror(file);
}

static FILE *open_file(const char *file)
{
	const bool standard_input = strcmp(file, "-") == 0;
	const int fd = standard_input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
				      : open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	FILE *opened = fd < 0 ? NULL : fdopen(fd, "r");

	if (fd >= 0 && !opened)
		close(fd);
	return opened;
}

bool cookie_jar_read(struct cookie_jar *jar, const char *file, bool optional, struct failure *why)
{
	FILE *opened = open_file(file);
	bool done;

	if (!opened && optional && errno == ENOENT)
		return true;
	if (!opened) {
		fail_errno(why, FAILURE_INPUT, errno, "cannot open the cookie file %s", file);
		return false;
	}
	done = read_lines(jar, opened, file, why);
	fclose(opened);
	return done;
}

/* SPDX-License-Identifier: MIT */
/* Files of rules: --allow @FILE. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/net/access_rule.h>

/* The longest rule: a name of 253 bytes. */
enum { RULE_MAX = 256 };

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Without comment and blanks around. */
static const char *trim(const char *line, size_t *length)
{
	const char *comment = memchr(line, '#', *length);

	if (comment)
		*length = (size_t)(comment - line);
	while (*length > 0 && is_blank(line[*length - 1]))
		(*length)--;
	while (*length > 0 && is_blank(*line)) {
		line++;
		(*length)--;
	}
	return line;
}

static bool refuse(struct failure *why, const char *file, unsigned line, const char *reason)
{
	fail(why, FAILURE_USAGE, "%s:%u: %s", file, line, reason);
	return false;
}

static bool parse_line(struct access_rules *rules, const char *file, unsigned line,
		       const char *bytes, size_t length, struct failure *why)
{
	const char *text = trim(bytes, &length);
	char rule_text[RULE_MAX];
	struct failure inner = { 0 };
	struct access_rule rule;

	if (length == 0)
		return true;
	if (memchr(text, '\0', length))
		return refuse(why, file, line, "a NUL byte");
	if (length >= sizeof(rule_text))
		return refuse(why, file, line, "longer than any rule");
	memcpy(rule_text, text, length);
	rule_text[length] = '\0';
	if (!access_rule_parse(&rule, rule_text, &inner)) {
		fail(why, inner.class, "%s:%u: %s: %s", file, line, rule_text, inner.text);
		return false;
	}
	rule.file = file;
	rule.line = line;
	if (access_rules_add(rules, &rule, text, length, &inner))
		return true;
	fail(why, inner.class, "%s:%u: %s", file, line, inner.text);
	return false;
}

bool access_file_parse(struct access_rules *rules, const char *file, const char *bytes,
		       size_t length, struct failure *why)
{
	unsigned line = 1;

	while (length > 0) {
		const char *newline = memchr(bytes, '\n', length);
		size_t used = newline ? (size_t)(newline - bytes) : length;

		if (!parse_line(rules, file, line++, bytes, used, why))
			return false;
		used += newline != NULL;
		bytes += used;
		length -= used;
	}
	return true;
}

/* Up to room bytes; the number, or -1 with errno. */
static ssize_t read_up_to(int fd, char *bytes, size_t room)
{
	size_t length = 0;

	while (length < room) {
		ssize_t n = read(fd, bytes + length, room - length);

		if (n == 0)
			break;
		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0)
			length += (size_t)n;
	}
	return (ssize_t)length;
}

/* A pipe would be empty when it is read again, and no rules are not the same as the old ones.
 * Opened without waiting for a writer. */
static int open_regular(const char *file, struct failure *why)
{
	struct stat status;
	int fd = open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &status) < 0) {
		fail_errno(why, FAILURE_INPUT, errno, "cannot read the rules in %s", file);
	} else if (!S_ISREG(status.st_mode)) {
		fail(why, FAILURE_INPUT,
		     "cannot read the rules in %s: not a regular file (it is read again on SIGHUP)",
		     file);
	} else {
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

bool access_file_read(struct access_rules *rules, const char *file, struct failure *why)
{
	char *bytes = NULL;
	ssize_t length;
	bool parsed = false;
	int fd = open_regular(file, why);

	if (fd < 0)
		return false;
	bytes = malloc(ACCESS_FILE_MAX + 1);
	length = bytes ? read_up_to(fd, bytes, ACCESS_FILE_MAX + 1) : -1;
	if (length < 0)
		fail_errno(why, FAILURE_INPUT, errno, "cannot read the rules in %s", file);
	else if (length > ACCESS_FILE_MAX)
		fail(why, FAILURE_INPUT, "cannot read the rules in %s: larger than 1 MiB", file);
	else
		parsed = access_file_parse(rules, file, bytes, (size_t)length, why);
	free(bytes);
	close(fd);
	return parsed;
}

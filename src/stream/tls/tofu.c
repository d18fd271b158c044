/* SPDX-License-Identifier: MIT */
/* tofu.c - a file of known keys. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/stream/tls/tofu.h>

enum { KNOWN_KEYS_MAX = 16 << 20 }; /* bytes */

/* "[2001:db8::1]:443", "example.org:443" */
static void peer_text(char *out, size_t size, const char *host, const char *port)
{
	size_t length = strlen(host);
	bool bracket = strchr(host, ':') != NULL;

	if (length > 1 && host[length - 1] == '.')
		length--;
	snprintf(out, size, "%s%.*s%s:%s", bracket ? "[" : "", (int)length, host,
		 bracket ? "]" : "", port);
	for (char *c = out; *c; c++)
		*c = (char)tolower((unsigned char)*c);
}

/* The key in a line about this peer, or NULL. Cuts the line. */
static const char *line_key(char *line, const char *peer)
{
	char *rest = NULL;
	const char *name = strtok_r(line, " \t\r\n", &rest);
	const char *key = name ? strtok_r(NULL, " \t\r\n", &rest) : NULL;

	return key && !strcasecmp(name, peer) ? key : NULL;
}

static enum tofu_answer search(FILE *file, const char *name, const char *peer, const char *pin,
			       struct failure *why)
{
	enum tofu_answer answer = TOFU_UNKNOWN;
	char *line = NULL;
	size_t size = 0;

	for (int number = 1; answer != TOFU_KNOWN && getline(&line, &size, file) >= 0; number++) {
		const char *key = line[0] == '#' ? NULL : line_key(line, peer);

		if (!key)
			continue;
		if (!strcmp(key, pin)) {
			answer = TOFU_KNOWN;
		} else if (answer == TOFU_UNKNOWN) {
			fail(why, FAILURE_PIN,
			     "the key of %s is not the known one: %s line %d has %s, the peer "
			     "shows %s; "
			     "somebody may be in between, or the key was changed: then remove that "
			     "line",
			     peer, name, number, key, pin);
			answer = TOFU_DIFFERS;
		}
	}
	if (answer != TOFU_KNOWN && ferror(file)) {
		fail_errno(why, FAILURE_INPUT, errno, "cannot read --tofu %s", name);
		answer = TOFU_FAILED;
	}
	free(line);
	return answer;
}

static bool lock(int fd, short kind)
{
	struct flock region = { .l_type = kind, .l_whence = SEEK_SET };

	while (fcntl(fd, F_SETLKW, &region) != 0)
		if (errno != EINTR)
			return false;
	return true;
}

/* NULL with errno 0: it is no file of lines, and why says so. Never waits, as a FIFO would. */
static FILE *open_known(const char *file, int flags, const char *mode, struct failure *why)
{
	struct stat status;
	FILE *stream = NULL;
	int fd = open(file, flags | O_NONBLOCK | O_CLOEXEC, 0600);

	if (fd < 0)
		return NULL;
	if (fstat(fd, &status) == 0 &&
	    (!S_ISREG(status.st_mode) || status.st_size > KNOWN_KEYS_MAX)) {
		fail(why, FAILURE_INPUT, "--tofu %s: %s", file,
		     S_ISREG(status.st_mode) ? "larger than 16 MiB" : "not a regular file");
		errno = 0;
	} else {
		stream = fdopen(fd, mode);
	}
	if (!stream)
		close(fd);
	return stream;
}

enum tofu_answer tofu_ask(const char *file, const char *host, const char *port, const char *pin,
			  struct failure *why)
{
	char peer[400];
	enum tofu_answer answer = TOFU_UNKNOWN;
	FILE *stream = open_known(file, O_RDONLY, "r", why);

	if (!stream && errno == ENOENT)
		return TOFU_UNKNOWN;
	if (!stream && errno == 0)
		return TOFU_FAILED;
	if (!stream || !lock(fileno(stream), F_RDLCK)) {
		fail_errno(why, FAILURE_INPUT, errno, "cannot read --tofu %s", file);
		answer = TOFU_FAILED;
	} else {
		peer_text(peer, sizeof(peer), host, port);
		answer = search(stream, file, peer, pin, why);
	}
	if (stream)
		fclose(stream);
	return answer;
}

/* A file whose last line somebody left without its newline gets one first. */
static bool append(FILE *stream, const char *peer, const char *pin)
{
	int fd = fileno(stream);
	char last = '\n';
	char line[500];
	struct stat status;
	int length = 0;

	if (fstat(fd, &status) != 0 ||
	    (status.st_size > 0 && pread(fd, &last, 1, status.st_size - 1) != 1))
		return false;
	length = snprintf(line, sizeof(line), "%s%s %s\n", last == '\n' ? "" : "\n", peer, pin);
	return write(fd, line, (size_t)length) == length && fsync(fd) == 0;
}

enum tofu_answer tofu_add(const char *file, const char *host, const char *port, const char *pin,
			  struct failure *why)
{
	char peer[400];
	enum tofu_answer answer = TOFU_FAILED;
	FILE *stream = open_known(file, O_RDWR | O_CREAT | O_APPEND, "r+", why);

	if (!stream && errno == 0)
		return TOFU_FAILED;
	peer_text(peer, sizeof(peer), host, port);
	if (stream && lock(fileno(stream), F_WRLCK)) {
		/* Looked at again under the lock: another program may have been first. */
		answer = search(stream, file, peer, pin, why);
		if (answer == TOFU_UNKNOWN && append(stream, peer, pin))
			answer = TOFU_KNOWN;
	}
	if (answer == TOFU_FAILED || answer == TOFU_UNKNOWN) {
		fail_errno(why, FAILURE_OUTPUT, errno, "cannot write --tofu %s", file);
		answer = TOFU_FAILED;
	}
	if (stream)
		fclose(stream);
	return answer;
}

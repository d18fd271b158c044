/* SPDX-License-Identifier: MIT */
/* src/get/cookie_jar_write.c - cookie files in the Netscape format, as curl writes them. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sockutil/base/memory.h>
#include <sockutil/base/random.h>
#include <sockutil/get/cookie_jar_parts.h>

/* --- the text --------------------------------------------------------------------------------- */

/* Others look for exactly the first line before they take it for a cookie file. */
static const char heading[] = "# Netscape HTTP Cookie File\n"
			      "# Written by sockutil, which replaces it whole; edit it while none "
			      "is running.\n\n";

static const char *flag(bool set)
{
	return set ? "TRUE" : "FALSE";
}

static bool add_cookie(struct buffer *out, const struct jar_cookie *c)
{
	return buffer_format(out, "%s%s%s\t%s\t%s\t%s\t%" PRId64 "\t%s\t%s\n",
			     c->http_only ? "#HttpOnly_" : "", c->host_only ? "" : ".", c->domain,
			     flag(!c->host_only), c->path, flag(c->secure),
			     c->persistent ? c->expires : 0, c->name, c->value);
}

static bool add_all(struct buffer *out, const struct cookie_jar *jar)
{
	const int64_t now = time(NULL);
	bool added = buffer_add(out, heading, strlen(heading));

	for (size_t i = 0; added && i < jar->count; i++)
		if (!jar_cookie_expired(jar->cookies[i], now))
			added = add_cookie(out, jar->cookies[i]);
	return added;
}

/* --- the file: each returns 0 or an errno value ----------------------------------------------- */

static int write_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		const ssize_t written = write(fd, bytes, length);

		if (written >= 0) {
			bytes += written;
			length -= (size_t)written;
		} else if (errno == EAGAIN) {
			/* Standard output as somebody left it to us. */
			poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, -1);
		} else if (errno != EINTR) {
			return errno;
		}
	}
	return 0;
}

/* Forced to disk before the name is its own: after a power cut it is the old file or the new one.
 */
static int write_new(const char *name, const struct buffer *text)
{
	const int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int error;

	if (fd < 0)
		return errno;
	error = write_all(fd, buffer_bytes(text), text->length);
	if (!error && fsync(fd) != 0)
		error = errno;
	if (close(fd) != 0 && !error)
		error = errno;
	return error;
}

static int replace(const char *path, const struct buffer *text)
{
	enum { SUFFIX = 8 };
	const size_t size = strlen(path) + 1 + SUFFIX + 1;
	char *name = memory_zeroed(1, size), suffix[SUFFIX + 1];
	int error;

	random_text(suffix, SUFFIX);
	snprintf(name, size, "%s.%s", path, suffix);
	error = write_new(name, text);
	if (!error && rename(name, path) != 0)
		error = errno;
	if (error && error != EEXIST)
		unlink(name);
	free(name);
	return error;
}

static int write_as_it_is(const char *path, const struct buffer *text)
{
	const int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	int error;

	if (fd < 0)
		return errno;
	error = write_all(fd, buffer_bytes(text), text->length);
	if (close(fd) != 0 && !error)
		error = errno;
	return error;
}

/* The file behind links is replaced, not the link. */
static int write_file(const char *file, const struct buffer *text)
{
	char *real = realpath(file, NULL);
	const char *path = real ? real : file;
	struct stat status;
	int error;

	if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
		error = write_as_it_is(path, text);
	else
		error = replace(path, text);
	free(real);
	return error;
}

bool cookie_jar_write(const struct cookie_jar *jar, const char *file, struct failure *why)
{
	const bool standard_output = strcmp(file, "-") == 0;
	struct buffer text = { 0 };
	int error = ENOMEM;

	if (add_all(&text, jar))
		error = standard_output ? write_all(STDOUT_FILENO, buffer_bytes(&text), text.length)
					: write_file(file, &text);
	memory_wipe(buffer_bytes(&text), text.length);
	buffer_free(&text);
	if (error)
		fail_errno(why, error == EPIPE ? FAILURE_READER_GONE : FAILURE_OUTPUT, error,
			   "cannot write the cookies to %s",
			   standard_output ? "standard output" : file);
	return !error;
}

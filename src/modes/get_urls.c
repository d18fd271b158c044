/* SPDX-License-Identifier: MIT */
/* src/modes/get_urls.c - which URLs are fetched, one after another, and where each goes. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/base/memory.h>
#include <sockutil/modes/get.h>

enum { PIECE = 16 * 1024 };

/* --- operands ------------------------------------------------------------------------ */

/* Where "user:password@" ends in a URL; its host starts there. */
static const char *behind_user(const char *url, const char **scheme_end)
{
	const char *scheme = strstr(url, "://"), *host = scheme ? scheme + 3 : url, *at;
	const char *end = host + strcspn(host, "/?#");

	*scheme_end = host;
	while ((at = memchr(host, '@', (size_t)(end - host))))
		host = at + 1;
	return host;
}

/* The argument list is for everybody to read: a password is kept in the copy alone. */
static char *copy_operand(char *url)
{
	const char *scheme_end, *host = behind_user(url, &scheme_end);
	char *copy = memory_string(url);

	if (host != scheme_end)
		memory_wipe(url, strlen(url));
	return copy;
}

static bool check_operand(const struct get_args *a, const char *url, struct failure *why)
{
	if (strcmp(url, "-") != 0 && *url)
		return true;
	if (!*url)
		fail(why, FAILURE_USAGE, "an empty word is no URL");
	else if (a->continuing)
		fail(why, FAILURE_USAGE,
		     "- is no URL: --continue (-C) takes no number, what is there says where; "
		     "leave the - out");
	else if (a->remote_name)
		fail(why, FAILURE_USAGE,
		     "- is no URL: -O takes no name here; -o - is standard output");
	else
		fail(why, FAILURE_USAGE,
		     "- is no URL: --input-file - reads URLs from standard input, -o - writes to "
		     "standard output");
	return false;
}

static bool is_stdout(const char *file)
{
	return !strcmp(file, "-") || !strcmp(file, "/dev/stdout");
}

/* Whether the n-th URL's body goes there. */
static bool goes_to_stdout(const struct get_args *a, size_t n)
{
	if (a->head)
		return false;
	if (n < a->output.count)
		return is_stdout(a->output.items[n]);
	return !a->remote_name && !a->remote_header_name && !a->directory;
}

/* What nobody sees is not mixed. */
static bool stdout_is_null(void)
{
	struct stat ours, null;

	return fstat(STDOUT_FILENO, &ours) == 0 && stat("/dev/null", &null) == 0 &&
	       S_ISCHR(ours.st_mode) && ours.st_rdev == null.st_rdev;
}

static bool mixed(struct failure *why)
{
	fail(why, FAILURE_USAGE,
	     "--parallel: several bodies would be mixed on standard output; -O, -P or an -o each "
	     "gives them files");
	return false;
}

static bool check_together(const struct get_args *a, size_t count, struct failure *why)
{
	size_t to_stdout = 0;

	for (size_t i = 0; i < count; i++)
		to_stdout += goes_to_stdout(a, i);
	if (a->parallel && to_stdout > 1 && !stdout_is_null())
		return mixed(why);
	if (a->output.count > count && !a->input_file) {
		fail(why, FAILURE_USAGE,
		     "-o was given %zu times for %zu URL%s: the n-th is the n-th URL's",
		     a->output.count, count, count == 1 ? "" : "s");
		return false;
	}
	return true;
}

/* Two readers of it would each get a part. */
static bool check_stdin(const struct get_args *a, struct failure *why)
{
	const char *other = a->upload && !strcmp(a->upload, "-")          ? "--upload -"
			    : a->data_json && !strcmp(a->data_json, "@-") ? "--data-json @-"
									  : NULL;

	for (size_t i = 0; !other && i < a->data.count; i++)
		other = !strcmp(a->data.items[i], "@-") ? "--data @-" : NULL;
	if (!other || !a->input_file || strcmp(a->input_file, "-") != 0)
		return true;
	fail(why, FAILURE_USAGE, "--input-file - and %s cannot both have standard input", other);
	return false;
}

/* --- --input-file -------------------------------------------------------------------- */

static bool open_file(struct get_urls *u, const char *file, struct failure *why)
{
	bool standard = !strcmp(file, "-");

	u->file = standard ? "standard input" : file;
	/* A FIFO must not hold up everything until somebody writes to it. */
	u->fd = standard ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (u->fd < 0)
		fail_errno(why, FAILURE_INPUT, errno, "--input-file: %s", file);
	return u->fd >= 0;
}

static void close_file(struct get_urls *u)
{
	if (u->fd > STDERR_FILENO)
		close(u->fd);
	u->fd = -1;
}

/* Standard input keeps its flags, so it is asked first. */
static bool can_read(int fd)
{
	struct pollfd wanted = { .fd = fd, .events = POLLIN };

	return poll(&wanted, 1, 0) > 0;
}

static enum io read_more(struct get_urls *u, struct failure *why)
{
	char *room = buffer_reserve(&u->read, PIECE);
	ssize_t n;

	if (!room)
		return fail(why, FAILURE_OTHER, "out of memory for %s", u->file);
	if (!can_read(u->fd))
		return IO_AGAIN;
	n = read(u->fd, room, PIECE);
	if (n > 0)
		buffer_commit(&u->read, (size_t)n);
	if (n >= 0)
		return n ? IO_DONE : IO_END;
	if (errno == EAGAIN || errno == EINTR)
		return IO_AGAIN;
	return fail_errno(why, FAILURE_INPUT, errno, "--input-file: %s", u->file);
}

/* It is that URL's failure alone. */
static enum io bad_line(struct get_urls *u, const char *what, struct failure *why)
{
	fail(why, FAILURE_URL, "%s: line %" PRIu64 ": %s", u->file, u->line, what);
	return IO_DONE;
}

static char *trimmed_copy(const char *bytes, size_t length)
{
	char *copy;

	for (; length && strchr(" \t\r", bytes[length - 1]); length--)
		;
	for (; length && strchr(" \t", *bytes); length--)
		bytes++;
	if (!length || *bytes == '#')
		return NULL;
	copy = memory_zeroed(length + 1, 1);
	memcpy(copy, bytes, length);
	return copy;
}

/* The rest of a line that was too long. */
static enum io skip_line(struct get_urls *u)
{
	const char *end =
		u->read.length ? memchr(buffer_bytes(&u->read), '\n', u->read.length) : NULL;

	u->skipping = !end && !u->ended;
	buffer_take(&u->read, end ? (size_t)(end - buffer_bytes(&u->read)) + 1 : u->read.length);
	return u->skipping ? IO_AGAIN : IO_DONE;
}

/* The next line, without blanks around it, in *line for free(); IO_DONE with NULL for one that says
 * nothing, or is none (why). */
static enum io take_line(struct get_urls *u, char **line, struct failure *why)
{
	const char *bytes = buffer_bytes(&u->read), *end;
	enum io r = IO_DONE;
	size_t length;

	end = u->read.length ? memchr(bytes, '\n', u->read.length) : NULL;
	if (!end && !u->ended && u->read.length < URL_MAX)
		return IO_AGAIN;
	if (!end && !u->read.length)
		return IO_END;
	u->line++;
	length = end ? (size_t)(end - bytes) : u->read.length;
	if (length >= URL_MAX)
		r = bad_line(u, "longer than a URL may be", why);
	else if (memchr(bytes, '\0', length))
		r = bad_line(u, "holds a NUL", why);
	else
		*line = trimmed_copy(bytes, length);
	if (end)
		buffer_take(&u->read, length + 1);
	else
		skip_line(u);
	return r;
}

static enum io next_line(struct get_urls *u, char **line, struct failure *why)
{
	enum io r = IO_DONE;

	*line = NULL;
	while (!*line && r == IO_DONE && why->class == FAILURE_NONE) {
		r = u->skipping ? skip_line(u) : take_line(u, line, why);
		if (r != IO_AGAIN)
			continue;
		r = read_more(u, why);
		u->ended = r == IO_END;
		if (u->ended)
			r = IO_DONE;
	}
	return r;
}

/* --- items --------------------------------------------------------------------------- */

static void choose_output(struct get_item *item, const struct get_args *a)
{
	bool named = item->index < a->output.count;
	enum output_naming rest = a->remote_header_name            ? OUTPUT_DISPOSITION
				  : a->remote_name || a->directory ? OUTPUT_REMOTE_NAME
								   : OUTPUT_STDOUT;

	item->output = (struct output_options){
		.naming = named ? OUTPUT_FILE : rest,
		.file = named ? a->output.items[item->index] : NULL,
		.directory = a->directory,
		.create_dirs = a->create_dirs,
		.no_clobber = a->no_clobber,
		.continuing = a->continuing,
		.binary_to_terminal = named && is_stdout(a->output.items[item->index]),
	};
	if (a->head)
		item->output = (struct output_options){ .naming = OUTPUT_STDOUT };
}

static struct get_item *item_new(struct get_urls *u, char *url)
{
	struct get_item *item = memory_zeroed(1, sizeof *item);
	const char *scheme_end, *host = behind_user(url, &scheme_end);

	item->index = u->given++;
	item->url = url;
	snprintf(item->shown, sizeof item->shown, "%.*s%s", (int)(scheme_end - url), url, host);
	choose_output(item, u->args);
	if (u->args->parallel)
		item->trace.number = (unsigned)item->index + 1;
	return item;
}

static enum io next_url(struct get_urls *u, char **url, struct failure *why)
{
	if (u->given < u->operand_count) {
		*url = memory_string(u->operands[u->given]);
		return IO_DONE;
	}
	return u->fd < 0 ? IO_END : next_line(u, url, why);
}

static enum io at_end(struct get_urls *u, struct failure *why)
{
	close_file(u);
	if (u->args->output.count > u->given)
		return fail(why, FAILURE_USAGE,
			    "-o was given %zu times, but %s ended with %zu URLs in all",
			    u->args->output.count, u->file, u->given);
	return IO_END;
}

enum io get_urls_next(struct get_urls *u, struct get_item **item, struct failure *why)
{
	char *url = NULL;
	enum io r = next_url(u, &url, why);

	*item = NULL;
	if (r == IO_END)
		return at_end(u, why);
	if (r == IO_DONE && !url)
		u->given++;
	if (r != IO_DONE || !url)
		return r;
	u->to_stdout += goes_to_stdout(u->args, u->given);
	*item = item_new(u, url);
	if (u->args->parallel && u->to_stdout > 1 && !stdout_is_null()) {
		get_item_free(*item);
		*item = NULL;
		mixed(why);
		return IO_FAILED;
	}
	return IO_DONE;
}

void get_item_free(struct get_item *item)
{
	if (!item)
		return;
	memory_wipe(item->url, strlen(item->url));
	free(item->url);
	free(item);
}

/* --- begin and end -------------------------------------------------------------------- */

/* curl's -s is a flag: here it takes what follows. */
static bool no_url(const struct get_args *a, struct failure *why)
{
	if (a->common.source && strchr(a->common.source, '/'))
		fail(why, FAILURE_USAGE,
		     "-s is --source here and took \"%s\"; curl's -s is --quiet (-q)",
		     a->common.source);
	else
		fail(why, FAILURE_USAGE, "no URL was given, as in: sockutil get www.example.org");
	return false;
}

bool get_urls_open(struct get_urls *u, const struct get_args *a, char **operands, size_t count,
		   struct failure *why)
{
	u->args = a;
	u->fd = -1;
	u->operands = memory_zeroed(count + 1, sizeof *u->operands);
	u->operand_count = count;
	for (size_t i = 0; i < count; i++)
		u->operands[i] = copy_operand(operands[i]);
	for (size_t i = 0; i < count; i++)
		if (!check_operand(a, u->operands[i], why))
			return false;
	if (!count && !a->input_file)
		return no_url(a, why);
	return check_together(a, count, why) && check_stdin(a, why) &&
	       (!a->input_file || open_file(u, a->input_file, why));
}

bool get_urls_several(const struct get_urls *u)
{
	return u->operand_count > 1 || u->args->input_file;
}

bool get_urls_to_stdout(const struct get_urls *u)
{
	for (size_t i = 0; i < u->operand_count; i++)
		if (goes_to_stdout(u->args, i))
			return true;
	return u->args->input_file && goes_to_stdout(u->args, u->args->output.count);
}

void get_urls_free(struct get_urls *u)
{
	close_file(u);
	buffer_free(&u->read);
	for (size_t i = 0; i < u->operand_count; i++) {
		memory_wipe(u->operands[i], strlen(u->operands[i]));
		free(u->operands[i]);
	}
	free(u->operands);
	*u = (struct get_urls){ .fd = -1 };
}

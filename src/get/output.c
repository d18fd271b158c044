/* SPDX-License-Identifier: MIT */
/* src/get/output.c - where a body goes: from the decision to the end. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/memory.h>
#include <sockutil/get/output_parts.h>
#include <sockutil/stream/layer_stdio.h>

/* --- start and end ---------------------------------------------------------------------------- */

static char *new_url(const struct url *url)
{
	char text[URL_MAX];

	return memory_string(url_text(text, sizeof(text), url));
}

struct output *output_new(const struct output_options *options, const struct url *url,
			  struct failure *why)
{
	struct output *o = memory_zeroed(1, sizeof(*o));

	o->options = *options;
	if (options->continuing)
		o->url = new_url(url);
	o->descriptor = o->fd = -1;
	if (output_name_decide(o, url, why) && (!options->continuing || o->kind != OUTPUT_TO_FILE ||
						!o->folder || output_part_find(o, why)))
		return o;
	output_free(o);
	return NULL;
}

void output_free(struct output *o)
{
	if (!o)
		return;
	output_abandon(o, false);
	output_folder_release(o->folder);
	free(o->path);
	free(o->proposal);
	free(o->url);
	free(o->validator);
	free(o->label);
	free(o->kept);
	free(o);
}

/* --- what is known ---------------------------------------------------------------------------- */

const char *output_name(const struct output *o)
{
	return o->kind == OUTPUT_TO_STDOUT ? "standard output" : o->path;
}

static const char *known_name(const struct output *o)
{
	const char *name = output_name(o);

	return name ? name : "output";
}

bool output_target_time(const struct output *o, int64_t *modified)
{
	if (o->target_exists)
		*modified = o->target.st_mtime;
	return o->target_exists;
}

bool output_is_regular(const struct output *o)
{
	return o->kind == OUTPUT_TO_FILE;
}

uint64_t output_written(const struct output *o)
{
	return o->scattered ? o->placed : o->sink.written;
}

uint64_t output_held(struct output *o, struct validator *validator, bool *foreign)
{
	uint64_t held;

	output_validator_clear(validator);
	*foreign = o->foreign;
	if (o->kind != OUTPUT_TO_FILE || o->state == OUTPUT_OVER)
		return 0;
	if (o->validator &&
	    !output_validator_parse(o->validator, strlen(o->validator), validator, &held))
		output_validator_clear(validator);
	return o->opened ? output_written(o) : o->part_size;
}

/* --- open ------------------------------------------------------------------------------------- */

static struct stream *open_failed(const struct output *o, struct failure *why)
{
	if (errno == ENXIO && o->descriptor < 0)
		fail(why, FAILURE_OUTPUT, "%s: nobody reads it", o->path);
	else
		fail(why, FAILURE_OUTPUT, "%s: %s", o->path, strerror(errno));
	why->error = errno;
	return NULL;
}

/* One that we were started with; our own are nobody's output. */
static int open_inherited(int descriptor)
{
	const int flags = fcntl(descriptor, F_GETFD);

	if (flags < 0)
		return -1;
	if (!(flags & FD_CLOEXEC))
		return fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
	errno = EBADF;
	return -1;
}

/* Never created, never emptied. Waiting in open(2) for the reader of a FIFO would stop
 * everything. */
static struct stream *open_special(struct output *o, struct failure *why)
{
	int fd;

	if (o->sink.stream.below)
		return &o->sink.stream;
	fd = o->descriptor >= 0 ? open_inherited(o->descriptor)
				: open(o->path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return open_failed(o, why);
	output_sink_over(&o->sink, layer_stdio_new(-1, fd, NULL, o->path), false);
	return &o->sink.stream;
}

static struct stream *open_stdout(struct output *o)
{
	struct stream *below = output_stdout();
	const bool terminal = layer_stdio_kind(below, STREAM_WRITE) == STDIO_TERMINAL;

	output_sink_over(&o->sink, below, terminal && !o->options.binary_to_terminal);
	return &o->sink.stream;
}

/* A file that could not have been opened for writing is not replaced either. */
static bool target_is_writable(const struct output *o, struct failure *why)
{
	if (!o->target_exists || faccessat(o->folder->fd, o->base, W_OK, AT_EACCESS) == 0 ||
	    errno == ENOENT)
		return true;
	fail_errno(why, FAILURE_OUTPUT, errno, "%s", o->path);
	return false;
}

/* Everything anew: a file from elsewhere stays what it was until the new one is whole. */
static bool open_anew(struct output *o, struct failure *why)
{
	if (o->adopted) {
		output_part_put_back(o, o->foreign_size);
		if (!output_look(o, why))
			return false;
	}
	o->foreign = false;
	if (o->fd < 0 && !output_file_create(o, why))
		return false;
	if (o->is_part)
		output_label_remove(o);
	return true;
}

static bool open_file_at(struct output *o, uint64_t offset, struct failure *why)
{
	const uint64_t held = o->opened ? output_written(o) : o->part_size;

	if (offset == 0)
		return open_anew(o, why);
	if (offset != held) {
		fail(why, FAILURE_OUTPUT, "%s: %llu bytes are there to be continued, not %llu",
		     o->path, (unsigned long long)held, (unsigned long long)offset);
		return false;
	}
	return o->fd >= 0 || output_part_adopt(o, why);
}

/* A part says at least where it is from. */
static void open_validator(struct output *o, const struct validator *validator)
{
	struct buffer text = { 0 };
	bool ok = true;

	free(o->validator);
	o->validator = NULL;
	if (validator && validator->url[0])
		ok = output_validator_text(&text, validator, UINT64_MAX);
	else if (o->url)
		ok = buffer_format(&text, "url %s\n", o->url);
	if (ok && text.length > 0 && buffer_text(&text))
		o->validator = memory_string(buffer_text(&text));
	buffer_free(&text);
}

static struct stream *open_file(struct output *o, uint64_t offset,
				const struct validator *validator, struct failure *why)
{
	const bool created = o->fd < 0 && offset == 0;

	open_validator(o, validator);
	if ((!o->opened && !target_is_writable(o, why)) || !open_file_at(o, offset, why))
		return NULL;
	o->opened = true;
	output_all_add(o);
	/* A new file is empty, and its position the start. */
	if ((!created || o->is_part) && !output_file_position(o, offset, why))
		return NULL;
	o->state = OUTPUT_OPEN;
	o->scattered = false;
	if (validator && output_validator_identifies(validator))
		o->foreign = false;
	if (o->is_part)
		output_label_write(o);
	output_sink_file(&o->sink, o->fd, offset, o->path);
	return &o->sink.stream;
}

struct stream *output_open(struct output *o, uint64_t offset, const char *disposition,
			   const struct validator *validator, struct failure *why)
{
	struct stream *sink = NULL;

	if (o->kind == OUTPUT_TO_FILE) {
		if (o->path || output_name_propose(o, disposition, why))
			sink = output_name_settle(o, why) ? open_file(o, offset, validator, why)
							  : NULL;
	} else if (offset > 0 || o->sink.written > 0) {
		fail(why, FAILURE_OUTPUT, "%s: cannot be continued at a position", output_name(o));
	} else {
		sink = o->kind == OUTPUT_TO_STDOUT ? open_stdout(o) : open_special(o, why);
	}
	if (sink)
		o->state = OUTPUT_OPEN;
	return sink;
}

/* --- while it is open ------------------------------------------------------------------------- */

void output_scatter(struct output *o)
{
	if (o->kind != OUTPUT_TO_FILE || o->state != OUTPUT_OPEN)
		return;
	o->scattered = true;
	o->placed = o->sink.written;
	if (o->is_part)
		output_label_write(o);
}

void output_placed(struct output *o, uint64_t end)
{
	o->placed = end;
}

void output_forced(struct output *o)
{
	o->forced = true;
}

bool output_suspend(struct output *o)
{
	if (o->state == OUTPUT_OPEN)
		o->state = OUTPUT_SUSPENDED;
	if (o->kind != OUTPUT_TO_FILE)
		return o->sink.written == 0;
	o->sink.fd = -1;
	return true;
}

/* --- the end ---------------------------------------------------------------------------------- */

static bool commit_special(struct output *o, struct failure *why)
{
	struct stream *below = o->sink.stream.below;
	struct stat status;
	const int fd = stream_fd(below, STREAM_WRITE);
	enum io r = IO_DONE;

	o->sink.stream.below = NULL;
	/* What is written to a disk without a file system has to arrive as well. */
	if (fstat(fd, &status) == 0 && S_ISBLK(status.st_mode) && fsync(fd) != 0)
		r = fail_errno(why, FAILURE_OUTPUT, errno, "%s", o->path);
	if (r == IO_DONE)
		r = stream_end(below, why);
	stream_free(below);
	return r != IO_FAILED;
}

bool output_commit(struct output *o, int64_t modified, struct failure *why)
{
	const bool opened = o->state == OUTPUT_OPEN || o->state == OUTPUT_SUSPENDED;

	o->state = OUTPUT_OVER;
	output_all_remove(o);
	if (!opened) {
		fail(why, FAILURE_OTHER, "%s: nothing was written to it", known_name(o));
		return false;
	}
	if (o->kind == OUTPUT_TO_STDOUT)
		return true;
	if (o->kind == OUTPUT_TO_SPECIAL)
		return commit_special(o, why);
	return output_commit_file(o, modified, why);
}

static void abandon_special(struct output *o)
{
	if (o->kind == OUTPUT_TO_SPECIAL)
		stream_free(o->sink.stream.below);
	o->sink.stream.below = NULL;
}

static void abandon_kept(struct output *o, const char *suffix)
{
	const size_t size = strlen(o->path) + strlen(suffix) + 1;

	o->kept = memory_zeroed(1, size);
	snprintf(o->kept, size, "%s%s", o->path, suffix);
}

/* What came names what it is a part of. */
static bool abandon_is_part(const struct output *o)
{
	struct validator v;
	uint64_t held;

	return output_written(o) > 0 && o->validator &&
	       output_validator_parse(o->validator, strlen(o->validator), &v, &held) &&
	       output_validator_identifies(&v);
}

static void abandon_file(struct output *o, bool keep)
{
	if (keep && abandon_is_part(o) && output_part_keep(o)) {
		abandon_kept(o, ".part");
	} else if (o->adopted) {
		if (output_part_put_back(o, keep ? output_written(o) : o->foreign_size) && keep)
			abandon_kept(o, "");
	} else {
		output_file_remove(o);
	}
}

/* One of an earlier run, as it was found. */
static void abandon_found(struct output *o)
{
	if (o->part_size > 0 && o->is_part)
		abandon_kept(o, ".part");
	output_file_close(o);
}

const char *output_abandon(struct output *o, bool keep)
{
	if (o->state == OUTPUT_OVER)
		return o->kept;
	output_all_remove(o);
	if (o->kind != OUTPUT_TO_FILE)
		abandon_special(o);
	else if (o->fd >= 0 && o->opened)
		abandon_file(o, keep);
	else if (o->fd >= 0)
		abandon_found(o);
	o->state = OUTPUT_OVER;
	return o->kept;
}

/* SPDX-License-Identifier: MIT */
/* src/connect/client_local.c - the local side of a client: its files, or its program. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/connect/client_parts.h>
#include <sockutil/connect/kept_local.h>
#include <sockutil/stream/layer_line_editor.h>
#include <sockutil/stream/layer_stdio.h>

static bool is_standard(const char *file)
{
	return !file || strcmp(file, "-") == 0;
}

static bool open_input(struct client *c, struct failure *why)
{
	const char *file = c->options->input;

	c->input = STDIN_FILENO;
	if (is_standard(file))
		return true;
	/* A FIFO must not hold up everything until somebody writes to it. */
	c->input = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (c->input < 0)
		fail_errno(why, FAILURE_INPUT, errno, "%s", file);
	return c->input >= 0;
}

static bool is_regular(const struct stat *st)
{
	return S_ISREG(st->st_mode);
}

/* Replacing the file that is to be sent would empty it first; adding to it would never end. */
static bool check_output(const struct client *c, struct failure *why)
{
	const struct client_options *o = c->options;
	struct stat input, output;

	if (is_standard(o->output) || o->relay.recv_only || fstat(c->input, &input) < 0 ||
	    stat(o->output, &output) < 0 || !is_regular(&input) || !is_regular(&output) ||
	    input.st_dev != output.st_dev || input.st_ino != output.st_ino)
		return true;
	fail(why, FAILURE_USAGE, "%s: the same file cannot be both input and output", o->output);
	return false;
}

bool client_check_files(struct client *c, struct failure *why)
{
	if (c->options->program)
		return true;
	if (!open_input(c, why))
		return false;
	if (check_output(c, why))
		return true;
	if (c->input > STDERR_FILENO)
		close(c->input);
	return false;
}

/* Only once connected: a refused connection leaves an old file as it is. ENXIO: a FIFO that nobody
 * reads yet; waiting for a reader in open(2) would stop the limits. */
static bool open_output(const struct client_options *o, int *output, struct failure *why)
{
	int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK | (o->append ? O_APPEND : O_TRUNC);

	*output = STDOUT_FILENO;
	if (is_standard(o->output))
		return true;
	*output = open(o->output, flags, 0666);
	if (*output < 0)
		fail_errno(why, FAILURE_OUTPUT, errno, "%s", o->output);
	return *output >= 0;
}

/* What it wrote may still be on its way, and what it started may go on writing. */
static void on_program_ended(void *data, int status)
{
	struct client *c = data;

	c->result->program_ended = true;
	c->result->program_status = status;
	if (c->outlived)
		ev_break(c->loop, EVBREAK_ALL);
	else
		relay_end_with_local(c->relay);
}

bool client_open_local(struct client *c, struct failure *why)
{
	const struct client_options *o = c->options;
	int output;

	if (o->program) {
		c->program = client_program_start(o->program, &c->result->stream, on_program_ended,
						  c, why);
		c->local = c->program ? program_stream(c->program) : NULL;
		return c->program != NULL;
	}
	if (o->edit) {
		c->local = layer_line_editor_new(c->loop, why);
		c->input = -1;
		if (c->local && o->reconnect)
			c->local = c->kept = kept_local_new(c->local);
		return c->local != NULL;
	}
	if (!open_output(o, &output, why))
		return false;
	c->local = layer_stdio_new(o->relay.recv_only ? -1 : c->input, output,
				   is_standard(o->input) ? "standard input" : o->input,
				   is_standard(o->output) ? "standard output" : o->output);
	c->input = -1;
	if (o->reconnect)
		c->local = c->kept = kept_local_new(c->local);
	return true;
}

void client_end_kept(struct client *c, struct failure *failure)
{
	struct failure output = { 0 };

	if (stream_end(c->kept->below, &output) == IO_FAILED && failure->class == FAILURE_NONE)
		*failure = output;
	if (failure->class == FAILURE_NONE)
		*failure = c->first_loss;
}

/* SPDX-License-Identifier: MIT */
#include "chat_joined.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/base/clock.h>

enum { PATIENCE_MS = 20000, TURNS = 64 };

static void over(void *data, int status)
{
	struct joined *j = data;

	cr_assert(!j->over, "it is over twice");
	j->over = true;
	j->status = status;
}

static void pipe_for(int number, int *ours)
{
	const bool reads = number == STDIN_FILENO;
	int ends[2];

	cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
	cr_assert_eq(dup2(ends[reads ? 0 : 1], number), number);
	close(ends[reads ? 0 : 1]);
	*ours = ends[reads ? 1 : 0];
}

void joined_prepare(struct joined *j)
{
	static const struct stream_options none;

	memset(j, 0, sizeof *j);
	j->options = (struct chat_client_options){
		.loop = ev_default_loop(EVFLAG_NOENV),
		.fd = -1,
		.stream = &none,
		.nick = "bob",
		.nick_chosen = true,
		.max_size = 1 << 20,
		.retry_delay_ms = 50,
		.over = over,
		.data = j,
	};
}

void joined_start(struct joined *j)
{
	struct failure why = { 0 };
	int pair[2];

	pipe_for(STDIN_FILENO, &j->input);
	pipe_for(STDOUT_FILENO, &j->output);
	pipe_for(STDERR_FILENO, &j->messages);
	cr_assert_eq(fcntl(j->output, F_SETFL, O_NONBLOCK), 0);
	cr_assert_eq(fcntl(j->messages, F_SETFL, O_NONBLOCK), 0);
	j->host = -1;
	if (!j->options.endpoint) {
		cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
		j->host = pair[1];
		j->options.fd = pair[0];
	}
	j->client = chat_client_new(&j->options, &why);
	cr_assert(j->client, "%s", why.text);
}

void joined_accept(struct joined *j, int listener)
{
	const int64_t until = clock_ms() + PATIENCE_MS;

	cr_assert_eq(fcntl(listener, F_SETFL, O_NONBLOCK), 0);
	while ((j->host = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) < 0) {
		cr_assert_lt(clock_ms(), until, "nobody came");
		ev_run(j->options.loop, EVRUN_NOWAIT);
		usleep(500);
	}
}

void joined_start_in(struct joined *j)
{
	joined_start(j);
	cr_assert_str_eq(joined_hear(j), "/hello chat/1 bob -");
	joined_say(j, "welcome bob lobby 7 0 secret\n");
	cr_assert_str_eq(joined_see(j), "* you are bob, in lobby");
}

void joined_turn(struct joined *j)
{
	for (int i = 0; i < TURNS && !j->over; i++)
		ev_run(j->options.loop, EVRUN_NOWAIT);
}

void joined_say(struct joined *j, const char *text)
{
	const size_t length = strlen(text);

	cr_assert_eq(send(j->host, text, length, MSG_NOSIGNAL), (ssize_t)length);
	joined_turn(j);
}

void joined_type(struct joined *j, const char *text)
{
	const size_t length = strlen(text);

	cr_assert_eq(write(j->input, text, length), (ssize_t)length);
	joined_turn(j);
}

/* Behind what is in buffer already. */
static void collect(char *buffer, size_t size, int fd, bool is_socket)
{
	const size_t length = strlen(buffer);
	ssize_t n = is_socket ? recv(fd, buffer + length, size - length - 1, MSG_DONTWAIT)
			      : read(fd, buffer + length, size - length - 1);

	buffer[length + (n > 0 ? (size_t)n : 0)] = '\0';
}

static bool take_line(char *buffer, char *line, size_t size)
{
	char *end = strchr(buffer, '\n');
	const size_t length = end ? (size_t)(end - buffer) : 0;

	if (!end)
		return false;
	cr_assert_lt(length, size);
	memcpy(line, buffer, length);
	line[length] = '\0';
	memmove(buffer, end + 1, strlen(end + 1) + 1);
	return true;
}

static const char *next(struct joined *j, char *buffer, int fd, bool is_socket)
{
	static char line[1 << 17];
	const int64_t until = clock_ms() + PATIENCE_MS;

	for (;;) {
		collect(buffer, sizeof j->heard, fd, is_socket);
		if (take_line(buffer, line, sizeof line))
			return line;
		cr_assert_lt(clock_ms(), until, "no line has come: \"%s\"", buffer);
		ev_run(j->options.loop, EVRUN_NOWAIT);
		usleep(500);
	}
}

const char *joined_hear(struct joined *j)
{
	return next(j, j->heard, j->host, true);
}

const char *joined_see(struct joined *j)
{
	return next(j, j->shown, j->output, false);
}

bool joined_is_silent(struct joined *j)
{
	joined_turn(j);
	if (j->host >= 0)
		collect(j->heard, sizeof j->heard, j->host, true);
	collect(j->shown, sizeof j->shown, j->output, false);
	return !j->heard[0] && !j->shown[0];
}

void joined_hang_up(struct joined *j)
{
	close(j->host);
	j->host = -1;
	joined_turn(j);
}

int joined_end(struct joined *j)
{
	const int64_t until = clock_ms() + PATIENCE_MS;

	while (!j->over) {
		cr_assert_lt(clock_ms(), until, "it does not end");
		ev_run(j->options.loop, EVRUN_NOWAIT);
		usleep(500);
	}
	return j->status;
}

const char *joined_log(struct joined *j)
{
	static char text[8192];

	text[0] = '\0';
	collect(text, sizeof text, j->messages, false);
	return text;
}

void joined_free(struct joined *j)
{
	struct failure why = { 0 };

	cr_assert(chat_client_free(j->client, &why), "%s", why.text);
	if (j->host >= 0)
		close(j->host);
	if (j->input >= 0)
		close(j->input);
	close(j->output);
	close(j->messages);
}

/* SPDX-License-Identifier: MIT */
/* fuzz_chat_client.c - a whole client between a host and a keyboard that say anything, in any
 * order: what it shows steers nothing, what it keeps is bounded, over comes once. */
#include "fuzz.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/base/log.h>
#include <sockutil/chat/clean.h>
#include <sockutil/chat/client_parts.h>

enum { TURNS = 4 };

struct round {
	int host, input, output;
	int overs;
};

static void over(void *data, int status)
{
	struct round *r = data;

	fuzz_check(status >= 0 && status < 256);
	r->overs++;
}

/* Messages would drown what the fuzzer says itself. */
static void begin_once(void)
{
	static const struct log_options quiet = { .file = "/dev/null" };
	static bool begun;
	struct failure why;

	if (!begun)
		fuzz_check(log_open(&quiet, &why));
	begun = true;
}

static void open_ends(struct round *r, struct chat_client_options *options)
{
	int pair[2], in[2], out[2];

	fuzz_check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) == 0);
	fuzz_check(pipe2(in, O_CLOEXEC | O_NONBLOCK) == 0);
	fuzz_check(pipe2(out, O_CLOEXEC | O_NONBLOCK) == 0);
	fuzz_check(dup2(in[0], STDIN_FILENO) == STDIN_FILENO);
	fuzz_check(dup2(out[1], STDOUT_FILENO) == STDOUT_FILENO);
	close(in[0]);
	close(out[1]);
	options->fd = pair[0];
	r->host = pair[1];
	r->input = in[1];
	r->output = out[0];
}

static void drain(struct round *r)
{
	char shown[65536], heard[65536];
	ssize_t n = read(r->output, shown, sizeof shown);

	for (ssize_t at = 0; at < n; at++)
		fuzz_check(shown[at] == '\n' || shown[at] == '\t' ||
			   (unsigned char)shown[at] >= ' ');
	while (recv(r->host, heard, sizeof heard, MSG_DONTWAIT) > 0)
		;
}

static void assert_sane(const struct chat_client *c)
{
	fuzz_check((c->stream == NULL) == (c->state == CLIENT_AWAY));
	fuzz_check(c->names.count <= CLIENT_NAMES_MAX);
	fuzz_check(c->sent.lines.count <= CLIENT_SENT_MAX);
	fuzz_check(c->typed.count <= CLIENT_TYPED_MAX);
	fuzz_check(c->in.length <= CLIENT_LINE_MAX + 16384);
	fuzz_check(strlen(c->nick) < sizeof c->nick && strlen(c->room) < sizeof c->room);
	fuzz_check(chat_is_clean(c->nick, strlen(c->nick)));
}

static void turn(struct round *r, const struct chat_client *c, struct ev_loop *loop)
{
	for (int i = 0; i < TURNS && !r->overs; i++)
		ev_run(loop, EVRUN_NOWAIT);
	drain(r);
	assert_sane(c);
}

/* What comes up to each NUL is the host's and what is typed, in turn. */
static void play(struct round *r, const struct chat_client *c, struct ev_loop *loop,
		 const uint8_t *data, size_t size)
{
	bool typed = false;

	while (size && !r->overs) {
		const uint8_t *end = memchr(data, '\0', size);
		const size_t length = end ? (size_t)(end - data) : size;

		if (typed)
			fuzz_check(length == 0 || write(r->input, data, length) >= 0);
		else
			send(r->host, data, length, MSG_NOSIGNAL);
		turn(r, c, loop);
		data += length + (end ? 1 : 0);
		size -= length + (end ? 1 : 0);
		typed = !typed;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ev_loop *loop = ev_default_loop(EVFLAG_NOENV);
	const uint8_t flags = (uint8_t)fuzz_byte(&data, &size);
	struct round r = { 0 };
	struct chat_client_options options = {
		.loop = loop,
		.nick = "bob",
		.nick_chosen = flags & 1,
		.directory = "/nowhere",
		.max_size = 1 << 20,
		.bell = flags & 2,
		.reconnect = flags & 4,
		.over = over,
		.data = &r,
	};
	struct failure why;
	struct chat_client *client;

	begin_once();
	open_ends(&r, &options);
	client = chat_client_new(&options, &why);
	fuzz_check(client != NULL);
	if (flags & 8)
		send(r.host, "welcome bob lobby 7 0 token\n", 28, MSG_NOSIGNAL);
	play(&r, client, loop, data, size);
	if (flags & 16)
		close(r.input);
	if (flags & 32)
		shutdown(r.host, SHUT_WR);
	if (flags & 64)
		chat_client_leave(client, "x");
	if (!r.overs)
		turn(&r, client, loop);
	fuzz_check(r.overs <= 1);
	chat_client_free(client, &why);
	if (!(flags & 16))
		close(r.input);
	close(r.host);
	close(r.output);
	return 0;
}

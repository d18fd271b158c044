/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/layer_socket.c
 * Holds: bytes go both ways and each direction ends on its own; the end of the peer is told
 * again and again; would-block is IO_AGAIN with the right wish; a reset is never an end: what
 * the kernel holds is read first, then it is FAILURE_RECEIVE when nothing was sent and
 * FAILURE_SEND when anything was, whichever call met it, also through the spliced pump; no call
 * raises SIGPIPE; settle waits for the peer's kernel (TCP), longer each time, not for a Unix
 * peer, whose queue has it all, and tells a late reset; a half-close is sent once and is no
 * failure for one who sent nothing; an inherited socket is not spliced and its flags stay; abort
 * resets. */
#include "stream_sockets.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/stream/layer_socket.h>
#include <sockutil/stream/socket_kernel.h>

static int peer;
static struct stream *s;
static struct failure why;

static void over_tcp(void)
{
	int pair[2];

	sockets_tcp_pair(pair);
	s = layer_socket_new(pair[0], true);
	peer = pair[1];
}

static void over_unix(void)
{
	int pair[2];

	sockets_unix_pair(pair);
	s = layer_socket_new(pair[0], true);
	peer = pair[1];
}

static void tear_down(void)
{
	stream_free(s);
}

TestSuite(layer_socket, .fini = tear_down);

static int fd(void)
{
	return stream_fd(s, STREAM_READ);
}

/* Reads until something else than bytes comes; returns that. */
static enum io read_all(size_t *total)
{
	char block[4096];
	enum io r;
	size_t n;

	*total = 0;
	for (;;) {
		r = stream_read(s, block, sizeof block, &n, &why);
		if (r == IO_AGAIN) {
			cr_assert(sockets_wait(fd(), POLLIN));
			continue;
		}
		if (r != IO_DONE)
			return r;
		*total += n;
	}
}

static enum io write_byte(void)
{
	size_t n;

	return stream_write(s, "x", 1, &n, &why);
}

/* Writes until it fails. */
static void write_until_failure(void)
{
	enum io r;

	while ((r = write_byte()) != IO_FAILED)
		if (r == IO_AGAIN)
			cr_assert(sockets_wait(fd(), POLLOUT));
}

/* For what only a system that tells its send queue can do. */
static void skip_unless_queue_known(void)
{
	if (socket_kernel_unacknowledged(fd()) < 0)
		cr_skip_test("the send queue is not told here");
}

static enum io settle(void)
{
	enum io r;

	while ((r = stream_settle(s, &why)) == IO_AGAIN) {
		cr_assert_eq(stream_want(s, STREAM_WRITE), STREAM_WANT_TIME);
		poll(NULL, 0, (int)stream_wake_ms(s, STREAM_WRITE));
	}
	return r;
}

static void assert_failure(enum failure_class class, int error, const char *text)
{
	cr_assert_eq(why.class, class, "class %s: %s", failure_name(why.class), why.text);
	cr_assert_eq(why.error, error);
	cr_assert_str_eq(why.text, text);
	why = (struct failure){ 0 };
}

#define RESET      "connection reset by peer"
#define RESET_SENT "connection reset by peer; what was sent may be lost"
#define CLOSED     "connection closed by peer; what was sent may be lost"

Test(layer_socket, bytes_go_both_ways, .init = over_tcp)
{
	const struct iovec v[2] = { { (void *)"hel", 3 }, { (void *)"lo", 2 } };
	char bytes[8];
	size_t n;

	cr_assert_eq(stream_open(s, &why), IO_DONE);
	cr_assert_eq(stream_writev(s, v, 2, &n, &why), IO_DONE);
	cr_assert_eq(n, 5);
	cr_assert_eq(recv(peer, bytes, 5, MSG_WAITALL), 5);
	cr_assert_arr_eq(bytes, "hello", 5);
	sockets_give(peer, "yes", 3);
	cr_assert(sockets_wait(fd(), POLLIN));
	cr_assert_eq(stream_read(s, bytes, sizeof bytes, &n, &why), IO_DONE);
	cr_assert_eq(n, 3);
	cr_assert_arr_eq(bytes, "yes", 3);
	close(peer);
}

Test(layer_socket, each_direction_ends_on_its_own, .init = over_tcp)
{
	char byte;
	size_t n;

	cr_assert_eq(stream_end(s, &why), IO_DONE);
	cr_assert_eq(stream_end(s, &why), IO_DONE);
	cr_assert_eq(read(peer, &byte, 1), 0);
	sockets_give(peer, "late", 4);
	shutdown(peer, SHUT_WR);
	cr_assert_eq(read_all(&n), IO_END);
	cr_assert_eq(n, 4);
	cr_assert_eq(read_all(&n), IO_END);
	cr_assert_eq(settle(), IO_DONE);
	close(peer);
}

Test(layer_socket, would_block_is_again, .init = over_tcp)
{
	char byte;
	size_t n = 9;

	cr_assert_eq(stream_read(s, &byte, 1, &n, &why), IO_AGAIN);
	cr_assert_eq(n, 0);
	cr_assert_eq(stream_want(s, STREAM_READ), STREAM_WANT_READ);
	sockets_fill(fd());
	cr_assert_eq(write_byte(), IO_AGAIN);
	cr_assert_eq(stream_want(s, STREAM_WRITE), STREAM_WANT_WRITE);
	close(peer);
}

Test(layer_socket, bytes_before_a_reset_are_read_then_it_is_a_receive_failure, .init = over_tcp)
{
	static char bytes[100000];
	size_t n;

	sockets_give(peer, bytes, sizeof bytes);
	sockets_reset(peer);
	cr_assert_eq(read_all(&n), IO_FAILED);
	cr_assert_eq(n, sizeof bytes);
	assert_failure(FAILURE_RECEIVE, ECONNRESET, RESET);
	/* The kernel says "end" from now on; the stream does not. */
	cr_assert_eq(read_all(&n), IO_FAILED);
	assert_failure(FAILURE_RECEIVE, ECONNRESET, RESET);
	cr_assert_eq(settle(), IO_DONE);
	cr_assert_eq(stream_end(s, &why), IO_DONE);
	cr_assert_eq(write_byte(), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_SEND);
}

Test(layer_socket, a_reset_met_by_the_half_close_is_told_by_reading, .init = over_tcp)
{
	size_t n;

	sockets_give(peer, "abc", 3);
	sockets_reset(peer);
	cr_assert(sockets_wait_reset(fd()));
	cr_assert_eq(stream_end(s, &why), IO_DONE);
	cr_assert_eq(read_all(&n), IO_FAILED);
	cr_assert_eq(n, 3);
	assert_failure(FAILURE_RECEIVE, ECONNRESET, RESET);
}

Test(layer_socket, a_reset_met_in_writing_leaves_what_came_readable, .init = over_tcp)
{
	size_t n;

	sockets_give(peer, "abc", 3);
	sockets_reset(peer);
	cr_assert(sockets_wait_reset(fd()));
	cr_assert_eq(write_byte(), IO_FAILED);
	assert_failure(FAILURE_SEND, ECONNRESET, RESET_SENT);
	cr_assert_eq(write_byte(), IO_FAILED);
	assert_failure(FAILURE_SEND, ECONNRESET, RESET_SENT);
	cr_assert_eq(read_all(&n), IO_FAILED);
	cr_assert_eq(n, 3);
	assert_failure(FAILURE_SEND, ECONNRESET, RESET_SENT);
	cr_assert_eq(stream_end(s, &why), IO_FAILED);
	assert_failure(FAILURE_SEND, ECONNRESET, RESET_SENT);
}

Test(layer_socket, a_peer_that_closes_with_our_bytes_unread_is_a_send_failure, .init = over_tcp)
{
	size_t n;

	cr_assert_eq(write_byte(), IO_DONE);
	cr_assert(sockets_wait(peer, POLLIN));
	close(peer);
	cr_assert_eq(read_all(&n), IO_FAILED);
	assert_failure(FAILURE_SEND, ECONNRESET, RESET_SENT);
}

Test(layer_socket, a_peer_that_never_reads_and_resets_is_a_send_failure, .init = over_tcp)
{
	size_t n;

	while (write_byte() == IO_DONE)
		;
	sockets_reset(peer);
	cr_assert(sockets_wait_reset(fd()));
	cr_assert_eq(read_all(&n), IO_FAILED);
	assert_failure(FAILURE_SEND, ECONNRESET, RESET_SENT);
	cr_assert_eq(settle(), IO_FAILED);
	assert_failure(FAILURE_SEND, ECONNRESET, RESET_SENT);
}

Test(layer_socket, writing_to_a_peer_that_has_closed_fails, .init = over_tcp)
{
	size_t n;

	sockets_give(peer, "bye", 3);
	close(peer);
	write_until_failure();
	assert_failure(FAILURE_SEND, EPIPE, CLOSED);
	cr_assert_eq(read_all(&n), IO_FAILED);
	cr_assert_eq(n, 3);
	assert_failure(FAILURE_SEND, EPIPE, CLOSED);
}

Test(layer_socket, an_end_that_was_told_stays_one, .init = over_tcp)
{
	size_t n;

	close(peer);
	cr_assert_eq(read_all(&n), IO_END);
	write_until_failure();
	assert_failure(FAILURE_SEND, EPIPE, CLOSED);
	cr_assert_eq(read_all(&n), IO_END);
	cr_assert_eq(layer_socket_ended(s, &why), IO_END);
	cr_assert_eq(settle(), IO_FAILED);
	assert_failure(FAILURE_SEND, EPIPE, CLOSED);
}

Test(layer_socket, settle_tells_a_reset_that_nobody_met, .init = over_tcp)
{
	size_t n;

	cr_assert_eq(write_byte(), IO_DONE);
	cr_assert_eq(stream_end(s, &why), IO_DONE);
	cr_assert(sockets_wait(peer, POLLIN));
	close(peer);
	cr_assert(sockets_wait_reset(fd()));
	cr_assert_eq(settle(), IO_FAILED);
	assert_failure(FAILURE_SEND, ECONNRESET, RESET_SENT);
	cr_assert_eq(read_all(&n), IO_FAILED);
	assert_failure(FAILURE_SEND, ECONNRESET, RESET_SENT);
}

Test(layer_socket, settle_waits_longer_each_time_until_all_is_acknowledged, .init = over_tcp)
{
	int64_t last = 0;
	size_t filled;

	skip_unless_queue_known();
	filled = sockets_fill(fd());
	stream_moved(s, STREAM_WRITE, filled);
	for (int i = 0; i < 8; i++) {
		cr_assert_eq(stream_settle(s, &why), IO_AGAIN);
		cr_assert_eq(stream_want(s, STREAM_WRITE), STREAM_WANT_TIME);
		cr_assert(stream_wake_ms(s, STREAM_WRITE) >= last);
		last = stream_wake_ms(s, STREAM_WRITE);
	}
	cr_assert_eq(last, 50);
	cr_assert_eq(stream_wake_ms(s, STREAM_READ), 1);
	cr_assert_eq(stream_end(s, &why), IO_DONE);
	cr_assert_eq(sockets_drain(peer, NULL, 0), filled);
	cr_assert_eq(settle(), IO_DONE);
	close(peer);
}

Test(layer_socket, what_is_not_acknowledged_is_told_after_a_reset_too, .init = over_tcp)
{
	long queued;

	skip_unless_queue_known();
	cr_assert_eq(stream_unacknowledged(s), 0);
	while (write_byte() == IO_DONE)
		;
	queued = stream_unacknowledged(s);
	cr_assert(queued > 0);
	sockets_reset(peer);
	cr_assert(sockets_wait_reset(fd()));
	cr_assert(stream_unacknowledged(s) > 0);
	cr_assert_eq(settle(), IO_FAILED);
	cr_assert(stream_unacknowledged(s) > 0);
}

Test(layer_socket, settle_has_nothing_to_ask_when_nothing_was_sent, .init = over_tcp)
{
	cr_assert_eq(stream_settle(s, &why), IO_DONE);
	close(peer);
}

Test(layer_socket, a_unix_peer_has_what_was_sent, .init = over_unix)
{
	cr_assert_eq(write_byte(), IO_DONE);
	cr_assert_eq(stream_settle(s, &why), IO_DONE);
	close(peer);
}

Test(layer_socket, a_unix_peer_that_closes_with_our_bytes_unread_is_a_send_failure,
     .init = over_unix)
{
	size_t n;

	cr_assert_eq(write_byte(), IO_DONE);
	sockets_give(peer, "abc", 3);
	close(peer);
	cr_assert_eq(settle(), IO_FAILED);
	assert_failure(FAILURE_SEND, ECONNRESET, RESET_SENT);
	cr_assert_eq(read_all(&n), IO_FAILED);
	cr_assert_eq(n, 3);
	assert_failure(FAILURE_SEND, ECONNRESET, RESET_SENT);
}

Test(layer_socket, a_unix_peer_that_has_closed_breaks_writing, .init = over_unix)
{
	size_t n;

	close(peer);
	cr_assert_eq(write_byte(), IO_FAILED);
	assert_failure(FAILURE_SEND, EPIPE, CLOSED);
	cr_assert_eq(read_all(&n), IO_FAILED);
	assert_failure(FAILURE_SEND, EPIPE, CLOSED);
}

Test(layer_socket, the_spliced_pump_meets_the_same_reset, .init = over_tcp)
{
	size_t n;

	sockets_give(peer, "abc", 3);
	sockets_reset(peer);
	cr_assert(sockets_wait_reset(fd()));
	cr_assert_eq(layer_socket_failed(s, STREAM_READ, EAGAIN, &why), IO_AGAIN);
	cr_assert_eq(layer_socket_failed(s, STREAM_WRITE, EINTR, &why), IO_AGAIN);
	cr_assert_eq(layer_socket_failed(s, STREAM_READ, ECONNRESET, &why), IO_FAILED);
	assert_failure(FAILURE_RECEIVE, ECONNRESET, RESET);
	cr_assert_eq(layer_socket_ended(s, &why), IO_FAILED);
	assert_failure(FAILURE_RECEIVE, ECONNRESET, RESET);
	cr_assert_eq(read_all(&n), IO_FAILED);
	cr_assert_eq(n, 3);
	assert_failure(FAILURE_RECEIVE, ECONNRESET, RESET);
}

Test(layer_socket, a_splice_that_failed_in_writing_is_a_send_failure, .init = over_tcp)
{
	cr_assert_eq(layer_socket_failed(s, STREAM_WRITE, EPIPE, &why), IO_FAILED);
	assert_failure(FAILURE_SEND, EPIPE, CLOSED);
	cr_assert_eq(layer_socket_ended(s, &why), IO_FAILED);
	close(peer);
}

Test(layer_socket, bytes_moved_past_it_count_as_sent, .init = over_tcp)
{
	size_t n;

	stream_moved(s, STREAM_WRITE, 0);
	stream_moved(s, STREAM_READ, 10);
	cr_assert_eq(layer_socket_failed(s, STREAM_READ, ECONNRESET, &why), IO_FAILED);
	assert_failure(FAILURE_RECEIVE, ECONNRESET, RESET);
	stream_moved(s, STREAM_WRITE, 10);
	cr_assert_eq(layer_socket_ended(s, &why), IO_FAILED);
	assert_failure(FAILURE_SEND, ECONNRESET, RESET_SENT);
	close(peer);
	cr_assert_eq(read_all(&n), IO_FAILED);
}

Test(layer_socket, the_spliced_pump_ends_in_order, .init = over_tcp)
{
	size_t n;

	cr_assert_eq(layer_socket_ended(s, &why), IO_END);
	cr_assert_eq(read_all(&n), IO_END);
	close(peer);
}

Test(layer_socket, other_losses_keep_their_reason, .init = over_tcp)
{
	cr_assert_eq(layer_socket_failed(s, STREAM_READ, ETIMEDOUT, &why), IO_FAILED);
	assert_failure(FAILURE_RECEIVE, ETIMEDOUT, "connection lost: Connection timed out");
	close(peer);
}

Test(layer_socket, an_owned_socket_may_be_spliced, .init = over_tcp)
{
	cr_assert_eq(stream_raw_fd(s, STREAM_READ), fd());
	cr_assert_eq(stream_raw_fd(s, STREAM_WRITE), fd());
	close(peer);
}

Test(layer_socket, an_inherited_socket_never_blocks_and_keeps_its_flags)
{
	int pair[2];
	char byte;
	size_t n;

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	s = layer_socket_new(pair[0], false);
	cr_assert_eq(stream_raw_fd(s, STREAM_READ), -1);
	cr_assert_eq(stream_raw_fd(s, STREAM_WRITE), -1);
	cr_assert_eq(stream_read(s, &byte, 1, &n, &why), IO_AGAIN);
	sockets_fill(pair[0]);
	cr_assert_eq(write_byte(), IO_AGAIN);
	cr_assert_eq(fcntl(pair[0], F_GETFL) & O_NONBLOCK, 0);
	close(pair[1]);
}

Test(layer_socket, abort_resets_the_peer, .init = over_tcp)
{
	char byte;

	layer_socket_abort(s);
	stream_free(s);
	s = NULL;
	cr_assert_eq(read(peer, &byte, 1), -1);
	cr_assert_eq(errno, ECONNRESET);
	close(peer);
}

/* SPDX-License-Identifier: MIT */
/* src/relay/kernel_linux.c - sendfile(2) and splice(2) between descriptors. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <sockutil/relay/kernel.h>

enum { BURST = 1 << 20, PIPES_KEPT = 4 };

/* Empty pipes of relays at rest, so that an active one finds a large pipe ready. */
static int spare[PIPES_KEPT][2];
static int spare_count;

enum kind { KIND_OTHER, KIND_FILE, KIND_PIPE, KIND_SOCKET, KIND_NULL };

static enum kind kind_of(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return KIND_OTHER;
	if (S_ISREG(st.st_mode))
		return KIND_FILE;
	if (S_ISFIFO(st.st_mode))
		return KIND_PIPE;
	if (S_ISSOCK(st.st_mode))
		return KIND_SOCKET;
	if (S_ISCHR(st.st_mode) && major(st.st_rdev) == 1 && minor(st.st_rdev) == 3)
		return KIND_NULL;
	return KIND_OTHER;
}

/* A fuller pipe means fewer turns; the system may refuse, which costs only speed. */
static void enlarge(int fd)
{
	if (fcntl(fd, F_GETPIPE_SZ) < BURST)
		fcntl(fd, F_SETPIPE_SZ, BURST);
}

static bool is_tcp(int fd)
{
	int protocol = 0;
	socklen_t length = sizeof(protocol);

	return getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &length) == 0 &&
	       protocol == IPPROTO_TCP;
}

static enum kernel_way way_between(enum kind from, enum kind to)
{
	if (from == KIND_OTHER || to == KIND_OTHER || from == KIND_NULL)
		return KERNEL_NONE;
	if (from == KIND_PIPE || to == KIND_PIPE)
		return KERNEL_SPLICE;
	if (from == KIND_FILE)
		return to == KIND_SOCKET ? KERNEL_SENDFILE : KERNEL_NONE;
	return KERNEL_PIPE;
}

bool kernel_fits(struct kernel_pump *k, int from, int to)
{
	enum kind from_kind, to_kind;

	if (k->in_pipe > 0)
		return true;
	if (k->from == from && k->to == to)
		return k->way != KERNEL_NONE && !k->refused;
	from_kind = kind_of(from);
	to_kind = kind_of(to);
	k->from = from;
	k->to = to;
	k->refused = false;
	k->way = way_between(from_kind, to_kind);
	if (k->way == KERNEL_PIPE && to_kind == KIND_NULL && is_tcp(from))
		k->way = KERNEL_DROP;
	if (k->way == KERNEL_SPLICE && from_kind == KIND_PIPE)
		enlarge(from);
	if (k->way == KERNEL_SPLICE && to_kind == KIND_PIPE)
		enlarge(to);
	return k->way != KERNEL_NONE;
}

static bool pipe_ready(struct kernel_pump *k)
{
	if (k->pipe[0] >= 0)
		return true;
	if (spare_count > 0) {
		spare_count--;
		k->pipe[0] = spare[spare_count][0];
		k->pipe[1] = spare[spare_count][1];
		return true;
	}
	if (pipe2(k->pipe, O_CLOEXEC | O_NONBLOCK) < 0) {
		k->pipe[0] = k->pipe[1] = -1;
		return false;
	}
	enlarge(k->pipe[0]);
	return true;
}

static bool is_network_error(int error)
{
	switch (error) {
	case ECONNRESET:
	case ETIMEDOUT:
	case EHOSTUNREACH:
	case ENETUNREACH:
	case ECONNREFUSED:
	case ECONNABORTED:
	case EHOSTDOWN:
	case ENETDOWN:
	case ENOTCONN:
		return true;
	default:
		return false;
	}
}

/* socket_at_to: EPIPE comes from a socket, not from a pipe whose reader left. */
static enum io refused(struct kernel_pump *k, struct kernel_step *step, bool at_to,
		       bool socket_at_to)
{
	if (errno == EINTR)
		return IO_DONE;
	if (is_network_error(errno) || (errno == EPIPE && socket_at_to)) {
		step->error = errno;
		step->at_to = at_to;
		return IO_FAILED;
	}
	k->refused = true;
	return IO_AGAIN;
}

static bool would_block(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK;
}

/* One call's share of what may go. */
static size_t share(uint64_t most, size_t burst)
{
	return most < burst ? (size_t)most : burst;
}

static enum io step_sendfile(struct kernel_pump *k, uint64_t most, struct kernel_step *step)
{
	ssize_t n = sendfile(k->to, k->from, NULL, share(most, (size_t)BURST * 4));

	if (n == 0)
		return IO_END;
	if (n > 0) {
		step->taken = step->given = (size_t)n;
		return IO_DONE;
	}
	if (would_block()) {
		step->wait_to = true;
		return IO_AGAIN;
	}
	return refused(k, step, true, true);
}

static enum io step_drop(struct kernel_pump *k, uint64_t most, struct kernel_step *step)
{
	ssize_t n = recv(k->from, NULL, share(most, (size_t)BURST * 4), MSG_TRUNC | MSG_DONTWAIT);

	if (n == 0)
		return IO_END;
	if (n > 0) {
		step->taken = step->given = (size_t)n;
		return IO_DONE;
	}
	if (would_block()) {
		step->wait_from = true;
		return IO_AGAIN;
	}
	return refused(k, step, false, false);
}

/* One EAGAIN for two ends: ask which. */
static void find_blocked_end(const struct kernel_pump *k, struct kernel_step *step)
{
	struct pollfd ends[2] = { { k->from, POLLIN, 0 }, { k->to, POLLOUT, 0 } };

	if (poll(ends, 2, 0) < 0)
		ends[0].revents = 0;
	step->wait_from = ends[0].revents == 0;
	step->wait_to = !step->wait_from;
}

static enum io step_splice(struct kernel_pump *k, uint64_t most, struct kernel_step *step)
{
	ssize_t n = splice(k->from, NULL, k->to, NULL, share(most, BURST),
			   SPLICE_F_NONBLOCK | SPLICE_F_MOVE);

	if (n == 0)
		return IO_END;
	if (n > 0) {
		step->taken = step->given = (size_t)n;
		return IO_DONE;
	}
	if (would_block()) {
		find_blocked_end(k, step);
		return IO_AGAIN;
	}
	if (errno == EPIPE || is_network_error(errno)) {
		int error = errno;
		bool to_socket = kind_of(k->to) == KIND_SOCKET;

		errno = error;
		return refused(k, step, to_socket, to_socket);
	}
	return refused(k, step, true, false);
}

static enum io pipe_out(struct kernel_pump *k, struct kernel_step *step)
{
	while (k->in_pipe > 0) {
		ssize_t n = splice(k->pipe[0], NULL, k->to, NULL, k->in_pipe,
				   SPLICE_F_NONBLOCK | SPLICE_F_MOVE);

		if (n > 0) {
			k->in_pipe -= (size_t)n;
			step->given += (size_t)n;
		} else if (n < 0 && would_block()) {
			step->wait_to = true;
			return IO_AGAIN;
		} else if (n == 0) {
			k->refused = true;
			return IO_AGAIN;
		} else if (errno != EINTR) {
			return refused(k, step, true, kind_of(k->to) == KIND_SOCKET);
		}
	}
	return IO_DONE;
}

static enum io step_pipe(struct kernel_pump *k, uint64_t most, struct kernel_step *step)
{
	ssize_t n;
	enum io r;

	if (k->in_pipe == 0) {
		if (!pipe_ready(k)) {
			k->refused = true;
			return IO_AGAIN;
		}
		n = splice(k->from, NULL, k->pipe[1], NULL, share(most, BURST),
			   SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
		if (n == 0)
			return IO_END;
		if (n < 0 && would_block()) {
			step->wait_from = true;
			return IO_AGAIN;
		}
		if (n < 0)
			return refused(k, step, false, false);
		k->in_pipe = step->taken = (size_t)n;
	}
	r = pipe_out(k, step);
	return r == IO_AGAIN && step->given > 0 && !k->refused ? IO_DONE : r;
}

enum io kernel_step(struct kernel_pump *k, uint64_t most, struct kernel_step *step)
{
	*step = (struct kernel_step){ 0 };
	switch (k->way) {
	case KERNEL_SENDFILE:
		return step_sendfile(k, most, step);
	case KERNEL_SPLICE:
		return step_splice(k, most, step);
	case KERNEL_DROP:
		return step_drop(k, most, step);
	case KERNEL_PIPE:
		return step_pipe(k, most, step);
	case KERNEL_NONE:
		break;
	}
	k->refused = true;
	return IO_AGAIN;
}

size_t kernel_rescue(struct kernel_pump *k, void *bytes, size_t size)
{
	ssize_t n;

	if (k->in_pipe == 0)
		return 0;
	do
		n = read(k->pipe[0], bytes, size < k->in_pipe ? size : k->in_pipe);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return 0;
	k->in_pipe -= (size_t)n;
	return (size_t)n;
}

static void close_spares(void)
{
	while (spare_count > 0) {
		spare_count--;
		close(spare[spare_count][0]);
		close(spare[spare_count][1]);
	}
}

/* Nothing is left open at the end, so that a count of descriptors finds what was forgotten. */
static void close_spares_at_exit(void)
{
	static bool asked;

	if (!asked)
		asked = atexit(close_spares) == 0;
}

void kernel_rest(struct kernel_pump *k)
{
	if (k->pipe[0] < 0 || k->in_pipe > 0)
		return;
	if (spare_count < PIPES_KEPT) {
		close_spares_at_exit();
		spare[spare_count][0] = k->pipe[0];
		spare[spare_count][1] = k->pipe[1];
		spare_count++;
		k->pipe[0] = k->pipe[1] = -1;
		return;
	}
	kernel_close(k);
}

void kernel_close(struct kernel_pump *k)
{
	if (k->pipe[0] < 0)
		return;
	close(k->pipe[0]);
	close(k->pipe[1]);
	k->pipe[0] = k->pipe[1] = -1;
	k->in_pipe = 0;
}

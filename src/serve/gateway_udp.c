/* SPDX-License-Identifier: MIT */
/*
 * UDP ASSOCIATE (RFC 1928, 7): a socket on the inside for the client alone, and one on the outside
 * for its targets. Only hosts that the client has sent to can answer it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/memory.h>
#include <sockutil/net/private_address.h>
#include <sockutil/net/sockopt.h>
#include <sockutil/serve/gateway_names.h>
#include <sockutil/serve/gateway_parts.h>
#include <sockutil/serve/server.h>

enum {
	BURST = 32,     /* datagrams of one socket before others get their turn */
	HOSTS_MAX = 64, /* that may answer: the last ones sent to */
};

/* Invariants: names is NULL until the first name; the inside socket is connected once the client's
 * port is known. */
struct gateway_udp {
	struct session *session;
	int inside, outside;
	int outside_family;
	struct ev_io inside_io, outside_io;
	struct address client; /* port 0: not known yet */
	bool connected;
	struct gateway_names *names;
	unsigned host_count, host_next;
	struct in6_addr hosts[HOSTS_MAX]; /* IPv4 in mapped form */
};

/* ------ the hosts that may answer ------ */

static struct in6_addr as_v6(const struct address *address)
{
	struct in6_addr out = { 0 };

	if (address->any.sa_family == AF_INET6)
		return address->v6.sin6_addr;
	out.s6_addr[10] = out.s6_addr[11] = 0xff;
	memcpy(&out.s6_addr[12], &address->v4.sin_addr, 4);
	return out;
}

static bool may_answer(const struct gateway_udp *udp, const struct address *from)
{
	const struct in6_addr host = as_v6(from);

	for (unsigned i = 0; i < udp->host_count; ++i)
		if (memcmp(&udp->hosts[i], &host, sizeof(host)) == 0)
			return true;
	return false;
}

static void remember(struct gateway_udp *udp, const struct address *to)
{
	if (may_answer(udp, to))
		return;
	udp->hosts[udp->host_next] = as_v6(to);
	udp->host_next = (udp->host_next + 1) % HOSTS_MAX;
	if (udp->host_count < HOSTS_MAX)
		++udp->host_count;
}

/* ------ out ------ */

/* As the outside socket's family has it. */
static bool outside_form(const struct gateway_udp *udp, const struct address *to,
			 struct address *out)
{
	const struct in6_addr host = as_v6(to);
	const bool v4 = IN6_IS_ADDR_V4MAPPED(&host);

	*out = (struct address){ .length = 0 };
	if (udp->outside_family == AF_INET6) {
		out->length = sizeof(out->v6);
		out->v6.sin6_family = AF_INET6;
		out->v6.sin6_addr = host;
		out->v6.sin6_scope_id =
			v4 || to->any.sa_family != AF_INET6 ? 0 : to->v6.sin6_scope_id;
	} else {
		out->length = sizeof(out->v4);
		out->v4.sin_family = AF_INET;
		memcpy(&out->v4.sin_addr, &host.s6_addr[12], 4);
	}
	address_set_port(out, address_port(to));
	return v4 || udp->outside_family == AF_INET6;
}

static void send_out(void *data, const struct address *to, const void *bytes, size_t length)
{
	struct gateway_udp *udp = data;
	struct session *session = udp->session;
	struct address target;

	if (address_port(to) == 0 || !gateway_permits(session, to) ||
	    !outside_form(udp, to, &target))
		return;
	remember(udp, to);
	/* What the kernel does not take is lost, as datagrams may be. */
	if (sendto(udp->outside, bytes, length, 0, &target.any, target.length) >= 0)
		session->active_ms = clock_ms();
}

static bool accepts(void *data, const struct address *address)
{
	const struct gateway_udp *udp = data;
	struct address own, target;

	return gateway_permits(udp->session, address) && outside_form(udp, address, &target) &&
	       gateway_own_address(address, &own);
}

static void send_to_name(struct gateway_udp *udp, const struct socks_address *to, const char *bytes,
			 size_t length)
{
	const struct session *session = udp->session;
	const struct gateway_names_options options = {
		.loop = session->server->loop,
		.family = gateway_data(session)->options->target.net.family,
		.lookups = &gateway_data(session)->lookups,
		.accepts = accepts,
		.found = send_out,
		.data = udp,
	};
	struct address address;

	if (!gateway_host_permitted(session, to->host))
		return;
	if (!udp->names)
		udp->names = gateway_names_new(&options);
	if (gateway_names_ask(udp->names, to->host, to->port, bytes, length, &address) == IO_DONE)
		send_out(udp, &address, bytes, length);
}

static void take_from_client(struct gateway_udp *udp, const char *bytes, size_t length)
{
	struct socks_address to;
	struct address address;
	size_t used;

	if (!socks5_parse_datagram(bytes, length, &to, &used) || to.port == 0)
		return;
	if (to.is_name)
		send_to_name(udp, &to, bytes + used, length - used);
	else if (address_parse_ip(to.host, (unsigned)to.port, &address))
		send_out(udp, &address, bytes + used, length - used);
}

/* The first datagram tells the client's port, unless the request did. */
static bool is_client(struct gateway_udp *udp, const struct address *from)
{
	if (!private_address_same_host(&udp->client, from))
		return false;
	if (address_port(&udp->client) != 0 && address_port(&udp->client) != address_port(from))
		return false;
	udp->client = *from;
	udp->connected = udp->connected || connect(udp->inside, &from->any, from->length) == 0;
	return udp->connected;
}

static void inside_ready(struct ev_loop *loop, struct ev_io *io, int events)
{
	struct gateway_udp *udp = io->data;
	struct session *session = udp->session;
	char *scratch = session->server->scratch;

	(void)loop;
	(void)events;
	for (int i = 0; i < BURST; ++i) {
		struct address from = { .length = sizeof(from.storage) };
		const ssize_t n =
			recvfrom(udp->inside, scratch, SERVER_SCRATCH, 0, &from.any, &from.length);

		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		/* An error of one that was sent before (a port that is closed) is no reason to end.
		 */
		if (n < 0 || !is_client(udp, &from))
			continue;
		session->received += (uint64_t)n;
		session->active_ms = clock_ms();
		take_from_client(udp, scratch, (size_t)n);
	}
}

/* ------ in ------ */

static void send_in(struct gateway_udp *udp, const struct address *from, char *bytes, size_t length)
{
	struct socks_address source;
	char front[SOCKS_MESSAGE_MAX];
	struct iovec parts[2] = { { .iov_base = front }, { .iov_base = bytes, .iov_len = length } };
	const struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };
	ssize_t sent;

	gateway_socks_address(&source, from);
	parts[0].iov_len = socks5_write_datagram(front, &source);
	sent = sendmsg(udp->inside, &message, 0);
	if (sent < 0)
		return;
	udp->session->sent += (uint64_t)sent;
	udp->session->active_ms = clock_ms();
}

static void outside_ready(struct ev_loop *loop, struct ev_io *io, int events)
{
	struct gateway_udp *udp = io->data;
	char *scratch = udp->session->server->scratch;

	(void)loop;
	(void)events;
	for (int i = 0; i < BURST; ++i) {
		struct address from = { .length = sizeof(from.storage) };
		const ssize_t n =
			recvfrom(udp->outside, scratch, SERVER_SCRATCH, 0, &from.any, &from.length);

		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return;
		if (n >= 0 && udp->connected && may_answer(udp, &from))
			send_in(udp, &from, scratch, (size_t)n);
	}
}

/* ------ the connection it belongs to ------ */

static void udp_ready(struct session *session, unsigned sides)
{
	struct gateway_state *state = gateway_state(session);
	size_t n;
	enum io r;

	if ((sides & STREAM_WRITE) && session_flush(session) == IO_FAILED)
		return;
	/* Nothing is to come there: it is dropped. */
	r = session_read(session, session->server->scratch, SERVER_SCRATCH, &n);
	if (r == IO_DONE || r == IO_AGAIN) {
		session_wait(session, STREAM_READ | (session_sending(session) ? STREAM_WRITE : 0));
	} else if (r == IO_END) {
		gateway_udp_free(state->udp);
		state->udp = NULL;
		session_finish(session, "client ended");
	}
}

static int bound_socket(const struct address *address, bool v6_only)
{
	const int fd = gateway_socket(address->any.sa_family, SOCK_DGRAM), only = v6_only;

	if (fd < 0)
		return -1;
	if (address->any.sa_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only));
	if (bind(fd, &address->any, address->length) == 0)
		return fd;
	close(fd);
	return -1;
}

static int any_socket(int family, bool v6_only)
{
	struct address any = { .length = family == AF_INET6 ? sizeof(any.v6) : sizeof(any.v4) };

	any.any.sa_family = (sa_family_t)family;
	return bound_socket(&any, v6_only);
}

/* One for both families where the system has that. */
static bool outside_open(struct gateway_udp *udp)
{
	const struct net_options *net = &gateway_data(udp->session)->options->target.net;
	struct failure why = { 0 };

	udp->outside_family = AF_INET6;
	if (net->family != AF_INET)
		udp->outside = any_socket(AF_INET6, net->family == AF_INET6);
	if (udp->outside < 0 && net->family != AF_INET6) {
		udp->outside_family = AF_INET;
		udp->outside = any_socket(AF_INET, false);
	}
	return udp->outside >= 0 &&
	       (!net->interface ||
		sockopt_bind_interface(udp->outside, udp->outside_family, net->interface, &why));
}

/* The addresses of the connection itself: what stands in a PROXY header cannot send to us. */
static bool udp_open(struct gateway_udp *udp, int port, struct address *bound)
{
	const struct session *session = udp->session;
	const int fd = stream_fd(session->stream, STREAM_READ);

	if (!address_of_peer(fd, &udp->client) || !address_of_socket(fd, bound) ||
	    (bound->any.sa_family != AF_INET && bound->any.sa_family != AF_INET6))
		return false;
	address_set_port(&udp->client, (unsigned)port);
	address_set_port(bound, 0);
	udp->inside = bound_socket(bound, false);
	return udp->inside >= 0 && address_of_socket(udp->inside, bound) && outside_open(udp);
}

void gateway_udp_start(struct session *session, const struct socks_address *from)
{
	struct gateway_state *state = gateway_state(session);
	struct gateway_udp *udp = memory_zeroed(1, sizeof(*udp));
	struct address bound;
	char out[SOCKS_MESSAGE_MAX];

	udp->session = session;
	udp->inside = udp->outside = -1;
	state->udp = udp;
	gateway_say(session, "UDP ASSOCIATE", "datagrams");
	if (!udp_open(udp, from->port, &bound)) {
		gateway_socks_refuse(session, SOCKS_FAILED, "no sockets for UDP ASSOCIATE");
		return;
	}
	buffer_free(&state->in);
	ev_io_init(&udp->inside_io, inside_ready, udp->inside, EV_READ);
	ev_io_init(&udp->outside_io, outside_ready, udp->outside, EV_READ);
	udp->inside_io.data = udp->outside_io.data = udp;
	ev_io_start(session->server->loop, &udp->inside_io);
	ev_io_start(session->server->loop, &udp->outside_io);
	state->ready = udp_ready;
	if (session_write(session, out, gateway_socks_grant(session, out, &bound)) != IO_FAILED)
		udp_ready(session, 0);
}

void gateway_udp_free(struct gateway_udp *udp)
{
	struct ev_loop *loop;

	if (!udp)
		return;
	loop = udp->session->server->loop;
	ev_io_stop(loop, &udp->inside_io);
	ev_io_stop(loop, &udp->outside_io);
	if (udp->inside >= 0)
		close(udp->inside);
	if (udp->outside >= 0)
		close(udp->outside);
	gateway_names_free(udp->names);
	free(udp);
}

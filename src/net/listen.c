/* SPDX-License-Identifier: MIT */
/* Listening sockets of an endpoint, whatever its kind. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/net/dial_socket.h>
#include <sockutil/net/listen.h>
#include <sockutil/net/listen_parts.h>
#include <sockutil/net/sockopt.h>

static const int on = 1;

static bool new_socket(int *fd, int family, const struct listen_options *options,
		       struct failure *why)
{
	bool mptcp = options->net->mptcp;
	int protocol = mptcp ? dial_socket_mptcp() : 0;

	if (protocol < 0) {
		fail(why, FAILURE_USAGE, "this system has no Multipath TCP");
		return false;
	}
	*fd = socket(family, options->type, protocol);
	if (*fd >= 0)
		return true;
	if (mptcp && (errno == EPROTONOSUPPORT || errno == ENOPROTOOPT || errno == EINVAL))
		fail(why, FAILURE_USAGE, "this kernel has no Multipath TCP (net.mptcp.enabled)");
	else
		fail_errno(why, errno == EAFNOSUPPORT ? FAILURE_LOCAL_ADDRESS : FAILURE_OTHER,
			   errno, "cannot open a socket");
	return false;
}

static bool prepare(int fd, int family, bool v6only, const struct listen_options *options,
		    struct failure *why)
{
	const int only = v6only;
	bool internet = family == AF_INET || family == AF_INET6;
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		goto failed;
	/* A server that starts again must not wait for its old connections' TIME-WAIT. On datagram
	 * sockets the same option would let a second program take the port. */
	if (internet && options->type == SOCK_STREAM &&
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
		goto failed;
	if (family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only)) < 0)
		goto failed;
	if (internet && options->reuse_port &&
	    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) < 0)
		goto failed;
	if (options->net->interface &&
	    !sockopt_bind_interface(fd, family, options->net->interface, why))
		return false;
	return sockopt_apply(&options->net->sockopts, fd, SOCKOPT_BEFORE_BIND, why);
failed:
	fail_errno(why, FAILURE_OTHER, errno, "cannot prepare a listening socket");
	return false;
}

int listen_socket(int family, bool v6only, const struct listen_options *options,
		  struct failure *why)
{
	int fd;

	if (!new_socket(&fd, family, options, why))
		return -1;
	if (prepare(fd, family, v6only, options, why))
		return fd;
	close(fd);
	return -1;
}

static bool lacks_zone(const struct address *address)
{
	return address->any.sa_family == AF_INET6 &&
	       IN6_IS_ADDR_LINKLOCAL(&address->v6.sin6_addr) && address->v6.sin6_scope_id == 0;
}

void listen_refused(struct failure *why, int error, const char *name, const struct address *address,
		    const struct listen_options *options)
{
	bool stream = options->type == SOCK_STREAM;
	unsigned port = address ? address_port(address) : 0;

	if (error == EADDRINUSE)
		fail(why, FAILURE_LOCAL_ADDRESS,
		     "%s: address already in use (another program %s there); "
		     "choose another port or end it",
		     name, stream ? "listens" : "receives");
	else if ((error == EACCES || error == EPERM) && port > 0 && port < 1024)
		fail(why, FAILURE_LOCAL_ADDRESS,
		     "%s: not permitted: ports below 1024 need privileges "
		     "(CAP_NET_BIND_SERVICE); choose one from 1024 up",
		     name);
	else if (error == EADDRNOTAVAIL)
		fail(why, FAILURE_LOCAL_ADDRESS,
		     "%s: not an address of this machine; "
		     "the port alone listens on all addresses",
		     name);
	else if (error == EINVAL && address && lacks_zone(address))
		fail(why, FAILURE_LOCAL_ADDRESS,
		     "%s: a link-local address needs its zone, as in fe80::1%%eth0", name);
	else
		fail_errno(why, FAILURE_LOCAL_ADDRESS, error, "cannot listen on %s", name);
	why->error = error;
}

bool listen_start(int fd, const char *name, const struct listen_options *options,
		  struct failure *why)
{
	int queue = options->backlog;

	if (options->type != SOCK_STREAM)
		return true;
	if (listen(fd, options->backlog) < 0) {
		listen_refused(why, errno, name, NULL, options);
		return false;
	}
	if (options->net->fastopen &&
	    setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof(queue)) < 0) {
		fail_errno(why, FAILURE_USAGE, errno, "%s: TCP fast open is not to be had here",
			   name);
		return false;
	}
	return true;
}

bool listen_add(struct listen_batch *batch, int fd, enum endpoint_scheme scheme,
		struct failure *why)
{
	struct listener listener = { .fd = fd, .scheme = scheme };
	struct listener *items = realloc(batch->items, (batch->count + 1) * sizeof(*items));

	if (items)
		batch->items = items;
	if (items && address_of_socket(fd, &listener.address)) {
		batch->items[batch->count++] = listener;
		return true;
	}
	fail(why, FAILURE_OTHER, items ? "a socket without an address" : "memory is short");
	close(fd);
	return false;
}

void listen_drop(struct listen_batch *batch)
{
	for (size_t i = 0; i < batch->count; i++)
		listener_close(&batch->items[i], true);
	free(batch->items);
	*batch = (struct listen_batch){ 0 };
}

static bool append(struct listener **listeners, size_t *count, const struct listen_batch *batch,
		   struct failure *why)
{
	struct listener *all = realloc(*listeners, (*count + batch->count) * sizeof(*all));

	if (!all) {
		fail(why, FAILURE_OTHER, "memory is short");
		return false;
	}
	memcpy(all + *count, batch->items, batch->count * sizeof(*all));
	*listeners = all;
	*count += batch->count;
	return true;
}

/* An inherited descriptor named twice would be closed twice. */
static bool is_new(const struct listener *listeners, size_t count, struct listen_batch *batch,
		   struct failure *why)
{
	for (size_t i = 0; i < batch->count; i++)
		for (size_t j = 0; j < count; j++)
			if (batch->items[i].fd == listeners[j].fd) {
				fail(why, FAILURE_USAGE, "descriptor %d is given twice",
				     listeners[j].fd);
				batch->count = 0;
				return false;
			}
	return true;
}

/* An option that the kind of endpoint has no use for is a mistake, not something to pass over. */
static bool options_fit(const struct endpoint *endpoint, const struct listen_options *options,
			struct failure *why)
{
	const struct net_options *net = options->net;
	const bool internet = endpoint->kind == ENDPOINT_INTERNET;
	const bool tcp = internet && options->type == SOCK_STREAM;
	const struct {
		const char *name;
		bool unfit;
	} given[] = {
		{ .name = "-4", .unfit = net->family == AF_INET && !internet },
		{ .name = "-6", .unfit = net->family == AF_INET6 && !internet },
		{ .name = "--interface", .unfit = net->interface && !internet },
		{ .name = "--mptcp", .unfit = net->mptcp && !tcp },
		{ .name = "--fastopen", .unfit = net->fastopen && !tcp },
	};
	char text[ENDPOINT_TEXT_MAX];

	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
		if (!given[i].unfit)
			continue;
		fail(why, FAILURE_USAGE, "%s does not go with %s", given[i].name,
		     endpoint_text(text, endpoint));
		return false;
	}
	return sockopt_fit_listener(&net->sockopts, why);
}

bool listen_open(struct listener **listeners, size_t *count, const struct endpoint *endpoint,
		 const struct listen_options *options, struct failure *why)
{
	static bool (*const open_kind[])(struct listen_batch *, const struct endpoint *,
					 const struct listen_options *, struct failure *) = {
		[ENDPOINT_INTERNET] = listen_internet, [ENDPOINT_UNIX] = listen_unix,
		[ENDPOINT_VSOCK] = listen_vsock,       [ENDPOINT_DESCRIPTOR] = listen_descriptor,
		[ENDPOINT_SYSTEMD] = listen_systemd,
	};
	struct listen_batch batch = { 0 };

	if (options_fit(endpoint, options, why) &&
	    open_kind[endpoint->kind](&batch, endpoint, options, why) &&
	    is_new(*listeners, *count, &batch, why) && append(listeners, count, &batch, why)) {
		free(batch.items);
		return true;
	}
	listen_drop(&batch);
	return false;
}

/* Whether a second socket may be bound beside this one: what was inherited or is no IP socket may
 * not. */
static bool is_clonable(const struct listener *listener)
{
	int family = listener->address.any.sa_family;
	int shared = 0;
	socklen_t length = sizeof(shared);

	return (family == AF_INET || family == AF_INET6) && !listener->polled &&
	       getsockopt(listener->fd, SOL_SOCKET, SO_REUSEPORT, &shared, &length) == 0 && shared;
}

static bool is_v6only(const struct listener *listener)
{
	int only = 0;
	socklen_t length = sizeof(only);

	return listener->address.any.sa_family == AF_INET6 &&
	       getsockopt(listener->fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, &length) == 0 && only;
}

bool listen_clone(struct listener *out, const struct listener *original,
		  const struct listen_options *options, struct failure *why)
{
	const struct address *address = &original->address;
	char name[ADDRESS_TEXT_MAX];
	int fd;

	*why = (struct failure){ 0 };
	if (!options->reuse_port || !is_clonable(original))
		return false;
	fd = listen_socket(address->any.sa_family, is_v6only(original), options, why);
	if (fd < 0)
		return false;
	address_text(name, address);
	if (bind(fd, &address->any, address->length) < 0) {
		listen_refused(why, errno, name, address, options);
		goto failed;
	}
	if (!listen_start(fd, name, options, why))
		goto failed;
	*out = (struct listener){ .fd = fd, .address = *address, .scheme = original->scheme };
	return true;
failed:
	close(fd);
	return false;
}

void listener_close(struct listener *listener, bool owner)
{
	if (owner && listener->unlink_path)
		listen_unix_unlink(listener->unlink_path, listener->device, listener->inode);
	free(listener->unlink_path);
	listener->unlink_path = NULL;
	if (listener->fd >= 0)
		close(listener->fd);
	listener->fd = -1;
}

/* SPDX-License-Identifier: MIT */
/* src/stream/open_layers.c - which layers a connection gets; accepted sockets, and those that
 * are given by number. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <sockutil/base/clock.h>
#include <sockutil/proto/proxy_header.h>
#include <sockutil/stream/layer_preamble.h>
#include <sockutil/stream/layer_socket.h>
#include <sockutil/stream/layer_throttle.h>
#include <sockutil/stream/open_layers.h>

bool stream_uses_tls(const struct endpoint *endpoint, const struct stream_options *options)
{
	return options->tls || endpoint->scheme == ENDPOINT_TLS || endpoint->scheme == ENDPOINT_WSS;
}

bool open_layers_is_websocket(const struct endpoint *endpoint)
{
	return endpoint->scheme == ENDPOINT_WS || endpoint->scheme == ENDPOINT_WSS;
}

struct stream *open_layers_header(struct stream *below, const struct stream_open_request *request,
				  const struct dial_report *dial)
{
	const struct address *source = request->client, *destination = request->client_local;
	char header[PROXY_HEADER_WRITTEN_MAX];
	size_t length;

	if (!source && dial) {
		source = &dial->local;
		destination = &dial->peer;
	}
	length = proxy_header_write(header, request->options->send_proxy,
				    source ? &source->any : NULL,
				    destination ? &destination->any : NULL);
	return layer_preamble_new(below, header, length);
}

struct stream *open_layers_over(struct stream *below, const struct stream_options *options,
				bool client, const struct address *local,
				const struct address *peer)
{
	if (options->limit_up || options->limit_down)
		below = layer_throttle_new(below, options->limit_down, options->limit_up, clock_us);
	if (options->tap)
		below = layer_tap_new(below, options->tap, client, local, peer);
	if (options->preamble)
		below = layer_preamble_new(below, options->preamble, options->preamble_length);
	return below;
}

void open_layers_no_delay(int fd, const struct stream_options *options)
{
	const int on = 1;

	/* The layer gathers records itself; held back for an acknowledgement, a first request or
	 * a close_notify comes 40 ms late. */
	if (!sockopt_list_sets(&options->net.sockopts, "TCP_NODELAY"))
		(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static struct stream *accepted_tls(struct tls_context *tls, struct stream *below,
				   struct failure *why)
{
	const struct tls_api *api = tls_load(why);

	return api ? api->accept(tls, below, why) : NULL;
}

struct stream *stream_accepted_over(struct stream *bottom, const struct address *local,
				    const struct address *peer,
				    const struct stream_options *options, struct tls_context *tls,
				    struct failure *why)
{
	const int fd = stream_fd(bottom, STREAM_READ);
	struct stream *top = NULL;

	if (tls || options->no_delay)
		open_layers_no_delay(fd, options);
	if (sockopt_apply(&options->net.sockopts, fd, SOCKOPT_CONNECTED, why))
		top = tls ? accepted_tls(tls, bottom, why) : bottom;
	return top ? open_layers_over(top, options, false, local, peer) : NULL;
}

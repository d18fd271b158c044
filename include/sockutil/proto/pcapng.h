/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_PCAPNG_H
#define SOCKUTIL_PROTO_PCAPNG_H
/*
 * A recording that Wireshark opens (draft-ietf-opsawg-pcapng): the plaintext of a connection as TCP
 * segments over IPv4 or IPv6 with right sequence numbers and checksums, link type LINKTYPE_RAW
 * (101). Streams that have no IP addresses (Unix sockets, pipes, vsock) get 127.0.0.1 and made-up
 * ports. Pure: appends to a buffer; the time is passed in.
 */
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include <sockutil/base/buffer.h>

enum pcapng_direction { PCAPNG_SENT, PCAPNG_RECEIVED };

/* One recorded connection: sequence numbers run on from call to call. */
struct pcapng_flow {
	struct sockaddr_storage address[2]; /* [0] our end, [1] the peer's */
	uint32_t next_sequence[2];
};

/* Section header and interface description blocks (nanosecond timestamps); comment names the
 * program. */
bool pcapng_header(struct buffer *out, const char *comment);

/* local and peer may be NULL or of another family than IP; connection numbers the made-up ports. */
void pcapng_flow_init(struct pcapng_flow *flow, const struct sockaddr *local,
		      const struct sockaddr *peer, unsigned connection);

/* The three segments of the handshake, client first; client says that we dialled. nanoseconds since
 * the epoch. */
bool pcapng_open(struct buffer *out, struct pcapng_flow *flow, bool client, int64_t nanoseconds);
/* Bytes that passed, cut into segments that fit an IP packet. */
bool pcapng_data(struct buffer *out, struct pcapng_flow *flow, enum pcapng_direction direction,
		 const void *bytes, size_t length, int64_t nanoseconds);
/* A FIN from that side, acknowledged; a reset from it. */
bool pcapng_end(struct buffer *out, struct pcapng_flow *flow, enum pcapng_direction direction,
		int64_t nanoseconds);
bool pcapng_reset(struct buffer *out, struct pcapng_flow *flow, enum pcapng_direction direction,
		  int64_t nanoseconds);
#endif

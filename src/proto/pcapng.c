/* SPDX-License-Identifier: MIT */
/* pcapng.c - a recording that Wireshark opens (draft-ietf-opsawg-pcapng), little-endian. */
#include <string.h>

#include <sockutil/base/utf8.h>
#include <sockutil/proto/pcapng.h>

enum {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_PACKET = 6, /* enhanced packet block */
	OPTION_END = 0,
	OPTION_PACKET_FLAGS = 2, /* epb_flags */
	OPTION_APPLICATION = 4,  /* shb_userappl */
	OPTION_RESOLUTION = 9,   /* if_tsresol */
	RESOLUTION_NANOSECONDS = 9,
	LINKTYPE_RAW = 101,
};

#define BYTE_ORDER_MAGIC 0x1a2b3c4du
#define COMMENT_MOST     1024
#define PACKET_OVERHEAD  44 /* of an enhanced packet block with epb_flags and the end of options */

enum {
	IP4_HEADER = 20,
	IP6_HEADER = 40,
	TCP_HEADER = 20,
	SYN_OPTIONS = 4,
	PAYLOAD_MOST = 65535 - IP4_HEADER - TCP_HEADER,
	HOPS = 64,
};

/* RFC 9293, 3.1 */
enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_PSH = 8, TCP_ACK = 16 };

/* Ports of a connection that has none. */
enum { MADE_UP_LOCAL = 10000, MADE_UP_LOCALS = 50000, MADE_UP_PEER = 60000 };

/* --- bytes in order -------------------------------------------------------- */

/* Writes to where room was reserved before. */
struct cursor {
	unsigned char *at;
};

static void put(struct cursor *c, const void *bytes, size_t count)
{
	if (count)
		memcpy(c->at, bytes, count);
	c->at += count;
}

static void put_zeros(struct cursor *c, size_t count)
{
	memset(c->at, 0, count);
	c->at += count;
}

static void little16(struct cursor *c, unsigned value)
{
	*c->at++ = (unsigned char)(value & 0xff);
	*c->at++ = (unsigned char)(value >> 8 & 0xff);
}

static void little32(struct cursor *c, uint32_t value)
{
	little16(c, value & 0xffff);
	little16(c, value >> 16);
}

static void big16(struct cursor *c, unsigned value)
{
	*c->at++ = (unsigned char)(value >> 8 & 0xff);
	*c->at++ = (unsigned char)(value & 0xff);
}

static void big32(struct cursor *c, uint32_t value)
{
	big16(c, value >> 16);
	big16(c, value & 0xffff);
}

static size_t padding(size_t length)
{
	return (4 - length % 4) % 4;
}

/* --- the blocks in front --------------------------------------------------- */

static bool section_header(struct buffer *out, const char *application)
{
	size_t length = utf8_cut(application, strlen(application), COMMENT_MOST);
	uint32_t total = (uint32_t)(28 + 4 + length + padding(length) + 4);
	char *room = buffer_reserve(out, total);
	struct cursor c = { (unsigned char *)room };

	if (!room)
		return false;
	little32(&c, BLOCK_SECTION);
	little32(&c, total);
	little32(&c, BYTE_ORDER_MAGIC);
	little16(&c, 1); /* version 1.0 */
	little16(&c, 0);
	little32(&c, UINT32_MAX); /* length of the section: not said */
	little32(&c, UINT32_MAX);
	little16(&c, OPTION_APPLICATION);
	little16(&c, (unsigned)length);
	put(&c, application, length);
	put_zeros(&c, padding(length));
	little32(&c, OPTION_END);
	little32(&c, total);
	buffer_commit(out, total);
	return true;
}

static bool interface_description(struct buffer *out)
{
	enum { TOTAL = 32 };
	char *room = buffer_reserve(out, TOTAL);
	struct cursor c = { (unsigned char *)room };

	if (!room)
		return false;
	little32(&c, BLOCK_INTERFACE);
	little32(&c, TOTAL);
	little16(&c, LINKTYPE_RAW);
	little16(&c, 0);
	little32(&c, 0); /* packets are never cut */
	little16(&c, OPTION_RESOLUTION);
	little16(&c, 1);
	little32(&c, RESOLUTION_NANOSECONDS);
	little32(&c, OPTION_END);
	little32(&c, TOTAL);
	buffer_commit(out, TOTAL);
	return true;
}

bool pcapng_header(struct buffer *out, const char *comment)
{
	size_t before = out->length;

	if (section_header(out, comment) && interface_description(out))
		return true;
	out->length = before;
	return false;
}

/* --- one connection -------------------------------------------------------- */

/* A dual-stack socket calls an IPv4 peer ::ffff:a.b.c.d; on the wire it is IPv4. */
static void plain_address(struct sockaddr_storage *out, const struct sockaddr *address)
{
	const struct sockaddr_in6 *six = (const void *)address;
	struct sockaddr_in *four = (void *)out;

	memset(out, 0, sizeof *out);
	if (!address)
		return;
	if (address->sa_family == AF_INET) {
		memcpy(out, address, sizeof(struct sockaddr_in));
	} else if (address->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&six->sin6_addr)) {
		four->sin_family = AF_INET;
		four->sin_port = six->sin6_port;
		memcpy(&four->sin_addr, six->sin6_addr.s6_addr + 12, sizeof four->sin_addr);
	} else if (address->sa_family == AF_INET6) {
		memcpy(out, address, sizeof(struct sockaddr_in6));
	}
}

static void made_up_address(struct sockaddr_storage *out, unsigned port)
{
	struct sockaddr_in *four = (void *)out;

	memset(out, 0, sizeof *out);
	four->sin_family = AF_INET;
	four->sin_port = htons((uint16_t)port);
	four->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
}

void pcapng_flow_init(struct pcapng_flow *flow, const struct sockaddr *local,
		      const struct sockaddr *peer, unsigned connection)
{
	*flow = (struct pcapng_flow){ 0 };
	plain_address(&flow->address[0], local);
	plain_address(&flow->address[1], peer);
	/* A packet has one family; half a pair of addresses is none. */
	if (flow->address[0].ss_family == flow->address[1].ss_family &&
	    flow->address[0].ss_family != AF_UNSPEC)
		return;
	made_up_address(&flow->address[0], MADE_UP_LOCAL + connection % MADE_UP_LOCALS);
	made_up_address(&flow->address[1], MADE_UP_PEER);
}

/* --- packets --------------------------------------------------------------- */

/* One segment on its way into a block. */
struct segment {
	const struct pcapng_flow *flow;
	enum pcapng_direction direction;
	unsigned flags;
	const void *payload;
	size_t length;
};

static const struct sockaddr_storage *sender(const struct segment *s)
{
	return &s->flow->address[s->direction == PCAPNG_SENT ? 0 : 1];
}

static const struct sockaddr_storage *receiver(const struct segment *s)
{
	return &s->flow->address[s->direction == PCAPNG_SENT ? 1 : 0];
}

static const void *host(const struct sockaddr_storage *address, size_t *size)
{
	if (address->ss_family == AF_INET6) {
		*size = 16;
		return &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
	}
	*size = 4;
	return &((const struct sockaddr_in *)(const void *)address)->sin_addr;
}

/* Both kinds have their port at the same place (POSIX leaves that open, so each is asked). */
static unsigned port(const struct sockaddr_storage *address)
{
	if (address->ss_family == AF_INET6)
		return ntohs(((const struct sockaddr_in6 *)(const void *)address)->sin6_port);
	return ntohs(((const struct sockaddr_in *)(const void *)address)->sin_port);
}

/* RFC 1071: the ones' complement sum so far; every piece but the last has an even length. */
static uint32_t sum(uint32_t so_far, const void *bytes, size_t length)
{
	const unsigned char *from = bytes;
	uint64_t total = so_far;

	for (size_t i = 0; i + 1 < length; i += 2)
		total += (uint64_t)from[i] << 8 | from[i + 1];
	if (length % 2)
		total += (uint64_t)from[length - 1] << 8;
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return (uint32_t)total;
}

static void store_checksum(unsigned char *at, uint32_t total)
{
	struct cursor c = { at };

	big16(&c, ~total & 0xffff);
}

static void put_hosts(struct cursor *c, const struct segment *s)
{
	size_t size;
	const void *bytes = host(sender(s), &size);

	put(c, bytes, size);
	bytes = host(receiver(s), &size);
	put(c, bytes, size);
}

static void put_ip(struct cursor *c, const struct segment *s, size_t tcp_length)
{
	unsigned char *start = c->at;

	if (sender(s)->ss_family == AF_INET6) {
		big32(c, UINT32_C(6) << 28);
		big16(c, (unsigned)tcp_length);
		*c->at++ = IPPROTO_TCP;
		*c->at++ = HOPS;
		put_hosts(c, s);
		return;
	}
	*c->at++ = 0x45; /* version 4, five words */
	*c->at++ = 0;
	big16(c, (unsigned)(IP4_HEADER + tcp_length));
	big32(c, 0x4000); /* no identification, do not fragment */
	*c->at++ = HOPS;
	*c->at++ = IPPROTO_TCP;
	big16(c, 0);
	put_hosts(c, s);
	store_checksum(start + 10, sum(0, start, IP4_HEADER));
}

static uint32_t pseudo_header(const struct segment *s, size_t tcp_length)
{
	unsigned char bytes[40];
	struct cursor c = { bytes };

	put_hosts(&c, s);
	big32(&c, (uint32_t)tcp_length);
	big32(&c, IPPROTO_TCP);
	return sum(0, bytes, (size_t)(c.at - bytes));
}

static size_t tcp_header_length(const struct segment *s)
{
	return TCP_HEADER + (s->flags & TCP_SYN ? SYN_OPTIONS : 0);
}

static void put_tcp(struct cursor *c, const struct segment *s)
{
	size_t header = tcp_header_length(s);
	unsigned mine = s->direction == PCAPNG_SENT ? 0 : 1;
	unsigned char *start = c->at;

	big16(c, port(sender(s)));
	big16(c, port(receiver(s)));
	big32(c, s->flow->next_sequence[mine]);
	big32(c, s->flags & TCP_ACK ? s->flow->next_sequence[!mine] : 0);
	*c->at++ = (unsigned char)(header / 4 << 4);
	*c->at++ = (unsigned char)s->flags;
	big16(c, 65535);
	big32(c, 0); /* checksum, urgent */
	if (s->flags & TCP_SYN)
		big32(c, 0x0103030e); /* windows scaled by 2^14: none is ever full (RFC 7323) */
	put(c, s->payload, s->length);
	store_checksum(start + 16,
		       sum(pseudo_header(s, header + s->length), start, header + s->length));
}

static bool put_packet(struct buffer *out, const struct segment *s, int64_t nanoseconds)
{
	size_t tcp = tcp_header_length(s) + s->length;
	size_t packet = tcp + (sender(s)->ss_family == AF_INET6 ? IP6_HEADER : IP4_HEADER);
	uint32_t total = (uint32_t)(PACKET_OVERHEAD + packet + padding(packet));
	char *room = buffer_reserve(out, total);
	struct cursor c = { (unsigned char *)room };

	if (!room)
		return false;
	little32(&c, BLOCK_PACKET);
	little32(&c, total);
	little32(&c, 0); /* the only interface */
	little32(&c, (uint32_t)((uint64_t)nanoseconds >> 32));
	little32(&c, (uint32_t)((uint64_t)nanoseconds & UINT32_MAX));
	little32(&c, (uint32_t)packet);
	little32(&c, (uint32_t)packet);
	put_ip(&c, s, tcp);
	put_tcp(&c, s);
	put_zeros(&c, padding(packet));
	little16(&c, OPTION_PACKET_FLAGS);
	little16(&c, 4);
	little32(&c, s->direction == PCAPNG_SENT ? 2 : 1); /* outbound, inbound */
	little32(&c, OPTION_END);
	little32(&c, total);
	buffer_commit(out, total);
	return true;
}

static bool segment(struct buffer *out, struct pcapng_flow *flow, enum pcapng_direction direction,
		    unsigned flags, const void *payload, size_t length, int64_t nanoseconds)
{
	struct segment s = {
		.flow = flow,
		.direction = direction,
		.flags = flags,
		.payload = payload,
		.length = length,
	};

	if (!put_packet(out, &s, nanoseconds))
		return false;
	flow->next_sequence[direction == PCAPNG_SENT ? 0 : 1] +=
		(uint32_t)length + (flags & (TCP_SYN | TCP_FIN) ? 1 : 0);
	return true;
}

static enum pcapng_direction back(enum pcapng_direction direction)
{
	return direction == PCAPNG_SENT ? PCAPNG_RECEIVED : PCAPNG_SENT;
}

bool pcapng_open(struct buffer *out, struct pcapng_flow *flow, bool client, int64_t nanoseconds)
{
	enum pcapng_direction first = client ? PCAPNG_SENT : PCAPNG_RECEIVED;

	return segment(out, flow, first, TCP_SYN, NULL, 0, nanoseconds) &&
	       segment(out, flow, back(first), TCP_SYN | TCP_ACK, NULL, 0, nanoseconds) &&
	       segment(out, flow, first, TCP_ACK, NULL, 0, nanoseconds);
}

bool pcapng_data(struct buffer *out, struct pcapng_flow *flow, enum pcapng_direction direction,
		 const void *bytes, size_t length, int64_t nanoseconds)
{
	const unsigned char *from = bytes;

	if (!length)
		return true;
	while (length) {
		size_t count = length < PAYLOAD_MOST ? length : PAYLOAD_MOST;

		if (!segment(out, flow, direction, TCP_PSH | TCP_ACK, from, count, nanoseconds))
			return false;
		from += count;
		length -= count;
	}
	return segment(out, flow, back(direction), TCP_ACK, NULL, 0, nanoseconds);
}

bool pcapng_end(struct buffer *out, struct pcapng_flow *flow, enum pcapng_direction direction,
		int64_t nanoseconds)
{
	return segment(out, flow, direction, TCP_FIN | TCP_ACK, NULL, 0, nanoseconds) &&
	       segment(out, flow, back(direction), TCP_ACK, NULL, 0, nanoseconds);
}

bool pcapng_reset(struct buffer *out, struct pcapng_flow *flow, enum pcapng_direction direction,
		  int64_t nanoseconds)
{
	return segment(out, flow, direction, TCP_RST | TCP_ACK, NULL, 0, nanoseconds);
}

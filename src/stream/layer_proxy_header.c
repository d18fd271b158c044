/* SPDX-License-Identifier: MIT */
/* src/stream/layer_proxy_header.c - a PROXY header taken from the front of a connection. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/memory.h>
#include <sockutil/proto/proxy_header.h>
#include <sockutil/stream/layer_proxy_header.h>
#include <sockutil/stream/layer_socket.h>

/* Bytes looked at in one go: a whole header of either version, with room for TLVs. */
enum { LOOK = 1024 };

static const char proxy_header_name[] = "proxy-header";

/* Invariants: until done, held are the bytes of the header read so far; afterwards those that were
 * read and are none, to be given once more. */
struct layer_proxy_header {
	struct stream stream;
	struct buffer held;
	struct address *addresses; /* source, destination; NULL: the header told none */
	bool required;
	bool done;
};

static struct layer_proxy_header *header_of(const struct stream *s)
{
	return (struct layer_proxy_header *)(uintptr_t)s;
}

static void keep_address(struct address *out, const struct sockaddr_storage *address,
			 socklen_t length)
{
	out->storage = *address;
	out->length = length;
}

static void header_taken(struct layer_proxy_header *l, const struct proxy_header *header)
{
	buffer_free(&l->held);
	l->done = true;
	if (!header->known)
		return;
	l->addresses = memory_zeroed(2, sizeof(struct address));
	keep_address(&l->addresses[0], &header->source, header->source_length);
	keep_address(&l->addresses[1], &header->destination, header->destination_length);
}

static enum io no_memory(struct failure *why)
{
	return fail(why, FAILURE_OTHER, "out of memory");
}

/* Reads so many bytes that were seen already. */
static enum io take(struct layer_proxy_header *l, size_t count, struct failure *why)
{
	while (count > 0) {
		char *room = buffer_reserve(&l->held, count);
		size_t n;
		enum io r;

		if (!room)
			return no_memory(why);
		r = stream_read(l->stream.below, room, count, &n, why);
		if (r != IO_DONE)
			return r;
		buffer_commit(&l->held, n);
		count -= n;
	}
	return IO_DONE;
}

/* Nothing more comes. */
static enum io header_missing(struct layer_proxy_header *l, struct failure *why)
{
	if (l->required ||
	    (l->held.length > 0 &&
	     proxy_header_starts(buffer_bytes(&l->held), l->held.length) == PROXY_HEADER_YES))
		return fail(why, FAILURE_PROTOCOL, "the connection ended before its PROXY header");
	l->done = true;
	return IO_DONE;
}

/* What comes says whether the header is there, with the seen bytes behind those held. */
static enum io judge(struct layer_proxy_header *l, size_t seen, struct failure *why)
{
	struct proxy_header header;
	const char *bytes = buffer_bytes(&l->held);
	const size_t length = l->held.length + seen;
	enum io r = proxy_header_parse(&header, bytes, length, why);

	if (r == IO_AGAIN)
		return take(l, seen, why);
	if (r == IO_DONE) {
		r = take(l, header.length - l->held.length, why);
		if (r == IO_DONE)
			header_taken(l, &header);
		return r;
	}
	if (l->required || proxy_header_starts(bytes, length) != PROXY_HEADER_NO)
		return IO_FAILED;
	why->class = FAILURE_NONE;
	l->done = true;
	return IO_DONE;
}

static enum io header_step(struct layer_proxy_header *l, struct failure *why)
{
	char *room = buffer_reserve(&l->held, LOOK);
	ssize_t n;
	enum io r;

	if (!room)
		return no_memory(why);
	do
		n = recv(stream_fd(l->stream.below, STREAM_READ), room, LOOK,
			 MSG_PEEK | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		return judge(l, (size_t)n, why);
	/* A reset is told once: its layer has to know it. */
	if (n < 0)
		return layer_socket_failed(l->stream.below, STREAM_READ, errno, why);
	r = take(l, 1, why);
	return r == IO_END ? header_missing(l, why) : r;
}

static enum io header_open(struct stream *s, struct failure *why)
{
	struct layer_proxy_header *l = header_of(s);
	enum io r = IO_DONE;

	while (!l->done && r == IO_DONE)
		r = header_step(l, why);
	if (l->held.length == 0)
		buffer_free(&l->held);
	return r;
}

static enum io header_read(struct stream *s, void *buf, size_t len, size_t *nread,
			   struct failure *why)
{
	struct buffer *held = &header_of(s)->held;

	if (held->length == 0)
		return stream_read(s->below, buf, len, nread, why);
	*nread = len < held->length ? len : held->length;
	memcpy(buf, buffer_bytes(held), *nread);
	buffer_take(held, *nread);
	return IO_DONE;
}

static bool header_pending(const struct stream *s)
{
	return header_of(s)->done && header_of(s)->held.length > 0;
}

static int header_raw_fd(const struct stream *s, enum stream_side side)
{
	if (side == STREAM_READ && header_of(s)->held.length > 0)
		return -1;
	return stream_raw_fd(s->below, side);
}

static void header_free(struct stream *s)
{
	buffer_free(&header_of(s)->held);
	free(header_of(s)->addresses);
	free(s);
}

static const struct stream_ops header_ops = {
	.name = proxy_header_name,
	.open = header_open,
	.read = header_read,
	.pending = header_pending,
	.raw_fd = header_raw_fd,
	.free = header_free,
};

struct stream *layer_proxy_header_new(struct stream *below, bool required)
{
	struct layer_proxy_header *l = memory_zeroed(1, sizeof(*l));

	l->stream.ops = &header_ops;
	l->stream.below = below;
	l->required = required;
	return &l->stream;
}

bool layer_proxy_header_addresses(struct stream *stack, struct address *source,
				  struct address *destination)
{
	const struct stream *s = stream_find(stack, proxy_header_name);
	const struct address *addresses = s ? header_of(s)->addresses : NULL;

	if (!addresses)
		return false;
	if (source)
		*source = addresses[0];
	if (destination)
		*destination = addresses[1];
	return true;
}

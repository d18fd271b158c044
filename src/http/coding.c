/* SPDX-License-Identifier: MIT */
/* src/http/coding.c - content codings: which one it is, and the stream that decodes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <sockutil/base/memory.h>
#include <sockutil/http/coding.h>
#include <sockutil/http/coding_decoder.h>
#include <sockutil/proto/http_head.h>

enum {
	BLOCK_SIZE = 64 * 1024,
	/* Input that may decode to nothing in one read, before the loop has its turn. */
	SILENT_MOST = 1 << 20,
};

static const struct coding_kind *const kinds[] = {
	&coding_gzip,
	&coding_deflate,
	&coding_brotli,
	&coding_zstd,
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/* Invariants: held_start <= held_end <= BLOCK_SIZE; failure is set once and said ever after. */
struct coding {
	struct stream stream; /* its below is NULL: stream_free() must not reach from */
	struct stream *from;  /* borrowed */
	const struct coding_kind *kind;
	struct coding_decoder *decoder;
	bool inside;   /* a member has begun and not ended */
	bool complete; /* one has ended */
	bool more;     /* the decoder may give more without another byte */
	bool source_ended;
	struct failure failure;
	size_t held_start, held_end;
	uint8_t block[BLOCK_SIZE];
};

/* A member or frame is to start with that byte. */
static bool begin(struct coding *c, uint8_t first)
{
	if (c->kind->begin ? c->kind->begin(c->decoder, first) : !c->complete)
		return true;
	if (c->complete)
		fail(&c->failure, FAILURE_ENCODING,
		     "the content has bytes behind the end of its %s coding", c->kind->name);
	else
		fail(&c->failure, FAILURE_ENCODING, "the content is no %s: it starts otherwise",
		     c->kind->name);
	return false;
}

/* One step of the decoder over what is held; *made counts what it gave. */
static enum io decode_held(struct coding *c, uint8_t *out, size_t room, size_t *made)
{
	struct coding_bytes bytes = {
		.in = c->block + c->held_start,
		.in_left = c->held_end - c->held_start,
		.out = out,
		.out_left = room,
	};
	enum io r;

	if (!c->inside && !begin(c, *bytes.in))
		return IO_FAILED;
	c->inside = true;
	r = c->kind->decode(c->decoder, &bytes, &c->failure);
	*made = room - bytes.out_left;
	if (r == IO_DONE && *made == 0 && bytes.in_left > 0)
		return fail(&c->failure, FAILURE_ENCODING, "the content is no %s: it stalls",
			    c->kind->name);
	c->held_start = c->held_end - bytes.in_left;
	c->inside = r != IO_END;
	c->complete = r == IO_END;
	c->more = r == IO_DONE && bytes.out_left == 0;
	return r;
}

static enum io source_ended(struct coding *c)
{
	c->source_ended = true;
	if (c->inside)
		return fail(&c->failure, FAILURE_TRUNCATED,
			    "the content was cut short: its %s coding has no end", c->kind->name);
	return IO_END;
}

static enum io refill(struct coding *c)
{
	size_t count;
	enum io r = stream_read(c->from, c->block, BLOCK_SIZE, &count, &c->failure);

	if (r == IO_END)
		return source_ended(c);
	c->held_start = 0;
	c->held_end = count;
	return r;
}

static bool has_input(const struct coding *c)
{
	return c->held_start < c->held_end || c->more;
}

static enum io coding_read(struct stream *s, void *buf, size_t len, size_t *nread,
			   struct failure *why)
{
	struct coding *c = (struct coding *)s;
	size_t silent = 0;
	enum io r = c->source_ended ? IO_END : IO_DONE;

	*nread = 0;
	while (r == IO_DONE && c->failure.class == FAILURE_NONE) {
		if (!has_input(c)) {
			if (silent >= SILENT_MOST)
				return IO_AGAIN;
			r = refill(c);
			silent += c->held_end;
			continue;
		}
		/* A failure is for the next call when there are bytes to give first. */
		decode_held(c, buf, len, nread);
		if (*nread > 0)
			return IO_DONE;
	}
	if (c->failure.class == FAILURE_NONE)
		return r;
	*why = c->failure;
	return IO_FAILED;
}

static bool coding_pending(const struct stream *s)
{
	const struct coding *c = (const struct coding *)s;

	return has_input(c) || c->source_ended || c->failure.class != FAILURE_NONE ||
	       stream_pending(c->from);
}

static unsigned coding_want(const struct stream *s, enum stream_side side)
{
	return side == STREAM_READ ? stream_want(((const struct coding *)s)->from, side) : 0;
}

static int64_t coding_wake_ms(const struct stream *s, enum stream_side side)
{
	return stream_wake_ms(((const struct coding *)s)->from, side);
}

static int coding_fd(const struct stream *s, enum stream_side side)
{
	return side == STREAM_READ ? stream_fd(((const struct coding *)s)->from, side) : -1;
}

static int coding_raw_fd(const struct stream *s, enum stream_side side)
{
	(void)s;
	(void)side;
	return -1;
}

static void coding_free(struct stream *s)
{
	struct coding *c = (struct coding *)s;

	c->kind->free(c->decoder);
	free(c);
}

static const struct stream_ops coding_ops = {
	.name = "coding",
	.read = coding_read,
	.pending = coding_pending,
	.want = coding_want,
	.wake_ms = coding_wake_ms,
	.fd = coding_fd,
	.raw_fd = coding_raw_fd,
	.free = coding_free,
};

static bool is_named(const char *element, size_t length, const char *name)
{
	return name && strlen(name) == length && strncasecmp(element, name, length) == 0;
}

static const struct coding_kind *kind_find(const char *element, size_t length)
{
	for (size_t i = 0; i < KINDS; i++)
		if (is_named(element, length, kinds[i]->name) ||
		    is_named(element, length, kinds[i]->alias))
			return kinds[i];
	return NULL;
}

/* The only coding of the list; NULL and true when there is none but identity. */
static bool kind_of(const struct coding_kind **kind, const char *value, size_t length,
		    struct failure *why)
{
	const char *element;
	size_t cursor = 0, element_length;

	*kind = NULL;
	while (http_list_next(value, length, &cursor, &element, &element_length)) {
		if (element_length == 0 || is_named(element, element_length, "identity"))
			continue;
		if (*kind) {
			fail(why, FAILURE_ENCODING,
			     "content codings %.*s: more than one is not accepted",
			     (int)(length < 100 ? length : 100), value);
			return false;
		}
		*kind = kind_find(element, element_length);
		if (!*kind) {
			fail(why, FAILURE_ENCODING, "content coding %.*s is not known",
			     (int)(element_length < 100 ? element_length : 100), element);
			return false;
		}
	}
	return true;
}

static struct coding *coding_new(const struct coding_kind *kind, struct failure *why)
{
	struct coding *c;
	struct coding_decoder *decoder;

	if (!library_load(kind->library, why)) {
		why->class = FAILURE_ENCODING;
		return NULL;
	}
	decoder = kind->new ();
	if (!decoder) {
		fail(why, FAILURE_OTHER, "%s: out of memory", kind->name);
		return NULL;
	}
	c = memory_zeroed(1, sizeof(*c));
	c->kind = kind;
	c->decoder = decoder;
	return c;
}

bool coding_open(struct stream **out, struct stream *below, const char *value, size_t length,
		 struct failure *why)
{
	const struct coding_kind *kind;
	struct coding *c;

	*out = NULL;
	if (!kind_of(&kind, value, length, why))
		return false;
	if (!kind)
		return true;
	c = coding_new(kind, why);
	if (!c)
		return false;
	c->stream.ops = &coding_ops;
	c->from = below;
	*out = &c->stream;
	return true;
}

const char *coding_accepted(void)
{
	static char list[sizeof("gzip, deflate, br, zstd")];
	size_t length = 0;
	struct failure why;

	for (size_t i = 0; i < KINDS && length < sizeof(list); i++)
		if (library_load(kinds[i]->library, &why))
			length += (size_t)snprintf(list + length, sizeof(list) - length, "%s%s",
						   length ? ", " : "", kinds[i]->name);
	return list;
}

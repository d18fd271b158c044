/* SPDX-License-Identifier: MIT */
/* src/stream/layer_http_connect.c - a tunnel through an HTTP proxy. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/memory.h>
#include <sockutil/proto/http_auth.h>
#include <sockutil/proto/http_head.h>
#include <sockutil/stream/layer_http_connect.h>
#include <sockutil/stream/layer_pushback.h>
#include <sockutil/stream/proxy_talk.h>

enum { CONNECT_PIECE = 4096, CONNECT_INTERIM_MAX = 16, CONNECT_REASON_SHOWN = 80 };

/* What is needed until it is open, and no longer. */
struct connect_opening {
	struct proxy_talk talk;
	struct buffer in; /* of the answer */
	struct http_head_scan scan;
	unsigned interims;
	bool with_password;
};

/* Invariant: what lies below is a push-back layer. */
struct layer_http_connect {
	struct stream stream;
	struct connect_opening *opening; /* NULL once open */
};

static struct layer_http_connect *connect_of(const struct stream *s)
{
	return (struct layer_http_connect *)(uintptr_t)s;
}

static void opening_free(struct connect_opening *o)
{
	if (!o)
		return;
	proxy_talk_free(&o->talk);
	buffer_free(&o->in);
	free(o);
}

/* --- the answer --------------------------------------------------------------- */

static enum io refused(const struct connect_opening *o, const struct http_head *head,
		       struct failure *why)
{
	const int shown = head->reason_length > CONNECT_REASON_SHOWN ? CONNECT_REASON_SHOWN
								     : (int)head->reason_length;

	if (head->status == 407 && o->with_password)
		return fail(why, FAILURE_PROXY,
			    "did not accept the user name and password (status 407)");
	if (head->status == 407)
		return fail(why, FAILURE_PROXY,
			    "wants to know who asks (status 407); --proxy-auth says it");
	fail(why, FAILURE_PROXY, "refused: status %d%s%.*s", head->status, shown ? " " : "", shown,
	     head->reason);
	/* What a gateway says of the other side, or of its own load (RFC 9110, 15.6). */
	if (head->status >= 502 && head->status <= 504)
		why->error = EHOSTUNREACH;
	return IO_FAILED;
}

/* The head is whole. IO_AGAIN: another one follows. */
static enum io answered(struct layer_http_connect *l, const struct http_head *head,
			struct failure *why)
{
	struct connect_opening *o = l->opening;

	if (head->status >= 300 || head->status == 101)
		return refused(o, head, why);
	/* The texts of the head go with its bytes. */
	buffer_take(&o->in, head->length);
	if (head->status >= 200) {
		/* Fields about a body mean nothing here: what follows is the tunnel. */
		if (layer_pushback_unread(l->stream.below, buffer_bytes(&o->in), o->in.length))
			return IO_DONE;
		return fail(why, FAILURE_OTHER, "sent more than there is memory for");
	}
	if (++o->interims > CONNECT_INTERIM_MAX)
		return fail(why, FAILURE_PROXY, "sends one interim answer after the other");
	return IO_AGAIN;
}

/* As far as what is here goes. */
static enum io parse(struct layer_http_connect *l, struct failure *why)
{
	struct connect_opening *o = l->opening;
	struct http_head head;
	enum io r = IO_AGAIN;

	while (r == IO_AGAIN && o->in.length > 0) {
		r = http_head_parse(&head, &o->scan, buffer_bytes(&o->in), o->in.length, why);
		if (r == IO_AGAIN)
			return r;
		if (r == IO_FAILED) {
			const struct failure inner = *why;

			return fail(why, FAILURE_PROXY, "does not speak HTTP: %s", inner.text);
		}
		r = answered(l, &head, why);
	}
	return r;
}

static enum io hear(struct layer_http_connect *l, struct failure *why)
{
	struct connect_opening *o = l->opening;
	char *room = buffer_reserve(&o->in, CONNECT_PIECE);
	size_t n;
	enum io r;

	if (!room)
		return fail(why, FAILURE_OTHER, "sent more than there is memory for");
	r = proxy_talk_hear(l->stream.below, room, CONNECT_PIECE, &n,
			    o->in.length > 0 || o->interims > 0, why);
	if (r == IO_DONE)
		buffer_commit(&o->in, n);
	return r;
}

/* --- the layer ---------------------------------------------------------------- */

static enum io connect_open(struct stream *s, struct failure *why)
{
	struct layer_http_connect *l = connect_of(s);
	enum io r;

	if (!l->opening)
		return IO_DONE;
	r = proxy_talk_send(&l->opening->talk, s->below, why);
	if (r != IO_DONE)
		return r;
	do {
		r = hear(l, why);
		if (r != IO_DONE)
			return r;
		r = parse(l, why);
	} while (r == IO_AGAIN);
	if (r != IO_DONE)
		return r;
	opening_free(l->opening);
	l->opening = NULL;
	return IO_DONE;
}

static unsigned connect_want(const struct stream *s, enum stream_side side)
{
	const struct connect_opening *o = connect_of(s)->opening;

	return o ? proxy_talk_want(&o->talk, s->below, side) : stream_want(s->below, side);
}

static int64_t connect_wake_ms(const struct stream *s, enum stream_side side)
{
	const struct connect_opening *o = connect_of(s)->opening;

	return o ? proxy_talk_wake_ms(&o->talk, s->below, side) : stream_wake_ms(s->below, side);
}

static void connect_free(struct stream *s)
{
	opening_free(connect_of(s)->opening);
	free(s);
}

static const struct stream_ops connect_ops = {
	.name = "http-connect",
	.open = connect_open,
	.want = connect_want,
	.wake_ms = connect_wake_ms,
	.free = connect_free,
};

/* --- what is asked -------------------------------------------------------------- */

static void say(struct connect_opening *o, const struct layer_http_connect_request *request)
{
	const bool v6 = strchr(request->host, ':') != NULL;
	struct buffer text = { 0 }, login = { 0 };
	const struct http_credentials who = {
		.user = request->user,
		.password = request->password ? request->password : "",
	};

	if (request->user)
		http_auth_basic(&login, &who);
	buffer_format(&text,
		      "CONNECT %s%s%s:%d HTTP/1.1\r\nHost: %s%s%s:%d\r\n"
		      "User-Agent: sockutil/" SOCKUTIL_VERSION "\r\n",
		      v6 ? "[" : "", request->host, v6 ? "]" : "", request->port, v6 ? "[" : "",
		      request->host, v6 ? "]" : "", request->port);
	if (request->user)
		buffer_format(&text, "Proxy-Authorization: %s\r\n", buffer_text(&login));
	buffer_add(&text, "\r\n", 2);
	o->with_password = request->user != NULL;
	proxy_talk_say(&o->talk, buffer_bytes(&text), text.length);
	if (login.length > 0)
		memory_wipe(buffer_bytes(&login), login.length);
	memory_wipe(buffer_bytes(&text), text.length);
	buffer_free(&login);
	buffer_free(&text);
}

/* What would break the request, or mean another user (RFC 7617, 2). */
static bool sayable(const struct layer_http_connect_request *request, struct failure *why)
{
	if (request->user && strchr(request->user, ':')) {
		fail(why, FAILURE_USAGE, "cannot be told a user name with a colon in it");
		return false;
	}
	if (http_value_valid(request->host, strlen(request->host)) && !strchr(request->host, ' '))
		return true;
	fail(why, FAILURE_USAGE, "cannot be told a host with blanks or control characters in it");
	return false;
}

struct stream *layer_http_connect_new(struct stream *below,
				      const struct layer_http_connect_request *request,
				      struct failure *why)
{
	struct layer_http_connect *l;

	if (!sayable(request, why))
		return NULL;
	l = memory_zeroed(1, sizeof(*l));
	l->stream.ops = &connect_ops;
	l->stream.below = layer_pushback_new(below);
	l->opening = memory_zeroed(1, sizeof(*l->opening));
	say(l->opening, request);
	return &l->stream;
}

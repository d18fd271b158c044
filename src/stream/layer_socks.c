/* SPDX-License-Identifier: MIT */
/* src/stream/layer_socks.c - a connection through a SOCKS proxy. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/stream/layer_socks.h>
#include <sockutil/stream/proxy_talk.h>

enum socks_state { SOCKS_CHOICE, SOCKS_LOGIN, SOCKS_REPLY4, SOCKS_REPLY5, SOCKS_OPEN };

enum { V4_REPLY = 8, V4_GRANTED = 90, V5_SHORT = 2, V5_FIXED = 5, V5_V4 = 10, V5_V6 = 22 };

/* What is needed until it is open, and no longer. */
struct socks_opening {
	struct proxy_talk talk;
	char request[SOCKS_MESSAGE_MAX], login[SOCKS_MESSAGE_MAX];
	size_t request_length, login_length; /* login_length 0: no password */
	char reply[SOCKS_MESSAGE_MAX];
	size_t length;
};

struct layer_socks {
	struct stream stream;
	enum socks_state state;
	struct socks_opening *opening; /* NULL once open */
};

static struct layer_socks *socks_of(const struct stream *s)
{
	return (struct layer_socks *)(uintptr_t)s;
}

static void opening_free(struct socks_opening *o)
{
	if (!o)
		return;
	proxy_talk_free(&o->talk);
	memory_wipe(o, sizeof(*o));
	free(o);
}

/* Bytes that the answer has at least, knowing those that are here: none behind it is ever read. */
static size_t reply_least(const struct layer_socks *l)
{
	const struct socks_opening *o = l->opening;

	if (l->state == SOCKS_REPLY4)
		return V4_REPLY;
	if (l->state != SOCKS_REPLY5 || o->length < V5_SHORT)
		return V5_SHORT;
	if (o->length < V5_FIXED)
		return V5_FIXED;
	switch (o->reply[3]) {
	case 1:
		return V5_V4;
	case 3:
		return V5_FIXED + (size_t)(unsigned char)o->reply[4] + 2;
	default:
		return V5_V6;
	}
}

/* --- what an answer means --------------------------------------------------- */

/* Whether the same question may be answered otherwise later. */
static int passing_error(int reply)
{
	static const int errors[] = {
		[SOCKS_FAILED] = EIO,
		[SOCKS_NETWORK_UNREACHABLE] = ENETUNREACH,
		[SOCKS_HOST_UNREACHABLE] = EHOSTUNREACH,
		[SOCKS_REFUSED] = ECONNREFUSED,
		[SOCKS_TTL_EXPIRED] = ETIMEDOUT,
		[SOCKS_ADDRESS_UNKNOWN] = 0,
	};

	return reply >= 0 && (size_t)reply < sizeof(errors) / sizeof(errors[0]) ? errors[reply] : 0;
}

static enum io chosen(struct layer_socks *l, int method, struct failure *why)
{
	struct socks_opening *o = l->opening;

	if (method == SOCKS_METHOD_NONE) {
		proxy_talk_say(&o->talk, o->request, o->request_length);
		l->state = SOCKS_REPLY5;
		return IO_AGAIN;
	}
	if (method == SOCKS_METHOD_PASSWORD && o->login_length > 0) {
		proxy_talk_say(&o->talk, o->login, o->login_length);
		l->state = SOCKS_LOGIN;
		return IO_AGAIN;
	}
	if (o->login_length == 0)
		return fail(
			why, FAILURE_PROXY,
			"wants to know who asks; --proxy-auth says it (user name and password)");
	return fail(why, FAILURE_PROXY, "knows no way of logging in with user name and password");
}

static enum io logged_in(struct layer_socks *l, bool accepted, struct failure *why)
{
	struct socks_opening *o = l->opening;

	if (!accepted)
		return fail(why, FAILURE_PROXY, "did not accept the user name and password");
	proxy_talk_say(&o->talk, o->request, o->request_length);
	l->state = SOCKS_REPLY5;
	return IO_AGAIN;
}

static enum io replied(struct layer_socks *l, int reply, struct failure *why)
{
	const bool v4 = l->state == SOCKS_REPLY4;

	if (reply == (v4 ? V4_GRANTED : SOCKS_GRANTED)) {
		l->state = SOCKS_OPEN;
		return IO_DONE;
	}
	if (v4)
		fail(why, FAILURE_PROXY, "refused (code %d of SOCKS 4)", reply);
	else
		fail(why, FAILURE_PROXY, "refused: %s", socks_reply_text(reply));
	why->error = v4 ? ECONNREFUSED : passing_error(reply);
	return IO_FAILED;
}

static enum io parsed(struct layer_socks *l, struct failure *why)
{
	const struct socks_opening *o = l->opening;
	struct socks_address bound;
	bool accepted = false;
	int number = 0;
	size_t used;
	enum io r;

	if (l->state == SOCKS_CHOICE)
		r = socks5_parse_choice(o->reply, o->length, &number, &used, why);
	else if (l->state == SOCKS_LOGIN)
		r = socks5_parse_login_reply(o->reply, o->length, &accepted, &used, why);
	else if (l->state == SOCKS_REPLY4)
		r = socks4_parse_reply(o->reply, o->length, &number, &bound, &used, why);
	else
		r = socks5_parse_reply(o->reply, o->length, &number, &bound, &used, why);
	if (r == IO_FAILED) {
		const struct failure inner = *why;

		return fail(why, FAILURE_PROXY, "does not speak SOCKS: %s", inner.text);
	}
	if (r != IO_DONE)
		return r;
	l->opening->length = 0;
	if (l->state == SOCKS_CHOICE)
		return chosen(l, number, why);
	if (l->state == SOCKS_LOGIN)
		return logged_in(l, accepted, why);
	return replied(l, number, why);
}

/* --- the layer --------------------------------------------------------------- */

/* One message out, or one piece of an answer in. IO_END: go on at once. */
static enum io socks_turn(struct layer_socks *l, struct failure *why)
{
	struct socks_opening *o = l->opening;
	size_t least, n;
	enum io r = proxy_talk_send(&o->talk, l->stream.below, why);

	if (r != IO_DONE)
		return r;
	least = reply_least(l);
	if (o->length >= least || least > sizeof(o->reply))
		return fail(why, FAILURE_PROXY, "does not speak SOCKS: its answer has no end");
	r = proxy_talk_hear(l->stream.below, o->reply + o->length, least - o->length, &n,
			    o->length > 0, why);
	if (r != IO_DONE)
		return r;
	o->length += n;
	r = parsed(l, why);
	return r == IO_AGAIN ? IO_END : r;
}

static enum io socks_open(struct stream *s, struct failure *why)
{
	struct layer_socks *l = socks_of(s);
	enum io r = IO_END;

	if (!l->opening)
		return IO_DONE;
	while (r == IO_END)
		r = socks_turn(l, why);
	if (r != IO_DONE)
		return r;
	opening_free(l->opening);
	l->opening = NULL;
	return IO_DONE;
}

static unsigned socks_want(const struct stream *s, enum stream_side side)
{
	const struct socks_opening *o = socks_of(s)->opening;

	return o ? proxy_talk_want(&o->talk, s->below, side) : stream_want(s->below, side);
}

static int64_t socks_wake_ms(const struct stream *s, enum stream_side side)
{
	const struct socks_opening *o = socks_of(s)->opening;

	return o ? proxy_talk_wake_ms(&o->talk, s->below, side) : stream_wake_ms(s->below, side);
}

static void socks_free(struct stream *s)
{
	opening_free(socks_of(s)->opening);
	free(s);
}

static const struct stream_ops socks_ops = {
	.name = "socks",
	.open = socks_open,
	.want = socks_want,
	.wake_ms = socks_wake_ms,
	.free = socks_free,
};

/* --- what is asked ------------------------------------------------------------ */

static bool begin4(struct layer_socks *l, const struct layer_socks_request *request,
		   struct failure *why)
{
	struct socks_opening *o = l->opening;
	const char *user = request->user ? request->user : "";

	if (strlen(user) >= SOCKS_NAME_MAX) {
		fail(why, FAILURE_USAGE, "takes user names of 255 bytes at most (SOCKS 4)");
		return false;
	}
	o->request_length = socks4_write_request(o->request, SOCKS_CONNECT, &request->to, user,
						 request->kind == PROXY_SOCKS4A);
	if (o->request_length == 0) {
		fail(why, FAILURE_PROXY,
		     "cannot be asked for %s: SOCKS 4 has IPv4 addresses alone; socks5:// has all",
		     request->to.host);
		return false;
	}
	proxy_talk_say(&o->talk, o->request, o->request_length);
	l->state = SOCKS_REPLY4;
	return true;
}

static bool begin5(struct layer_socks *l, const struct layer_socks_request *request,
		   struct failure *why)
{
	struct socks_opening *o = l->opening;
	char greeting[SOCKS_MESSAGE_MAX];

	if (request->user)
		o->login_length = socks5_write_login(o->login, request->user,
						     request->password ? request->password : "");
	if (request->user && o->login_length == 0) {
		fail(why, FAILURE_USAGE,
		     "takes a user name and a password of 1 to 255 bytes each (SOCKS 5)");
		return false;
	}
	o->request_length = socks5_write_request(o->request, SOCKS_CONNECT, &request->to);
	if (o->request_length == 0) {
		fail(why, FAILURE_PROXY, "cannot be asked for %s", request->to.host);
		return false;
	}
	proxy_talk_say(&o->talk, greeting, socks5_write_greeting(greeting, o->login_length > 0));
	l->state = SOCKS_CHOICE;
	return true;
}

struct stream *layer_socks_new(struct stream *below, const struct layer_socks_request *request,
			       struct failure *why)
{
	const bool v4 = request->kind == PROXY_SOCKS4 || request->kind == PROXY_SOCKS4A;
	struct layer_socks *l = memory_zeroed(1, sizeof(*l));

	l->stream.ops = &socks_ops;
	l->stream.below = below;
	l->opening = memory_zeroed(1, sizeof(*l->opening));
	if (v4 ? begin4(l, request, why) : begin5(l, request, why))
		return &l->stream;
	socks_free(&l->stream);
	return NULL;
}

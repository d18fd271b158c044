/* SPDX-License-Identifier: MIT */
/* src/chat/client_open.c - how a client opens its connection, says who it is, and comes back.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/log.h>
#include <sockutil/base/number.h>
#include <sockutil/base/random.h>
#include <sockutil/base/utf8.h>
#include <sockutil/chat/client_parts.h>
#include <sockutil/stream/layer_socket.h>
#include <sockutil/stream/open_tries.h>

enum {
	STEADY_MS = 10000, /* a connection that held so long was no failed try */
	DOUBT_MS = 2000,
};

/* --- the connection ------------------------------------------------------------ */

static void on_ready(void *data, unsigned sides)
{
	(void)sides;
	chat_client_step(data);
}

static void begin(struct chat_client *c, struct stream *stream)
{
	const int64_t limit_ms = c->options->stream ? c->options->stream->timeout_ms : 0;

	c->stream = stream;
	c->state = CLIENT_GREETING;
	c->ended = c->broken = c->deaf = c->pinged = false;
	c->suffix = 0;
	stream_watch_init(&c->watch, c->options->loop, stream, on_ready, c);
	chat_client_timer(c, &c->greeting_timer, limit_ms > 0 ? limit_ms : CLIENT_GREETING_MS);
	chat_client_say_hello(c);
	chat_client_step(c);
}

void chat_client_close(struct chat_client *c)
{
	if (c->stream)
		stream_watch_stop(&c->watch);
	stream_free(c->stream);
	c->stream = NULL;
	c->state = CLIENT_AWAY;
	buffer_free(&c->in);
	buffer_free(&c->out);
	chat_client_timer(c, &c->greeting_timer, -1);
	chat_client_timer(c, &c->pace_timer, -1);
	chat_client_timer(c, &c->silence_timer, -1);
	chat_client_timer(c, &c->doubt_timer, -1);
}

static void on_opened(void *data, struct stream *stream, const struct stream_report *report,
		      const struct failure *why)
{
	struct chat_client *c = data;
	char text[ENDPOINT_TEXT_MAX], wait[32];

	c->opening = NULL;
	if (stream) {
		log_info("connected to %s in %s%s%s", endpoint_text(text, c->options->endpoint),
			 duration_text(wait, sizeof wait, report->open_us / 1000),
			 report->tls.version ? ", " : "",
			 report->tls.version ? report->tls.version : "");
		begin(c, stream);
		return;
	}
	c->loss = *why;
	/* Until it is connected the failure names what it was about itself. */
	c->nameless = report->dial.connected_us >= 0 && why->class != FAILURE_NAME;
	chat_client_lost(c, &c->loss);
}

static void on_attempt_failed(void *data, const char *address, const char *reason)
{
	(void)data;
	log_info("%s: %s", address, reason);
}

void chat_client_open(struct chat_client *c)
{
	const struct stream_open_request request = {
		.loop = c->options->loop,
		.endpoint = c->options->endpoint,
		.options = c->options->stream,
		.tls = &c->tls,
		.proxy_tls = &c->proxy_tls,
		.done = on_opened,
		.attempt_failed = on_attempt_failed,
		.data = c,
	};

	if (c->options->endpoint)
		c->opening = stream_open_start(&request);
	else
		begin(c, layer_socket_new(c->options->fd, false));
}

void chat_client_on_retry(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	chat_client_open(timer->data);
}

/* --- who we are ------------------------------------------------------------------ */

/* "bob", "bob2": cut so that it has room for its number. */
static void nick_to_try(const struct chat_client *c, char out[static CHAT_NICK_MAX + 8])
{
	const char *nick = c->nick[0] ? c->nick : c->options->nick;
	const size_t length = strlen(nick);
	size_t end = 0;
	int characters = 0;

	while (end < length && characters < CHAT_NICK_CHARACTERS - (c->suffix ? 1 : 0)) {
		const size_t step = utf8_decode(nick + end, length - end, NULL);

		end += step ? step : 1;
		characters++;
	}
	snprintf(out, CHAT_NICK_MAX + 8, "%.*s", (int)end, nick);
	if (c->suffix)
		snprintf(out + strlen(out), 8, "%d", c->suffix % 10);
}

void chat_client_say_hello(struct chat_client *c)
{
	const char *room = c->room[0] ? c->room : c->options->room;
	char nick[CHAT_NICK_MAX + 8];
	bool said;

	nick_to_try(c, nick);
	said = buffer_format(&c->out, "/hello chat/1 %s %s", nick, room ? room : "-");
	if (said && c->epoch[0])
		said = buffer_format(&c->out, " %s %" PRIu64 " %s", c->epoch, c->last_id,
				     c->token[0] ? c->token : "-");
	if (!said || !buffer_add(&c->out, "\n", 1))
		chat_client_break(c, FAILURE_OTHER, "memory is short");
}

/* --- welcome --------------------------------------------------------------------- */

void chat_client_came_in(struct chat_client *c, bool same_run, uint64_t newest)
{
	c->state = CLIENT_IN;
	c->in_ms = clock_ms();
	c->failed_tries = 0;
	c->was_in = true;
	chat_client_timer(c, &c->greeting_timer, -1);
	/* What was on its way when the connection was lost may be among what we missed. */
	c->doubting = c->sent.unseen > 0 && same_run && newest > c->last_id;
	c->doubt_id = newest;
	if (c->doubting)
		chat_client_timer(c, &c->doubt_timer, DOUBT_MS);
	else
		chat_client_tell_unseen(c);
}

void chat_client_end_doubt(struct chat_client *c)
{
	c->doubting = false;
	chat_client_timer(c, &c->doubt_timer, -1);
	chat_client_tell_unseen(c);
}

/* --- coming back ------------------------------------------------------------------- */

/* Of a try, or of what was cut later. Who is there and does not speak to us goes on so. */
static bool may_pass(const struct failure *why)
{
	return why->class == FAILURE_TRUNCATED ||
	       (why->class != FAILURE_PROTOCOL && open_tries_may_pass(why));
}

static bool may_come_back(const struct chat_client *c, const struct failure *why)
{
	const struct chat_client_options *o = c->options;

	if (!o->reconnect || !o->endpoint || o->endpoint->kind == ENDPOINT_DESCRIPTOR ||
	    c->leaving == CLIENT_LEFT)
		return false;
	/* Who is about to leave comes back only to say what was typed. */
	if (c->leaving != CLIENT_STAYS && c->typed.count == 0)
		return false;
	return may_pass(why) && (o->retries <= 0 || c->failed_tries < o->retries);
}

/* "2s", "300ms": what is told is no measurement. */
static const char *wait_text(char out[static 32], int64_t ms)
{
	if (ms < 1000)
		snprintf(out, 32, "%" PRId64 "ms", ms);
	else
		snprintf(out, 32, "%" PRId64 "s", (ms + 500) / 1000);
	return out;
}

static void come_back(struct chat_client *c, const struct failure *why, bool was_open)
{
	int64_t wait_ms;
	char text[32];

	if (was_open && clock_ms() - c->in_ms >= STEADY_MS)
		c->backoff.delay_ms = c->options->retry_delay_ms;
	wait_ms = backoff_next(&c->backoff, random_u32());
	chat_client_tell(c, "%s (%s); trying again in %s",
			 was_open ? "connection lost" : "not connected", why->text,
			 wait_text(text, wait_ms));
	chat_client_timer(c, &c->retry_timer, wait_ms);
}

void chat_client_give_up(struct chat_client *c)
{
	struct failure final = c->loss;
	char text[ENDPOINT_TEXT_MAX];

	chat_client_tell_undelivered(c);
	if (final.class == FAILURE_RECEIVE && c->undelivered)
		final.class = FAILURE_SEND;
	if (c->options->endpoint && c->nameless)
		fail_at(&final, endpoint_text(text, c->options->endpoint));
	chat_client_failed(c, &final);
}

void chat_client_lost(struct chat_client *c, const struct failure *why)
{
	const bool was_stream = c->stream != NULL, was_open = c->state == CLIENT_IN;

	c->loss = *why;
	chat_client_close(c);
	c->doubting = false;
	if (was_stream) {
		/* A stream's failures say what happened, not to whom. */
		c->nameless = true;
		chat_files_over(c->files, "the connection is lost");
	}
	if (!was_open)
		c->failed_tries++;
	if (may_come_back(c, &c->loss))
		come_back(c, &c->loss, was_open);
	else
		chat_client_give_up(c);
}

/* SPDX-License-Identifier: MIT */
/* src/connect/client_open.c - how a client opens its connection, and tries again. */
#include <sockutil/connect/client_parts.h>
#include <sockutil/connect/client_tries.h>
#include <sockutil/connect/kept_local.h>
#include <sockutil/stream/layer_crlf.h>
#include <sockutil/stream/layer_telnet.h>
#include <sockutil/stream/open_tries.h>

void client_name_endpoint(const struct client *c, struct failure *why)
{
	char text[ENDPOINT_TEXT_MAX];

	if (why->class != FAILURE_INPUT && why->class != FAILURE_OUTPUT &&
	    why->class != FAILURE_READER_GONE)
		fail_at(why, endpoint_text(text, c->options->endpoint));
}

static bool may_try_again(const struct client *c, const struct failure *why)
{
	const struct client_options *o = c->options;
	const bool endless = o->reconnect && o->retries == 0;

	return open_tries_may_pass(why) && (endless || o->wait || c->tries_left > 0);
}

/* --wait has run out: that is what is told, with the last reason. */
static bool wait_is_over(const struct client *c, int64_t *next_ms)
{
	int64_t left = c->options->wait_ms - (clock_ms() - c->started_ms);

	if (!c->options->wait || c->options->wait_ms <= 0)
		return false;
	/* The last try is made at the limit itself. */
	if (*next_ms > left)
		*next_ms = left;
	return left <= 0;
}

void client_wait_for(struct client *c, int64_t wait_ms)
{
	ev_now_update(c->loop);
	ev_timer_set(&c->retry_timer, (double)wait_ms / 1000, 0);
	ev_timer_start(c->loop, &c->retry_timer);
}

static void try_again(struct client *c, const struct failure *why)
{
	const struct client_hooks *hooks = &c->options->hooks;
	int64_t wait_ms = backoff_next(&c->backoff, (uint32_t)clock_us());

	if (wait_is_over(c, &wait_ms)) {
		struct failure late;

		fail(&late, FAILURE_TIMEOUT, "it did not accept within %lld ms (--wait): %s",
		     (long long)c->options->wait_ms, why->text);
		client_failed(c, &late);
		return;
	}
	c->tries_left--;
	if (hooks->retrying)
		hooks->retrying(hooks->data, why, wait_ms);
	client_wait_for(c, wait_ms);
}

static bool add_layers(struct client *c, struct failure *why)
{
	const struct client_options *o = c->options;

	if (o->digest) {
		c->digest = layer_digest_new(c->remote, o->digest, why);
		if (!c->digest)
			return false;
		c->remote = c->digest;
	}
	if (o->telnet)
		c->remote = layer_telnet_new(c->remote);
	if (o->crlf)
		c->remote = layer_crlf_new(c->remote);
	return true;
}

static void on_opened(void *data, struct stream *stream, const struct stream_report *report,
		      const struct failure *why)
{
	struct client *c = data;
	struct failure local = { 0 };

	c->opening = NULL;
	if (!stream) {
		local = *why;
		/* Until it is connected the failure names what it was about itself. */
		if (report->dial.connected_us >= 0 && why->class != FAILURE_NAME)
			client_name_endpoint(c, &local);
		if (may_try_again(c, &local))
			try_again(c, &local);
		else
			client_failed(c, &local);
		return;
	}
	c->remote = stream;
	c->opened_ms = clock_ms();
	c->tries_left = c->options->retries;
	c->result->stream = *report;
	c->result->opened = true;
	if (c->options->hooks.opened)
		c->options->hooks.opened(c->options->hooks.data, stream, report);
	if (add_layers(c, &local))
		client_begin(c);
	else
		client_failed(c, &local);
}

void client_open(struct client *c)
{
	const struct client_options *o = c->options;
	struct stream_open_request request = {
		.loop = c->loop,
		.endpoint = o->endpoint,
		.options = &c->stream,
		.tls = &c->tls,
		.done = on_opened,
		.attempt_failed = o->hooks.attempt_failed,
		.data = c,
	};

	if (o->wait && o->wait_ms > 0) {
		int64_t left = o->wait_ms - (clock_ms() - c->started_ms);

		if (c->stream.timeout_ms <= 0 || left < c->stream.timeout_ms)
			c->stream.timeout_ms = left > 1 ? left : 1;
	}
	c->opening = stream_open_start(&request);
}

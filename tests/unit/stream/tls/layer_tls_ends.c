/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/tls/layer_tls_ends.c Holds, of layer_tls: half-close works both ways, in
 * both versions, and is idempotent; what is held goes out before close_notify; the stream below
 * is ended only once the peer has ended; an end without close_notify is truncation, a loss below
 * is reported as it is, and writing goes on after both; a lost or closed connection in the
 * handshake says so; settling waits for below; a failed write loses nothing that came; an alert
 * after the handshake is told to reader and writer; a peer that has said goodbye need not take
 * ours, but all before it. */
#include "tls_support.h"

#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/stream/tls/layer_tls.h>

TestSuite(tls_layer_ends, .init = tls_support_begin, .fini = tls_support_end);

static struct tls_pair pair;

static void open_usual(void)
{
	tls_pair_usual(&pair);
	tls_pair_open(&pair);
}

static void open_12(void)
{
	const char *certificates[] = { NULL, NULL };

	tls_support_usual();
	certificates[0] = tls_support_path("server.pem");
	tls_pair_init(&pair,
		      &(struct tls_options){ .ca = tls_support_path("ca.pem"), .max = "1.2" },
		      &(struct tls_options){ .cert = certificates }, "host.example");
	tls_pair_open(&pair);
}

static void half_close(struct stream *one, struct stream *other)
{
	struct failure why = { 0 };
	char byte;
	size_t count;

	cr_assert_eq(stream_end(one, &why), IO_DONE);
	cr_assert_eq(stream_end(one, &why), IO_DONE);
	cr_assert_eq(stream_read(other, &byte, 1, &count, &why), IO_END);
	cr_assert_eq(stream_read(other, &byte, 1, &count, &why), IO_END);
	cr_assert(!stream_pending(other));
	tls_pair_exchange(other, one, "still here");
	cr_assert_eq(stream_end(other, &why), IO_DONE);
	cr_assert_eq(stream_read(one, &byte, 1, &count, &why), IO_END);
}

Test(tls_layer_ends, the_client_half_closes)
{
	open_usual();
	half_close(pair.client, pair.server);
	cr_assert(!pair.wire.way[0].ended, "TCP stays open as long as the peer may send");
	cr_assert(pair.wire.way[1].ended, "the last one to end passes it on");
	tls_pair_free(&pair);
}

Test(tls_layer_ends, the_server_half_closes)
{
	open_usual();
	half_close(pair.server, pair.client);
	tls_pair_free(&pair);
}

Test(tls_layer_ends, half_close_in_tls_1_2)
{
	open_12();
	half_close(pair.client, pair.server);
	tls_pair_free(&pair);
}

Test(tls_layer_ends, end_sends_what_is_held_first)
{
	struct failure why = { 0 };
	char got[8];
	size_t count;

	open_usual();
	cr_assert_eq(stream_write(pair.client, "last", 4, &count, &why), IO_DONE);
	pair.wire.way[0].window = 5;
	cr_assert_eq(stream_end(pair.client, &why), IO_AGAIN);
	cr_assert_eq(stream_want(pair.client, STREAM_WRITE), STREAM_WANT_WRITE);
	pair.wire.way[0].window = 1000;
	cr_assert_eq(stream_end(pair.client, &why), IO_DONE);
	cr_assert_eq(stream_read(pair.server, got, sizeof(got), &count, &why), IO_DONE);
	cr_assert_eq(count, 4);
	cr_assert(stream_pending(pair.server), "the end has come along");
	cr_assert_eq(stream_read(pair.server, got, sizeof(got), &count, &why), IO_END);
	cr_assert_eq(stream_settle(pair.client, &why), IO_DONE);
	tls_pair_free(&pair);
}

Test(tls_layer_ends, settling_waits_for_below)
{
	struct failure why = { 0 };

	open_usual();
	pair.wire.way[0].unsettled = true;
	cr_assert_eq(stream_settle(pair.client, &why), IO_AGAIN);
	cr_assert_eq(stream_want(pair.client, STREAM_WRITE), STREAM_WANT_WRITE);
	pair.wire.way[0].unsettled = false;
	cr_assert_eq(stream_settle(pair.client, &why), IO_DONE);
	tls_pair_free(&pair);
}

Test(tls_layer_ends, what_came_before_a_failed_write_is_still_there)
{
	struct failure why = { 0 };
	char got[8];
	size_t count;

	open_usual();
	cr_assert_eq(stream_read(pair.client, got, sizeof(got), &count, &why), IO_AGAIN);
	cr_assert_eq(stream_write(pair.server, "last", 4, &count, &why), IO_DONE);
	cr_assert_eq(stream_flush(pair.server, &why), IO_DONE);
	pair.wire.way[0].lost = true;
	cr_assert_eq(stream_write(pair.client, "x", 1, &count, &why), IO_DONE);
	cr_assert_eq(stream_flush(pair.client, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_SEND);
	cr_assert(stream_pending(pair.client));
	cr_assert_eq(stream_read(pair.client, got, sizeof(got), &count, &why), IO_DONE);
	cr_assert_eq(count, 4);
	tls_pair_free(&pair);
}

Test(tls_layer_ends, an_end_without_close_notify_is_truncation)
{
	struct failure why = { 0 };
	char got[8];
	size_t count;

	open_usual();
	cr_assert_eq(stream_write(pair.server, "part", 4, &count, &why), IO_DONE);
	cr_assert_eq(stream_flush(pair.server, &why), IO_DONE);
	pair.wire.way[1].ended = true;
	cr_assert_eq(stream_read(pair.client, got, sizeof(got), &count, &why), IO_DONE);
	cr_assert_eq(count, 4);
	for (int i = 0; i < 2; i++) {
		cr_assert_eq(stream_read(pair.client, got, sizeof(got), &count, &why), IO_FAILED);
		cr_assert_eq(why.class, FAILURE_TRUNCATED);
		cr_assert_str_eq(why.text, "the connection was cut: no close_notify");
	}
	tls_pair_exchange(pair.client, pair.server, "writing goes on");
	cr_assert_eq(stream_end(pair.client, &why), IO_DONE);
	cr_assert(pair.wire.way[0].ended);
	tls_pair_free(&pair);
}

Test(tls_layer_ends, an_end_inside_a_record_is_truncation)
{
	struct failure why = { 0 };
	char got[8];
	size_t count;

	open_usual();
	pair.wire.way[1].window = 9;
	cr_assert_eq(stream_write(pair.server, "part", 4, &count, &why), IO_DONE);
	cr_assert_eq(stream_flush(pair.server, &why), IO_AGAIN);
	pair.wire.way[1].ended = true;
	cr_assert_eq(stream_read(pair.client, got, sizeof(got), &count, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_TRUNCATED);
	tls_pair_free(&pair);
}

Test(tls_layer_ends, a_loss_below_is_reported_as_it_is)
{
	struct failure why = { 0 };
	char got[8];
	size_t count;

	open_usual();
	pair.wire.way[1].lost = true;
	cr_assert_eq(stream_read(pair.client, got, sizeof(got), &count, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_RECEIVE);
	cr_assert_str_eq(why.text, "connection reset by peer");
	tls_pair_exchange(pair.client, pair.server, "the other way still works");
	pair.wire.way[0].lost = true;
	cr_assert_eq(stream_write(pair.client, "x", 1, &count, &why), IO_DONE);
	cr_assert_eq(stream_flush(pair.client, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_SEND);
	tls_pair_free(&pair);
}

/* The server says goodbye and is gone; held: what the client has not sent yet, behind: what is
 * not acknowledged. */
static enum io end_after_the_peer(const char *held, long behind, struct failure *why)
{
	char byte;
	size_t count;

	open_usual();
	cr_assert_eq(stream_end(pair.server, why), IO_DONE);
	cr_assert_eq(stream_read(pair.client, &byte, 1, &count, why), IO_END);
	if (held[0])
		cr_assert_eq(stream_write(pair.client, held, strlen(held), &count, why), IO_DONE);
	pair.wire.way[0].lost = true;
	pair.wire.way[0].behind = behind;
	return stream_end(pair.client, why);
}

Test(tls_layer_ends, a_peer_that_said_goodbye_need_not_take_ours)
{
	struct failure why = { 0 };

	cr_assert_eq(end_after_the_peer("", 0, &why), IO_DONE);
	cr_assert_eq(why.class, FAILURE_NONE);
	cr_assert_eq(stream_settle(pair.client, &why), IO_DONE);
	cr_assert_eq(stream_end(pair.client, &why), IO_DONE);
	cr_assert_null(((struct layer_tls *)pair.client)->transport.out.data);
	tls_pair_free(&pair);
}

Test(tls_layer_ends, what_came_before_our_goodbye_must_arrive)
{
	struct failure why = { 0 };

	cr_assert_eq(end_after_the_peer("held", 0, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_SEND);
	cr_assert_eq(stream_settle(pair.client, &why), IO_FAILED);
	tls_pair_free(&pair);
	why = (struct failure){ 0 };
	cr_assert_eq(end_after_the_peer("", 2, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_SEND);
	tls_pair_free(&pair);
}

Test(tls_layer_ends, a_goodbye_without_the_peers_must_arrive)
{
	struct failure why = { 0 };

	open_usual();
	pair.wire.way[0].lost = true;
	cr_assert_eq(stream_end(pair.client, &why), IO_FAILED);
	cr_assert_str_eq(why.text, "connection reset by peer");
	tls_pair_free(&pair);
}

Test(tls_layer_ends, a_close_in_the_handshake_says_so)
{
	tls_pair_usual(&pair);
	pair.wire.way[1].ended = true;
	cr_assert_eq(stream_open(pair.client, &pair.client_why), IO_FAILED);
	cr_assert_eq(pair.client_why.class, FAILURE_TLS);
	cr_assert_str_eq(pair.client_why.text,
			 "the peer closed the connection during the TLS handshake");
	tls_pair_free(&pair);
}

Test(tls_layer_ends, a_loss_in_the_handshake_says_so)
{
	tls_pair_usual(&pair);
	pair.wire.way[1].lost = true;
	cr_assert_eq(stream_open(pair.client, &pair.client_why), IO_FAILED);
	cr_assert_eq(pair.client_why.class, FAILURE_TLS);
	cr_assert_str_eq(pair.client_why.text, "the connection was lost during the TLS handshake: "
					       "connection reset by peer");
	tls_pair_free(&pair);
	tls_pair_usual(&pair);
	pair.wire.way[0].lost = true;
	cr_assert_eq(stream_open(pair.client, &pair.client_why), IO_FAILED);
	cr_assert_str_eq(pair.client_why.text, "the connection was lost during the TLS handshake: "
					       "connection reset by peer");
	tls_pair_free(&pair);
}

/* A client certificate is asked for and none is there: TLS 1.3 tells the client after its
 * handshake. */
static void open_refused(void)
{
	const char *certificates[] = { NULL, NULL };
	enum io client, server;

	tls_support_usual();
	certificates[0] = tls_support_path("server.pem");
	tls_pair_init(&pair, &(struct tls_options){ .ca = tls_support_path("ca.pem") },
		      &(struct tls_options){ .cert = certificates,
					     .client_ca = tls_support_path("ca.pem") },
		      "host.example");
	tls_pair_shake(&pair, &client, &server);
	cr_assert_eq(client, IO_DONE);
	cr_assert_eq(server, IO_FAILED);
	cr_assert_str_eq(pair.server_why.text, "the client sent no certificate");
}

static const char alert_text[] = "the peer wants a certificate of ours; --cert FILE gives it one";

Test(tls_layer_ends, an_alert_after_the_handshake_is_told_to_the_reader)
{
	struct failure why = { 0 };
	char got[8];
	size_t count;

	open_refused();
	pair.wire.way[1].ended = true;
	for (int i = 0; i < 2; i++) {
		cr_assert_eq(stream_read(pair.client, got, sizeof(got), &count, &why), IO_FAILED);
		cr_assert_eq(why.class, FAILURE_TLS);
		cr_assert_str_eq(why.text, alert_text);
	}
	tls_pair_free(&pair);
}

Test(tls_layer_ends, an_alert_after_the_handshake_is_told_to_the_writer)
{
	struct failure why = { 0 };
	char got[8];
	size_t count;

	open_refused();
	pair.wire.way[0].lost = true;
	cr_assert_eq(stream_write(pair.client, "x", 1, &count, &why), IO_DONE);
	cr_assert_eq(stream_flush(pair.client, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_TLS);
	cr_assert_str_eq(why.text, alert_text);
	cr_assert_eq(stream_read(pair.client, got, sizeof(got), &count, &why), IO_FAILED);
	cr_assert_str_eq(why.text, alert_text);
	tls_pair_free(&pair);
}

/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/tls/layer_tls.c Holds: a handshake goes on at any byte; open may be asked
 * again; data crosses both ways in any piece size; small writes become one record, large ones
 * one send; nothing is sent before flush or 64 KiB; reading fills the buffer from many records;
 * pending tells of decrypted bytes and whole records, not of a cut one; an idle connection holds
 * no buffers; a forged record is a failure; KeyUpdates are answered, a flood of them is refused;
 * renegotiation is refused; no tickets are sent; plain text and garbage are no TLS; want follows
 * the side of below. How connections end: layer_tls_ends.c. */
#include "tls_support.h"

#include <criterion/criterion.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/stream/tls/layer_tls.h>

TestSuite(tls_layer, .init = tls_support_begin, .fini = tls_support_end);

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

static SSL *ssl_of(struct stream *s)
{
	return ((struct layer_tls *)s)->ssl;
}

Test(tls_layer, bytes_cross_both_ways)
{
	open_usual();
	tls_pair_exchange(pair.client, pair.server, "to the server");
	tls_pair_exchange(pair.server, pair.client, "to the client");
	tls_pair_free(&pair);
}

Test(tls_layer, a_handshake_goes_on_at_any_byte)
{
	tls_pair_usual(&pair);
	pair.wire.way[0].piece = pair.wire.way[1].piece = 1;
	tls_pair_open(&pair);
	pair.wire.way[0].piece = pair.wire.way[1].piece = 0;
	tls_pair_exchange(pair.client, pair.server, "x");
	tls_pair_free(&pair);
}

Test(tls_layer, a_handshake_waits_for_room_to_send)
{
	enum io client, server;

	tls_pair_usual(&pair);
	pair.wire.way[0].window = 3;
	cr_assert_eq(stream_open(pair.client, &pair.client_why), IO_AGAIN);
	cr_assert_eq(stream_want(pair.client, STREAM_READ), STREAM_WANT_READ | STREAM_WANT_WRITE);
	pair.wire.way[1].window = 7;
	tls_pair_shake(&pair, &client, &server);
	cr_assert_eq(client, IO_DONE, "%s", pair.client_why.text);
	cr_assert_eq(server, IO_DONE, "%s", pair.server_why.text);
	tls_pair_free(&pair);
}

Test(tls_layer, open_may_be_asked_again)
{
	open_usual();
	cr_assert_eq(stream_open(pair.client, &pair.client_why), IO_DONE);
	cr_assert_eq(stream_open(pair.server, &pair.server_why), IO_DONE);
	tls_pair_free(&pair);
}

Test(tls_layer, waiting_for_the_peer_is_waiting_to_read)
{
	tls_pair_usual(&pair);
	cr_assert_eq(stream_open(pair.client, &pair.client_why), IO_AGAIN);
	cr_assert_eq(stream_want(pair.client, STREAM_READ), STREAM_WANT_READ);
	tls_pair_free(&pair);
}

/* Everything in one direction, with what the two sides take at a time changing. */
static void transfer(struct stream *from, struct stream *to, size_t total)
{
	unsigned char *sent = malloc(total), *got = malloc(total + 1);
	size_t written = 0, read = 0, count = 0;
	struct failure why = { 0 };

	srand(7);
	for (size_t i = 0; i < total; i++)
		sent[i] = (unsigned char)(rand() >> 5);
	while (read < total) {
		size_t length = (size_t)rand() % 200000 + 1;
		enum io result = IO_AGAIN;

		if (written < total) {
			if (length > total - written)
				length = total - written;
			result = stream_write(from, sent + written, length, &count, &why);
			cr_assert(result == IO_DONE || result == IO_AGAIN, "%s", why.text);
			written += count;
		}
		if (rand() % 2 || written == total)
			cr_assert(stream_flush(from, &why) != IO_FAILED);
		do {
			length = (size_t)rand() % 100000 + 1;
			result = stream_read(to, got + read,
					     length < total + 1 - read ? length : total + 1 - read,
					     &count, &why);
			cr_assert(result == IO_DONE || result == IO_AGAIN, "%s", why.text);
			read += count;
		} while (result == IO_DONE);
		cr_assert(!stream_pending(to));
	}
	cr_assert_eq(read, total);
	cr_assert_arr_eq(got, sent, total);
	free(sent);
	free(got);
}

Test(tls_layer, much_data_in_any_pieces)
{
	static const size_t pieces[] = { 0, 1, 7, 1000, 16384, 70000 };

	open_usual();
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		size_t total = pieces[i] == 1 || pieces[i] == 7 ? 60000 : 2000000;

		pair.wire.way[0].piece = pair.wire.way[1].piece = pieces[i];
		transfer(pair.client, pair.server, total);
		transfer(pair.server, pair.client, total);
	}
	tls_pair_free(&pair);
}

Test(tls_layer, a_small_window_is_no_deadlock)
{
	open_usual();
	pair.wire.way[0].window = 100;
	transfer(pair.client, pair.server, 100000);
	tls_pair_free(&pair);
}

Test(tls_layer, nothing_is_sent_before_flush)
{
	struct failure why = { 0 };
	size_t before, count;

	open_usual();
	before = pair.wire.way[0].total;
	cr_assert_eq(stream_write(pair.client, "abc", 3, &count, &why), IO_DONE);
	cr_assert_eq(pair.wire.way[0].total, before);
	cr_assert_eq(stream_flush(pair.client, &why), IO_DONE);
	cr_assert(pair.wire.way[0].total > before);
	tls_pair_free(&pair);
}

Test(tls_layer, small_pieces_become_one_record)
{
	struct iovec v[] = { { "GET ", 4 }, { "", 0 }, { "/", 1 }, { "\n", 1 } };
	struct failure why = { 0 };
	size_t before, count;
	char got[10];

	open_usual();
	before = pair.wire.way[0].total;
	cr_assert_eq(stream_writev(pair.client, v, 4, &count, &why), IO_DONE);
	cr_assert_eq(count, 6);
	cr_assert_eq(stream_flush(pair.client, &why), IO_DONE);
	/* Header 5, content type 1, tag 16. */
	cr_assert_eq(pair.wire.way[0].total - before, 6 + 22);
	cr_assert_eq(stream_read(pair.server, got, sizeof(got), &count, &why), IO_DONE);
	cr_assert_eq(count, 6);
	cr_assert_arr_eq(got, "GET /\n", 6);
	tls_pair_free(&pair);
}

Test(tls_layer, a_large_write_is_one_send_and_one_read)
{
	static char bytes[200000], got[200000];
	struct failure why = { 0 };
	unsigned writes, reads;
	size_t count;

	open_usual();
	writes = pair.wire.way[0].writes;
	cr_assert_eq(stream_write(pair.client, bytes, sizeof(bytes), &count, &why), IO_DONE);
	cr_assert(count >= 48 * 1024, "%zu", count);
	cr_assert_eq(stream_flush(pair.client, &why), IO_DONE);
	cr_assert_eq(pair.wire.way[0].writes - writes, 1);
	reads = pair.wire.way[0].reads;
	cr_assert_eq(stream_read(pair.server, got, sizeof(got), &count, &why), IO_DONE);
	cr_assert(count >= 32 * 1024, "%zu", count);
	cr_assert(pair.wire.way[0].reads - reads <= 2);
	tls_pair_free(&pair);
}

Test(tls_layer, a_small_message_is_asked_for_once)
{
	unsigned asked;

	open_usual();
	asked = pair.wire.way[0].asked;
	tls_pair_exchange(pair.client, pair.server, "x");
	cr_assert_eq(pair.wire.way[0].asked - asked, 1);
	tls_pair_free(&pair);
}

Test(tls_layer, pending_tells_of_what_is_already_here)
{
	struct failure why = { 0 };
	char byte;
	size_t count;

	open_usual();
	cr_assert(!stream_pending(pair.server));
	cr_assert_eq(stream_write(pair.client, "ab", 2, &count, &why), IO_DONE);
	cr_assert_eq(stream_write(pair.client, "c", 1, &count, &why), IO_DONE);
	cr_assert_eq(stream_flush(pair.client, &why), IO_DONE);
	cr_assert(!stream_pending(pair.server), "nothing is read yet");
	cr_assert_eq(stream_read(pair.server, &byte, 1, &count, &why), IO_DONE);
	cr_assert(stream_pending(pair.server), "b is decrypted, c is in a whole record");
	cr_assert_eq(stream_read(pair.server, &byte, 1, &count, &why), IO_DONE);
	cr_assert_eq(byte, 'b');
	cr_assert(stream_pending(pair.server), "c is in a whole record");
	cr_assert_eq(stream_read(pair.server, &byte, 1, &count, &why), IO_DONE);
	cr_assert_eq(byte, 'c');
	cr_assert(!stream_pending(pair.server));
	tls_pair_free(&pair);
}

Test(tls_layer, what_the_server_says_first_is_pending_after_the_handshake)
{
	struct failure why = { 0 };
	char got[8];
	size_t count;

	open_12();
	tls_pair_free(&pair);
	tls_pair_usual(&pair);
	while (stream_open(pair.server, &pair.server_why) == IO_AGAIN &&
	       !((struct layer_tls *)pair.server)->shaken) {
		cr_assert_neq(stream_open(pair.client, &pair.client_why), IO_FAILED);
	}
	cr_assert_eq(stream_write(pair.server, "hello", 5, &count, &why), IO_DONE);
	cr_assert_eq(stream_flush(pair.server, &why), IO_DONE);
	cr_assert_eq(stream_open(pair.client, &pair.client_why), IO_DONE);
	cr_assert_eq(stream_read(pair.client, got, sizeof(got), &count, &why), IO_DONE);
	cr_assert_eq(count, 5);
	tls_pair_free(&pair);
}

Test(tls_layer, a_cut_record_is_not_pending)
{
	struct failure why = { 0 };
	char got[8];
	size_t count;

	open_usual();
	cr_assert_eq(stream_write(pair.client, "abcdef", 6, &count, &why), IO_DONE);
	pair.wire.way[0].window = 10;
	cr_assert_eq(stream_flush(pair.client, &why), IO_AGAIN);
	cr_assert_eq(stream_want(pair.client, STREAM_WRITE), STREAM_WANT_WRITE);
	cr_assert_eq(stream_read(pair.server, got, sizeof(got), &count, &why), IO_AGAIN);
	cr_assert_eq(stream_want(pair.server, STREAM_READ), STREAM_WANT_READ);
	cr_assert(!stream_pending(pair.server));
	pair.wire.way[0].window = 1000;
	cr_assert_eq(stream_flush(pair.client, &why), IO_DONE);
	cr_assert_eq(stream_read(pair.server, got, sizeof(got), &count, &why), IO_DONE);
	cr_assert_eq(count, 6);
	tls_pair_free(&pair);
}

Test(tls_layer, an_idle_connection_holds_no_buffer)
{
	open_usual();
	tls_pair_exchange(pair.client, pair.server, "x");
	cr_assert_null(((struct layer_tls *)pair.client)->transport.out.data);
	cr_assert_null(((struct layer_tls *)pair.client)->verify);
	cr_assert_null(((struct layer_tls *)pair.server)->transport.out.data);
	cr_assert(SSL_get_mode(ssl_of(pair.client)) & SSL_MODE_RELEASE_BUFFERS);
	tls_pair_free(&pair);
}

Test(tls_layer, a_forged_record_is_a_failure)
{
	static const char forged[] = "\x17\x03\x03\x00\x20"
				     "0123456789abcdef0123456789abcdef";
	struct failure why = { 0 };
	char got[8];
	size_t count;

	open_usual();
	buffer_add(&pair.wire.way[1].bytes, forged, sizeof(forged) - 1);
	cr_assert_eq(stream_read(pair.client, got, sizeof(got), &count, &why), IO_FAILED);
	cr_assert_eq(why.class, FAILURE_TLS);
	cr_assert_str_eq(why.text, "TLS failed: decryption failed or bad record mac");
	cr_assert_eq(ERR_peek_error(), 0);
	tls_pair_free(&pair);
}

Test(tls_layer, a_key_update_is_answered)
{
	struct failure why = { 0 };
	char got[8];
	size_t count, before;

	open_usual();
	SSL_key_update(ssl_of(pair.server), SSL_KEY_UPDATE_REQUESTED);
	cr_assert_eq(stream_write(pair.server, "x", 1, &count, &why), IO_DONE);
	cr_assert_eq(stream_flush(pair.server, &why), IO_DONE);
	before = pair.wire.way[0].total;
	cr_assert_eq(stream_read(pair.client, got, sizeof(got), &count, &why), IO_DONE);
	/* OpenSSL answers with its next record at the latest. */
	tls_pair_exchange(pair.client, pair.server, "y");
	cr_assert(pair.wire.way[0].total > before + 23);
	tls_pair_exchange(pair.server, pair.client, "z");
	tls_pair_free(&pair);
}

Test(tls_layer, key_updates_between_data_are_no_flood)
{
	open_usual();
	for (int i = 0; i < 4; i++) {
		struct failure why = { 0 };

		for (int k = 0; k < LAYER_TLS_MESSAGES_MAX / 2; k++) {
			SSL_key_update(ssl_of(pair.server), SSL_KEY_UPDATE_NOT_REQUESTED);
			cr_assert_eq(SSL_do_handshake(ssl_of(pair.server)), 1);
			cr_assert_neq(stream_flush(pair.server, &why), IO_FAILED);
		}
		tls_pair_exchange(pair.server, pair.client, "x");
	}
	tls_pair_free(&pair);
}

Test(tls_layer, a_flood_of_key_updates_is_refused)
{
	struct failure why = { 0 };
	enum io result = IO_AGAIN;
	char got[8];
	size_t count;

	open_usual();
	pair.wire.way[0].window = 0; /* and the flooder takes no answer */
	for (int i = 0; i < 1000; i++) {
		SSL_key_update(ssl_of(pair.server), SSL_KEY_UPDATE_REQUESTED);
		cr_assert_eq(SSL_do_handshake(ssl_of(pair.server)), 1);
		cr_assert_neq(stream_flush(pair.server, &why), IO_FAILED);
	}
	for (int i = 0; i < 2000 && result == IO_AGAIN; i++)
		result = stream_read(pair.client, got, sizeof(got), &count, &why);
	cr_assert_eq(result, IO_FAILED);
	cr_assert_eq(why.class, FAILURE_TLS);
	cr_assert_str_eq(why.text, "the peer floods with handshake messages");
	cr_assert(((struct layer_tls *)pair.client)->transport.out.length < TRANSPORT_CAP);
	tls_pair_free(&pair);
}

Test(tls_layer, a_client_cannot_renegotiate)
{
	struct failure why = { 0 };
	char got[8];
	size_t count;

	open_12();
	SSL_clear_options(ssl_of(pair.client), SSL_OP_NO_RENEGOTIATION);
	SSL_renegotiate(ssl_of(pair.client));
	SSL_do_handshake(ssl_of(pair.client));
	cr_assert_neq(stream_flush(pair.client, &why), IO_FAILED);
	cr_assert_eq(stream_read(pair.server, got, sizeof(got), &count, &why), IO_AGAIN);
	cr_assert_eq(SSL_num_renegotiations(ssl_of(pair.server)), 0);
	tls_pair_free(&pair);
}

Test(tls_layer, a_server_cannot_renegotiate)
{
	struct failure why = { 0 };
	char got[8];
	size_t count;

	open_12();
	SSL_clear_options(ssl_of(pair.server), SSL_OP_NO_RENEGOTIATION);
	cr_assert_eq(SSL_renegotiate(ssl_of(pair.server)), 1);
	SSL_do_handshake(ssl_of(pair.server));
	cr_assert_neq(stream_flush(pair.server, &why), IO_FAILED);
	cr_assert_eq(stream_read(pair.client, got, sizeof(got), &count, &why), IO_AGAIN);
	cr_assert_eq(SSL_num_renegotiations(ssl_of(pair.client)), 0);
	tls_pair_free(&pair);
}

/* The refusal is an alert that reading makes. */
Test(tls_layer, an_answer_waits_for_room)
{
	struct failure why = { 0 };
	char got[8];
	size_t count;

	open_12();
	pair.wire.way[0].window = 0;
	SSL_clear_options(ssl_of(pair.server), SSL_OP_NO_RENEGOTIATION);
	cr_assert_eq(SSL_renegotiate(ssl_of(pair.server)), 1);
	SSL_do_handshake(ssl_of(pair.server));
	cr_assert_neq(stream_flush(pair.server, &why), IO_FAILED);
	cr_assert_eq(stream_read(pair.client, got, sizeof(got), &count, &why), IO_AGAIN);
	cr_assert(((struct layer_tls *)pair.client)->transport.out.length > 0);
	cr_assert_eq(stream_want(pair.client, STREAM_READ), STREAM_WANT_READ | STREAM_WANT_WRITE);
	pair.wire.way[0].window = 1000;
	cr_assert_eq(stream_read(pair.client, got, sizeof(got), &count, &why), IO_AGAIN);
	cr_assert_eq(((struct layer_tls *)pair.client)->transport.out.length, 0);
	cr_assert_eq(stream_want(pair.client, STREAM_READ), STREAM_WANT_READ);
	tls_pair_free(&pair);
}

Test(tls_layer, the_server_sends_no_ticket)
{
	open_usual();
	cr_assert_eq(pair.wire.way[1].bytes.length, 0, "nothing is left behind the handshake");
	tls_pair_free(&pair);
	open_12();
	cr_assert_eq(pair.wire.way[1].bytes.length, 0);
	cr_assert(!SSL_SESSION_has_ticket(SSL_get_session(ssl_of(pair.client))));
	tls_pair_free(&pair);
}

Test(tls_layer, plain_text_is_not_tls)
{
	static const char answer[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
	static const char request[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

	tls_pair_usual(&pair);
	buffer_add(&pair.wire.way[1].bytes, answer, sizeof(answer) - 1);
	cr_assert_eq(stream_open(pair.client, &pair.client_why), IO_FAILED);
	cr_assert_eq(pair.client_why.class, FAILURE_TLS);
	cr_assert_str_eq(pair.client_why.text, "the peer does not speak TLS");
	buffer_take(&pair.wire.way[0].bytes, pair.wire.way[0].bytes.length);
	buffer_add(&pair.wire.way[0].bytes, request, sizeof(request) - 1);
	cr_assert_eq(stream_open(pair.server, &pair.server_why), IO_FAILED);
	cr_assert_str_eq(pair.server_why.text,
			 "the peer does not speak TLS: it sent a plain HTTP request");
	tls_pair_free(&pair);
}

Test(tls_layer, garbage_never_opens)
{
	srand(3);
	tls_support_usual();
	for (size_t length = 0; length < 4096; length += 61) {
		unsigned char bytes[4096];
		const char *certificates[] = { tls_support_path("server.pem"), NULL };

		for (size_t i = 0; i < length; i++)
			bytes[i] = (unsigned char)(rand() >> 3);
		if (length > 5 && length % 2) /* a record header that looks right */
			memcpy(bytes, "\x16\x03\x01\x01\x00", 5);
		tls_pair_init(&pair, &(struct tls_options){ .ca = tls_support_path("ca.pem") },
			      &(struct tls_options){ .cert = certificates }, "host.example");
		buffer_add(&pair.wire.way[0].bytes, bytes, length);
		pair.wire.way[0].ended = true;
		cr_assert_eq(stream_open(pair.server, &pair.server_why), IO_FAILED);
		cr_assert_eq(pair.server_why.class, FAILURE_TLS);
		cr_assert_eq(ERR_peek_error(), 0);
		tls_pair_free(&pair);
	}
}

Test(tls_layer, bytes_are_changed_so_there_is_no_descriptor_to_splice)
{
	open_usual();
	cr_assert_eq(stream_raw_fd(pair.client, STREAM_READ), -1);
	cr_assert_eq(stream_raw_fd(pair.client, STREAM_WRITE), -1);
	cr_assert_eq(stream_find(pair.client, "tls"), pair.client);
	tls_pair_free(&pair);
}

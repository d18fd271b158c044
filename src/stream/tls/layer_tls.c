/* SPDX-License-Identifier: MIT */
/* layer_tls.c - one TLS connection over any stream. */
#include <errno.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/stream/tls/context.h>
#include <sockutil/stream/tls/inspect.h>
#include <sockutil/stream/tls/layer_tls.h>
#include <sockutil/stream/tls/tls_error.h>

/* One record's plaintext, for putting small pieces together. */
enum { RECORD_MAX = SSL3_RT_MAX_PLAIN_LENGTH };

static struct layer_tls *layer(struct stream *s)
{
	return (struct layer_tls *)s;
}

static enum io wait_for(struct layer_tls *l, enum stream_side side, unsigned below)
{
	l->blocked[side] = below;
	return IO_AGAIN;
}

/* --- opening --------------------------------------------------------------- */

/* For SSL_set_msg_callback: OpenSSL has no limit of its own on these. */
static void count_message(int written, int version, int type, const void *bytes, size_t length,
			  SSL *ssl, void *data)
{
	struct layer_tls *l = data;

	(void)version;
	(void)bytes;
	(void)length;
	(void)ssl;
	if (!written && type == SSL3_RT_HANDSHAKE)
		l->messages++;
}

static enum io shake_failed(struct layer_tls *l, struct failure *why)
{
	if (l->verify->why.class == FAILURE_NONE)
		return tls_error_handshake(why, l->context->server, l->context->has_secret);
	ERR_clear_error();
	*why = l->verify->why;
	return IO_FAILED;
}

static enum io shake_lost(const struct failure *lost, struct failure *why)
{
	fail(why, FAILURE_TLS, "the connection was lost during the TLS handshake: %s", lost->text);
	why->error = lost->error;
	return IO_FAILED;
}

/* The stream below gave nothing: for now, or for good. */
static enum io shake_starved(struct layer_tls *l, struct failure *why)
{
	if (l->transport.lost)
		return shake_lost(l->transport.lost, why);
	if (!l->transport.ended)
		return wait_for(l, STREAM_READ, STREAM_READ);
	fail(why, FAILURE_TLS, "the peer closed the connection during the TLS handshake");
	why->error = ECONNRESET;
	return IO_FAILED;
}

static enum io shake(struct layer_tls *l, struct failure *why)
{
	int result = 0;

	ERR_clear_error();
	result = SSL_do_handshake(l->ssl);
	if (result == 1) {
		l->shaken = true;
		return verify_finish(l->verify, l->ssl, why) ? IO_DONE : IO_FAILED;
	}
	switch (SSL_get_error(l->ssl, result)) {
	case SSL_ERROR_WANT_READ:
		return shake_starved(l, why);
	case SSL_ERROR_WANT_WRITE:
		return wait_for(l, STREAM_READ, STREAM_WRITE);
	default:
		return shake_failed(l, why);
	}
}

/* Our flight could not be sent. The peer may have said why before it went away. */
static enum io shake_unsent(struct layer_tls *l, const struct failure *lost, struct failure *why)
{
	if (!l->shaken && shake(l, why) == IO_FAILED)
		return IO_FAILED;
	return shake_lost(lost, why);
}

static void opened(struct layer_tls *l)
{
	l->verified = l->verify->verified;
	SSL_set_app_data(l->ssl, NULL);
	free(l->verify->name);
	free(l->verify);
	l->verify = NULL;
	SSL_set_msg_callback(l->ssl, count_message);
	SSL_set_msg_callback_arg(l->ssl, l);
	l->transport.starved = false;
}

/* After a failure too: the peer should get the alert. */
static enum io send_flight(struct layer_tls *l, struct failure *lost)
{
	enum io result = transport_send(&l->transport, lost);

	return result == IO_DONE ? stream_flush(l->stream.below, lost) : result;
}

static enum io layer_tls_open(struct stream *s, struct failure *why)
{
	struct layer_tls *l = layer(s);
	struct failure lost = { .class = FAILURE_NONE };
	enum io result = IO_DONE, sent = IO_DONE;

	if (!l->verify) /* done before: a layer above is the one that waited */
		return IO_DONE;
	result = l->shaken ? IO_DONE : shake(l, why);
	sent = send_flight(l, &lost);
	if (result == IO_FAILED)
		return IO_FAILED;
	if (sent == IO_FAILED)
		return shake_unsent(l, &lost, why);
	if (sent == IO_AGAIN)
		return wait_for(l, STREAM_READ,
				STREAM_WRITE | (result == IO_AGAIN ? STREAM_READ : 0));
	if (result == IO_DONE)
		opened(l);
	return result;
}

/* --- reading --------------------------------------------------------------- */

/* Reading is over for good. */
static enum io read_failed(struct layer_tls *l, const struct failure *why)
{
	l->failure = memory_zeroed(1, sizeof(*l->failure));
	*l->failure = *why;
	return IO_FAILED;
}

static enum io read_starved(struct layer_tls *l)
{
	struct failure why;

	if (l->transport.lost)
		return read_failed(l, l->transport.lost);
	if (!l->transport.ended)
		return wait_for(l, STREAM_READ, STREAM_READ);
	fail(&why, FAILURE_TRUNCATED, "the connection was cut: no close_notify");
	return read_failed(l, &why);
}

/* After SSL_read_ex gave nothing. IO_DONE: try again. */
static enum io read_stopped(struct layer_tls *l)
{
	struct failure why = { .class = FAILURE_NONE };

	switch (SSL_get_error(l->ssl, 0)) {
	case SSL_ERROR_WANT_READ:
		if (l->messages > LAYER_TLS_MESSAGES_MAX) {
			fail(&why, FAILURE_TLS, "the peer floods with handshake messages");
			return read_failed(l, &why);
		}
		return l->transport.starved ? read_starved(l) : IO_DONE;
	case SSL_ERROR_WANT_WRITE: /* our answers are not taken: no more questions meanwhile */
		if (transport_send(&l->transport, &why) == IO_FAILED)
			return read_failed(l, &why);
		return l->transport.out.length < TRANSPORT_CAP
			       ? IO_DONE
			       : wait_for(l, STREAM_READ, STREAM_WRITE);
	case SSL_ERROR_ZERO_RETURN:
		l->ended_by_peer = true;
		return IO_END;
	default:
		tls_error_record(&why);
		return read_failed(l, &why);
	}
}

static enum io read_record(struct layer_tls *l, void *bytes, size_t length, size_t *count)
{
	enum io result = IO_DONE;

	do {
		ERR_clear_error();
		l->transport.starved = false;
		if (SSL_read_ex(l->ssl, bytes, length, count)) {
			l->messages = 0;
			return IO_DONE;
		}
		result = read_stopped(l);
	} while (result == IO_DONE);
	return result;
}

/* What reading made OpenSSL say (a KeyUpdate, an alert) goes out at once; a failure shows up
 * where it matters, in writing. */
static void send_answers(struct layer_tls *l, size_t before)
{
	struct failure ignored;

	if (l->transport.out.length > before)
		l->owes = true;
	if (l->owes && transport_send(&l->transport, &ignored) != IO_AGAIN)
		l->owes = false;
	if (l->owes)
		l->blocked[STREAM_READ] |= STREAM_WRITE;
}

static enum io read_over(struct layer_tls *l, struct failure *why)
{
	l->end_told = true;
	if (!l->failure)
		return IO_END;
	*why = *l->failure;
	return IO_FAILED;
}

static enum io layer_tls_read(struct stream *s, void *buf, size_t len, size_t *nread,
			      struct failure *why)
{
	struct layer_tls *l = layer(s);
	size_t before = l->transport.out.length;
	size_t got = 0, count = 0;
	enum io result = IO_DONE;

	*nread = 0;
	while (!l->ended_by_peer && !l->failure && got < len) {
		result = read_record(l, (char *)buf + got, len - got, &count);
		if (result != IO_DONE)
			break;
		got += count;
		if (!SSL_has_pending(l->ssl))
			break;
	}
	send_answers(l, before);
	*nread = got;
	if (got)
		return IO_DONE;
	return result == IO_AGAIN ? IO_AGAIN : read_over(l, why);
}

/* An end or failure that reading has met but not told yet counts: no descriptor becomes readable
 * for it. What OpenSSL holds counts only as long as it may contain a whole record, which is
 * until it asked the stream below in vain. */
static bool layer_tls_pending(const struct stream *s)
{
	const struct layer_tls *l = (const struct layer_tls *)s;

	if (l->ended_by_peer || l->failure)
		return !l->end_told;
	return !l->transport.starved && SSL_has_pending(l->ssl);
}

/* --- writing --------------------------------------------------------------- */

/* The peer may have said why before it went away: its alert tells more than the loss. */
static enum io write_failed(struct layer_tls *l, struct failure *why)
{
	char byte;
	size_t count;

	ERR_clear_error();
	l->transport.starved = false; /* data that the peek finds is pending */
	if (!l->failure && !l->ended_by_peer && !SSL_peek_ex(l->ssl, &byte, 1, &count) &&
	    tls_error_is_alert()) {
		tls_error_record(why);
		read_failed(l, why);
	}
	ERR_clear_error();
	return IO_FAILED;
}

static enum io send_records(struct layer_tls *l, struct failure *why)
{
	switch (transport_send(&l->transport, why)) {
	case IO_DONE:
		l->owes = false;
		return IO_DONE;
	case IO_AGAIN:
		return wait_for(l, STREAM_WRITE, STREAM_WRITE);
	default:
		return write_failed(l, why);
	}
}

/* The next piece to encrypt: as it lies there, or small ones put together in scratch (RECORD_MAX
 * bytes). */
static size_t next_piece(const struct iovec *v, int n, size_t skip, char *scratch,
			 const char **bytes)
{
	size_t length = v[0].iov_len - skip;
	size_t filled = 0;

	*bytes = (const char *)v[0].iov_base + skip;
	if (n == 1 || length >= RECORD_MAX)
		return length;
	*bytes = scratch;
	for (int i = 0; i < n && filled < RECORD_MAX; i++, skip = 0) {
		size_t part = v[i].iov_len - skip;

		if (part > RECORD_MAX - filled)
			part = RECORD_MAX - filled;
		memcpy(scratch + filled, (const char *)v[i].iov_base + skip, part);
		filled += part;
	}
	return filled;
}

static enum io not_encrypted(struct layer_tls *l, struct failure *why)
{
	if (!l->failure)
		return tls_error_record(why);
	*why = *l->failure;
	return IO_FAILED;
}

static bool encrypt_piece(struct layer_tls *l, const char *bytes, size_t length, size_t *count)
{
	const size_t before = l->transport.out.length;
	bool done;

	ERR_clear_error();
	done = SSL_write_ex(l->ssl, bytes, length, count);
	l->last_bytes = done && *count <= RECORD_MAX ? *count : 0;
	l->last_record = l->last_bytes ? l->transport.out.length - before : 0;
	return done;
}

/* Takes as much as fills the gathering buffer, which is not full. */
static enum io encrypt(struct layer_tls *l, const struct iovec *v, int n, size_t *taken,
		       struct failure *why)
{
	char scratch[RECORD_MAX];
	size_t room = TRANSPORT_GATHER - l->transport.out.length;
	size_t skip = 0;

	while (n > 0 && *taken < room) {
		const char *bytes = NULL;
		size_t length = next_piece(v, n, skip, scratch, &bytes);
		size_t count = 0;

		if (length > room - *taken)
			length = room - *taken;
		if (length && !encrypt_piece(l, bytes, length, &count))
			return *taken ? IO_DONE : not_encrypted(l, why);
		*taken += count;
		for (skip += count; n > 0 && skip >= v[0].iov_len; v++, n--)
			skip -= v[0].iov_len;
	}
	return IO_DONE;
}

static enum io layer_tls_writev(struct stream *s, const struct iovec *v, int n, size_t *nwritten,
				struct failure *why)
{
	struct layer_tls *l = layer(s);
	enum io result = IO_DONE;

	*nwritten = 0;
	if (l->transport.out.length >= TRANSPORT_GATHER) {
		result = send_records(l, why);
		if (result != IO_DONE)
			return result;
	}
	result = encrypt(l, v, n, nwritten, why);
	if (result == IO_DONE && l->transport.out.length >= TRANSPORT_GATHER &&
	    send_records(l, why) == IO_FAILED)
		return IO_FAILED;
	return result;
}

static enum io layer_tls_flush(struct stream *s, struct failure *why)
{
	enum io result = send_records(layer(s), why);

	if (result == IO_DONE)
		result = stream_flush(s->below, why);
	return result == IO_AGAIN ? wait_for(layer(s), STREAM_WRITE, STREAM_WRITE) : result;
}

/* Sending failed behind our close_notify. The peer that has said its own may close without
 * waiting for ours (RFC 8446, 6.1), and its kernel then answers with a reset: nothing is lost
 * when all before it arrived. */
static enum io farewell_failed(struct layer_tls *l, const struct failure *lost, struct failure *why)
{
	long behind = stream_unacknowledged(l->stream.below);
	size_t left = l->transport.out.length + (behind > 0 ? (size_t)behind : 0);

	if (!l->ended || !l->ended_by_peer || left > l->farewell + 1) { /* the FIN counts as one */
		*why = *lost;
		return IO_FAILED;
	}
	l->gone = true;
	buffer_free(&l->transport.out);
	return IO_DONE;
}

/* Without our close_notify; of the last record its plaintext, of earlier ones the records. */
static long layer_tls_unacknowledged(const struct stream *s)
{
	const struct layer_tls *l = (const struct layer_tls *)s;
	const long behind = stream_unacknowledged(s->below);
	const size_t said = l->ended ? l->farewell : 0;
	size_t left;

	if (behind < 0)
		return -1;
	left = l->transport.out.length + (size_t)behind;
	left -= left < said ? left : said;
	if (left > 1 && left <= l->last_record + 1) /* the FIN counts as one */
		left = l->last_bytes + 1;
	return (long)left;
}

static void farewell(struct layer_tls *l)
{
	size_t before = l->transport.out.length;

	if (l->ended)
		return;
	l->ended = true;
	ERR_clear_error();
	SSL_shutdown(l->ssl);
	ERR_clear_error();
	l->farewell = l->transport.out.length - before;
}

static enum io layer_tls_end(struct stream *s, struct failure *why)
{
	struct layer_tls *l = layer(s);
	struct failure lost = { .class = FAILURE_NONE };
	enum io result = IO_DONE;

	if (l->gone)
		return IO_DONE;
	farewell(l);
	result = layer_tls_flush(s, &lost);
	if (result == IO_DONE && (l->ended_by_peer || l->failure))
		result = stream_end(s->below, &lost);
	if (result == IO_FAILED)
		return farewell_failed(l, &lost, why);
	return result == IO_AGAIN ? wait_for(l, STREAM_WRITE, STREAM_WRITE) : result;
}

static enum io layer_tls_settle(struct stream *s, struct failure *why)
{
	struct layer_tls *l = layer(s);
	struct failure lost = { .class = FAILURE_NONE };
	enum io result = IO_DONE;

	if (l->gone)
		return IO_DONE;
	result = layer_tls_flush(s, &lost);
	if (result == IO_DONE)
		result = stream_settle(s->below, &lost);
	if (result == IO_FAILED)
		return farewell_failed(l, &lost, why);
	return result == IO_AGAIN ? wait_for(l, STREAM_WRITE, STREAM_WRITE) : result;
}

/* --- the rest -------------------------------------------------------------- */

static unsigned layer_tls_want(const struct stream *s, enum stream_side side)
{
	unsigned blocked = ((const struct layer_tls *)s)->blocked[side];
	unsigned want = 0;

	if (blocked & STREAM_READ)
		want |= stream_want(s->below, STREAM_READ);
	if (blocked & STREAM_WRITE)
		want |= stream_want(s->below, STREAM_WRITE);
	return want;
}

static int64_t layer_tls_wake_ms(const struct stream *s, enum stream_side side)
{
	unsigned blocked = ((const struct layer_tls *)s)->blocked[side];

	return stream_wake_ms(s->below, blocked & STREAM_WRITE ? STREAM_WRITE : STREAM_READ);
}

static int layer_tls_raw_fd(const struct stream *s, enum stream_side side)
{
	(void)s;
	(void)side;
	return -1;
}

static void layer_tls_free(struct stream *s)
{
	struct layer_tls *l = layer(s);

	SSL_free(l->ssl);
	transport_free(&l->transport);
	inspect_free(l);
	if (l->verify)
		free(l->verify->name);
	free(l->verify);
	free(l->failure);
	free(l->host);
	free(l->port);
	context_free(l->context);
	free(l);
}

static const struct stream_ops layer_tls_ops = {
	.name = "tls",
	.open = layer_tls_open,
	.read = layer_tls_read,
	.writev = layer_tls_writev,
	.flush = layer_tls_flush,
	.end = layer_tls_end,
	.settle = layer_tls_settle,
	.unacknowledged = layer_tls_unacknowledged,
	.pending = layer_tls_pending,
	.want = layer_tls_want,
	.wake_ms = layer_tls_wake_ms,
	.raw_fd = layer_tls_raw_fd,
	.free = layer_tls_free,
};

static struct layer_tls *layer_new(struct tls_context *context, struct stream *below,
				   struct failure *why)
{
	struct layer_tls *l = memory_zeroed(1, sizeof(*l));
	BIO *bio = NULL;

	l->stream.ops = &layer_tls_ops;
	l->stream.below = below;
	l->transport.below = below;
	l->context = context_hold(context);
	l->verify = memory_zeroed(1, sizeof(*l->verify));
	l->verify->context = context;
	ERR_clear_error();
	l->ssl = SSL_new(context->ssl);
	bio = l->ssl ? transport_bio(&l->transport) : NULL;
	if (!bio) {
		tls_error_fail(why, FAILURE_TLS, "cannot start TLS");
		layer_tls_free(&l->stream);
		return NULL;
	}
	SSL_set_bio(l->ssl, bio, bio);
	SSL_set_app_data(l->ssl, l->verify);
	return l;
}

struct stream *layer_tls_connect(struct tls_context *context, struct stream *below,
				 const char *host, const char *port, struct failure *why)
{
	struct layer_tls *l = layer_new(context, below, why);

	if (!l)
		return NULL;
	l->host = memory_string(host ? host : "");
	l->port = memory_string(port ? port : "");
	l->verify->host = l->host;
	l->verify->port = l->port;
	SSL_set_connect_state(l->ssl);
	if (verify_expect(l->verify, l->ssl, why))
		return &l->stream;
	layer_tls_free(&l->stream);
	return NULL;
}

struct stream *layer_tls_accept(struct tls_context *context, struct stream *below,
				struct failure *why)
{
	struct layer_tls *l = layer_new(context, below, why);

	if (!l)
		return NULL;
	SSL_set_accept_state(l->ssl);
	return &l->stream;
}

/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_TLS_TRANSPORT_H
#define SOCKUTIL_STREAM_TLS_TRANSPORT_H
/*
 * The ciphertext's way between OpenSSL and the stream below. Records that OpenSSL writes are
 * gathered and go out in one send; an end or a failure of the stream below is remembered here
 * and looks like "nothing there yet" to OpenSSL, so that the other direction stays usable.
 */
#include <openssl/bio.h>
#include <stdbool.h>

#include <sockutil/base/buffer.h>
#include <sockutil/stream/stream.h>

/*
 * Bytes gathered before they are sent without being asked to: with the overhead of the records
 * just under 64 KiB, which the buffer holds without growing further. Beyond the cap OpenSSL has
 * to wait.
 */
enum { TRANSPORT_GATHER = 63 * 1024, TRANSPORT_CAP = 256 * 1024 };

/* Invariant: lost is NULL until the stream below failed; ended and lost never go back. */
struct transport {
	struct stream *below; /* borrowed */
	struct buffer out;    /* records not sent yet; no memory while empty */
	bool starved;         /* the last read from below gave nothing */
	bool ended;           /* below said IO_END */
	struct failure *lost; /* what reading below failed with */
};

/* A BIO that borrows the transport; SSL_set_bio() takes it over. NULL when memory is short. */
BIO *transport_bio(struct transport *t);

/* Sends what is gathered. IO_DONE: all is with the stream below. IO_AGAIN: stream_want(below,
 * STREAM_WRITE). */
enum io transport_send(struct transport *t, struct failure *why);

void transport_free(struct transport *t);
#endif

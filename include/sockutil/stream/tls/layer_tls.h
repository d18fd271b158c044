/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_TLS_LAYER_TLS_H
#define SOCKUTIL_STREAM_TLS_LAYER_TLS_H
/*
 * One TLS connection over any stream.
 *
 * Writing: what writev takes becomes records that are gathered, at most 64 KiB of them before
 * one send; flush sends the rest. Reading: ciphertext is read ahead by up to 64 KiB, and one
 * read gives as many records as fit. An idle connection holds neither buffer.
 *
 * end sends close_notify after all data. The TCP write side stays open behind it as long as the
 * peer may still send: it may ask for a KeyUpdate, and some peers and middleboxes drop a
 * half-closed TCP connection whole. Once the peer has ended, end passes on.
 *
 * A peer that has sent its close_notify may be gone before ours arrives: when nothing but ours
 * is unsent or unacknowledged then, its reset is no loss to end and settle.
 *
 * Reading: IO_END only for close_notify. An end of the stream below without it is
 * FAILURE_TRUNCATED; a failure below is reported as it is. An alert of the peer (a client
 * certificate refused after the handshake) is FAILURE_TLS, also when it is met while writing.
 *
 * More than 32 handshake messages after the handshake (KeyUpdate, renegotiation, tickets)
 * without data between them are FAILURE_TLS.
 */
#include <openssl/ssl.h>

#include <sockutil/stream/tls.h>
#include <sockutil/stream/tls/transport.h>
#include <sockutil/stream/tls/verify.h>

enum { LAYER_TLS_MESSAGES_MAX = 32 };

struct inspect_strings; /* inspect.c: what tls_info points to */

/* Invariants: verify is there until the handshake is over; ended_by_peer and failure are final
 * for reading. */
struct layer_tls {
	struct stream stream;
	struct tls_context *context; /* held */
	SSL *ssl;
	struct transport transport;
	struct verify *verify;
	char *host; /* client: as dialled */
	char *port;
	struct inspect_strings *strings;
	struct failure *failure; /* NULL until reading failed */
	unsigned blocked[3]; /* by enum stream_side: the sides of below that its last IO_AGAIN waits
				for */
	unsigned messages;   /* handshake messages since the last data */
	bool shaken;         /* the handshake is done, its last flight may not be sent */
	bool owes;           /* reading made an answer that is not sent yet */
	bool ended_by_peer;  /* close_notify came */
	bool end_told;       /* that end or failure was returned */
	bool ended;          /* our close_notify is among the records */
	bool gone;           /* the peer left after its close_notify without taking ours */
	size_t farewell;     /* bytes of the record with our close_notify */
	size_t last_record;  /* bytes of the last record with data; 0: not known */
	size_t last_bytes;   /* of data in it */
	bool verified;
};

struct stream *layer_tls_connect(struct tls_context *context, struct stream *below,
				 const char *host, const char *port, struct failure *why);
struct stream *layer_tls_accept(struct tls_context *context, struct stream *below,
				struct failure *why);
#endif

/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_HTTP_SERVICE1_H
#define SOCKUTIL_HTTP_SERVICE1_H
/*
 * The server's side of HTTP/1.0 and 1.1 (RFC 9112): one request after another, answers in their
 * order. While an answer waits for the client nothing more of it is read, so what one connection
 * holds is bounded: one head, one block of input, one block of output.
 */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/buffer.h>
#include <sockutil/http/service.h>
#include <sockutil/proto/http_chunk.h>
#include <sockutil/proto/http_framing.h>

/* As http_service_new(), whatever ALPN says. Never NULL. */
struct http_service *http_service1_new(struct stream *stream,
				       const struct http_service_options *options,
				       const struct http_service_events *events, void *data,
				       const char *early, size_t early_length);

/* After service->preface: gives up what it holds, so that the memory can be another version's; what
 * was read and not used goes into early. */
void http_service1_leave(struct http_service *service, struct buffer *early);

/* ------ what its files share ------ */

/* What the deadline is for. */
enum http_service1_phase {
	SERVICE1_HEAD,     /* a request's head, or the first one is waited for */
	SERVICE1_IDLE,     /* between requests */
	SERVICE1_TRANSFER, /* a body, or an answer on its way */
};

/* Invariants: input is in `in` or in the block, never in both; outside of a call neither the
 * block's input nor its output holds anything of ours; answered and received count while open. */
struct http_service1 {
	struct http_service service;
	struct http_service_request request; /* the one under way */
	struct http_head_scan scan;
	struct http_framing framing; /* of its body */
	struct http_chunk chunk;
	uint64_t body_left; /* with a length: not come yet */
	uint64_t dropped;   /* bytes of a body nobody wants */
	struct http_answer answer;
	size_t piece;         /* of the answer, under way */
	uint64_t piece_at;    /* bytes of it given */
	const char *block_at; /* input in the block */
	size_t block_left;
	struct buffer in, out; /* kept between calls */
	uint64_t budget;       /* bytes of files that this turn may still send */
	uint64_t progress;     /* at the last look at a transfer; UINT64_MAX: none yet */
	uint8_t phase;         /* enum http_service1_phase */
	bool turned;           /* a request was told in this turn */
	bool open;             /* a request is under way */
	bool answered;         /* it was */
	bool sent;             /* its answer has been given whole */
	bool received;         /* its body is over, or given up */
	bool held;             /* the callee lets the client wait */
	bool expects;          /* the client waits for 100 */
	bool keep_alive;       /* HTTP/1.0 that asked for it: has to be told */
	bool last;             /* nothing more is read behind it */
	bool said_last;        /* the client said so with a request without a body */
	bool taken;            /* the stream is the callee's */
	bool ended;            /* the client's end was read */
	bool draining;
	bool unflushed; /* a layer holds bytes of ours */
	bool behind;    /* the stream took less than it was given */
	max_align_t state[];
};

static inline struct http_service1 *http_service1_of(const struct http_service *service)
{
	return (struct http_service1 *)(uintptr_t)service;
}

/* --- service1_receive.c ------------------------------------------------------- */

/* Input not used yet. */
static inline size_t http_service1_input(const struct http_service1 *s, const char **bytes)
{
	*bytes = s->in.length > 0 ? buffer_bytes(&s->in) : s->block_at;
	return s->in.length > 0 ? s->in.length : s->block_left;
}
/* One read. *full: there may be more at once. IO_END: the client's end. */
enum io http_service1_fill(struct http_service1 *s, bool *full, struct failure *why);
/* What is left of the block is kept. False when memory is short. */
bool http_service1_keep(struct http_service1 *s, struct failure *why);
/* The next request is told. IO_DONE: it is open, or what came was refused. IO_AGAIN: more input is
 * needed. IO_END: there will be none. */
enum io http_service1_next(struct http_service1 *s, struct failure *why);
/* Goes on with the body of the request. IO_DONE: it is over, or the callee does not take more at
 * present (held). */
enum io http_service1_body(struct http_service1 *s, struct failure *why);
/* Answers with that status, after which nothing is read. */
void http_service1_refuse(struct http_service1 *s, int status, const struct failure *why);

/* --- service1_send.c ---------------------------------------------------------- */

/* Bytes behind all that was put. False when memory is short. */
bool http_service1_put(struct http_service1 *s, const char *bytes, size_t length);
/* struct http_service_ops: the head goes out, the pieces follow. */
void http_service1_answer(struct http_service_request *request, const struct http_answer *answer);
/* Goes on with the pieces. IO_AGAIN: the client has to take some first. */
enum io http_service1_send(struct http_service1 *s, struct failure *why);
/* Gives what was put to the stream; what it does not take is kept, and IO_AGAIN. more: something
 * follows at once, the kernel may wait for it. */
enum io http_service1_push(struct http_service1 *s, bool more, struct failure *why);

/* --- service1_kernel_linux.c, service1_kernel_portable.c ---------------------- */

/* As send(2) without waiting and without SIGPIPE, for bytes that others follow at once. */
ssize_t http_service1_send_more(int fd, const void *bytes, size_t length);
/* length bytes of file from offset on, into socket: how many went; 0: the file has no more; -1 with
 * errno (ENOSYS: bytes have to be copied). */
ssize_t http_service1_send_file(int socket, int file, uint64_t offset, size_t length);
#endif

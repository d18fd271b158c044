/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_STREAM_H
#define SOCKUTIL_STREAM_STREAM_H
/*
 * A connection is a stack of layers. Users hold the top one; a layer talks only to the one
 * below; the bottom one owns the descriptor (or two: stdio reads one and writes another).
 *
 * The two directions of a stream are independent: each has its own end, its own failure, its own
 * waiting.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include <sockutil/base/failure.h>

/* One direction, as the holder of the stream sees it. Also usable as bits. */
enum stream_side { STREAM_READ = 1, STREAM_WRITE = 2 };

/* What a call that said IO_AGAIN waits for. */
enum stream_want {
	STREAM_WANT_READ = 1,  /* stream_fd(s, STREAM_READ) readable */
	STREAM_WANT_WRITE = 2, /* stream_fd(s, STREAM_WRITE) writable */
	/* stream_wake_ms() has passed: a throttle, a poll of the kernel's queue */
	STREAM_WANT_TIME = 4,
};

/*
 * One layer. Invariants: ops is never NULL; below is NULL only at the bottom; read, writev,
 * flush and end are called only after open said IO_DONE; the layer owns what hangs off it and
 * frees it in ops->free. A concrete layer has this as its first member.
 */
struct stream {
	const struct stream_ops *ops;
	struct stream *below;
};

/* A NULL member passes the call to the layer below; at the bottom it has the default given. None
 * blocks. */
struct stream_ops {
	const char *name; /* lower case, as -v shows it: "tcp", "tls" */

	/* The handshake of this layer alone (those below are open). Default: IO_DONE. Called
	 * again after it said IO_DONE (stream_open keeps no state of its own): it says IO_DONE
	 * again and does nothing. */
	enum io (*open)(struct stream *s, struct failure *why);

	/* IO_DONE, IO_AGAIN, IO_END (again at every later call) or IO_FAILED. */
	enum io (*read)(struct stream *s, void *buf, size_t len, size_t *nread,
			struct failure *why);

	/* Takes at least one byte on IO_DONE. A layer may hold what it took until flush. */
	enum io (*writev)(struct stream *s, const struct iovec *v, int n, size_t *nwritten,
			  struct failure *why);

	/* Passes on what writev took and this layer holds, then the layers below. A layer with
	 * this op forwards to stream_flush(below) itself. Default at the bottom: IO_DONE. */
	enum io (*flush)(struct stream *s, struct failure *why);

	/* Half-close: flush, then say that no more comes (close_notify, FIN). The read side goes
	 * on. Idempotent. A layer with this op forwards to stream_end(below) itself; one without
	 * it is flushed and then passed. */
	enum io (*end)(struct stream *s, struct failure *why);

	/* IO_DONE once the peer's kernel has acknowledged all that was sent, or nothing can be
	 * known (a pipe); IO_AGAIN (STREAM_WANT_TIME) while it has not; IO_FAILED (FAILURE_SEND)
	 * when it never will. */
	enum io (*settle)(struct stream *s, struct failure *why);

	/* Bytes written that the peer's kernel has not acknowledged, our FIN counted as one; tells
	 * also after a reset. -1: not known, the default at the bottom. For a layer whose last
	 * words need not arrive (close_notify, once the peer has said its own); such a layer leaves
	 * them out of what it tells the one above. */
	long (*unacknowledged)(const struct stream *s);

	/* Bytes that a read would give without the descriptor becoming readable (decrypted,
	 * pushed back). */
	bool (*pending)(const struct stream *s);

	/* enum stream_want of the last IO_AGAIN of that side; open counts as STREAM_READ, flush,
	 * end and settle as STREAM_WRITE. 0: nothing to wait for (a regular file), try again at
	 * once. A layer with this op forwards what was not its own waiting. */
	unsigned (*want)(const struct stream *s, enum stream_side side);

	/* Milliseconds (>= 1) after which STREAM_WANT_TIME is satisfied. */
	int64_t (*wake_ms)(const struct stream *s, enum stream_side side);

	/* The descriptor to watch for that side; -1: none (that side does not exist). */
	int (*fd)(const struct stream *s, enum stream_side side);

	/* The descriptor that carries this side's bytes unchanged, or -1: bytes are changed,
	 * counted or held here, no splice past this layer. Asked again before each burst: the
	 * answer may change (a push-back layer once empty). */
	int (*raw_fd)(const struct stream *s, enum stream_side side);

	/* How many bytes of that side may pass raw_fd before this layer is asked again: a message
	 * that ends before the connection does. Default: UINT64_MAX. */
	uint64_t (*raw_most)(const struct stream *s, enum stream_side side);

	/* Bytes of that side moved past this layer by splice or sendfile, or a failure it met
	 * there: for layers that count or remember. Passed to every layer, top first. */
	void (*moved)(struct stream *s, enum stream_side side, size_t count);

	void (*free)(struct stream *s); /* MUST NOT touch below */
};

/* Runs the handshakes of the whole stack, bottom first; resume after IO_AGAIN. */
enum io stream_open(struct stream *s, struct failure *why);

/* Up to len > 0 bytes into buf. *nread is 0 unless IO_DONE. */
enum io stream_read(struct stream *s, void *buf, size_t len, size_t *nread, struct failure *why);
enum io stream_writev(struct stream *s, const struct iovec *v, int n, size_t *nwritten,
		      struct failure *why);
/* stream_writev of one piece. */
enum io stream_write(struct stream *s, const void *bytes, size_t len, size_t *nwritten,
		     struct failure *why);
enum io stream_flush(struct stream *s, struct failure *why);
enum io stream_end(struct stream *s, struct failure *why);
enum io stream_settle(struct stream *s, struct failure *why);
long stream_unacknowledged(const struct stream *s);
/* True when any layer of the stack has pending bytes. */
bool stream_pending(const struct stream *s);
unsigned stream_want(const struct stream *s, enum stream_side side);
int64_t stream_wake_ms(const struct stream *s, enum stream_side side);
int stream_fd(const struct stream *s, enum stream_side side);
/* Enables splice(2): -1 unless every layer passes that side unchanged. */
int stream_raw_fd(const struct stream *s, enum stream_side side);
/* The least of what its layers say; 0: none of them, read or write instead. */
uint64_t stream_raw_most(const struct stream *s, enum stream_side side);
void stream_moved(struct stream *s, enum stream_side side, size_t count);

/* The topmost layer of that name, or NULL: for --info and statistics. */
struct stream *stream_find(struct stream *s, const char *name);
void stream_free(struct stream *s); /* the whole stack; NULL is fine */
#endif

/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_WEBSOCKET_PARTS_H
#define SOCKUTIL_STREAM_WEBSOCKET_PARTS_H
/* What the files of the WebSocket layer share; nobody else includes it, but their tests. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include <sockutil/base/buffer.h>
#include <sockutil/base/failure.h>
#include <sockutil/proto/websocket_handshake.h>
#include <sockutil/stream/stream.h>
#include <sockutil/stream/websocket.h>

enum {
	WEBSOCKET_CONTROL_MAX = 125,      /* bytes of a control frame (RFC 6455, 5.5) */
	WEBSOCKET_PART_MAX = 64 * 1024,   /* bytes of a message made of what is written */
	WEBSOCKET_GATHER = 64 * 1024,     /* frames held that long before they are sent unasked */
	WEBSOCKET_RAW = 64 * 1024,        /* bytes asked of the layer below at once */
	WEBSOCKET_ANSWER_ROOM = 4 * 1024, /* so much unsent: no answer is put behind it */
};

/* RFC 6455, 5.2 and 7.4.1. */
enum websocket_opcode {
	WEBSOCKET_OP_CONTINUATION = 0,
	WEBSOCKET_OP_TEXT = 1,
	WEBSOCKET_OP_BINARY = 2,
	WEBSOCKET_OP_CLOSE = 8,
	WEBSOCKET_OP_PING = 9,
	WEBSOCKET_OP_PONG = 10,
};
enum { WEBSOCKET_RSV1 = 4 };
enum websocket_code {
	WEBSOCKET_CODE_NONE = 0, /* a Close without one */
	WEBSOCKET_CODE_NORMAL = 1000,
	WEBSOCKET_CODE_AWAY = 1001,
	WEBSOCKET_CODE_PROTOCOL = 1002,
	WEBSOCKET_CODE_DATA = 1007,
	WEBSOCKET_CODE_TOO_BIG = 1009,
};

/* ------ websocket_text.c: UTF-8 that comes in pieces ------ */

/* Zeroed: between characters. */
struct websocket_text {
	uint8_t need;      /* bytes that the begun character still lacks */
	uint8_t have;      /* and that it has */
	uint8_t low, high; /* bounds of the next one */
};

/* How many of length bytes go on as UTF-8; fewer than length: the next one cannot. */
size_t websocket_text_check(struct websocket_text *text, const char *bytes, size_t length);

/* ------ websocket_frame.c: frames by libwslay ------ */

struct wslay_frame_context;

/* Invariant: context is NULL while no frame is begun and no byte held. */
struct websocket_frames {
	struct wslay_frame_context *context;
	const char *raw; /* during a read: what came and it has not taken */
	size_t raw_length;
	bool fresh;         /* raw was read just now, and is not in the layer's buffer */
	size_t inside;      /* bytes it has taken and not given */
	uint64_t left;      /* payload of the begun frame not given yet */
	bool begun;         /* a header was given whose frame is not over */
	uint8_t masks[32];  /* random bytes not used yet are the last masks_left */
	uint8_t masks_left; /* bytes */
};

/* Payload of a frame, as much as came; valid until the next call. */
struct websocket_piece {
	bool first, last; /* of its frame */
	bool fin, masked;
	uint8_t opcode, rsv;
	uint64_t announced; /* bytes of the frame */
	const char *bytes;
	size_t length;
};

bool websocket_frame_load(struct failure *why);

struct layer_websocket;

/* IO_AGAIN: raw is used up. IO_FAILED: no frame (why is not filled). */
enum io websocket_frame_next(struct layer_websocket *l, struct websocket_piece *out);
/* A whole frame behind what waits to be sent. False when memory is short. */
bool websocket_frame_add(struct layer_websocket *l, unsigned opcode, unsigned rsv,
			 const struct iovec *v, int n);
/* Gives back what a connection between two frames does not need. */
void websocket_frame_rest(struct layer_websocket *l);
void websocket_frame_free(struct layer_websocket *l);

/* ------ websocket_deflate.c: RFC 7692 over zlib ------ */

struct websocket_inflater;
struct websocket_deflater;

bool websocket_deflate_load(struct failure *why);

/* bits: of the peer's window. NULL when memory is short. */
struct websocket_inflater *websocket_inflater_new(unsigned bits);
/* A message begins. */
void websocket_inflater_begin(struct websocket_inflater *i);
/* Moves on in and out as far as they go. last: in holds the end of the message. *done: the message
 * is over and all of it is out. False: the bytes are wrong behind the *made that came out. */
bool websocket_inflater_run(struct websocket_inflater *i, const char **in, size_t *in_length,
			    bool last, char *out, size_t room, size_t *made, bool *done);
void websocket_inflater_free(struct websocket_inflater *i);

/* bits: of our window, 9 to 15; length: of the one message it is for, SIZE_MAX when it is kept. */
struct websocket_deflater *websocket_deflater_new(unsigned bits, size_t length);
/* The message's payload appended; false when memory is short. */
bool websocket_deflater_run(struct websocket_deflater *d, const struct iovec *v, int n,
			    struct buffer *out);
void websocket_deflater_free(struct websocket_deflater *d);

/* ------ the layer ------ */

/* The handshake under way. */
struct websocket_opening {
	struct buffer out; /* request or answer, not yet sent */
	bool sent;
	struct buffer in; /* of a client: the answer */
	struct http_head_scan scan;
	char key[WEBSOCKET_KEY_MAX];
};

/* The message that is being read. */
struct websocket_message {
	bool begun; /* between its first frame and its end */
	bool compressed;
	bool last_frame; /* the present frame has FIN */
	bool all_in;     /* the last byte of that frame is in piece */
	bool full;       /* inflating stopped for lack of room: more is to come */
	bool ended;      /* what the last read gave was its end */
	uint8_t kind;    /* enum websocket_kind */
	uint64_t bytes;  /* given, inflated */
	struct websocket_text text;
	const char *piece; /* payload that was not given yet */
	size_t piece_length;
};

struct layer_websocket {
	struct stream stream;
	const struct websocket_options *options;
	struct websocket_opening *opening; /* NULL once it is done */
	struct websocket_deflate deflate;
	char *subprotocol, *path; /* NULL: none */
	bool server;
	bool keep_empty;
	bool starved;       /* what came does not make a further byte */
	bool ended_by_peer; /* its Close came */
	bool end_told;      /* and reading has said so, or told the failure */
	bool closing;       /* our Close is behind what waits to be sent, or was sent */
	bool gone;          /* the peer left with its Close: ours need not arrive */
	bool owes;          /* an answer waits to be sent */
	bool pong_owed;
	bool ping_waiting;       /* for its pong */
	uint8_t text_held;       /* bytes of a begun character in text_tail */
	char text_tail[4];       /* taken, and sent with the next message */
	uint16_t peer_code;      /* of its Close */
	uint16_t farewell;       /* bytes of our Close frame */
	unsigned blocked[3];     /* of each side: the sides below it waits for */
	int64_t ping_ms;         /* clock_ms() of the next ping, or of the end of waiting */
	struct buffer in;        /* read too far */
	struct buffer out;       /* whole frames, the first of them sent in part */
	struct buffer control;   /* payload of the control frame being read */
	struct buffer pong;      /* payload of the pong that is owed */
	struct failure *failure; /* reading and writing are over for good */
	struct websocket_frames frames;
	struct websocket_message message;
	struct websocket_inflater *inflater;
	struct websocket_deflater *deflater;
};

static inline struct layer_websocket *websocket_of(const struct stream *s)
{
	return (struct layer_websocket *)(uintptr_t)s;
}

/* That side waits for those sides below. Returns IO_AGAIN. */
enum io websocket_wait(struct layer_websocket *l, enum stream_side side, unsigned below);

/* websocket_read.c */
enum io websocket_read(struct stream *s, void *buf, size_t len, size_t *nread, struct failure *why);
bool websocket_pending(const struct stream *s);

/* websocket_control.c: control frames, failing, and the clock of pings. */
void websocket_control(struct layer_websocket *l, const struct websocket_piece *piece);
/* Reading and writing are over; the first reason stays. */
void websocket_fail(struct layer_websocket *l, const struct failure *why);
/* The same, and the peer gets a Close with that code (RFC 6455, 7.1.7). */
void websocket_violated(struct layer_websocket *l, enum websocket_code code,
			enum failure_class class, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* Pings, and finds out who does not answer. */
void websocket_beat(struct layer_websocket *l);
/* Milliseconds until the next call is due; -1: never. */
int64_t websocket_beat_left(const struct layer_websocket *l);

/* websocket_write.c */
enum io websocket_writev(struct stream *s, const struct iovec *v, int n, size_t *nwritten,
			 struct failure *why);
enum io websocket_flush(struct stream *s, struct failure *why);
enum io websocket_end(struct stream *s, struct failure *why);
enum io websocket_settle(struct stream *s, struct failure *why);
/* Our Close behind what waits, once. reason may be "". */
void websocket_add_close(struct layer_websocket *l, enum websocket_code code, const char *reason);
/* What reading made us say goes out, as far as it is taken; a failure shows in writing. */
void websocket_answer(struct layer_websocket *l);
#endif

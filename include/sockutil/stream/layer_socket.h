/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_STREAM_LAYER_SOCKET_H
#define SOCKUTIL_STREAM_LAYER_SOCKET_H
/*
 * The bottom of a connection: a connected, non-blocking stream socket (TCP, Unix, vsock).
 *
 * A reset is latched: whichever call meets it, reading still gives what the kernel holds, then
 * says FAILURE_RECEIVE ("connection reset by peer"), never IO_END; writing says FAILURE_SEND.
 * When we ever sent a byte the class is FAILURE_SEND on both sides: a peer that closes with our
 * bytes unread resets, acknowledged or not. settle asks the kernel's send queue (SIOCOUTQ). end
 * and settle concern what we sent: without any they say IO_DONE, and reading tells of the reset.
 * Sends never raise SIGPIPE.
 */
#include <sockutil/stream/stream.h>

/* Takes fd over (closed in free). owned_flags false: an inherited socket whose O_NONBLOCK is not
 * ours; every call then carries MSG_DONTWAIT and raw_fd is -1. */
struct stream *layer_socket_new(int fd, bool owned_flags);

/* For the relay's spliced pump: turns an errno of splice/sendfile on this stack's socket into
 * the same latched failure. side: where it happened. Finds the socket layer of the stack (a
 * stack over layer_stdio: the same in the words of that layer); returns IO_AGAIN for
 * EAGAIN/EINTR, otherwise fills why. */
enum io layer_socket_failed(struct stream *stack, enum stream_side side, int error,
			    struct failure *why);
/* The spliced pump read 0: IO_END, or IO_FAILED when a reset was latched before. */
enum io layer_socket_ended(struct stream *stack, struct failure *why);

/* Close without lingering: the peer gets a reset (SO_LINGER 0) when the stack is freed. For
 * refusals, --forward passing a reset on, and --grace. */
void layer_socket_abort(struct stream *stack);
#endif

/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_RELAY_KERNEL_H
#define SOCKUTIL_RELAY_KERNEL_H
/*
 * Bytes from one descriptor to another without passing through this process: sendfile(2) and
 * splice(2). Where a system or a pair of descriptors has no such way, kernel_fits() says no and the
 * caller copies through a buffer.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/base/failure.h>

enum kernel_way {
	KERNEL_NONE,
	KERNEL_SENDFILE, /* regular file to socket */
	KERNEL_SPLICE,   /* one end is a pipe already */
	KERNEL_DROP,     /* TCP to /dev/null: dropped where they lie (tcp(7), MSG_TRUNC) */
	KERNEL_PIPE,     /* through a pipe of ours: socket to file, /dev/null or socket */
};

/*
 * Invariants: pipe[] are both -1 or both open; in_pipe > 0 only with an open pipe; in_pipe bytes
 * were taken from `from` and not yet given to `to`. {.from = -1, .to = -1, .pipe = {-1, -1}} is
 * empty.
 */
struct kernel_pump {
	int from, to;
	enum kernel_way way;
	int pipe[2];
	size_t in_pipe;
	bool refused; /* the kernel said no to this pair: copy */
};

#define KERNEL_PUMP_EMPTY                                                                          \
	{                                                                                          \
		.from = -1, .to = -1, .pipe = { -1, -1 }                                           \
	}

/* How one step ended when it was not IO_DONE. */
struct kernel_step {
	size_t taken;            /* bytes that left `from` */
	size_t given;            /* bytes that reached `to` */
	bool wait_from, wait_to; /* IO_AGAIN: which end to wait for */
	bool at_to;              /* IO_FAILED: at which end */
	int error;               /* IO_FAILED: errno */
};

/* Whether bytes can go from one to the other in the kernel; remembers the pair. Not while in_pipe >
 * 0 for another pair. */
bool kernel_fits(struct kernel_pump *k, int from, int to);

/*
 * Moves up to about a megabyte, and at most `most` > 0 bytes out of `from`. IO_DONE: something
 * moved. IO_AGAIN: see wait_*. IO_END: `from` is at its end and nothing is in the pipe. IO_FAILED:
 * a network error, which the caller must hand to the socket's layer (it is reported once). Any
 * other error sets refused and is IO_AGAIN without waits: the caller goes on with a copy, where the
 * layer meets the error in its own words; what is in the pipe it gets by kernel_rescue().
 */
enum io kernel_step(struct kernel_pump *k, uint64_t most, struct kernel_step *step);

/* Takes back bytes that sit in the pipe, up to size; 0 when it is empty. */
size_t kernel_rescue(struct kernel_pump *k, void *bytes, size_t size);

/* Gives the empty pipe back while nothing moves. */
void kernel_rest(struct kernel_pump *k);
void kernel_close(struct kernel_pump *k);
#endif

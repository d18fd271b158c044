/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_NET_TCP_INFO_H
#define SOCKUTIL_NET_TCP_INFO_H
/* What the kernel counted of a TCP connection (TCP_INFO of tcp(7)), in words. */
#include <stdbool.h>

#include <sockutil/base/buffer.h>

/* "rtt 0.045 ms (min 0.021), cwnd 10 x 65483, 0 retransmitted, ..." appended, without a newline.
 * False, and nothing added, when fd is no TCP socket or the system does not tell. */
bool tcp_info_text(int fd, struct buffer *out);
#endif

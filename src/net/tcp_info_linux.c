/* SPDX-License-Identifier: MIT */
/* src/net/tcp_info_linux.c - struct tcp_info of linux/tcp.h, in words. */
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include <sockutil/net/tcp_info.h>

static const char *state_name(unsigned state)
{
	static const char *const names[] = {
		"unknown",    "established", "syn-sent",  "syn-received",
		"fin-wait-1", "fin-wait-2",  "time-wait", "closed",
		"close-wait", "last-ack",    "listening", "closing",
	};

	return names[state < sizeof(names) / sizeof(names[0]) ? state : 0];
}

bool tcp_info_text(int fd, struct buffer *out)
{
	struct tcp_info info;
	socklen_t length = sizeof(info);

	/* An older kernel fills less: the rest is zero. */
	memset(&info, 0, sizeof(info));
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) < 0)
		return false;
	return buffer_format(out,
			     "%s, rtt %.3f ms (min %.3f), window %u x %u bytes, "
			     "%u segments retransmitted, %llu bytes acknowledged, %llu received, "
			     "%u unacknowledged",
			     state_name(info.tcpi_state), info.tcpi_rtt / 1000.0,
			     info.tcpi_min_rtt / 1000.0, info.tcpi_snd_cwnd, info.tcpi_snd_mss,
			     info.tcpi_total_retrans, (unsigned long long)info.tcpi_bytes_acked,
			     (unsigned long long)info.tcpi_bytes_received, info.tcpi_unacked);
}

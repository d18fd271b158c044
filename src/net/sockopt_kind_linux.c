/* SPDX-License-Identifier: MIT */
/* Structures that Linux gives for a socket, shown in words. */
#include <linux/sock_diag.h>
#include <string.h>
#include <sys/socket.h>

#include <sockutil/net/sockopt_kind_linux.h>
#include <sockutil/net/tcp_info.h>

static bool parse_nothing(const struct sockopt_row *row, const char *text,
			  struct sockopt_value *out)
{
	(void)row;
	(void)text;
	(void)out;
	return false;
}

static bool print_credentials(const struct sockopt_row *row, const void *bytes, socklen_t length,
			      struct buffer *out)
{
	struct ucred peer;

	(void)row;
	if (length < sizeof(peer))
		return false;
	memcpy(&peer, bytes, sizeof(peer));
	/* A socket without a peer has pid 0 and ids of -1 (unix(7)). */
	if (peer.pid == 0 && peer.uid == (uid_t)-1)
		return buffer_format(out, "(none)");
	return buffer_format(out, "pid=%ld uid=%lu gid=%lu", (long)peer.pid,
			     (unsigned long)peer.uid, (unsigned long)peer.gid);
}

static bool print_groups(const struct sockopt_row *row, const void *bytes, socklen_t length,
			 struct buffer *out)
{
	const char *at = bytes;
	gid_t group;

	(void)row;
	if (length < sizeof(group))
		return buffer_format(out, "(none)");
	for (size_t i = 0; i < length / sizeof(group); i++) {
		memcpy(&group, at + i * sizeof(group), sizeof(group));
		if (!buffer_format(out, "%s%lu", i ? " " : "", (unsigned long)group))
			return false;
	}
	return true;
}

static bool print_memory(const struct sockopt_row *row, const void *bytes, socklen_t length,
			 struct buffer *out)
{
	static const char *const names[SK_MEMINFO_VARS] = {
		[SK_MEMINFO_RMEM_ALLOC] = "received", [SK_MEMINFO_RCVBUF] = "rcvbuf",
		[SK_MEMINFO_WMEM_ALLOC] = "sending",  [SK_MEMINFO_SNDBUF] = "sndbuf",
		[SK_MEMINFO_FWD_ALLOC] = "forward",   [SK_MEMINFO_WMEM_QUEUED] = "queued",
		[SK_MEMINFO_OPTMEM] = "optmem",       [SK_MEMINFO_BACKLOG] = "backlog",
		[SK_MEMINFO_DROPS] = "drops",
	};
	const char *at = bytes;
	uint32_t value;

	(void)row;
	for (size_t i = 0; i < SK_MEMINFO_VARS && (i + 1) * sizeof(value) <= length; i++) {
		memcpy(&value, at + i * sizeof(value), sizeof(value));
		if (!buffer_format(out, "%s%s=%u", i ? " " : "", names[i], value))
			return false;
	}
	return length >= sizeof(value);
}

const struct sockopt_kind sockopt_kind_credentials = {
	.parse = parse_nothing,
	.print = print_credentials,
};

const struct sockopt_kind sockopt_kind_groups = {
	.parse = parse_nothing,
	.print = print_groups,
};

const struct sockopt_kind sockopt_kind_memory = {
	.parse = parse_nothing,
	.print = print_memory,
};

const struct sockopt_kind sockopt_kind_tcp_info = {
	.parse = parse_nothing,
	.print_of = tcp_info_text,
};

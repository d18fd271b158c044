/* SPDX-License-Identifier: MIT */
/* The socket options of systems that are not Linux, and the names they do not know. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <sockutil/net/sockopt_table.h>

const struct sockopt_row sockopt_table_system[] = {
#ifdef SO_NOSIGPIPE
	SOCKOPT_ROW(SO_NOSIGPIPE, SOL_SOCKET, bool, SOCKOPT_FOR_ALL, BEFORE_BIND, BOTH),
#endif
#ifdef IP_BOUND_IF
	SOCKOPT_ROW(IP_BOUND_IF, IPPROTO_IP, interface, SOCKOPT_FOR_IP4, BEFORE_BIND, BOTH),
#endif
#ifdef IPV6_BOUND_IF
	SOCKOPT_ROW(IPV6_BOUND_IF, IPPROTO_IPV6, interface, SOCKOPT_FOR_IP6, BEFORE_BIND, BOTH),
#endif
#ifdef TCP_CONNECTIONTIMEOUT
	SOCKOPT_ROW(TCP_CONNECTIONTIMEOUT, IPPROTO_TCP, seconds, SOCKOPT_FOR_TCP, BEFORE_BIND,
		    BOTH),
#endif
#ifdef TCP_NOOPT
	SOCKOPT_ROW(TCP_NOOPT, IPPROTO_TCP, bool, SOCKOPT_FOR_TCP, BEFORE_BIND, BOTH),
#endif
#ifdef TCP_NOPUSH
	SOCKOPT_ROW(TCP_NOPUSH, IPPROTO_TCP, bool, SOCKOPT_FOR_TCP, BEFORE_BIND, BOTH),
#endif
#if defined(TCP_KEEPIDLE)
	SOCKOPT_ROW(TCP_KEEPIDLE, IPPROTO_TCP, seconds, SOCKOPT_FOR_TCP, BEFORE_BIND, BOTH),
#elif defined(TCP_KEEPALIVE)
	/* macOS's name for the same; one name everywhere. */
	{
		.name = "TCP_KEEPIDLE",
		.level = IPPROTO_TCP,
		.constant = TCP_KEEPALIVE,
		.kind = &sockopt_kind_seconds,
		.families = SOCKOPT_FOR_TCP,
		.moment = SOCKOPT_BEFORE_BIND,
		.access = SOCKOPT_BOTH,
	},
#endif
	{ 0 },
};

const char *const sockopt_table_elsewhere[] = {
	"SO_BINDTODEVICE",
	"SO_BINDTOIFINDEX",
	"SO_BUSY_POLL",
	"SO_COOKIE",
	"SO_DOMAIN",
	"SO_INCOMING_CPU",
	"SO_MARK",
	"SO_MAX_PACING_RATE",
	"SO_NO_CHECK",
	"SO_PASSCRED",
	"SO_PEEK_OFF",
	"SO_PEERCRED",
	"SO_PRIORITY",
	"SO_PROTOCOL",
	"SO_RCVBUFFORCE",
	"SO_SNDBUFFORCE",
	"SO_TIMESTAMPING",
	"SO_TXTIME",
	"SO_ZEROCOPY",
	"IP_BIND_ADDRESS_NO_PORT",
	"IP_FREEBIND",
	"IP_LOCAL_PORT_RANGE",
	"IP_MINTTL",
	"IP_MTU",
	"IP_MTU_DISCOVER",
	"IP_RECVERR",
	"IP_TRANSPARENT",
	"IP_UNICAST_IF",
	"IPV6_FREEBIND",
	"IPV6_MTU",
	"IPV6_MTU_DISCOVER",
	"IPV6_RECVERR",
	"IPV6_TRANSPARENT",
	"TCP_CONGESTION",
	"TCP_CORK",
	"TCP_DEFER_ACCEPT",
	"TCP_FASTOPEN_CONNECT",
	"TCP_INFO",
	"TCP_LINGER2",
	"TCP_NOTSENT_LOWAT",
	"TCP_QUICKACK",
	"TCP_SYNCNT",
	"TCP_TX_DELAY",
	"TCP_ULP",
	"TCP_USER_TIMEOUT",
	"TCP_WINDOW_CLAMP",
	"SO_VM_SOCKETS_BUFFER_SIZE",
	"SO_VM_SOCKETS_CONNECT_TIMEOUT",
	NULL,
};

/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_NET_SOCKOPT_KIND_LINUX_H
#define SOCKUTIL_NET_SOCKOPT_KIND_LINUX_H
/* Structures that only Linux gives, shown in words. */
#include <sockutil/net/sockopt_table.h>

extern const struct sockopt_kind sockopt_kind_credentials; /* "pid=1 uid=0 gid=0" */
extern const struct sockopt_kind sockopt_kind_groups;      /* "0 4 27" */
extern const struct sockopt_kind sockopt_kind_memory;      /* SO_MEMINFO, sock_diag(7) */
extern const struct sockopt_kind sockopt_kind_tcp_info;    /* net/tcp_info.h */
#endif

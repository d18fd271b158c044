/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CONNECT_SCAN_H
#define SOCKUTIL_CONNECT_SCAN_H
/*
 * --scan: which ports of a host accept a connection. Nothing is sent. The host's name is resolved
 * once; a port counts as open when any of its addresses accepts, as refused when all of those that
 * answer refuse, and has no answer otherwise. Runs an event loop of its own.
 */
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/base/failure.h>
#include <sockutil/connect/port_list.h>
#include <sockutil/net/dial.h>

enum scan_state { SCAN_OPEN, SCAN_REFUSED, SCAN_SILENT, SCAN_STATES };
/* "open", "refused", "no answer". */
extern const char *const scan_state_names[SCAN_STATES];

struct scan_result {
	unsigned port;
	enum scan_state state;
	struct address address; /* the one that decided */
	int64_t us;             /* until it was decided */
	int error; /* of SCAN_SILENT: what the kernel said (errno); 0: nothing in time */
};

/* Everything is borrowed until scan_run returns. */
struct scan_options {
	const struct net_options *net;
	const char *host;
	const struct port_list *ports;
	unsigned jobs;      /* at once, >= 1 */
	int64_t timeout_ms; /* of each address, and of the name; <= 0: the kernel's */
	/* In rising order of the ports, each as soon as those before it are known. False: stop. */
	bool (*found)(void *data, const struct scan_result *result);
	void *data;
};

struct scan_summary {
	unsigned counts[SCAN_STATES];
};

/* False: why (FAILURE_NAME, FAILURE_USAGE, FAILURE_LOCAL_ADDRESS, FAILURE_TIMEOUT, FAILURE_OTHER):
 * the scan could not be made, or not to its end. */
bool scan_run(const struct scan_options *options, struct scan_summary *summary,
	      struct failure *why);

/* The name of the service on that port, "" when it has none. */
const char *scan_service(unsigned port, char out[static 64]);
#endif

/* SPDX-License-Identifier: MIT */
/* common_sockopts.c - the named socket options as rows of the socket-option table. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <sockutil/base/number.h>
#include <sockutil/modes/common_sockopts.h>

static bool add_number(struct sockopt_list *list, const char *name, int64_t number,
		       struct failure *why)
{
	char value[24];

	snprintf(value, sizeof value, "%" PRId64, number);
	return sockopt_add_value(list, name, value, why);
}

/* "" or "IDLE,INTERVAL,COUNT": seconds, seconds, probes (tcp(7)). */
static bool add_keepalive(struct sockopt_list *list, const char *text, struct failure *why)
{
	static const char *const names[] = { "TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT" };
	const char *part = text;

	if (!add_number(list, "SO_KEEPALIVE", 1, why))
		return false;
	for (size_t i = 0; *text && i < 3; i++) {
		size_t length = strcspn(part, ",");
		bool last = i == 2;
		uint64_t number;

		if (!number_parse_bytes(part, length, 32767, &number) || number == 0 ||
		    (part[length] == ',') == last) {
			fail(why, FAILURE_USAGE,
			     "--keepalive: \"%.60s\" is not IDLE,INTERVAL,COUNT (example: 60,10,6)",
			     text);
			return false;
		}
		if (!add_number(list, names[i], (int64_t)number, why))
			return false;
		part += length + 1;
	}
	return true;
}

static bool add_numbers(const struct common_options *common, struct sockopt_list *list,
			struct failure *why)
{
	const struct {
		bool given;
		const char *name;
		int64_t number;
	} numbers[] = {
		{ common->nodelay, "TCP_NODELAY", 1 },
		{ common->rcvbuf_given, "SO_RCVBUF", (int64_t)common->rcvbuf },
		{ common->sndbuf_given, "SO_SNDBUF", (int64_t)common->sndbuf },
		{ common->ttl_given, "TTL", common->ttl },
		{ common->mark_given, "SO_MARK", common->mark },
		{ common->linger_given, "SO_LINGER", common->linger },
		{ common->user_timeout_given, "TCP_USER_TIMEOUT", common->user_timeout_ms },
	};

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (numbers[i].given && !add_number(list, numbers[i].name, numbers[i].number, why))
			return false;
	return true;
}

/* TTL and DSCP are the table's words for what each IP family has under another name. */
static bool add_texts(const struct common_options *common, struct sockopt_list *list,
		      struct failure *why)
{
	/* Best effort (RFC 2474, 4.1) is the table's 0. */
	const char *dscp = common->dscp && !strcasecmp(common->dscp, "be") ? "0" : common->dscp;

	if (dscp && !sockopt_add_value(list, "DSCP", dscp, why))
		return false;
	return !common->congestion ||
	       sockopt_add_value(list, "TCP_CONGESTION", common->congestion, why);
}

bool common_sockopts_add(const struct common_options *common, struct sockopt_list *list,
			 struct failure *why)
{
	if (!add_numbers(common, list, why) || !add_texts(common, list, why))
		return false;
	if (common->keepalive && !add_keepalive(list, common->keepalive, why))
		return false;
	for (size_t i = 0; i < common->sockopt.count; i++)
		if (!sockopt_add(list, common->sockopt.items[i], why))
			return false;
	return true;
}

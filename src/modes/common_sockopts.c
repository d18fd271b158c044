/* SPDX-License-Identifier: MIT */
/* common_sockopts.c - the named socket options as rows of the socket-option table. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <sockutil/base/number.h>
#include <sockutil/modes/common_sockopts.h>

/* The DSCP is the upper six bits of the byte that IP_TOS and IPV6_TCLASS set (RFC 2474, 3). */
enum { DSCP_SHIFT = 2, DSCP_MOST = 63 };

static const struct {
	const char *name;
	unsigned value;
} dscp_names[] = {
	{ "be", 0 },    { "le", 1 },    { "ef", 46 },   { "va", 44 },   { "cs0", 0 },
	{ "cs1", 8 },   { "cs2", 16 },  { "cs3", 24 },  { "cs4", 32 },  { "cs5", 40 },
	{ "cs6", 48 },  { "cs7", 56 },  { "af11", 10 }, { "af12", 12 }, { "af13", 14 },
	{ "af21", 18 }, { "af22", 20 }, { "af23", 22 }, { "af31", 26 }, { "af32", 28 },
	{ "af33", 30 }, { "af41", 34 }, { "af42", 36 }, { "af43", 38 },
};

bool common_sockopts_dscp(const char *text, unsigned *out)
{
	uint64_t number;

	for (size_t i = 0; i < sizeof dscp_names / sizeof *dscp_names; i++)
		if (!strcasecmp(text, dscp_names[i].name)) {
			*out = dscp_names[i].value;
			return true;
		}
	if (!number_parse(text, DSCP_MOST, &number))
		return false;
	*out = (unsigned)number;
	return true;
}

static bool add_number(struct sockopt_list *list, const char *name, int64_t number,
		       struct failure *why)
{
	char value[24];

	snprintf(value, sizeof value, "%" PRId64, number);
	return sockopt_add_value(list, name, value, why);
}

/* Whichever family the socket turns out to have. */
static bool add_for_both(struct sockopt_list *list, const char *v4, const char *v6, int64_t number,
			 struct failure *why)
{
	return add_number(list, v4, number, why) && add_number(list, v6, number, why);
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

static bool add_dscp(struct sockopt_list *list, const char *text, struct failure *why)
{
	unsigned dscp;

	if (!common_sockopts_dscp(text, &dscp)) {
		fail(why, FAILURE_USAGE,
		     "--dscp: \"%.60s\" is neither 0-63 nor one of ef va le be cs0-cs7 af11-af43",
		     text);
		return false;
	}
	return add_for_both(list, "IP_TOS", "IPV6_TCLASS", dscp << DSCP_SHIFT, why);
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
		{ common->mark_given, "SO_MARK", common->mark },
		{ common->linger_given, "SO_LINGER", common->linger },
		{ common->user_timeout_given, "TCP_USER_TIMEOUT", common->user_timeout_ms },
	};

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		if (numbers[i].given && !add_number(list, numbers[i].name, numbers[i].number, why))
			return false;
	return true;
}

bool common_sockopts_add(const struct common_options *common, struct sockopt_list *list,
			 struct failure *why)
{
	if (!add_numbers(common, list, why))
		return false;
	if (common->keepalive && !add_keepalive(list, common->keepalive, why))
		return false;
	if (common->ttl_given &&
	    !add_for_both(list, "IP_TTL", "IPV6_UNICAST_HOPS", common->ttl, why))
		return false;
	if (common->dscp && !add_dscp(list, common->dscp, why))
		return false;
	if (common->congestion &&
	    !sockopt_add_value(list, "TCP_CONGESTION", common->congestion, why))
		return false;
	for (size_t i = 0; i < common->sockopt.count; i++)
		if (!sockopt_add(list, common->sockopt.items[i], why))
			return false;
	return true;
}

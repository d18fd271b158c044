/* SPDX-License-Identifier: MIT */
/* Socket options by name: a list of settings, made at their moment. */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <sockutil/base/memory.h>
#include <sockutil/net/address.h>
#include <sockutil/net/sockopt.h>
#include <sockutil/net/sockopt_table.h>

/* rows[1] is NULL unless it is a word for both IP families. */
struct sockopt_setting {
	const struct sockopt_row *rows[2];
	struct sockopt_value values[2];
	char *text; /* the value as written */
};

static bool settable(const struct sockopt_row *row, struct failure *why)
{
	if (row->access & SOCKOPT_SET)
		return true;
	if (row->kind == &sockopt_kind_structure)
		fail(why, FAILURE_USAGE,
		     "socket option %s takes a structure that cannot be written as NAME=VALUE",
		     row->name);
	else
		fail(why, FAILURE_USAGE, "socket option %s can only be read", row->name);
	return false;
}

static bool refuse_value(const char *name, const char *value, const struct sockopt_row *row,
			 struct failure *why)
{
	char words[200] = "";
	size_t at = 0;

	for (const struct sockopt_word *w = row->words; w && w->name; w++)
		at += (size_t)snprintf(words + at, sizeof(words) - at, "%s%s", at ? ", " : "",
				       w->name);
	fail(why, FAILURE_USAGE, "socket option %s=%s: expected %s", name, value,
	     at ? words : row->kind->expected);
	return false;
}

static bool append(struct sockopt_list *list, const struct sockopt_setting *setting,
		   struct failure *why)
{
	struct sockopt_setting *items =
		realloc(list->items, (list->count + 1) * sizeof(list->items[0]));

	if (!items) {
		fail(why, FAILURE_OTHER, "memory is short");
		return false;
	}
	list->items = items;
	list->items[list->count++] = *setting;
	return true;
}

bool sockopt_add_value(struct sockopt_list *list, const char *name, const char *value,
		       struct failure *why)
{
	struct sockopt_setting setting = { 0 };

	if (!sockopt_find(name, setting.rows, why))
		return false;
	for (size_t i = 0; i < 2 && setting.rows[i]; i++) {
		const struct sockopt_row *row = setting.rows[i];

		if (!settable(row, why))
			return false;
		if (!row->kind->parse(row, value, &setting.values[i]))
			return refuse_value(setting.rows[1] ? name : row->name, value, row, why);
	}
	setting.text = memory_string(value);
	if (append(list, &setting, why))
		return true;
	free(setting.text);
	return false;
}

bool sockopt_add(struct sockopt_list *list, const char *text, struct failure *why)
{
	const char *equals = strchr(text, '=');
	char *name;
	bool added;

	if (!equals || equals == text) {
		fail(why, FAILURE_USAGE, "socket option %s: expected NAME=VALUE", text);
		return false;
	}
	name = memory_string(text);
	name[equals - text] = '\0';
	added = sockopt_add_value(list, name, equals + 1, why);
	free(name);
	return added;
}

bool sockopt_list_sets(const struct sockopt_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct sockopt_row *const *rows = list->items[i].rows;

		if (strcmp(rows[0]->name, name) == 0 ||
		    (rows[1] && strcmp(rows[1]->name, name) == 0))
			return true;
	}
	return false;
}

void sockopt_list_free(struct sockopt_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i].text);
	free(list->items);
	*list = (struct sockopt_list){ 0 };
}

static unsigned internet_families(int fd, int family)
{
	int only = 0;
	socklen_t length = sizeof(only);

	if (family == AF_INET)
		return SOCKOPT_FOR_IP4;
	if (getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, &length) == 0 && only == 0)
		return SOCKOPT_FOR_IP6 | SOCKOPT_FOR_IP4;
	return SOCKOPT_FOR_IP6;
}

unsigned sockopt_families_of(int fd)
{
	struct address own;
	int type;
	socklen_t length = sizeof(type);
	unsigned cid, port;

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) < 0 || !address_of_socket(fd, &own))
		return 0;
	if (own.any.sa_family == AF_INET || own.any.sa_family == AF_INET6)
		return internet_families(fd, own.any.sa_family) |
		       (type == SOCK_STREAM ? SOCKOPT_FOR_TCP : 0U) |
		       (type == SOCK_DGRAM ? SOCKOPT_FOR_UDP : 0U);
	if (own.any.sa_family == AF_UNIX)
		return SOCKOPT_FOR_UNIX;
	return address_is_vsock(&own, &cid, &port) ? SOCKOPT_FOR_VSOCK : SOCKOPT_FOR_OTHER;
}

/* What a TCP listener got, its accepted sockets have; those of Unix and vsock listeners start anew.
 */
static bool starts_anew(int fd)
{
	struct address own;

	return address_of_socket(fd, &own) && own.any.sa_family != AF_INET &&
	       own.any.sa_family != AF_INET6;
}

static bool inherits(const struct sockopt_row *row, enum sockopt_moment moment)
{
	return moment == SOCKOPT_CONNECTED && row->moment == SOCKOPT_BEFORE_BIND &&
	       (row->families & (SOCKOPT_FOR_UNIX | SOCKOPT_FOR_VSOCK)) != 0;
}

static bool refused(const struct sockopt_row *row, const char *text, int error, struct failure *why)
{
	switch (error) {
	case EPERM:
	case EACCES:
		fail_errno(why, FAILURE_LOCAL_ADDRESS, error,
			   "socket option %s=%s needs privileges that this process has not",
			   row->name, text);
		break;
	case ENOENT:
		fail(why, FAILURE_USAGE, "socket option %s=%s: this system has none of that name",
		     row->name, text);
		break;
	case ENODEV:
	case EADDRNOTAVAIL:
	case EADDRINUSE:
		fail_errno(why, FAILURE_LOCAL_ADDRESS, error, "socket option %s=%s", row->name,
			   text);
		break;
	case ENOPROTOOPT:
	case EOPNOTSUPP:
		fail_errno(why, FAILURE_USAGE, error,
			   "socket option %s=%s: this kernel has none for this socket", row->name,
			   text);
		break;
	case EINVAL:
	case EDOM:
	case ERANGE:
	case EISCONN:
	case ENOTCONN:
		fail_errno(why, FAILURE_USAGE, error, "socket option %s=%s", row->name, text);
		break;
	default:
		fail_errno(why, FAILURE_OTHER, error, "socket option %s=%s", row->name, text);
	}
	return false;
}

static bool misfit(const struct sockopt_setting *setting, unsigned families, struct failure *why)
{
	const char *socket = families & SOCKOPT_FOR_UNIX     ? "a Unix socket"
			     : families & SOCKOPT_FOR_VSOCK  ? "a vsock socket"
			     : !(families & SOCKOPT_FOR_IP4) ? "an IPv6 socket"
			     : !(families & SOCKOPT_FOR_IP6) ? "an IPv4 socket"
							     : "this socket";

	fail(why, FAILURE_USAGE, "socket option %s does not fit %s", setting->rows[0]->name,
	     socket);
	return false;
}

static bool make(const struct sockopt_setting *setting, int fd, unsigned families,
		 struct failure *why)
{
	bool fits = false;

	for (size_t i = 0; i < 2 && setting->rows[i]; i++) {
		const struct sockopt_row *row = setting->rows[i];
		const struct sockopt_value *value = &setting->values[i];

		if (!(row->families & families))
			continue;
		if (setsockopt(fd, row->level, row->constant, value->bytes, value->length) == 0)
			fits = true;
		/* Not every system takes the IPv4 half on a dual-stack IPv6 socket. */
		else if (!setting->rows[1] || !(families & SOCKOPT_FOR_IP6) ||
			 row->level == IPPROTO_IPV6)
			return refused(row, setting->text, errno, why);
	}
	return fits || misfit(setting, families, why);
}

bool sockopt_apply(const struct sockopt_list *list, int fd, enum sockopt_moment moment,
		   struct failure *why)
{
	enum { UNKNOWN, NO, YES } anew = UNKNOWN;
	unsigned families = 0;

	/* Once for each accepted connection: asks the kernel only what a setting needs to know. */
	for (size_t i = 0; i < list->count; i++) {
		const struct sockopt_setting *setting = &list->items[i];
		const struct sockopt_row *row = setting->rows[0];

		if (row->moment != moment) {
			if (!inherits(row, moment))
				continue;
			if (anew == UNKNOWN)
				anew = starts_anew(fd) ? YES : NO;
			if (anew == NO)
				continue;
		}
		if (families == 0)
			families = sockopt_families_of(fd);
		if (!make(setting, fd, families, why))
			return false;
	}
	return true;
}

bool sockopt_fit_listener(const struct sockopt_list *list, struct failure *why)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct sockopt_row *row = list->items[i].rows[0];

		if (row->moment != SOCKOPT_BEFORE_CONNECT)
			continue;
		fail(why, FAILURE_USAGE,
		     "socket option %s is for a client, not for a listening socket", row->name);
		return false;
	}
	return true;
}

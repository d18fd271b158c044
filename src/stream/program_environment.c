/* SPDX-License-Identifier: MIT */
/* Environment variables of programs. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/log.h>
#include <sockutil/base/memory.h>
#include <sockutil/stream/program_environment.h>

/* Names that speak of a connection. A trailing '*' stands for any rest. */
static const char *const spoken_for[] = {
	"PROTO", "TCPLOCAL*", "TCPREMOTE*", "UNIXLOCAL*", "UNIXREMOTE*", "SOCKUTIL_*", NULL,
};

static bool name_matches(const char *variable, const char *pattern)
{
	const size_t length = strcspn(pattern, "*");

	if (strncmp(variable, pattern, length) != 0)
		return false;
	return pattern[length] == '*' || variable[length] == '=';
}

static bool is_spoken_for(const char *variable)
{
	for (size_t i = 0; spoken_for[i]; ++i)
		if (name_matches(variable, spoken_for[i]))
			return true;
	return false;
}

void program_environment_init(struct program_environment *e, char *const *ours)
{
	size_t count = 0;

	while (ours[count])
		count++;
	*e = (struct program_environment){ 0 };
	e->list = memory_zeroed(count + PROGRAM_VARIABLES + 1, sizeof(*e->list));
	for (size_t i = 0; i < count; ++i)
		if (!is_spoken_for(ours[i]))
			e->list[e->inherited++] = ours[i];
}

void program_environment_free(struct program_environment *e)
{
	free(e->list);
	e->list = NULL;
}

bool program_environment_harmless(const char *value)
{
	const size_t length = strlen(value);
	char masked[512];

	if (strpbrk(value, "$`\\\"'|&;<>(){}[]*?!#~^%"))
		return false;
	return length < sizeof(masked) &&
	       log_mask(masked, sizeof(masked), value, length) == length &&
	       memcmp(masked, value, length) == 0;
}

/* ------ one variable ------ */

static size_t count_set(const struct program_environment *e)
{
	size_t count = 0;

	while (e->list[e->inherited + count])
		count++;
	return count;
}

static void __attribute__((format(printf, 3, 4)))
set(struct program_environment *e, const char *name, const char *format, ...)
{
	const size_t count = count_set(e), room = sizeof(e->text) - e->used;
	char *at = e->text + e->used;
	int length, value;
	va_list arguments;

	if (count >= PROGRAM_VARIABLES)
		return;
	length = snprintf(at, room, "%s=", name);
	if (length < 0 || (size_t)length >= room)
		return;
	va_start(arguments, format);
	value = vsnprintf(at + length, room - (size_t)length, format, arguments);
	va_end(arguments);
	if (value < 0 || (size_t)length + (size_t)value >= room)
		return;
	e->used += (size_t)length + (size_t)value + 1;
	e->list[e->inherited + count] = at;
	e->list[e->inherited + count + 1] = NULL;
}

static void set_told(struct program_environment *e, const char *name, const char *value)
{
	if (value && value[0] && program_environment_harmless(value))
		set(e, name, "%s", value);
}

/* ------ what there is to tell ------ */

static void set_internet(struct program_environment *e, const struct program_facts *facts)
{
	char host[ADDRESS_TEXT_MAX];

	set(e, "PROTO", "TCP");
	set(e, "SOCKUTIL_PROTO", "tcp");
	address_host(host, facts->peer);
	set(e, "TCPREMOTEIP", "%s", host);
	set(e, "SOCKUTIL_PEER_ADDR", "%s", host);
	set(e, "TCPREMOTEPORT", "%u", address_port(facts->peer));
	set(e, "SOCKUTIL_PEER_PORT", "%u", address_port(facts->peer));
	/* Behind a proxy the socket's own end may be of another kind. */
	address_host(host, facts->local);
	if (!host[0])
		return;
	set(e, "TCPLOCALIP", "%s", host);
	set(e, "SOCKUTIL_LOCAL_ADDR", "%s", host);
	set(e, "TCPLOCALPORT", "%u", address_port(facts->local));
	set(e, "SOCKUTIL_LOCAL_PORT", "%u", address_port(facts->local));
}

/* "" when it has none. */
static const char *unix_path(char out[static ADDRESS_TEXT_MAX], const struct address *address)
{
	static const char prefix[] = "unix:";

	if (address->length == 0)
		return "";
	address_text(out, address);
	return strncmp(out, prefix, sizeof(prefix) - 1) == 0 ? out + sizeof(prefix) - 1 : "";
}

static void set_unix(struct program_environment *e, const struct program_facts *facts)
{
	char path[ADDRESS_TEXT_MAX];
	const char *local = unix_path(path, facts->local);

	set(e, "PROTO", "UNIX");
	set(e, "SOCKUTIL_PROTO", "unix");
	if (local[0]) {
		set(e, "UNIXLOCALPATH", "%s", local);
		set(e, "SOCKUTIL_LOCAL_ADDR", "%s", local);
	}
	set_told(e, "UNIXREMOTEPATH", unix_path(path, facts->peer));
	set_told(e, "SOCKUTIL_PEER_ADDR", unix_path(path, facts->peer));
	if (!facts->credentials)
		return;
	set(e, "UNIXREMOTEPID", "%ld", (long)facts->credentials->pid);
	set(e, "UNIXREMOTEEUID", "%lu", (unsigned long)facts->credentials->uid);
	set(e, "UNIXREMOTEEGID", "%lu", (unsigned long)facts->credentials->gid);
}

static void set_vsock(struct program_environment *e, const struct program_facts *facts)
{
	unsigned cid, port;

	set(e, "PROTO", "VSOCK");
	set(e, "SOCKUTIL_PROTO", "vsock");
	if (address_is_vsock(facts->peer, &cid, &port)) {
		set(e, "SOCKUTIL_PEER_ADDR", "%u", cid);
		set(e, "SOCKUTIL_PEER_PORT", "%u", port);
	}
	if (address_is_vsock(facts->local, &cid, &port)) {
		set(e, "SOCKUTIL_LOCAL_ADDR", "%u", cid);
		set(e, "SOCKUTIL_LOCAL_PORT", "%u", port);
	}
}

static void set_tls(struct program_environment *e, const struct tls_info *tls)
{
	set_told(e, "SOCKUTIL_TLS_VERSION", tls->version);
	set_told(e, "SOCKUTIL_TLS_CIPHER", tls->cipher);
	set_told(e, "SOCKUTIL_TLS_SNI", tls->servername);
	set_told(e, "SOCKUTIL_TLS_ALPN", tls->alpn);
	set(e, "SOCKUTIL_TLS_VERIFIED", "%s", tls->verified ? "yes" : "no");
	set_told(e, "SOCKUTIL_TLS_SUBJECT", tls->subject);
}

void program_environment_set(struct program_environment *e, const struct program_facts *facts)
{
	const int family =
		facts->peer->length > 0 ? facts->peer->any.sa_family : facts->local->any.sa_family;

	e->used = 0;
	e->list[e->inherited] = NULL;
	if (family == AF_INET || family == AF_INET6)
		set_internet(e, facts);
	else if (family == AF_UNIX)
		set_unix(e, facts);
	else
		set_vsock(e, facts);
	if (facts->tls)
		set_tls(e, facts->tls);
}

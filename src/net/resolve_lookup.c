/* SPDX-License-Identifier: MIT */
/* One question about a name, answered on the calling thread. */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <sockutil/net/endpoint_host.h>
#include <sockutil/net/resolve_lookup.h>

static bool is_localhost(const char *name)
{
	static const char localhost[] = "localhost";
	size_t length = strlen(name);
	const size_t suffix = sizeof(localhost) - 1;

	if (length > 0 && name[length - 1] == '.')
		length--;
	if (length < suffix || strncasecmp(name + length - suffix, localhost, suffix) != 0)
		return false;
	return length == suffix || name[length - suffix - 1] == '.';
}

static enum resolve_lookup_host kind_of(const char *name, struct address *literal)
{
	if (*name == '\0')
		return RESOLVE_HOST_ANY;
	if (address_parse_ip(name, 0, literal))
		return RESOLVE_HOST_LITERAL;
	return is_localhost(name) ? RESOLVE_HOST_LOCAL : RESOLVE_HOST_NAME;
}

bool resolve_lookup_prepare(struct resolve_question *question, const char *host,
			    const char *service, int port, int type, bool passive,
			    struct failure *why)
{
	memset(question, 0, sizeof(*question));
	question->port = port;
	question->type = type;
	if (*host == '\0' && !passive) {
		fail(why, FAILURE_USAGE, "no host");
		return false;
	}
	if (strlen(host) >= sizeof(question->shown) ||
	    strlen(service) >= sizeof(question->service)) {
		fail(why, FAILURE_USAGE, "\"%.100s\": too long for a host or a service", host);
		return false;
	}
	/* Whoever asks: nothing that getaddrinfo(3) would read as an address in its own way. */
	if (*host && !endpoint_host_check(host, why)) {
		fail(why, FAILURE_USAGE, "\"%s\": %s", host, why->text);
		return false;
	}
	snprintf(question->shown, sizeof(question->shown), "%s", host);
	snprintf(question->service, sizeof(question->service), "%s", service);
	if (!idn_to_ascii(question->name, host, why))
		return false;
	question->kind = kind_of(question->name, &question->literal);
	if (question->kind == RESOLVE_HOST_NAME && endpoint_host_is_v6(question->name)) {
		fail(why, FAILURE_NAME, "%s: this machine has no interface %s", host,
		     strchr(question->name, '%') + 1);
		return false;
	}
	return true;
}

bool resolve_lookup_is_immediate(const struct resolve_question *question)
{
	return question->kind != RESOLVE_HOST_NAME && question->port >= 0;
}

/* getaddrinfo(3) says in its own numbers what errno cannot. */
static void fail_name(struct failure *why, const char *shown, int code)
{
	if (code == EAI_SYSTEM)
		fail_errno(why, FAILURE_NAME, errno, "%s: name not resolved", shown);
	else if (code == EAI_AGAIN)
		fail(why, FAILURE_NAME, "%s: the name server did not answer", shown);
	else if (code == EAI_FAIL)
		fail(why, FAILURE_NAME, "%s: the name server failed", shown);
	else if (code == EAI_MEMORY)
		fail(why, FAILURE_OTHER, "%s: name not resolved: out of memory", shown);
	else /* EAI_NONAME, and EAI_NODATA and EAI_ADDRFAMILY where they exist */
		fail(why, FAILURE_NAME, "%s: name not known", shown);
}

static bool find_port(const struct resolve_question *question, int *port, struct failure *why)
{
	const struct addrinfo hints = {
		.ai_flags = AI_PASSIVE,
		.ai_family = AF_INET,
		.ai_socktype = question->type,
	};
	struct addrinfo *list = NULL;

	*port = question->port;
	if (*port >= 0)
		return true;
	if (getaddrinfo(NULL, question->service, &hints, &list) != 0) {
		fail(why, FAILURE_USAGE, "\"%s\" is not a known service; give the port as a number",
		     question->service);
		return false;
	}
	*port = ntohs(((const struct sockaddr_in *)(const void *)list->ai_addr)->sin_port);
	freeaddrinfo(list);
	return true;
}

static void add(struct resolve_answer *answer, const struct sockaddr *address, socklen_t length)
{
	struct address *slot = &answer->addresses[answer->count];

	if (answer->count == RESOLVE_LOOKUP_MAX || length > sizeof(slot->storage))
		return;
	*slot = (struct address){ .length = length };
	memcpy(&slot->storage, address, length);
	answer->count++;
}

static void add_own(struct resolve_answer *answer, int family, bool any)
{
	const struct sockaddr_in v4 = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(any ? INADDR_ANY : INADDR_LOOPBACK),
	};
	const struct sockaddr_in6 v6 = {
		.sin6_family = AF_INET6,
		.sin6_addr = any ? in6addr_any : in6addr_loopback,
	};

	if (family == AF_INET)
		add(answer, (const struct sockaddr *)&v4, sizeof(v4));
	else
		add(answer, (const struct sockaddr *)&v6, sizeof(v6));
}

static void add_literal(struct resolve_answer *answer, const struct resolve_question *question,
			int family)
{
	if (question->literal.any.sa_family == family)
		add(answer, &question->literal.any, question->literal.length);
	else
		fail(&answer->why, FAILURE_USAGE, "%s: not an %s address", question->shown,
		     family == AF_INET ? "IPv4" : "IPv6");
}

static void add_named(struct resolve_answer *answer, const struct resolve_question *question,
		      int family)
{
	const struct addrinfo hints = { .ai_family = family, .ai_socktype = question->type };
	struct addrinfo *list = NULL;
	const int code = getaddrinfo(question->name, NULL, &hints, &list);

	if (code != 0) {
		fail_name(&answer->why, question->shown, code);
		return;
	}
	for (const struct addrinfo *at = list; at; at = at->ai_next)
		if (at->ai_family == family)
			add(answer, at->ai_addr, at->ai_addrlen);
	freeaddrinfo(list);
	if (answer->count == 0)
		fail_name(&answer->why, question->shown, EAI_NONAME);
}

void resolve_lookup(const struct resolve_question *question, int family,
		    struct resolve_answer *answer)
{
	int port;

	memset(answer, 0, sizeof(*answer));
	if (!find_port(question, &port, &answer->why))
		return;
	switch (question->kind) {
	case RESOLVE_HOST_NAME:
		add_named(answer, question, family);
		break;
	case RESOLVE_HOST_LITERAL:
		add_literal(answer, question, family);
		break;
	case RESOLVE_HOST_LOCAL:
		add_own(answer, family, false);
		break;
	case RESOLVE_HOST_ANY:
		add_own(answer, family, true);
		break;
	}
	for (size_t i = 0; i < answer->count; i++)
		address_set_port(&answer->addresses[i], (unsigned)port);
}

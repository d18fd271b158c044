/* SPDX-License-Identifier: MIT */
/* A line for each request, for who reads them (-v). Everything a client wrote is masked on its way
 * out, by base/log. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/log.h>
#include <sockutil/base/memory.h>
#include <sockutil/base/number.h>
#include <sockutil/net/address.h>
#include <sockutil/serve/files_parts.h>

enum { LINE_MAX_SHOWN = 1024, AGENT_MAX_SHOWN = 256 };

static char *copied(const char *text, size_t length, size_t most)
{
	char *copy;

	if (length > most)
		length = most;
	copy = memory_zeroed(1, length + 1);
	memcpy(copy, text, length);
	return copy;
}

void files_log_came(struct files_request *state, const struct http_request_head *head)
{
	const struct http_field *agent = http_head_find(&head->head, "User-Agent", NULL);
	char line[LINE_MAX_SHOWN];
	const int length = snprintf(line, sizeof(line), "%.*s %.*s",
				    (int)(head->method_length < 32 ? head->method_length : 32),
				    head->method, (int)head->target_length, head->target);

	state->line = copied(line, (size_t)length, sizeof(line) - 1);
	if (agent)
		state->agent = copied(agent->value, agent->value_length, AGENT_MAX_SHOWN);
}

void files_log_over(struct session *session, const struct http_service_request *request)
{
	const struct files_request *state = files_request_of(request);
	const int64_t took = clock_ms() - request->started_ms;
	char peer[ADDRESS_TEXT_MAX], bytes[32], time[32];
	struct address address;
	const struct log_field fields[] = {
		LOG_TEXT("peer", peer),
		LOG_INTEGER("connection", session->number),
		LOG_TEXT("request", state->line),
		LOG_INTEGER("status", request->status),
		LOG_INTEGER("bytes", request->sent),
		LOG_INTEGER("milliseconds", took),
		LOG_TEXT("agent", state->agent),
	};

	address_text(peer, session_peer(session, &address));
	log_event(LOG_LEVEL_INFO, "request", fields, sizeof(fields) / sizeof(fields[0]),
		  "%s: %s: %d, %s, %s", peer, state->line, request->status,
		  size_text(bytes, sizeof(bytes), request->sent),
		  duration_text(time, sizeof(time), took));
}

void files_log_refused(void *data, int status, const struct failure *why)
{
	const struct session *session = data;
	char peer[ADDRESS_TEXT_MAX];
	struct address address;
	const struct log_field fields[] = {
		LOG_TEXT("peer", peer),
		LOG_INTEGER("connection", session->number),
		LOG_INTEGER("status", status),
		LOG_TEXT("reason", why->text),
	};

	if (!log_shows(LOG_LEVEL_INFO))
		return;
	address_text(peer, session_peer(session, &address));
	log_event(LOG_LEVEL_INFO, "request", fields, sizeof(fields) / sizeof(fields[0]),
		  "%s: no request: %d, %s", peer, status, why->text);
}

/* SPDX-License-Identifier: MIT */
/* src/chat/host_log.c - comings and goings as messages of the server. */
#include <stdio.h>

#include <sockutil/base/log.h>
#include <sockutil/chat/host_parts.h>
#include <sockutil/serve/report.h>
#include <sockutil/serve/session.h>

enum { TEXT_MAX = 300 };

#define COUNT(fields) (sizeof(fields) / sizeof((fields)[0]))

static const char *text_of(char out[static TEXT_MAX], struct chat_slice slice)
{
	const int length = slice.length < TEXT_MAX ? (int)slice.length : TEXT_MAX - 1;

	snprintf(out, TEXT_MAX, "%.*s", length, slice.bytes ? slice.bytes : "");
	return out;
}

static void log_joined(const struct chat_host *host, const char *nick, const char *room)
{
	char peer[REPORT_PEER_MAX] = "";
	const bool seat = !host->hearing || host->hearing->session->seat;
	const struct log_field fields[] = {
		LOG_TEXT("nick", nick),
		LOG_TEXT("room", room),
		LOG_TEXT("peer", peer),
	};

	if (!seat)
		report_peer(peer, host->hearing->session);
	log_event(LOG_LEVEL_INFO, "joined", fields, COUNT(fields), "%s joined %s%s%s", nick, room,
		  seat ? "" : " from ", peer);
}

static void log_gone(const struct chat_event *event, const char *nick, const char *room)
{
	const bool lost = event->kind == CHAT_LOST;
	char reason[TEXT_MAX];
	const struct log_field fields[] = {
		LOG_TEXT("nick", nick),
		LOG_TEXT("room", room),
		LOG_TEXT("reason", reason),
	};

	text_of(reason, event->text);
	log_event(LOG_LEVEL_INFO, lost ? "lost" : "left", fields, COUNT(fields), "%s %s %s%s%s",
		  nick, lost ? "was lost in" : "left", room, reason[0] ? ": " : "", reason);
}

static void log_renamed(const char *nick, struct chat_slice other)
{
	char name[TEXT_MAX];
	const struct log_field fields[] = {
		LOG_TEXT("nick", nick),
		LOG_TEXT("new", text_of(name, other)),
	};

	log_event(LOG_LEVEL_INFO, "renamed", fields, COUNT(fields), "%s is now %s", nick, name);
}

void chat_host_log(const struct chat_host *host, const struct chat_event *event)
{
	char nick[TEXT_MAX], room[TEXT_MAX];

	if (!log_shows(LOG_LEVEL_INFO))
		return;
	text_of(nick, event->nick);
	text_of(room, event->room);
	if (event->kind == CHAT_JOINED)
		log_joined(host, nick, room);
	else if (event->kind == CHAT_LEFT || event->kind == CHAT_LOST)
		log_gone(event, nick, room);
	else if (event->kind == CHAT_RENAMED)
		log_renamed(nick, event->other);
}

/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/hall_bans.c
 * Holds: who hosts can kick, from any room, and the one is told, dismissed, and may come back; can
 * ban, and the address does not come back, whatever its port and nick, with the first half of an
 * IPv6 address, an IPv4 address in an IPv6 one, a link-local address by its second half; others
 * come; over a Unix socket it is the nick, on entering and on renaming; who hosts stays, and comes
 * from a banned address; nobody of that name; reasons are cleaned; the oldest ban ends when there
 * are too many.
 */
#include "chat_hall_visited.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static struct visitor *from(struct visited *v, const char *ip, const char *nick)
{
	struct visitor *visitor = visitor_arrive(v, ip, false);

	visitor_say(visitor, "%s", nick);
	visitor_told(visitor);
	return visitor;
}

Test(chat_hall_bans, kick)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *host = visitor_host(v, "host-1"), *bob = from(v, "192.0.2.1", "bob");
	struct visitor *carol = visitor_plain(v, "carol");

	visitor_told(host);
	visitor_told(bob);
	buffer_free(&v->records);
	visitor_say(host, "/kick BOB be\x1bhave");
	cr_assert_str_eq(visitor_told(bob), "* goodbye: kicked by host-1: be\\x1bhave\n");
	cr_assert_str_eq(bob->dismissed, "kicked by host-1");
	cr_assert_str_eq(visitor_told(host),
			 "left 1000000 lobby bob kicked by host-1: be\\x1bhave\n");
	cr_assert_str_eq(visitor_told(carol), "* bob left (kicked by host-1: be\\x1bhave)\n");
	cr_assert_str_eq(buffer_text(&v->records), "* bob left (kicked by host-1: be\\x1bhave)\n");
	bob = from(v, "192.0.2.1", "bob");
	cr_assert(bob->member.room);
	visitor_say(bob, "/join tea");
	visitor_told(host);
	visitor_say(host, "/kick bob");
	cr_assert_str_eq(visitor_told(host), "notice bob is out\n");
	cr_assert_str_eq(bob->dismissed, "kicked by host-1");
	cr_assert_eq(v->hall->room_count, 1);
	visitor_say(host, "/kick bob");
	cr_assert_str_eq(visitor_told(host), "refused nobody here is called bob\n");
	visitor_say(host, "/kick host-1");
	cr_assert_str_eq(visitor_told(host), "refused host-1 hosts the chat and stays\n");
	visitor_say(host, "/kick");
	cr_assert_str_eq(visitor_told(host), "refused /kick NICK [REASON]: NICK is missing\n");
	visited_close(v);
}

static void check_ban(const char *banned, const char *same, const char *other)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *host = visitor_host(v, "host-1"), *bob = from(v, banned, "bob"), *next;

	visitor_say(host, "/ban bob spam");
	cr_assert_str_eq(bob->dismissed, "banned by host-1");
	cr_assert_str_eq(visitor_told(bob), "* goodbye: banned by host-1: spam\n");
	next = visitor_arrive(v, same, false);
	cr_assert_eq(next->hearing, CHAT_HEARING_LEAVES, "%s: %s", banned, same);
	cr_assert_str_eq(visitor_told(next), "* goodbye: you are banned from this chat\n");
	cr_assert(!next->member.arrived);
	cr_assert(from(v, other, "bob")->member.room, "%s: %s", banned, other);
	cr_assert_eq(visitor_arrive(v, same, true)->hearing, CHAT_HEARING_ON);
	visited_close(v);
}

Test(chat_hall_bans, addresses)
{
	check_ban("192.0.2.1", "192.0.2.1", "192.0.2.2");
	check_ban("192.0.2.1", "::ffff:192.0.2.1", "::ffff:192.0.2.2");
	check_ban("2001:db8::1", "2001:db8::2:3", "2001:db8:0:1::1");
	check_ban("fe80::1", "fe80::1", "fe80::2");
	check_ban("192.0.2.1", "192.0.2.1", NULL);
}

Test(chat_hall_bans, over_a_unix_socket_the_nick)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *host = visitor_host(v, "host-1"), *bob = visitor_plain(v, "bob"), *dave;

	visitor_say(host, "/ban bob");
	cr_assert_str_eq(visitor_told(bob), "* goodbye: banned by host-1\n");
	bob = visitor_arrive(v, NULL, false);
	visitor_told(bob);
	visitor_say(bob, "B0B");
	cr_assert_str_eq(visitor_told(bob), "* B0B is banned from this chat. Another nick?\n");
	dave = visitor_plain(v, "dave");
	visitor_say(dave, "/nick Bob");
	cr_assert_str_eq(visitor_told(dave), "* Bob is banned from this chat\n");
	visitor_told(host);
	visitor_say(host, "/nick bob");
	cr_assert_str_eq(visitor_told(host), "renamed 1000000 lobby host-1 bob\n");
	visited_close(v);
}

Test(chat_hall_bans, too_many)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *host = visitor_host(v, "host-1");
	char ip[20];

	for (int i = 0; i <= CHAT_BANS_MAX; i++) {
		snprintf(ip, sizeof(ip), "192.0.%d.%d", i / 256, i % 256);
		from(v, ip, "bob");
		visitor_say(host, "/ban bob");
		visitor_told(host);
	}
	cr_assert_eq(v->hall->ban_count, CHAT_BANS_MAX);
	cr_assert_eq(visitor_arrive(v, "192.0.0.0", false)->hearing, CHAT_HEARING_ON);
	cr_assert_eq(visitor_arrive(v, "192.0.0.1", false)->hearing, CHAT_HEARING_LEAVES);
	cr_assert_eq(visitor_arrive(v, ip, false)->hearing, CHAT_HEARING_LEAVES);
	visited_close(v);
}

/* Two of one address: one ban. */
Test(chat_hall_bans, the_same_again)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *host = visitor_host(v, "host-1"), *carol;

	from(v, "192.0.2.1", "bob");
	carol = from(v, "192.0.2.1", "carol");
	visitor_say(host, "/ban bob");
	cr_assert(carol->member.room);
	visitor_say(host, "/ban carol");
	cr_assert_str_eq(carol->dismissed, "banned by host-1");
	cr_assert_eq(v->hall->ban_count, 1);
	visited_close(v);
}

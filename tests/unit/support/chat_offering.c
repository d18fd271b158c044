/* SPDX-License-Identifier: MIT */
/* chat_offering.c - three members of a hall, and a file between two of them. */
#include "chat_offering.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>

#include <sockutil/base/base64.h>

struct visited *chat;
struct visitor *alice, *bob, *carol;

const char digest[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

static struct buffer text;

void offering_begin(void)
{
	chat = visited_open(0, 40);
	alice = visitor_rich(chat, "alice");
	bob = visitor_rich(chat, "bob");
	carol = visitor_rich(chat, "carol");
	visitor_told(alice);
	visitor_told(bob);
	visitor_told(carol);
}

size_t under_way(void)
{
	visited_assert_sane(chat);
	return chat_offers_count(chat_hall_offers(chat->hall));
}

void offering_end(void)
{
	under_way();
	visited_close(chat);
	buffer_free(&text);
}

const char *zeros(size_t count)
{
	static const char bytes[8192];

	buffer_free(&text);
	cr_assert(base64_add(&text, bytes, count));
	return buffer_text(&text);
}

void offer(struct visitor *from, struct visitor *to, uint64_t size)
{
	visitor_say(from, "/offer %s %" PRIu64 " f", to->member.nick, size);
	visitor_told(from);
	visitor_told(to);
}

void going(uint64_t size)
{
	offer(alice, bob, size);
	visitor_say(bob, "/take 1");
	told(alice, "take 1\n");
}

void data(size_t count)
{
	visitor_say(alice, "/data 1 %s", zeros(count));
}

void is_at(enum turn turn)
{
	offer(alice, bob, 6000);
	if (turn >= TAKEN)
		visitor_say(bob, "/take 1");
	if (turn >= BEGUN)
		data(3000);
	if (turn >= DONE) {
		data(3000);
		visitor_say(alice, "/done 1 %s", digest);
	}
	visitor_told(alice);
	visitor_told(bob);
}

void dropped(const char *reason)
{
	told(alice, "dropped 1 %s\n", reason);
	told(bob, "dropped 1 %s\n", reason);
	told(carol, "%s", "");
	cr_assert_eq(under_way(), 0);
	cr_assert_null(alice->member.given);
	cr_assert_null(bob->member.got);
}

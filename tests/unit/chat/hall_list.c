/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/hall_list.c
 * Holds: few names are one line; many are several, none longer than a line may be in either form,
 * with the longest names too, and all of them are there once; what is beyond the bound is counted;
 * nobody is a notice.
 */
#include "chat_hall_visited.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct chat_list list_for(struct visited *v, struct visitor *to)
{
	return (struct chat_list){
		.hall = v->hall,
		.to = &to->member,
		.event = { .kind = CHAT_MEMBERS, .number = 9, .room = chat_slice_of("lobby") },
		.lead = "",
		.separator = " "
	};
}

static size_t longest_line(const char *text)
{
	size_t longest = 0;

	for (size_t length; *text; text += length + 1) {
		length = strcspn(text, "\n");
		longest = length > longest ? length : longest;
	}
	return longest;
}

Test(chat_hall_list, few)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *bob = visitor_rich(v, "bob");
	struct chat_list list = list_for(v, bob);

	chat_list_add(&list, "a");
	chat_list_add(&list, "b");
	chat_list_end(&list, "nobody");
	cr_assert_str_eq(visitor_told(bob), "members lobby 9 a b\n");
	list = list_for(v, bob);
	list.event.kind = CHAT_NOTICE;
	list.lead = "here: ";
	list.separator = ", ";
	chat_list_add(&list, "a");
	chat_list_add(&list, "b");
	chat_list_end(&list, "nobody");
	cr_assert_str_eq(visitor_told(bob), "notice here: a, b\n");
	list = list_for(v, bob);
	chat_list_end(&list, "nobody");
	cr_assert_str_eq(visitor_told(bob), "notice nobody\n");
	visited_close(v);
}

static void check_many(struct visited *v, struct visitor *to, const char *format, int count)
{
	struct chat_list list = list_for(v, to);
	char name[100];
	const char *told;

	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), format, i);
		chat_list_add(&list, name);
	}
	chat_list_end(&list, "nobody");
	told = visitor_told(to);
	cr_assert_gt(told_times(told, "\n"), 1);
	cr_assert_leq(longest_line(told), CHAT_LINE_MAX);
	for (int i = 0; i < count; i++) {
		snprintf(name, sizeof(name), format, i);
		cr_assert_eq(told_times(told, name), 1, "%s", name);
	}
	cr_assert(!strstr(told, " more"));
}

Test(chat_hall_list, many)
{
	static const char longest[] =
		"%02d\xf0\x90\x90\x80\xf0\x90\x90\x80\xf0\x90\x90\x80\xf0\x90\x90\x80"
		"\xf0\x90\x90\x80\xf0\x90\x90\x80\xf0\x90\x90\x80\xf0\x90\x90\x80"
		"\xf0\x90\x90\x80\xf0\x90\x90\x80\xf0\x90\x90\x80\xf0\x90\x90\x80"
		"\xf0\x90\x90\x80\xf0\x90\x90\x80\xf0\x90\x90\x80\xf0\x90\x90\x80"
		"\xf0\x90\x90\x80\xf0\x90\x90\x80\xf0\x90\x90\x80\xf0\x90\x90\x80";
	struct visited *v = visited_open(0, 10);
	struct visitor *bob = visitor_rich(v, "bob"), *carol = visitor_plain(v, "carol");

	visitor_told(bob);
	check_many(v, bob, "m%04d", 1000);
	check_many(v, carol, "m%04d", 1000);
	check_many(v, bob, longest, 100);
	check_many(v, carol, longest, 100);
	visited_close(v);
}

Test(chat_hall_list, too_many)
{
	struct visited *v = visited_open(0, 10);
	struct visitor *bob = visitor_plain(v, "bob");
	struct chat_list list = list_for(v, bob);
	const char *told;
	char name[40];

	for (int i = 0; i < 10000; i++) {
		snprintf(name, sizeof(name), "member-%05d", i);
		chat_list_add(&list, name);
	}
	chat_list_end(&list, "nobody");
	told = visitor_told(bob);
	cr_assert_leq(strlen(told), CHAT_LIST_MAX + 1000);
	/* 14 bytes each. */
	cr_assert(strstr(told, ", member-04680\n* and 5319 more\n"), "%s", strstr(told, "* and"));
	visited_close(v);
}

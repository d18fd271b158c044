/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/hall_names.c
 * Holds: a name is found by either of its keys, except one that is not meant; another name in its
 * place is found by the new keys alone, still by the same owner; what is not in the table is not
 * found; hundreds in a table that grows; a name lives as long as one holder; an empty table.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <sockutil/chat/hall_parts.h>

static struct chat_nick_keys keys_of(const char *name)
{
	struct chat_nick_keys keys;
	struct failure why = { 0 };

	cr_assert(chat_nick_keys(name, &keys, &why));
	return keys;
}

static struct chat_nick_names *listed(struct chat_names *table, const char *name, void *owner)
{
	const struct chat_nick_keys keys = keys_of(name);
	struct chat_nick_names *names = chat_names_new(name, &keys);

	chat_names_list(table, names, owner);
	return names;
}

static struct chat_nick_names *found(const struct chat_names *table, const char *name)
{
	const struct chat_nick_keys keys = keys_of(name);

	return chat_names_find(table, &keys, NULL);
}

Test(chat_hall_names, by_either_key)
{
	struct chat_names table = { 0 };
	int owner;
	const struct chat_nick_keys keys = keys_of("ivan");
	struct chat_nick_names *ivan;

	cr_assert_null(found(&table, "Ivan"));
	ivan = listed(&table, "Ivan", &owner);
	cr_assert_eq(found(&table, "Ivan"), ivan);
	cr_assert_eq(found(&table, "lvan"), ivan);
	cr_assert_eq(found(&table, "IVAN"), ivan);
	cr_assert_null(found(&table, "Iva"));
	cr_assert_null(chat_names_find(&table, &keys, ivan));
	cr_assert(chat_names_have(ivan, &keys));
	cr_assert_eq(ivan->owner, &owner);
	chat_names_unlist(&table, ivan);
	cr_assert_null(ivan->owner);
	cr_assert_null(found(&table, "Ivan"));
	cr_assert_eq(table.count, 0);
	chat_names_drop(ivan);
	chat_names_free(&table);
	cr_assert_null(found(&table, "Ivan"));
}

Test(chat_hall_names, another_name)
{
	struct chat_names table = { 0 };
	int owner;
	struct chat_nick_names *bob = listed(&table, "bob", &owner);
	struct chat_nick_names *carol = listed(&table, "carol", &owner);
	const struct chat_nick_keys keys = keys_of("robert");

	chat_names_change(&table, bob, "robert", &keys);
	cr_assert_null(found(&table, "bob"));
	cr_assert_eq(found(&table, "Robert"), bob);
	cr_assert_eq(found(&table, "carol"), carol);
	cr_assert_eq(bob->owner, &owner);
	cr_assert_str_eq(bob->name, "robert");
	cr_assert_eq(table.count, 2);
	cr_assert(!chat_names_alike(bob, carol));
	cr_assert(chat_names_alike(bob, bob));
	chat_names_unlist(&table, bob);
	chat_names_unlist(&table, carol);
	chat_names_drop(bob);
	chat_names_drop(carol);
	chat_names_free(&table);
}

Test(chat_hall_names, hundreds)
{
	enum { COUNT = 700 };
	struct chat_names table = { 0 };
	struct chat_nick_names *names[COUNT];
	char name[CHAT_NICK_MAX];

	for (int i = 0; i < COUNT; i++) {
		snprintf(name, sizeof(name), "Member-%d", i);
		names[i] = listed(&table, name, names);
	}
	for (int i = 0; i < COUNT; i += 2)
		chat_names_unlist(&table, names[i]);
	for (int i = 0; i < COUNT; i++) {
		snprintf(name, sizeof(name), "mEMBER-%d", i);
		cr_assert_eq(found(&table, name), i % 2 ? names[i] : NULL, "%s", name);
	}
	cr_assert_eq(table.count, COUNT / 2);
	for (int i = 0; i < COUNT; i++) {
		if (i % 2)
			chat_names_unlist(&table, names[i]);
		chat_names_drop(names[i]);
	}
	chat_names_free(&table);
}

Test(chat_hall_names, as_long_as_one_holds_it)
{
	const struct chat_nick_keys keys = keys_of("bob");
	struct chat_nick_names *bob = chat_names_new("bob", &keys);

	cr_assert_eq(chat_names_hold(bob), bob);
	chat_names_drop(bob);
	cr_assert_eq(bob->holders, 1);
	cr_assert_str_eq(bob->name, "bob");
	chat_names_drop(bob);
	chat_names_drop(NULL);
}

/* SPDX-License-Identifier: MIT */
/* Whom a member does not want to hear. Remembered by who it is, so that neither another nick nor
 * coming back changes it. */
#include <stdlib.h>

#include <sockutil/base/memory.h>
#include <sockutil/chat/hall_parts.h>

struct chat_ignored {
	size_t count;
	struct chat_nick_names *names[CHAT_IGNORED_MAX];
};

bool chat_ignore_has(const struct chat_member *whom, const struct chat_nick_names *who)
{
	const struct chat_ignored *ignored = whom->ignored;

	/* One that was there when it was ignored goes by whatever name it has now; one that is
	 * gone, by the last it had. */
	for (size_t i = 0; ignored && i < ignored->count; i++)
		if (ignored->names[i] == who ||
		    (!ignored->names[i]->owner && chat_names_alike(ignored->names[i], who)))
			return true;
	return false;
}

void chat_ignore_follow(struct chat_hall *hall, struct chat_nick_names *who)
{
	for (struct chat_member *m = hall->members; m; m = m->all_next) {
		for (size_t i = 0; m->ignored && i < m->ignored->count; i++) {
			struct chat_nick_names *names = m->ignored->names[i];

			if (names->owner || !chat_names_alike(names, who))
				continue;
			m->ignored->names[i] = chat_names_hold(who);
			chat_names_drop(names);
		}
	}
}

void chat_ignore_free(struct chat_member *member)
{
	struct chat_ignored *ignored = member->ignored;

	for (size_t i = 0; ignored && i < ignored->count; i++)
		chat_names_drop(ignored->names[i]);
	free(ignored);
	member->ignored = NULL;
}

static void ignore_list(struct chat_hall *hall, struct chat_member *member)
{
	struct chat_list list = { .hall = hall,
				  .to = member,
				  .event = { .kind = CHAT_NOTICE },
				  .lead = "you ignore ",
				  .separator = ", " };

	for (size_t i = 0; member->ignored && i < member->ignored->count; i++)
		chat_list_add(&list, member->ignored->names[i]->name);
	chat_list_end(&list, "you ignore nobody");
}

static void ignore_end(struct chat_hall *hall, struct chat_member *member, size_t at)
{
	struct chat_ignored *ignored = member->ignored;
	struct chat_nick_names *names = ignored->names[at];

	ignored->names[at] = ignored->names[--ignored->count];
	chat_hall_say(hall, member, CHAT_NOTICE, "you hear %s again", names->name);
	chat_names_drop(names);
	if (!ignored->count)
		chat_ignore_free(member);
}

static void ignore_begin(struct chat_hall *hall, struct chat_member *member,
			 struct chat_nick_names *names)
{
	if (names == member->names) {
		chat_hall_say(hall, member, CHAT_REFUSED, "that is you yourself");
		return;
	}
	if (!member->ignored)
		member->ignored = memory_zeroed(1, sizeof(*member->ignored));
	if (member->ignored->count == CHAT_IGNORED_MAX) {
		chat_hall_say(hall, member, CHAT_REFUSED,
			      "you ignore %d already; /ignore NICK ends it for one of them",
			      CHAT_IGNORED_MAX);
		return;
	}
	member->ignored->names[member->ignored->count++] = chat_names_hold(names);
	chat_hall_say(hall, member, CHAT_NOTICE, "nothing of %s reaches you from now on",
		      names->name);
}

void chat_ignore(struct chat_hall *hall, struct chat_member *member, struct chat_slice nick)
{
	char name[CHAT_NICK_MAX];
	struct chat_nick_keys keys;
	struct failure why = { 0 };
	struct chat_nick_names *there;

	if (!nick.length) {
		ignore_list(hall, member);
		return;
	}
	if (!chat_nick_check(nick.bytes, nick.length, name, &why) ||
	    !chat_nick_keys(name, &keys, &why)) {
		chat_hall_say(hall, member, CHAT_REFUSED, "%s", why.text);
		return;
	}
	for (size_t i = 0; member->ignored && i < member->ignored->count; i++) {
		if (chat_names_have(member->ignored->names[i], &keys)) {
			ignore_end(hall, member, i);
			return;
		}
	}
	there = chat_names_find(&hall->nicks, &keys, NULL);
	if (!there)
		chat_hall_say(hall, member, CHAT_REFUSED, "nobody here is called %s", name);
	else
		ignore_begin(hall, member, there);
}

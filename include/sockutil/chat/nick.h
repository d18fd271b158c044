/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CHAT_NICK_H
#define SOCKUTIL_CHAT_NICK_H
/*
 * Names of members and rooms: which may be had, and which look alike. ASCII names are judged here;
 * for others ICU is loaded on first use (chat/nick_icu.h); where it is missing they are refused
 * with a reason that says so.
 */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/failure.h>

enum {
	CHAT_NICK_CHARACTERS = 24,
	CHAT_NICK_MAX = CHAT_NICK_CHARACTERS * 4 + 1, /* bytes with the NUL */
	CHAT_NICK_KEY_MAX = 512,                      /* bytes with the NUL */
};

/*
 * Two names that look alike have a key in common. Both are skeletons (UTS #39, 4) without the
 * difference of case; they differ in what comes first. written: "Ivan" reads as "lvan", "AIice" as
 * "alice"; folded: "Ivan" is "ivan".
 */
struct chat_nick_keys {
	char written[CHAT_NICK_KEY_MAX];
	char folded[CHAT_NICK_KEY_MAX];
};

/*
 * name: 1 to 24 characters, letters (with their marks) and digits of any script, _ and -, a letter
 * or digit among them; one script, or those that are written together (UTS #39, highly
 * restrictive); nothing that is read as <, [, ~ or *. out: normalised (NFKC, as RFC 8266 has it for
 * nicknames: full-width letters become the usual ones), NUL-terminated; checked again it stays the
 * same. False: why is FAILURE_USAGE, a sentence for whoever asked for the name ("a name has
 * letters, digits, - and _; not \x1b"); FAILURE_OTHER when ICU fails.
 */
bool chat_nick_check(const char *name, size_t length, char out[static CHAT_NICK_MAX],
		     struct failure *why);

/* Of a checked name. False when ICU fails (FAILURE_OTHER). */
bool chat_nick_keys(const char *name, struct chat_nick_keys *out, struct failure *why);

/* Looks like one of the names that nobody may have (docs/chat.md). */
bool chat_nick_reserved(const struct chat_nick_keys *keys);

/* They look alike. */
bool chat_nick_alike(const struct chat_nick_keys *a, const struct chat_nick_keys *b);
#endif

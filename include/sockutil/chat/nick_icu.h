/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CHAT_NICK_ICU_H
#define SOCKUTIL_CHAT_NICK_ICU_H
/* The part of chat/nick.h that takes the Unicode database: ICU, loaded on first use. For ASCII
 * names the keys are the same as those that nick.c makes without it. */
#include <sockutil/chat/nick.h>

/* Bytes of a name before it is normalised: what is decomposed has more. */
enum { CHAT_NICK_RAW_MAX = CHAT_NICK_CHARACTERS * 16 };

/* NFKC of well-formed UTF-8 of at most CHAT_NICK_RAW_MAX bytes. False: FAILURE_USAGE when ICU is
 * not installed, or the outcome has more than CHAT_NICK_CHARACTERS characters; FAILURE_OTHER. */
bool chat_nick_icu_normalise(const char *name, size_t length, char out[static CHAT_NICK_MAX],
			     struct failure *why);

/* Whether a normalised name has letters, their marks, digits, - and _ alone, and mixes no scripts.
 * False: as chat_nick_check() says. */
bool chat_nick_icu_allowed(const char *name, struct failure *why);

/* As chat_nick_keys(), of any name that was normalised. */
bool chat_nick_icu_keys(const char *name, struct chat_nick_keys *out, struct failure *why);

/* The sentence for a character that no name has: the one at the start of bytes. Of nick.c. */
bool chat_nick_refuse(const char *bytes, size_t length, struct failure *why);
#endif

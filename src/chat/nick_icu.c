/* SPDX-License-Identifier: MIT */
/* src/chat/nick_icu.c - names beyond ASCII, by the C functions of ICU, loaded on first use. */
#include <pthread.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uspoof.h>
#include <unicode/ustring.h>

#include <sockutil/base/library.h>
#include <sockutil/base/utf8.h>
#include <sockutil/chat/nick_icu.h>

static struct {
	__typeof__(&u_strFromUTF8) from_utf8;
	__typeof__(&u_strToUTF8) to_utf8;
	__typeof__(&u_strFoldCase) fold;
	__typeof__(&u_charType) category;
	__typeof__(&u_hasBinaryProperty) has;
	__typeof__(&u_errorName) error_name;
	__typeof__(&unorm2_getNFKCInstance) nfkc;
	__typeof__(&unorm2_normalize) normalise;
	__typeof__(&uspoof_open) open;
	__typeof__(&uspoof_setChecks) set_checks;
	__typeof__(&uspoof_setRestrictionLevel) restrict_to;
	__typeof__(&uspoof_check2) check;
	__typeof__(&uspoof_getSkeleton) skeleton;
} icu;

/* The functions' names carry the version of the headers (unicode/urename.h), and so does the
 * library's: no other one has them. It brings libicuuc along, where most of them are. */
#define SYMBOL(function)      SYMBOL_TEXT(function)
#define SYMBOL_TEXT(function) #function
#define VERSION               SYMBOL(U_ICU_VERSION_MAJOR_NUM)

static const char *const names[] = {
	"libicui18n.so." VERSION,
	"libicui18n." VERSION ".dylib",
	NULL,
};

static const struct library_symbol symbols[] = {
	{ SYMBOL(u_strFromUTF8), &icu.from_utf8 },
	{ SYMBOL(u_strToUTF8), &icu.to_utf8 },
	{ SYMBOL(u_strFoldCase), &icu.fold },
	{ SYMBOL(u_charType), &icu.category },
	{ SYMBOL(u_hasBinaryProperty), &icu.has },
	{ SYMBOL(u_errorName), &icu.error_name },
	{ SYMBOL(unorm2_getNFKCInstance), &icu.nfkc },
	{ SYMBOL(unorm2_normalize), &icu.normalise },
	{ SYMBOL(uspoof_open), &icu.open },
	{ SYMBOL(uspoof_setChecks), &icu.set_checks },
	{ SYMBOL(uspoof_setRestrictionLevel), &icu.restrict_to },
	{ SYMBOL(uspoof_check2), &icu.check },
	{ SYMBOL(uspoof_getSkeleton), &icu.skeleton },
	{ 0 },
};

static struct library library = {
	.purpose = "a name beyond ASCII",
	.names = names,
	.symbols = symbols,
};

/* Made once, then only read, by any thread; never closed. */
static struct {
	pthread_once_t once;
	UErrorCode status;
	const UNormalizer2 *nfkc;
	USpoofChecker *checker;
} made = { .once = PTHREAD_ONCE_INIT };

enum {
	CHECKS = USPOOF_RESTRICTION_LEVEL | USPOOF_INVISIBLE | USPOOF_MIXED_NUMBERS |
		 USPOOF_HIDDEN_OVERLAY,
};

static void make(void)
{
	made.nfkc = icu.nfkc(&made.status);
	made.checker = icu.open(&made.status);
	if (U_FAILURE(made.status))
		return;
	icu.set_checks(made.checker, CHECKS, &made.status);
	icu.restrict_to(made.checker, USPOOF_HIGHLY_RESTRICTIVE);
}

static bool succeeded(UErrorCode status, struct failure *why)
{
	if (U_SUCCESS(status))
		return true;
	fail(why, FAILURE_OTHER, "ICU cannot judge a name: %s", icu.error_name(status));
	return false;
}

static bool available(struct failure *why)
{
	if (!library_load(&library, why))
		return false;
	pthread_once(&made.once, make);
	return succeeded(made.status, why);
}

/* --- which may be had --------------------------------------------------------------------------*/

/* Units of UTF-16, enough for every step. */
struct wide {
	UChar units[CHAT_NICK_KEY_MAX];
	int32_t length;
};

static void widen(struct wide *out, const char *name, size_t length, UErrorCode *status)
{
	icu.from_utf8(out->units, CHAT_NICK_KEY_MAX, &out->length, name, (int32_t)length, status);
}

static bool refuse_length(struct failure *why)
{
	fail(why, FAILURE_USAGE, "a name has at most %d characters", CHAT_NICK_CHARACTERS);
	return false;
}

static size_t characters(const char *name)
{
	size_t count = 0;

	for (; *name; name++)
		count += ((unsigned char)*name & 0xc0) != 0x80;
	return count;
}

bool chat_nick_icu_normalise(const char *name, size_t length, char out[static CHAT_NICK_MAX],
			     struct failure *why)
{
	UErrorCode status = U_ZERO_ERROR;
	struct wide raw, normal;

	if (!available(why))
		return false;
	widen(&raw, name, length, &status);
	normal.length = icu.normalise(made.nfkc, raw.units, raw.length, normal.units,
				      CHAT_NICK_KEY_MAX, &status);
	icu.to_utf8(out, CHAT_NICK_MAX, NULL, normal.units, normal.length, &status);
	if (status == U_BUFFER_OVERFLOW_ERROR || status == U_STRING_NOT_TERMINATED_WARNING)
		return refuse_length(why);
	if (!succeeded(status, why))
		return false;
	return characters(out) <= CHAT_NICK_CHARACTERS || refuse_length(why);
}

enum {
	LETTERS = U_GC_L_MASK | U_GC_ND_MASK,
	MARKS = U_GC_MN_MASK | U_GC_MC_MASK,
	MARKS_MAX = 4, /* on one another (UTS #39, 5.4) */
};

/* sits: it has no column of its own (marks; vowels of Hangul). in_front: a letter, a digit or a
 * mark is right in front of it, which it can sit on. */
static bool belongs(uint32_t point, bool sits, bool in_front)
{
	const uint32_t category = U_MASK(icu.category((UChar32)point));

	if (point < 0x80) /* seen to by nick.c */
		return true;
	if (icu.has((UChar32)point, UCHAR_DEFAULT_IGNORABLE_CODE_POINT))
		return false;
	return in_front ? category & (LETTERS | MARKS) : category & LETTERS && !sits;
}

static bool check_characters(const char *name, struct failure *why)
{
	const size_t length = strlen(name);
	bool in_front = false;
	int marks = 0;

	for (size_t at = 0, count; at < length; at += count) {
		uint32_t point = 0;
		bool sits;

		count = utf8_decode(name + at, length - at, &point);
		sits = !utf8_width(name + at, count);
		if (!count || !belongs(point, sits, in_front))
			return chat_nick_refuse(name + at, length - at, why);
		in_front = point != '-' && point != '_';
		marks = sits ? marks + 1 : 0;
		if (marks > MARKS_MAX) {
			fail(why, FAILURE_USAGE, "a name has at most %d marks on a letter",
			     MARKS_MAX);
			return false;
		}
	}
	return true;
}

static bool check_scripts(const char *name, struct failure *why)
{
	UErrorCode status = U_ZERO_ERROR;
	struct wide wide;
	int32_t found;

	widen(&wide, name, strlen(name), &status);
	found = icu.check(made.checker, wide.units, wide.length, NULL, &status);
	if (!succeeded(status, why))
		return false;
	if (found & USPOOF_RESTRICTION_LEVEL)
		fail(why, FAILURE_USAGE, "a name mixes no scripts");
	else if (found & USPOOF_MIXED_NUMBERS)
		fail(why, FAILURE_USAGE, "a name mixes no digits of several scripts");
	else if (found)
		fail(why, FAILURE_USAGE, "a name has no marks that cannot be told apart");
	return !found;
}

/* Letters of some scripts are read as what the host puts around names: U+1438 as <. */
static bool check_appearance(const char *name, struct failure *why)
{
	struct chat_nick_keys keys;
	const char *found;

	if (!chat_nick_icu_keys(name, &keys, why))
		return false;
	found = strpbrk(keys.written, "<>[]~* ");
	if (found)
		fail(why, FAILURE_USAGE, "a name has no letter that looks like '%c'", *found);
	return !found;
}

bool chat_nick_icu_allowed(const char *name, struct failure *why)
{
	return available(why) && check_characters(name, why) && check_scripts(name, why) &&
	       check_appearance(name, why);
}

/* --- which look alike --------------------------------------------------------------------------*/

static void fold(struct wide *text, UErrorCode *status)
{
	const struct wide from = *text;

	text->length = icu.fold(text->units, CHAT_NICK_KEY_MAX, from.units, from.length,
				U_FOLD_CASE_DEFAULT, status);
}

static void reduce(struct wide *text, UErrorCode *status)
{
	const struct wide from = *text;

	text->length = icu.skeleton(made.checker, 0, from.units, from.length, text->units,
				    CHAT_NICK_KEY_MAX, status);
}

/* Without the difference of case, then reduced, and what that made of it without case again ("0" is
 * reduced to "O"). */
static void finish(struct wide *text, char out[static CHAT_NICK_KEY_MAX], UErrorCode *status)
{
	fold(text, status);
	reduce(text, status);
	fold(text, status);
	icu.to_utf8(out, CHAT_NICK_KEY_MAX, NULL, text->units, text->length, status);
	if (*status == U_STRING_NOT_TERMINATED_WARNING)
		*status = U_BUFFER_OVERFLOW_ERROR;
}

bool chat_nick_icu_keys(const char *name, struct chat_nick_keys *out, struct failure *why)
{
	UErrorCode status = U_ZERO_ERROR;
	struct wide text;

	if (!available(why))
		return false;
	widen(&text, name, strlen(name), &status);
	reduce(&text, &status);
	finish(&text, out->written, &status);
	widen(&text, name, strlen(name), &status);
	finish(&text, out->folded, &status);
	return succeeded(status, why);
}

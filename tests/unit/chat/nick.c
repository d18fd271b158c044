/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/nick.c
 * Holds: letters and digits of any script, - and _, up to 24 characters, are a name; nothing, a
 * blank in any place, 25 characters, 10 KB, controls, invisible and malformed bytes, marks alone or
 * piled up, emoji, nothing but - and _, mixed scripts and letters like < are refused, each with its
 * sentence; full-width and decomposed names are normalised, and stay so; names that differ by case,
 * by digits like letters, by Greek or Cyrillic letters look alike whichever came first, "ivan" and
 * "lvan" do not; the reserved names and what looks like them; ASCII keys are those of ICU, for each
 * character and for all pairs; without ICU ASCII works and others are told why.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unicode/uversion.h>

#include <sockutil/base/utf8.h>
#include <sockutil/chat/nick_icu.h>

#define COUNT(array)    (sizeof(array) / sizeof *(array))
#define TEXT(number)    TEXT_OF(number)
#define TEXT_OF(number) #number
#define USUAL           "a name has letters, digits, - and _; not "

static bool icu_is_there(void)
{
	char name[CHAT_NICK_MAX];
	struct failure why = { 0 };

	return chat_nick_icu_normalise("a", 1, name, &why);
}

static void assert_name(const char *name, const char *expected)
{
	char out[CHAT_NICK_MAX], again[CHAT_NICK_MAX];
	struct failure why = { 0 };

	cr_assert(chat_nick_check(name, strlen(name), out, &why), "%s: %s", name, why.text);
	cr_assert_str_eq(out, expected);
	cr_assert(chat_nick_check(out, strlen(out), again, &why), "%s: %s", out, why.text);
	cr_assert_str_eq(again, out);
}

static void assert_refused_bytes(const char *name, size_t length, const char *sentence)
{
	char out[CHAT_NICK_MAX];
	struct failure why = { 0 };

	cr_assert_not(chat_nick_check(name, length, out, &why), "%s", name);
	cr_assert_eq(why.class, FAILURE_USAGE);
	cr_assert_str_eq(why.text, sentence);
}

static void assert_refused(const char *name, const char *sentence)
{
	assert_refused_bytes(name, strlen(name), sentence);
}

/* --- which may be had --------------------------------------------------------------------------*/

Test(chat_nick, ascii_names)
{
	assert_name("bob", "bob");
	assert_name("B", "B");
	assert_name("0", "0");
	assert_name("-a_", "-a_");
	assert_name("bob-2_x", "bob-2_x");
	assert_name("ABCDEFGHIJKLMNOPQRSTUVWX", "ABCDEFGHIJKLMNOPQRSTUVWX");
}

Test(chat_nick, every_other_ascii_character_is_refused)
{
	for (int c = 0; c < 0x80; c++) {
		const char name[] = { 'a', (char)c, 'b' };
		char sentence[100];

		if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", c) &&
		    c)
			continue;
		snprintf(sentence, sizeof(sentence),
			 c == ' ' || c == '\t'   ? USUAL "a blank"
			 : c < 0x20 || c == 0x7f ? USUAL "\\x%02x"
						 : USUAL "%c",
			 (unsigned)c);
		assert_refused_bytes(name, 3, sentence);
	}
}

Test(chat_nick, refused_without_a_database)
{
	assert_refused("", "a name has at least one letter or digit");
	assert_refused("-", "a name has at least one letter or digit");
	assert_refused("-_-", "a name has at least one letter or digit");
	assert_refused(" bob", USUAL "a blank");
	assert_refused("bob ", USUAL "a blank");
	assert_refused("bob\t", USUAL "a blank");
	assert_refused("<bob>", USUAL "<");
	assert_refused("bob\r\n", USUAL "\\x0d");
	assert_refused("\x1b[31mbob", USUAL "\\x1b");
	assert_refused("bob\xff", USUAL "\\xff");
	assert_refused("\xc0\x80", USUAL "\\xc0");
	assert_refused("\xed\xa0\x80", USUAL "\\xed");
	assert_refused("bob\xc3", USUAL "\\xc3");
}

Test(chat_nick, too_long)
{
	char many[10240];

	memset(many, 'x', sizeof(many));
	assert_refused_bytes(many, 25, "a name has at most 24 characters");
	assert_refused_bytes(many, sizeof(many), "a name has at most 24 characters");
	for (size_t i = 0; i < sizeof(many); i += 2)
		memcpy(many + i, "ж", 2);
	assert_refused_bytes(many, sizeof(many), "a name has at most 24 characters");
	if (!icu_is_there())
		return;
	assert_refused_bytes(many, 50, "a name has at most 24 characters");
	many[48] = '\0';
	assert_name(many, many);
	for (size_t i = 0; i < CHAT_NICK_RAW_MAX; i += 4)
		memcpy(many + i, "𐐀", 4);
	assert_refused_bytes(many, 100, "a name has at most 24 characters");
	assert_refused_bytes(many, CHAT_NICK_RAW_MAX, "a name has at most 24 characters");
	many[96] = '\0';
	assert_name(many, many);
}

/* The largest characters that NFKC makes longer. */
Test(chat_nick, too_long_when_normalised)
{
	char many[CHAT_NICK_RAW_MAX];

	if (!icu_is_there())
		return;
	for (size_t i = 0; i < sizeof(many); i += 3)
		memcpy(many + i, "ﷺ", 3);
	assert_refused_bytes(many, sizeof(many), "a name has at most 24 characters");
	assert_refused_bytes(many, 3, USUAL "a blank");
}

Test(chat_nick, names_of_many_scripts)
{
	static const char *const names[] = {
		"Zoë",    "Žižek",    "Nguyễn", "Björn-2", "Иван",   "Ґалаґан",  "Γιάννης",
		"שרה",    "محمد",     "فارسی",  "किशोर",   "தமிழ்",   "สมชาย",    "ထွန်း",
		"ខ្មែរ",   "ქართველი", "հայկ",   "日本語",  "やまだ", "カタカナ", "山田Taro",
		"김철수", "李明2",    "ᏣᎳᎩ",    "Тарас_1", "आनंद-२",
	};

	if (!icu_is_there())
		return;
	for (size_t i = 0; i < COUNT(names); i++)
		assert_name(names[i], names[i]);
}

Test(chat_nick, others_are_refused_with_a_reason)
{
	if (!icu_is_there())
		return;
	assert_refused("a\u200bb", USUAL "\\u{200b}");
	assert_refused("a\u200d", USUAL "\\u{200d}");
	assert_refused("\u202ebob", USUAL "\\u{202e}");
	assert_refused("bob\u2028", USUAL "\\u{2028}");
	assert_refused("bob\xc2\x85", USUAL "\\u{85}");
	assert_refused("bob\ufeff", USUAL "\\u{feff}");
	assert_refused("bob\ufe0f", USUAL "\\u{fe0f}");
	assert_refused("bob\U000e0041", USUAL "\\u{e0041}");
	assert_refused("\u3164", USUAL "\\u{1160}");
	assert_refused("bob\u00a0", USUAL "a blank");
	assert_refused("bob\u3000", USUAL "a blank");
	assert_refused("\u2800", USUAL "\u2800");
	assert_refused("bob👍", USUAL "👍");
	assert_refused("〇", USUAL "〇");
	assert_refused("＜bob＞", USUAL "<");
	assert_refused("a：b", USUAL ":");
	assert_refused("\ue000", USUAL "\ue000");
	assert_refused("\u0301a", USUAL "\\u{301}");
	assert_refused("x_\u0301", USUAL "\\u{301}");
	assert_refused("ㅠㅠ", USUAL "\\u{1172}");
	assert_refused("a\u0316\u0317\u0318\u0319\u031a", "a name has at most 4 marks on a letter");
	assert_refused("x\u0323\u0323", "a name has no marks that cannot be told apart");
}

Test(chat_nick, mixed_scripts_are_refused)
{
	if (!icu_is_there())
		return;
	assert_refused("sеrver", "a name mixes no scripts");
	assert_refused("bоb", "a name mixes no scripts");
	assert_refused("Ωmega", "a name mixes no scripts");
	assert_refused("Иvan", "a name mixes no scripts");
	assert_refused("ᐸbob", "a name mixes no scripts");
	assert_refused("x1२", "a name mixes no scripts");
	assert_refused("1२", "a name mixes no digits of several scripts");
}

Test(chat_nick, nothing_looks_like_what_the_host_writes)
{
	if (!icu_is_there())
		return;
	assert_refused("ᐸᐱᐳ", "a name has no letter that looks like '<'");
	assert_refused("ᐱᐳ", "a name has no letter that looks like '>'");
}

Test(chat_nick, names_are_normalised)
{
	if (!icu_is_there())
		return;
	assert_name("ｂｏｂ", "bob");
	assert_name("Ｂｏｂ２", "Bob2");
	assert_name("Zoe\u0308", "Zoë");
	assert_name("\u1100\u1161\u11a8", "각");
	assert_name("𝐛𝐨𝐛", "bob");
	assert_name("ﬁx", "fix");
	assert_name("\u212a", "K");
	assert_name("ｶﾞ", "ガ");
}

/* --- which look alike --------------------------------------------------------------------------*/

static struct chat_nick_keys keys_of(const char *name)
{
	char out[CHAT_NICK_MAX];
	struct chat_nick_keys keys;
	struct failure why = { 0 };

	cr_assert(chat_nick_check(name, strlen(name), out, &why), "%s: %s", name, why.text);
	cr_assert(chat_nick_keys(out, &keys, &why), "%s: %s", name, why.text);
	return keys;
}

static bool alike(const char *a, const char *b)
{
	const struct chat_nick_keys first = keys_of(a), second = keys_of(b);
	const bool result = chat_nick_alike(&first, &second);

	cr_assert_eq(chat_nick_alike(&second, &first), result, "%s, %s", a, b);
	cr_assert(chat_nick_alike(&first, &first) && chat_nick_alike(&second, &second));
	return result;
}

Test(chat_nick, ascii_names_that_look_alike)
{
	cr_assert(alike("bob", "bob"));
	cr_assert(alike("bob", "BOB"));
	cr_assert(alike("bob", "b0b"));
	cr_assert(alike("BOB", "b0b"));
	cr_assert(alike("BOB", "B0b"));
	cr_assert(alike("user1", "userl"));
	cr_assert(alike("user1", "userI"));
	cr_assert(alike("user1", "USERL"));
	cr_assert(alike("Ivan", "lvan"));
	cr_assert(alike("Ivan", "ivan"));
	cr_assert(alike("Ivan", "1van"));
	cr_assert(alike("alice", "AIice"));
	cr_assert(alike("paypal", "PayPaI"));
	cr_assert(alike("modern", "modem"));
	cr_assert(alike("MODERN", "modem"));
}

Test(chat_nick, ascii_names_that_do_not)
{
	cr_assert_not(alike("bob", "rob"));
	cr_assert_not(alike("ivan", "lvan"));
	cr_assert_not(alike("user1", "user2"));
	cr_assert_not(alike("user1", "user11"));
	cr_assert_not(alike("a-b", "a_b"));
	cr_assert_not(alike("bob", "bob-"));
	cr_assert_not(alike("ian", "lan"));
}

Test(chat_nick, names_of_several_scripts_that_look_alike)
{
	if (!icu_is_there())
		return;
	cr_assert(alike("cop", "сор"));
	cr_assert(alike("COP", "сор"));
	cr_assert(alike("Cop", "СОР"));
	cr_assert(alike("abe", "ΑΒΕ"));
	cr_assert(alike("ABE", "АВЕ"));
	cr_assert(alike("ΑΒΕ", "АВЕ"));
	cr_assert(alike("Иван", "иван"));
	cr_assert(alike("Straße", "STRASSE"));
	cr_assert(alike("bob", "ｂｏｂ"));
	cr_assert(alike("BOB", "𝐛𝐨𝐛"));
	cr_assert(alike("Zoë", "ZOE\u0308"));
	cr_assert_not(alike("Zoe", "Zoë"));
	cr_assert_not(alike("Иван", "Ivan"));
	cr_assert_not(alike("山田", "山本"));
}

static bool reserved(const char *name)
{
	const struct chat_nick_keys keys = keys_of(name);

	return chat_nick_reserved(&keys);
}

Test(chat_nick, reserved_names)
{
	static const char *const names[] = {
		"server", "host",   "system", "admin", "root", "everyone", "you",    "SERVER",
		"HOST",   "System", "Admin",  "ROOT",  "YOU",  "h0st",     "r00t",   "R00T",
		"y0u",    "adrnin", "ADMIN",  "H0ST",  "YoU",  "systern",  "ADRNIN",
	};

	for (size_t i = 0; i < COUNT(names); i++)
		cr_assert(reserved(names[i]), "%s", names[i]);
	cr_assert_not(reserved("bob"));
	cr_assert_not(reserved("hosts"));
	cr_assert_not(reserved("server-2"));
	cr_assert_not(reserved("youu"));
	if (!icu_is_there())
		return;
	cr_assert(reserved("НОЅТ"), "Cyrillic");
	cr_assert(reserved("ｓｅｒｖｅｒ"));
	cr_assert_not(reserved("Сервер"));
}

/* --- with and without ICU ----------------------------------------------------------------------*/

static void assert_same_keys(const char *name)
{
	struct chat_nick_keys plain, icu;

	cr_assert(chat_nick_keys(name, &plain, NULL));
	cr_assert(chat_nick_icu_keys(name, &icu, NULL));
	cr_assert_str_eq(plain.written, icu.written, "%s", name);
	cr_assert_str_eq(plain.folded, icu.folded, "%s", name);
}

Test(chat_nick, ascii_keys_are_those_of_icu)
{
	static const char characters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

	if (!icu_is_there())
		return;
	for (const char *a = characters; *a; a++) {
		assert_same_keys((const char[]){ *a, '\0' });
		for (const char *b = characters; *b; b++)
			assert_same_keys((const char[]){ *a, *b, '\0' });
	}
	assert_same_keys(characters);
	assert_same_keys("mmmmmmmmmmmmmmmmmmmmmmmm");
}

Test(chat_nick, without_icu_others_are_told_why)
{
	if (icu_is_there()) {
		assert_name("Zoë", "Zoë");
		return;
	}
	assert_name("bob", "bob");
	assert_refused("Zoë", "a name beyond ASCII needs libicui18n.so." TEXT(
				      U_ICU_VERSION_MAJOR_NUM) ", which is not installed");
}

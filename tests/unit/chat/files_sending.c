/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/files_sending.c
 * Holds: what is offered, "~/" included; what cannot be sent and why; the host's answer belongs to
 * the oldest offer; nothing goes before it is taken; 64 KiB and no more go before the receiver has
 * written them; pieces of 3000 bytes, the digest behind them; empty files; several by turns; the
 * file that was opened goes, whatever becomes of its name; one that changes its size is dropped;
 * the host out of turn ends that file alone.
 */
#include "chat_filing.h"
#include "get_folder.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/base/base64.h>
#include <sockutil/chat/offers.h>

static void begin(void)
{
	filing_begin(1 << 20);
}

TestSuite(chat_files_sending, .init = begin, .fini = filing_end);

/* The file of that name is offered, and taken as that number. */
static void going(const char *name, unsigned number)
{
	filing_send("bob", folder_path(name));
	filing_heard("offering %u bob 1 %s", number, name);
	filing_heard("take %u", number);
	filing_sent();
	filing_told();
}

/* The bytes of the data lines that may go now, without their text. */
static size_t all_that_may_go(char *into, size_t size)
{
	size_t length = 0;

	while (chat_files_more(filing)) {
		const char *line = filing_sent();
		unsigned number;
		size_t count;
		int at = 0;

		cr_assert_eq(sscanf(line, "/data %u %n", &number, &at), 1, "%s", line);
		cr_assert(base64_decode(into + length, size - length, &count, line + at,
					strlen(line + at)));
		cr_assert_leq(count, CHAT_OFFER_DATA);
		length += count;
	}
	return length;
}

/* ------ /send ------ */

Test(chat_files_sending, is_offered)
{
	folder_put("report.pdf", "0123456789");
	filing_send("bob", folder_path("report.pdf"));
	cr_assert_str_eq(filing_sent(), "/offer bob 10 report.pdf");
	cr_assert_str_eq(filing_told(), "");
	cr_assert_not(chat_files_more(filing));
	filing_heard("offering 7 bob 10 report.pdf");
	cr_assert_str_eq(filing_told(), "* report.pdf (10 B) is offered to bob");
	cr_assert_str_eq(filing_sent(), "");
	cr_assert_not(chat_files_more(filing));
}

Test(chat_files_sending, home)
{
	folder_put("a b", "");
	setenv("HOME", folder_path("."), 1);
	filing_send("bob", "~/a b");
	cr_assert_str_eq(filing_sent(), "/offer bob 0 a b");
	cr_assert_str_eq(strrchr(filing_send_refused("bob", "~"), ':'),
			 ": only regular files can be sent");
	cr_assert_str_eq(filing_send_refused("bob", "~x"), "/send: ~x: No such file or directory");
	unsetenv("HOME");
	cr_assert_str_eq(filing_send_refused("bob", "~/a b"),
			 "/send: ~/a b: No such file or directory");
}

Test(chat_files_sending, names_are_made_fit)
{
	folder_put("a\u202eb\xff", "");
	filing_send("bob", folder_path("a\u202eb\xff"));
	cr_assert_str_eq(filing_sent(), "/offer bob 0 a_u{202e}b_xff");
}

Test(chat_files_sending, what_cannot_be_sent)
{
	char expected[300], longest[CHAT_NICK_MAX + 1];

	cr_assert_str_eq(filing_send_refused("bob", ""), "/send NICK FILE: which file?");
	cr_assert_str_eq(filing_send_refused("", "x"), "/send NICK FILE: to whom?");
	memset(longest, 'x', sizeof longest - 1);
	longest[CHAT_NICK_MAX] = '\0';
	cr_assert_str_eq(filing_send_refused(longest, "x"), "/send NICK FILE: to whom?");
	cr_assert_str_eq(filing_send_refused("bob", "not\x1bthere"),
			 "/send: not\\x1bthere: No such file or directory");
	snprintf(expected, sizeof expected, "/send: %s: only regular files can be sent",
		 folder_path("."));
	cr_assert_str_eq(filing_send_refused("bob", folder_path(".")), expected);
	cr_assert_eq(mkfifo(folder_path("fifo"), 0600), 0);
	snprintf(expected, sizeof expected, "/send: %s: only regular files can be sent",
		 folder_path("fifo"));
	cr_assert_str_eq(filing_send_refused("bob", folder_path("fifo")), expected);
	cr_assert_str_eq(filing_send_refused("bob", "/dev/null"),
			 "/send: /dev/null: only regular files can be sent");
	folder_put(".hidden", "");
	snprintf(expected, sizeof expected,
		 "/send: %s: cannot be offered under that name; give it one without a dot in front",
		 folder_path(".hidden"));
	cr_assert_str_eq(filing_send_refused("bob", folder_path(".hidden")), expected);
	cr_assert_str_eq(filing_sent(), "");
	cr_assert_str_eq(filing_told(), "");
}

Test(chat_files_sending, eight_at_a_time)
{
	folder_put("f", "");
	for (int i = 0; i < 8; i++)
		filing_send("bob", folder_path("f"));
	cr_assert_str_eq(filing_send_refused("bob", folder_path("f")),
			 "/send: 8 files are offered or under way already");
	filing_heard("dropped 0 bob takes no files");
	filing_send("bob", folder_path("f"));
}

/* ------ the answer ------ */

Test(chat_files_sending, the_host_refuses)
{
	folder_put("a", "");
	folder_put("b", "");
	filing_send("bob", folder_path("a"));
	filing_send("bob", folder_path("b"));
	filing_sent();
	filing_heard("dropped 0 bob takes\x80no files");
	cr_assert_str_eq(filing_told(), "* a for bob: bob takes\\x80no files");
	filing_heard("offering 4 bob 0 b");
	cr_assert_str_eq(filing_told(), "* b (0 B) is offered to bob");
	filing_heard("dropped 0 there is none without an answer");
	filing_heard("offering 5 bob 0 b");
	filing_heard("offering 4 bob 0 b");
	cr_assert_str_eq(filing_told(), "");
	cr_assert_str_eq(filing_sent(), "");
}

Test(chat_files_sending, a_number_in_use_is_no_answer)
{
	folder_put("a", "");
	going("a", 3);
	filing_send("bob", folder_path("a"));
	filing_heard("offering 3 bob 0 a");
	filing_heard("offering 0 bob 0 a");
	cr_assert_str_eq(filing_told(), "");
	filing_heard("offering 4 bob 0 a");
	cr_assert_str_eq(filing_told(), "* a (0 B) is offered to bob");
}

/* ------ its way ------ */

Test(chat_files_sending, whole)
{
	char bytes[7000], got[8000];

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i % 251 + 1);
	bytes[sizeof bytes - 1] = '\0';
	folder_put("f", bytes);
	filing_send("bob", folder_path("f"));
	filing_heard("offering 12 bob 6999 f");
	filing_told();
	filing_sent();
	filing_heard("take 12");
	cr_assert_str_eq(filing_told(), "* bob takes f");
	cr_assert(chat_files_busy(filing));
	for (size_t i = 0, count; i < 6999; i += count) {
		const char *line;

		cr_assert(chat_files_more(filing));
		line = filing_sent();
		cr_assert_eq(strncmp(line, "/data 12 ", 9), 0);
		cr_assert(
			base64_decode(got + i, sizeof got - i, &count, line + 9, strlen(line + 9)));
		cr_assert_eq(count, i < 6000 ? 3000 : 999);
	}
	cr_assert_arr_eq(got, bytes, 6999);
	cr_assert(chat_files_more(filing));
	snprintf(got, sizeof got, "/done 12 %s", filing_digest(bytes, 6999));
	cr_assert_str_eq(filing_sent(), got);
	cr_assert_not(chat_files_more(filing));
	filing_heard("taken 12 6999");
	cr_assert_not(chat_files_more(filing));
	cr_assert(chat_files_busy(filing));
	cr_assert_str_eq(filing_told(), "");
	filing_heard("kept 12");
	cr_assert_str_eq(filing_told(), "* bob has f: 6.83 KiB in T");
	cr_assert_not(chat_files_busy(filing));
}

Test(chat_files_sending, an_empty_file)
{
	char expected[100];

	folder_put("f", "");
	going("f", 1);
	cr_assert(chat_files_more(filing));
	snprintf(expected, sizeof expected, "/done 1 %s", filing_digest("", 0));
	cr_assert_str_eq(filing_sent(), expected);
	filing_heard("kept 1");
	cr_assert_str_eq(filing_told(), "* bob has f: 0 B in T");
}

static void put_long(const char *name, size_t length)
{
	folder_put(name, "");
	cr_assert_eq(truncate(folder_path(name), (off_t)length), 0);
}

Test(chat_files_sending, no_more_than_the_window)
{
	static char bytes[100 * 1024];

	put_long("f", sizeof bytes);
	going("f", 1);
	cr_assert_eq(all_that_may_go(bytes, sizeof bytes), 63000);
	filing_heard("taken 1 463");
	cr_assert_eq(all_that_may_go(bytes, sizeof bytes), 0);
	filing_heard("taken 1 464");
	cr_assert_eq(all_that_may_go(bytes, sizeof bytes), 3000);
	filing_heard("taken 1 66000");
	cr_assert_eq(chat_files_more(filing), true);
	cr_assert_str_eq(filing_told(), "");
}

Test(chat_files_sending, by_turns)
{
	unsigned order[8];

	put_long("a", 9000);
	put_long("b", 6000);
	going("a", 1);
	going("b", 2);
	for (size_t i = 0; i < 7; i++) {
		cr_assert(chat_files_more(filing));
		sscanf(strpbrk(filing_sent(), " "), "%u", &order[i]);
	}
	cr_assert_arr_eq(order, ((unsigned[]){ 1, 2, 1, 2, 1, 2, 1 }), 7 * sizeof(unsigned));
	cr_assert_not(chat_files_more(filing));
}

Test(chat_files_sending, progress)
{
	static char bytes[70 * 1024];

	put_long("f", 2 << 20);
	going("f", 1);
	for (unsigned taken = 0; taken + sizeof bytes < 2 << 20;) {
		taken += (unsigned)all_that_may_go(bytes, sizeof bytes);
		filing_heard("taken 1 %u", taken);
	}
	while (chat_files_more(filing))
		;
	cr_assert_str_eq(filing_told(), "* f for bob: 25% of 2 MiB\n* f for bob: 50% of 2 MiB\n"
					"* f for bob: 75% of 2 MiB");
	cr_assert_eq(strncmp(strstr(filing_sent(), "/done"), "/done 1 ", 8), 0);
}

/* ------ files change ------ */

Test(chat_files_sending, the_file_that_was_opened_goes)
{
	folder_put("f", "old");
	folder_put("g", "another");
	going("f", 1);
	cr_assert_eq(rename(folder_path("g"), folder_path("f")), 0);
	cr_assert(chat_files_more(filing));
	cr_assert_str_eq(filing_sent(), "/data 1 b2xk");
}

Test(chat_files_sending, shorter)
{
	put_long("f", 5000);
	going("f", 1);
	cr_assert(chat_files_more(filing));
	filing_sent();
	put_long("f", 4999);
	cr_assert(chat_files_more(filing));
	cr_assert_str_eq(filing_sent(), "/drop 1 the file has become shorter");
	cr_assert_str_eq(filing_told(), "* f for bob: the file has become shorter");
	cr_assert_not(chat_files_more(filing));
	cr_assert_not(chat_files_busy(filing));
}

Test(chat_files_sending, longer)
{
	put_long("f", 3000);
	going("f", 1);
	put_long("f", 3001);
	cr_assert(chat_files_more(filing));
	filing_sent();
	cr_assert(chat_files_more(filing));
	cr_assert_str_eq(filing_sent(), "/drop 1 the file has grown meanwhile");
	cr_assert_str_eq(filing_told(), "* f for bob: the file has grown meanwhile");
}

/* ------ the host out of turn ------ */

static void ends(const char *line)
{
	folder_put("g", "g");
	going("g", 2);
	filing_heard("%s", line);
	cr_assert_str_eq(filing_sent(), "/drop 1 the host's word about it was out of turn", "%s",
			 line);
	cr_assert_str_eq(filing_told(), "* f for bob: the host's word about it was out of turn");
	cr_assert(chat_files_more(filing), "the other one goes on");
	cr_assert_eq(strncmp(filing_sent(), "/data 2 ", 8), 0);
}

#define ENDS(name, before, line)                                                                   \
	Test(chat_files_sending, name)                                                             \
	{                                                                                          \
		put_long("f", 9000);                                                               \
		before;                                                                            \
		ends(line);                                                                        \
	}

static void offered(void)
{
	filing_send("bob", folder_path("f"));
	filing_heard("offering 1 bob 9000 f");
}

static void begun(void)
{
	going("f", 1);
	cr_assert(chat_files_more(filing));
}

ENDS(kept_before_it_is_taken, offered(), "kept 1")
ENDS(taken_before_it_is_taken, offered(), "taken 1 1")
ENDS(taken_twice, going("f", 1), "take 1")
ENDS(kept_before_it_is_sent, begun(), "kept 1")
ENDS(more_taken_than_was_sent, begun(), "taken 1 3001")
ENDS(nothing_taken, begun(), "taken 1 0")
ENDS(data_for_what_we_send, begun(), "data 1 AAAA")
ENDS(done_for_what_we_send, begun(), "done 1 00")

/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/files_receiving.c
 * Holds: offers are told with how to accept them; those too large, too many, without a safe name
 * are refused; by nick, by name, the oldest first; a part under a hidden name while it comes, its
 * own name when size and digest are right, and another one where that exists; nothing is
 * overwritten; progress to the sender every 16 KiB; empty files; wrong digest, too little, too
 * much, no data, a full disk, a folder that cannot be written: the part is gone, both sides know
 * why; the folder stays the one it was.
 */
#include "chat_filing.h"
#include "get_folder.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

static void begin(void)
{
	filing_begin(1 << 20);
}

TestSuite(chat_files_receiving, .init = begin, .fini = filing_end);

static char bytes[64 * 1024];

/* bob offers that file, and it is accepted. */
static void accepted(unsigned number, size_t size, const char *name)
{
	filing_heard("offered %u bob %zu %s", number, size, name);
	filing_accept("bob", name);
	filing_sent();
	filing_told();
}

static void data(unsigned number, size_t at, size_t length)
{
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i % 253);
	filing_data(number, bytes + at, length);
}

/* ------ offered ------ */

Test(chat_files_receiving, is_told)
{
	filing_heard("offered 7 bob 1536 report.pdf");
	cr_assert_str_eq(filing_told(),
			 "* bob offers report.pdf (1.5 KiB): /accept bob report.pdf");
	cr_assert_str_eq(filing_sent(), "");
	cr_assert_not(chat_files_busy(filing));
	cr_assert_str_eq(folder_list(), "", "nothing is there before it is accepted");
}

Test(chat_files_receiving, names_of_a_hostile_host)
{
	filing_heard("offered 1 bob 1 ../../etc/passwd");
	cr_assert_str_eq(filing_told(), "* bob offers passwd (1 B): /accept bob passwd");
	filing_heard("offered 2 bob 1 a\u202egpj.exe");
	cr_assert_str_eq(filing_told(),
			 "* bob offers a_u{202e}gpj.exe (1 B): /accept bob a_u{202e}gpj.exe");
	filing_heard("offered 3 b\u202eob 1 x");
	cr_assert_str_eq(filing_told(), "* b\\u{202e}ob offers x (1 B): /accept b\\u{202e}ob x");
	cr_assert_str_eq(filing_sent(), "");
	filing_heard("offered 4 bob 1 .bashrc");
	cr_assert_str_eq(filing_sent(), "/drop 4 its name cannot be used");
	cr_assert_str_eq(filing_told(), "* bob offers a file: refused, its name cannot be used");
}

Test(chat_files_receiving, too_large)
{
	filing_heard("offered 7 bob 1048577 report.pdf");
	cr_assert_str_eq(filing_sent(), "/drop 7 more than 1 MiB");
	cr_assert_str_eq(filing_told(), "* bob offers report.pdf: refused, more than 1 MiB");
	filing_heard("offered 8 bob 1048576 report.pdf");
	cr_assert_str_eq(filing_sent(), "");
}

Test(chat_files_receiving, too_many)
{
	for (unsigned i = 1; i <= 8; i++)
		filing_heard("offered %u bob 1 f", i);
	cr_assert_str_eq(filing_sent(), "");
	filing_told();
	filing_heard("offered 9 bob 1 f");
	cr_assert_str_eq(filing_sent(), "/drop 9 too many are offered already");
	filing_heard("dropped 3 not any more");
	filing_heard("offered 10 bob 1 f");
	cr_assert_str_eq(filing_sent(), "");
}

Test(chat_files_receiving, a_nick_that_none_can_have)
{
	filing_heard("offered 1 %0200d 1 f", 0);
	cr_assert_str_eq(filing_told(), "");
}

Test(chat_files_receiving, a_number_in_use_is_no_offer)
{
	filing_heard("offered 7 bob 1 f");
	filing_told();
	filing_heard("offered 7 bob 2 g");
	filing_heard("offered 0 bob 2 g");
	cr_assert_str_eq(filing_told(), "");
	filing_accept("bob", "");
	cr_assert_str_eq(filing_told(), "* f from bob: accepted");
}

/* ------ /accept ------ */

Test(chat_files_receiving, by_name_and_the_oldest_first)
{
	filing_heard("offered 1 carol 1 f");
	filing_heard("offered 2 bob 1 f");
	filing_heard("offered 3 bob 1 g h");
	filing_heard("offered 4 bob 1 f");
	filing_told();
	filing_accept("bob", "g h");
	cr_assert_str_eq(filing_sent(), "/take 3");
	cr_assert_str_eq(filing_told(), "* g h from bob: accepted");
	filing_accept("Bob", "");
	cr_assert_str_eq(filing_sent(), "/take 2");
	filing_accept("bob", "f");
	cr_assert_str_eq(filing_sent(), "/take 4");
	cr_assert_str_eq(filing_accept_refused("bob", ""), "/accept: bob offers no file");
	cr_assert_str_eq(filing_accept_refused("carol", "g h"), "/accept: carol offers no g h");
	cr_assert_str_eq(filing_accept_refused("ca\x1brol", ""),
			 "/accept: ca\\x1brol offers no file");
	cr_assert_str_eq(filing_sent(), "");
}

Test(chat_files_receiving, a_folder_that_is_not_there)
{
	char expected[200];

	filing_into("none");
	filing_heard("offered 1 bob 1 f");
	snprintf(expected, sizeof expected, "/accept: %s: No such file or directory",
		 folder_path("none"));
	cr_assert_str_eq(filing_accept_refused("bob", "f"), expected);
	cr_assert_str_eq(filing_sent(), "/drop 1 it cannot be written there");
	cr_assert_str_eq(filing_accept_refused("bob", "f"), "/accept: bob offers no f");
}

Test(chat_files_receiving, a_folder_that_is_none)
{
	char expected[200];

	folder_put("file", "");
	filing_into("file");
	filing_heard("offered 1 bob 1 f");
	snprintf(expected, sizeof expected, "/accept: %s: Not a directory", folder_path("file"));
	cr_assert_str_eq(filing_accept_refused("bob", "f"), expected);
	cr_assert_str_eq(filing_sent(), "/drop 1 it cannot be written there");
}

/* ------ its way ------ */

Test(chat_files_receiving, whole)
{
	struct stat status;

	umask(022);
	accepted(7, 5000, "report.pdf");
	cr_assert(chat_files_busy(filing));
	data(7, 0, 3000);
	cr_assert_str_eq(filing_sent(), "", "less than 16 KiB");
	cr_assert_eq(fnmatch(".report.pdf.????????.part", folder_list(), FNM_PERIOD), 0, "%s",
		     folder_list());
	cr_assert(folder_stat(folder_list(), &status));
	cr_assert_eq(status.st_size, 3000);
	data(7, 3000, 2000);
	cr_assert_str_eq(filing_sent(), "/taken 7 5000");
	cr_assert_str_eq(filing_told(), "");
	filing_heard("done 7 %s", filing_digest(bytes, 5000));
	cr_assert_str_eq(filing_sent(), "/kept 7");
	cr_assert_str_eq(filing_told(), "* report.pdf from bob is here: 4.88 KiB in T");
	cr_assert_str_eq(folder_list(), "report.pdf");
	cr_assert(folder_stat("report.pdf", &status));
	cr_assert_eq(status.st_mode, S_IFREG | 0644);
	cr_assert_eq(status.st_size, 5000);
	cr_assert_arr_eq(folder_get("report.pdf"), bytes, 5000);
	cr_assert_not(chat_files_busy(filing));
}

Test(chat_files_receiving, nothing_is_overwritten)
{
	folder_put("f.txt", "mine");
	accepted(1, 3, "f.txt");
	data(1, 0, 3);
	/* and this one comes while the other is on its way */
	folder_put("f.1.txt", "mine, too");
	filing_heard("done 1 %s", filing_digest(bytes, 3));
	cr_assert_str_eq(filing_told(), "* f.txt from bob is here as f.2.txt: 3 B in T");
	cr_assert_str_eq(folder_get("f.txt"), "mine");
	cr_assert_str_eq(folder_get("f.1.txt"), "mine, too");
	cr_assert_str_eq(folder_list(), "f.1.txt f.2.txt f.txt");
}

Test(chat_files_receiving, all_names_are_taken)
{
	char name[32];

	folder_put("f", "");
	for (int i = 1; i <= 100; i++) {
		snprintf(name, sizeof name, "f.%d", i);
		folder_put(name, "");
	}
	accepted(1, 0, "f");
	filing_heard("done 1 %s", filing_digest("", 0));
	cr_assert_str_eq(filing_sent(), "/drop 1 all names for it are taken");
	cr_assert_str_eq(filing_told(), "* f from bob: all names for it are taken");
}

Test(chat_files_receiving, an_empty_file)
{
	accepted(1, 0, "f");
	filing_heard("done 1 %s", filing_digest("", 0));
	cr_assert_str_eq(filing_sent(), "/kept 1");
	cr_assert_str_eq(filing_told(), "* f from bob is here: 0 B in T");
	cr_assert_str_eq(folder_get("f"), "");
}

Test(chat_files_receiving, the_sender_knows_every_16_KiB)
{
	accepted(1, 20000, "f");
	for (size_t at = 0; at < 15000; at += 3000)
		data(1, at, 3000);
	cr_assert_str_eq(filing_sent(), "");
	data(1, 15000, 3000);
	cr_assert_str_eq(filing_sent(), "/taken 1 18000");
	data(1, 18000, 2000);
	cr_assert_str_eq(filing_sent(), "/taken 1 20000");
}

Test(chat_files_receiving, progress)
{
	accepted(1, 1 << 20, "f");
	for (size_t at = 0; at + 2048 <= 1 << 20; at += 2048)
		data(1, at % 32768, 2048);
	cr_assert_str_eq(filing_told(), "* f from bob: 25% of 1 MiB\n* f from bob: 50% of 1 MiB\n"
					"* f from bob: 75% of 1 MiB");
}

Test(chat_files_receiving, its_folder_is_moved)
{
	cr_assert_eq(mkdir(folder_path("old"), 0755), 0);
	filing_into("old");
	accepted(1, 3, "f");
	cr_assert_eq(rename(folder_path("old"), folder_path("new")), 0);
	data(1, 0, 3);
	filing_heard("done 1 %s", filing_digest(bytes, 3));
	cr_assert_str_eq(filing_told(), "* f from bob is here: 3 B in T");
	cr_assert(folder_has("new/f"));
}

/* ------ what goes wrong ------ */

/* The part of f is gone, everybody knows why, and the host's further lines mean nothing. */
static void dropped(const char *reason)
{
	char expected[200];

	snprintf(expected, sizeof expected, "/drop 1 %s", reason);
	cr_assert_str_eq(filing_sent(), expected);
	snprintf(expected, sizeof expected, "* f from bob: %s", reason);
	cr_assert_str_eq(filing_told(), expected);
	cr_assert_str_eq(folder_list(), "");
	data(1, 0, 3);
	filing_heard("dropped 1 as you wish");
	cr_assert_str_eq(filing_sent(), "");
	cr_assert_str_eq(filing_told(), "");
}

Test(chat_files_receiving, another_digest)
{
	accepted(1, 3, "f");
	data(1, 0, 3);
	filing_sent();
	filing_heard("done 1 %s", filing_digest(bytes, 4));
	dropped("another digest: it was changed on its way");
}

Test(chat_files_receiving, no_digest)
{
	accepted(1, 3, "f");
	data(1, 0, 3);
	filing_sent();
	filing_heard("done 1 x");
	dropped("another digest: it was changed on its way");
}

Test(chat_files_receiving, too_little)
{
	accepted(1, 4, "f");
	data(1, 0, 3);
	filing_heard("done 1 %s", filing_digest(bytes, 3));
	dropped("less came than was offered");
}

Test(chat_files_receiving, too_much)
{
	accepted(1, 4, "f");
	data(1, 0, 3);
	data(1, 3, 2);
	dropped("more came than was offered");
}

Test(chat_files_receiving, no_base64)
{
	accepted(1, 4, "f");
	filing_heard("data 1 AAA");
	dropped("what came is no data");
}

Test(chat_files_receiving, no_data)
{
	accepted(1, 4, "f");
	filing_heard("data 1 ");
	dropped("what came is no data");
}

Test(chat_files_receiving, too_much_in_a_line)
{
	accepted(1, 4000, "f");
	data(1, 0, 3001);
	dropped("what came is no data");
}

Test(chat_files_receiving, before_it_is_accepted)
{
	filing_heard("offered 1 bob 3 f");
	filing_told();
	data(1, 0, 3);
	dropped("the host's word about it was out of turn");
}

Test(chat_files_receiving, done_before_it_is_accepted)
{
	filing_heard("offered 1 bob 0 f");
	filing_told();
	filing_heard("done 1 %s", filing_digest("", 0));
	dropped("the host's word about it was out of turn");
}

Test(chat_files_receiving, words_for_a_sender)
{
	accepted(1, 3, "f");
	filing_heard("take 1");
	dropped("the host's word about it was out of turn");
}

Test(chat_files_receiving, a_file_that_may_not_grow)
{
	const struct rlimit limit = { .rlim_cur = 4096, .rlim_max = 4096 };

	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	accepted(1, 9000, "f");
	data(1, 0, 3000);
	cr_assert_str_eq(filing_sent(), "");
	data(1, 3000, 3000);
	dropped("File too large");
}

/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/files.c
 * Holds: what is about no file of ours means nothing; the host ends one, in words that are made
 * harmless; a lost connection ends all and says so; what is under way is known; nothing stays
 * behind when all ends; both ways at once.
 */
#include "chat_filing.h"
#include "get_folder.h"

#include <criterion/criterion.h>
#include <string.h>

static void begin(void)
{
	filing_begin(1 << 20);
}

TestSuite(chat_files, .init = begin, .fini = filing_end);

Test(chat_files, others_mean_nothing)
{
	filing_heard("take 1");
	filing_heard("data 1 AAAA");
	filing_heard("taken 1 5");
	filing_heard("done 1 00");
	filing_heard("kept 1");
	filing_heard("dropped 1 why not");
	filing_heard("dropped 0 nothing was asked");
	filing_heard("offering 1 bob 5 f");
	filing_heard("message 1 1 lobby bob hello");
	cr_assert_str_eq(filing_sent(), "");
	cr_assert_str_eq(filing_told(), "");
	cr_assert_not(chat_files_more(filing));
	cr_assert_not(chat_files_busy(filing));
}

Test(chat_files, the_host_ends_them)
{
	folder_put("mine", "x");
	filing_send("bob", folder_path("mine"));
	filing_heard("offering 1 bob 1 mine");
	filing_heard("offered 2 carol 3 theirs");
	filing_accept("carol", "");
	filing_heard("offered 3 carol 3 other");
	filing_sent();
	filing_told();
	filing_heard("dropped 1 bob is \x80gone");
	filing_heard("dropped 2 ");
	filing_heard("dropped 3 carol\u202e ended it");
	cr_assert_str_eq(filing_told(), "* mine for bob: bob is \\x80gone\n* theirs from carol: "
					"dropped\n* other from carol: carol\\u{202e} ended it");
	cr_assert_str_eq(filing_sent(), "");
	cr_assert_str_eq(folder_list(), "mine");
}

Test(chat_files, reasons_are_cut)
{
	filing_heard("offered 1 bob 1 f");
	filing_told();
	filing_heard("dropped 1 %04000d", 0);
	cr_assert_lt(strlen(filing_told()), 1100);
}

Test(chat_files, the_connection_is_lost)
{
	folder_put("mine", "x");
	filing_send("bob", folder_path("mine"));
	filing_heard("offered 2 carol 3 theirs");
	filing_accept("carol", "");
	filing_heard("offered 3 carol 3 other");
	filing_sent();
	filing_told();
	chat_files_over(filing, "the connection is lost");
	cr_assert_str_eq(filing_told(), "* mine for bob: the connection is lost\n* theirs from "
					"carol: the connection is lost\n* other from carol: the "
					"connection is lost");
	cr_assert_str_eq(filing_sent(), "");
	cr_assert_str_eq(folder_list(), "mine");
	cr_assert_not(chat_files_busy(filing));
	chat_files_over(filing, "the connection is lost");
	cr_assert_str_eq(filing_told(), "");
	/* numbers begin anew */
	filing_heard("offered 2 carol 3 theirs");
	cr_assert_str_eq(filing_told(), "* carol offers theirs (3 B): /accept carol theirs");
}

Test(chat_files, what_is_under_way)
{
	folder_put("mine", "x");
	filing_heard("offered 2 carol 3 theirs");
	cr_assert_not(chat_files_busy(filing), "nobody needs to accept it");
	filing_send("bob", folder_path("mine"));
	cr_assert(chat_files_busy(filing));
	filing_heard("offering 1 bob 1 mine");
	cr_assert(chat_files_busy(filing), "somebody may accept it yet");
	cr_assert(chat_files_offering(filing));
	filing_heard("take 1");
	cr_assert(chat_files_busy(filing));
	cr_assert_not(chat_files_offering(filing), "it is taken");
	cr_assert_eq(chat_files_failed(filing), FAILURE_NONE);
	filing_heard("dropped 1 bob ended it");
	cr_assert_eq(chat_files_failed(filing), FAILURE_SEND);
	cr_assert_not(chat_files_busy(filing));
	filing_heard("offered 3 carol 3 others");
	filing_accept("carol", "others");
	cr_assert(chat_files_busy(filing));
	filing_heard("dropped 3 carol ended it");
	cr_assert_not(chat_files_busy(filing));
}

Test(chat_files, nothing_stays_behind)
{
	folder_put("mine", "x");
	filing_send("bob", folder_path("mine"));
	filing_heard("offered 2 carol 3 theirs");
	filing_accept("carol", "");
	filing_told();
	chat_files_free(filing);
	filing = NULL;
	cr_assert_str_eq(folder_list(), "mine");
	cr_assert_str_eq(filing_told(), "");
	chat_files_free(NULL);
}

Test(chat_files, both_ways)
{
	folder_put("f", "mine");
	filing_send("bob", folder_path("f"));
	filing_heard("offered 1 bob 6 f");
	filing_heard("offering 2 bob 4 f");
	filing_accept("bob", "f");
	filing_heard("take 2");
	filing_sent();
	filing_told();
	filing_data(1, "theirs", 6);
	cr_assert_str_eq(filing_sent(), "/taken 1 6");
	cr_assert(chat_files_more(filing));
	cr_assert_str_eq(filing_sent(), "/data 2 bWluZQ==");
	filing_heard("done 1 %s", filing_digest("theirs", 6));
	cr_assert(chat_files_more(filing));
	filing_heard("kept 2");
	cr_assert_str_eq(filing_told(), "* f from bob is here as f.1: 6 B in T\n"
					"* bob has f: 4 B in T");
	cr_assert_str_eq(folder_get("f.1"), "theirs");
	cr_assert_str_eq(folder_get("f"), "mine");
}

/* SPDX-License-Identifier: MIT */
/* Who may connect.
 * Holds: without rules everybody may; deny wins; when an allow rule was given, what none allows is
 * refused, also when its file is empty; the rule that decided is told, "" when the absence of one
 * did; names are resolved to all their addresses; Unix peers; rules come from files; a bad rule, a
 * bad line, an unknown name and a missing file each have class and text; loading again takes what
 * the file says now, and a bad file leaves the old rules in force. */
#include "listen_support.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/net/access.h>

static struct failure why;

static struct access_list *list_of(const char *const *allow, const char *const *deny)
{
	struct access_list *list;

	why = (struct failure){ 0 };
	list = access_new(allow, deny, &why);
	cr_assert(list, "%s", why.text);
	return list;
}

static bool permits(const struct access_list *list, const char *ip, const char *rule)
{
	struct address peer;
	const char *decided = NULL;
	bool permitted;

	cr_assert(address_parse_ip(ip, 4711, &peer));
	permitted = access_permits(list, &peer, &decided);
	cr_assert_str_eq(decided, rule);
	cr_assert_eq(access_permits(list, &peer, NULL), permitted);
	return permitted;
}

static const char *write_rules(const char *text)
{
	const char *path = listening_path("acl");
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);

	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	return path;
}

Test(access, without_rules_everybody_may)
{
	static const char *const none[] = { NULL };
	struct access_list *list = list_of(NULL, NULL);

	cr_assert(permits(list, "192.0.2.1", ""));
	access_free(list);
	list = list_of(none, none);
	cr_assert(permits(list, "::1", ""));
	access_free(list);
	access_free(NULL);
}

Test(access, deny_wins)
{
	static const char *const allow[] = { "10.0.0.0/8", NULL };
	static const char *const deny[] = { "10.1.0.0/16", "10.1.2.3", NULL };
	struct access_list *list = list_of(allow, deny);

	cr_assert(permits(list, "10.2.0.1", "10.0.0.0/8"));
	cr_assert_not(permits(list, "10.1.2.3", "10.1.0.0/16"));
	cr_assert_not(permits(list, "192.0.2.1", ""));
	cr_assert_not(permits(list, "::1", ""));
	access_free(list);
}

Test(access, deny_alone_lets_others_in)
{
	static const char *const deny[] = { "0.0.0.0/0", NULL };
	struct access_list *list = list_of(NULL, deny);

	cr_assert_not(permits(list, "127.0.0.1", "0.0.0.0/0"));
	cr_assert_not(permits(list, "::ffff:127.0.0.1", "0.0.0.0/0"));
	cr_assert(permits(list, "::1", ""));
	access_free(list);
}

Test(access, a_name_is_all_its_addresses)
{
	static const char *const allow[] = { "localhost", NULL };
	struct access_list *list = list_of(allow, NULL);

	cr_assert(permits(list, "127.0.0.1", "localhost"));
	cr_assert(permits(list, "::1", "localhost"));
	cr_assert_not(permits(list, "127.0.0.2", ""));
	access_free(list);
}

Test(access, unix_peers)
{
	static const char *const local[] = { "unix", NULL };
	static const char *const other[] = { "127.0.0.1", NULL };
	struct address peer;
	int pair[2];
	struct access_list *list;

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	cr_assert(address_of_peer(pair[0], &peer));
	list = list_of(local, NULL);
	cr_assert(access_permits(list, &peer, NULL));
	cr_assert_not(permits(list, "127.0.0.1", ""));
	access_free(list);
	list = list_of(other, NULL);
	cr_assert_not(access_permits(list, &peer, NULL));
	access_free(list);
	list = list_of(NULL, local);
	cr_assert_not(access_permits(list, &peer, NULL));
	access_free(list);
	close(pair[0]);
	close(pair[1]);
}

static void assert_refused(const char *rule, enum failure_class class, const char *text)
{
	const char *const allow[] = { rule, NULL };

	why = (struct failure){ 0 };
	cr_assert_null(access_new(NULL, allow, &why));
	cr_assert_str_eq(why.text, text);
	cr_assert_eq(why.class, class);
}

Test(access, mistakes_have_class_and_text)
{
	char rule[200], expected[300];

	listening_folder();
	assert_refused("10.0.0.1/8", FAILURE_USAGE,
		       "rule 10.0.0.1/8: host bits are set; write 10.0.0.0/8 for the network");
	assert_refused("@", FAILURE_INPUT, "cannot read the rules in : No such file or directory");
	snprintf(rule, sizeof(rule), "@%s", write_rules("unix\n10.0.0.1/8\n"));
	snprintf(expected, sizeof(expected),
		 "%s:2: 10.0.0.1/8: host bits are set; write 10.0.0.0/8 for the network", rule + 1);
	assert_refused(rule, FAILURE_USAGE, expected);
	unlink(rule + 1);
	listening_remove_folder();
}

Test(access, an_unknown_name_is_not_resolved)
{
	const char *allow[] = { "nosuch.invalid", NULL };
	char rule[200], start[300];

	why = (struct failure){ 0 };
	cr_assert_null(access_new(allow, NULL, &why));
	cr_assert_eq(why.class, FAILURE_NAME, "%s", why.text);
	listening_folder();
	snprintf(rule, sizeof(rule), "@%s", write_rules("\nnosuch.invalid\n"));
	allow[0] = rule;
	cr_assert_null(access_new(allow, NULL, &why));
	snprintf(start, sizeof(start), "%s:2: ", rule + 1);
	cr_assert_eq(why.class, FAILURE_NAME);
	cr_assert_eq(strncmp(why.text, start, strlen(start)), 0, "%s", why.text);
	cr_assert(strstr(why.text, "nosuch.invalid"), "%s", why.text);
	unlink(rule + 1);
	listening_remove_folder();
}

Test(access, loading_again_is_whole_or_not_at_all)
{
	const char *allow[] = { NULL, "192.0.2.1", NULL };
	char rule[200];
	struct access_list *list;

	listening_folder();
	snprintf(rule, sizeof(rule), "@%s", write_rules("127.0.0.1\n"));
	allow[0] = rule;
	list = list_of(allow, NULL);
	cr_assert(permits(list, "127.0.0.1", "127.0.0.1"));
	cr_assert(permits(list, "192.0.2.1", "192.0.2.1"));

	write_rules("127.0.0.2\n");
	cr_assert(permits(list, "127.0.0.1", "127.0.0.1"));
	cr_assert(access_reload(list, &why), "%s", why.text);
	cr_assert_not(permits(list, "127.0.0.1", ""));
	cr_assert(permits(list, "127.0.0.2", "127.0.0.2"));
	cr_assert(permits(list, "192.0.2.1", "192.0.2.1"));

	write_rules("127.0.0.3\n10.0.0.1/8\n");
	cr_assert_not(access_reload(list, &why));
	cr_assert_eq(why.class, FAILURE_USAGE);
	cr_assert(permits(list, "127.0.0.2", "127.0.0.2"));
	cr_assert_not(permits(list, "127.0.0.3", ""));

	cr_assert_eq(unlink(rule + 1), 0);
	cr_assert_not(access_reload(list, &why));
	cr_assert_eq(why.class, FAILURE_INPUT);
	cr_assert(permits(list, "127.0.0.2", "127.0.0.2"));
	access_free(list);
	listening_remove_folder();
}

Test(access, an_empty_file_of_allow_rules_lets_nobody_in)
{
	const char *allow[] = { NULL, NULL };
	char rule[200];
	struct access_list *list;

	listening_folder();
	snprintf(rule, sizeof(rule), "@%s", write_rules("# nobody yet\n"));
	allow[0] = rule;
	list = list_of(allow, NULL);
	cr_assert_not(permits(list, "127.0.0.1", ""));
	access_free(list);
	unlink(rule + 1);
	listening_remove_folder();
}

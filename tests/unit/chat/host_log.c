/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/chat/host_log.c
 * Holds: who joined from where, left, was lost or has another nick are messages word for word, and
 * facts in JSON; nothing that is said is one; without -v there are none.
 */
#include "chat_hosted.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <sockutil/base/log.h>
#include <sockutil/net/address.h>

static struct hosted_peer *alice;
static char from[64];

static void come(void)
{
	struct address own;

	alice = hosted_plain("alice");
	cr_assert(address_of_socket(hosted_fd(alice), &own));
	snprintf(from, sizeof from, "127.0.0.1:%u", address_port(&own));
}

static void set_up(void)
{
	hosted_open(NULL);
	come();
}

static void tear_down(void)
{
	hosted_close();
}

TestSuite(host_log, .timeout = 60);

static void assert_said(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void assert_said(const char *format, ...)
{
	char text[400];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof text, format, list);
	va_end(list);
	running_wait_log(&hosted_running, text);
}

Test(host_log, coming_and_going, .init = set_up, .fini = tear_down)
{
	assert_said("sockutil chat: alice joined lobby from %s\n", from);
	hosted_say(alice, "/nick carol\nbetween us\n/me waves\n/topic ours\n/quit that was it\n");
	assert_said("sockutil chat: alice is now carol\n");
	assert_said("sockutil chat: carol left lobby: that was it\n");
	cr_assert_eq(strstr(running_log(&hosted_running), "between us"), NULL);
	cr_assert_eq(strstr(running_log(&hosted_running), "waves"), NULL);
	cr_assert_eq(strstr(running_log(&hosted_running), "ours"), NULL);
}

Test(host_log, an_end_without_a_word, .init = set_up, .fini = tear_down)
{
	shutdown(hosted_fd(alice), SHUT_WR);
	assert_said("sockutil chat: alice left lobby\n");
}

Test(host_log, a_loss, .init = set_up, .fini = tear_down)
{
	setsockopt(hosted_fd(alice), SOL_SOCKET, SO_LINGER, &(struct linger){ .l_onoff = 1 },
		   sizeof(struct linger));
	connect(hosted_fd(alice), &(struct sockaddr){ .sa_family = AF_UNSPEC },
		sizeof(struct sockaddr));
	assert_said("sockutil chat: alice was lost in lobby: connection reset by peer\n");
}

static void set_up_json(void)
{
	struct failure why = { 0 };

	hosted_open(NULL);
	cr_assert(log_open(&(struct log_options){ .command = "chat",
						  .file = hosted_running.log,
						  .level = LOG_LEVEL_INFO,
						  .json = true },
			   &why));
	come();
}

Test(host_log, json, .init = set_up_json, .fini = tear_down)
{
	hosted_say(alice, "/quit enough\n");
	assert_said("\"event\":\"joined\",\"command\":\"chat\",\"message\":\"alice joined lobby "
		    "from %s\",\"nick\":\"alice\",\"room\":\"lobby\",\"peer\":\"%s\"}\n",
		    from, from);
	assert_said("\"event\":\"left\",\"command\":\"chat\",\"message\":\"alice left lobby: "
		    "enough\",\"nick\":\"alice\",\"room\":\"lobby\",\"reason\":\"enough\"}\n");
}

static void set_up_quiet(void)
{
	struct failure why = { 0 };

	hosted_open(NULL);
	cr_assert(log_open(&(struct log_options){ .command = "chat",
						  .file = hosted_running.log,
						  .level = LOG_LEVEL_NOTICE },
			   &why));
	come();
}

Test(host_log, not_without_v, .init = set_up_quiet, .fini = tear_down)
{
	shutdown(hosted_fd(alice), SHUT_WR);
	running_wait_log(&hosted_running, "client ended");
	cr_assert_eq(strstr(running_log(&hosted_running), "alice"), NULL);
}

/* SPDX-License-Identifier: MIT */
/* tests/unit/support/log_caught.c - standard error as a test sees it. */
#include "log_caught.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

static int reading = -1;

void log_catch(void)
{
	int pair[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	cr_assert_eq(dup2(pair[0], STDERR_FILENO), STDERR_FILENO);
	close(pair[0]);
	reading = pair[1];
	fcntl(reading, F_SETFL, O_NONBLOCK);
}

void log_opened(struct log_options options)
{
	struct failure why = { 0 };

	if (reading < 0)
		log_catch();
	cr_assert(log_open(&options, &why), "%s", why.text);
}

const char *log_caught(void)
{
	static char text[200000];
	ssize_t count = recv(reading, text, sizeof text - 1, 0);

	text[count < 0 ? 0 : count] = '\0';
	return text;
}

/* SPDX-License-Identifier: MIT */
/* Holds: what a relay moved is in the lines of its session: at its end, and when it is cut; idle
 * time ends it. */
#include "serve_running.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/serve/save.h>

static struct running r;
static struct save_options options;

static void set_up(void)
{
	running_prepare(&r, &save_handler, &options);
	options.pattern = strdup(running_path(&r, "in"));
}

TestSuite(relayed, .init = set_up, .timeout = 30);

/* A client that has sent four bytes, which are in the file. */
static int four_bytes(void)
{
	int fd = running_dial(&r);
	FILE *file = NULL;
	char got[8];

	send(fd, "half", 4, 0);
	for (int i = 0; i < 5000; i++) {
		size_t n = 0;

		if ((file = fopen(running_path(&r, "in.partial"), "r"))) {
			n = fread(got, 1, sizeof got, file);
			fclose(file);
		}
		if (n == 4)
			return fd;
		usleep(1000);
	}
	cr_assert(false, "nothing was saved");
	return -1;
}

Test(relayed, counts_what_was_cut)
{
	int fd;

	r.options.grace_ms = 50;
	running_start(&r);
	fd = four_bytes();
	running_stop(&r);
	close(fd);
	running_wait_log(&r, ": cut by the end of the server; received 4 B, sent 0 B");
}

Test(relayed, ends_when_idle)
{
	int fd;

	options.idle_ms = 200;
	running_start(&r);
	fd = four_bytes();
	running_wait_log(&r, "(--idle-timeout); received 4 B, sent 0 B");
	close(fd);
	running_stop(&r);
}

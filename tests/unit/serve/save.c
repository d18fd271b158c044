/* SPDX-License-Identifier: MIT */
/*
 * Holds: a file a connection, there by the time the client sees our end; names that exist, whole or
 * partial, are passed over; a reset leaves NAME.partial and says so; a folder that is not there
 * is told at the start, or, when its name has the peer in it, fails the connection, not the server.
 */
#include "serve_running.h"

#include <criterion/criterion.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/serve/save.h>

static void holds(const struct running *r, const char *name, const char *text)
{
	char got[100] = "";
	FILE *file = fopen(running_path(r, name), "r");

	cr_assert(file, "%s is not there", name);
	got[fread(got, 1, sizeof got - 1, file)] = '\0';
	fclose(file);
	cr_assert_str_eq(got, text);
}

Test(save, a_file_for_each)
{
	struct running r;
	struct save_options options = { 0 };
	char out[10];

	running_prepare(&r, &save_handler, &options);
	options.pattern = strdup(running_path(&r, "in-%n"));
	fclose(fopen(running_path(&r, "in-2"), "w"));
	fclose(fopen(running_path(&r, "in-3.partial"), "w"));
	running_start(&r);
	running_exchange(&r, "one", 3, out, sizeof out);
	holds(&r, "in-1", "one");
	running_exchange(&r, "", 0, out, sizeof out);
	holds(&r, "in-4", "");
	holds(&r, "in-2", "");
	cr_assert_neq(access(running_path(&r, "in-1.partial"), F_OK), 0);
	running_stop(&r);
	free((char *)(uintptr_t)options.pattern);
}

Test(save, marks_what_is_not_whole)
{
	struct running r;
	struct save_options options = { 0 };
	char out[10];
	int fd;

	running_prepare(&r, &save_handler, &options);
	options.pattern = strdup(running_path(&r, "in"));
	running_start(&r);
	fd = running_dial(&r);
	send(fd, "half", 4, 0);
	while (access(running_path(&r, "in.partial"), F_OK) != 0)
		usleep(1000);
	usleep(50000);
	running_reset(fd);
	running_wait_log(&r, "in.partial stays: it is not whole");
	holds(&r, "in.partial", "half");
	running_exchange(&r, "whole", 5, out, sizeof out);
	holds(&r, "in-2", "whole");
	running_stop(&r);
	free((char *)(uintptr_t)options.pattern);
}

static void refused(const char *pattern, enum failure_class class, const char *text)
{
	struct running r;
	struct save_options options = { .pattern = pattern };

	running_prepare(&r, &save_handler, &options);
	cr_assert_not(server_run(&r.options, &r.result, &r.why));
	cr_assert_eq(r.why.class, class);
	cr_assert_str_eq(r.why.text, text);
}

Test(save, places_that_cannot_be)
{
	refused("/nowhere/at/all", FAILURE_OUTPUT,
		"--save /nowhere/at/all: /nowhere/at/: No such file or directory");
	refused("/tmp", FAILURE_USAGE, "--save /tmp: is a folder; write it as /tmp/%n");
	refused("/dev/null", FAILURE_USAGE, "--save /dev/null: is no regular file");
}

Test(save, a_folder_made_of_the_peer_that_is_not_there)
{
	struct running r;
	struct save_options options = { .pattern = "/nowhere-%p/in" };
	int fd;
	char out[10];

	running_prepare(&r, &save_handler, &options);
	running_start(&r);
	fd = running_dial(&r);
	cr_assert_leq(running_read(fd, out, sizeof out), 0);
	close(fd);
	running_wait_log(&r, "/in.partial: No such file or directory");
	running_stop(&r);
	cr_assert_eq(r.result.status, 0);
}

/* SPDX-License-Identifier: MIT */
/* Holds: the lines of RFC 864 in turn, across the end of a cycle; what the client says is dropped;
 * its end is the end. */
#include "serve_running.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/serve/chargen.h>

Test(chargen, turns_the_pattern)
{
	enum { LINE = 74, LINES = 2000 };
	static char got[LINES * LINE];
	struct running r;
	int fd;

	running_prepare(&r, &chargen_handler, NULL);
	running_start(&r);
	fd = running_dial(&r);
	cr_assert_eq(send(fd, "noise", 5, 0), 5);
	cr_assert_eq(running_read(fd, got, sizeof got), sizeof got);
	for (int line = 0; line < LINES; line++) {
		const char *at = got + line * LINE;

		for (int column = 0; column < 72; column++)
			cr_assert_eq(at[column], ' ' + (line + column) % 95, "line %d column %d",
				     line, column);
		cr_assert_eq(memcmp(at + 72, "\r\n", 2), 0);
	}
	shutdown(fd, SHUT_WR);
	while (recv(fd, got, sizeof got, 0) > 0)
		;
	close(fd);
	running_wait_log(&r, "client ended; received 5 B");
	running_stop(&r);
}

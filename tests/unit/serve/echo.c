/* SPDX-License-Identifier: MIT */
/* Holds: every byte comes back, the last ones too after a half-close; a client that does not read
 * is not read from, and gets all later. */
#include "serve_running.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/serve/echo.h>

Test(echo, gives_back_every_byte)
{
	struct running r;
	char out[300000], *data = malloc(200000);

	for (int i = 0; i < 200000; i++)
		data[i] = (char)(i * 7 + i / 251);
	running_prepare(&r, &echo_handler, NULL);
	running_start(&r);
	cr_assert_eq(running_exchange(&r, data, 200000, out, sizeof out), 200000);
	cr_assert_arr_eq(out, data, 200000);
	cr_assert_eq(running_exchange(&r, "", 0, out, sizeof out), 0);
	running_stop(&r);
	cr_assert(r.ran && r.result.status == 0 && r.result.signal == 0);
	free(data);
}

Test(echo, stops_reading_while_its_answer_is_not_taken)
{
	static char block[65536];
	struct running r;
	size_t sent = 0, idle = 0, got = 0;
	int fd;

	running_prepare(&r, &echo_handler, NULL);
	running_start(&r);
	fd = running_dial(&r);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (idle < 50) {
		ssize_t n = send(fd, block, sizeof block, MSG_NOSIGNAL);

		idle = n > 0 ? 0 : idle + 1;
		sent += n > 0 ? (size_t)n : 0;
		usleep(n > 0 ? 0 : 2000);
		cr_assert_lt(sent, (size_t)200 << 20, "it is never held back");
	}
	fcntl(fd, F_SETFL, 0);
	shutdown(fd, SHUT_WR);
	for (ssize_t n; (n = recv(fd, block, sizeof block, 0)) > 0;)
		got += (size_t)n;
	cr_assert_eq(got, sent);
	close(fd);
	running_stop(&r);
}

/* SPDX-License-Identifier: MIT */
/* Holds: everything is read, nothing is answered, the end comes after the client's; the line says
 * how much it was. */
#include "serve_running.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include <sockutil/serve/discard.h>

Test(discard, reads_everything)
{
	struct running r;
	char out[8], *data = calloc(1, 3 << 20);

	running_prepare(&r, &discard_handler, NULL);
	running_start(&r);
	cr_assert_eq(running_exchange(&r, data, 3 << 20, out, sizeof out), 0);
	running_wait_log(&r, "client ended; received 3 MiB, sent 0 B");
	running_stop(&r);
	free(data);
}

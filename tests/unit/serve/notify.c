/* SPDX-License-Identifier: MIT */
/*
 * Holds: the socket that NOTIFY_SOCKET names gets READY, RELOADING with the time, STOPPING; the
 * variable is gone afterwards; without it nothing happens; one that cannot be reached is a warning
 * and no failure.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <sockutil/serve/notify.h>

static char folder[32];
static struct sockaddr_un address;
static int manager;

static void set_up(void)
{
	strcpy(folder, "/tmp/notify.XXXXXX");
	cr_assert(mkdtemp(folder));
	address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(address.sun_path, sizeof address.sun_path, "%s/s", folder);
	manager = socket(AF_UNIX, SOCK_DGRAM, 0);
	cr_assert_eq(bind(manager, (struct sockaddr *)&address, sizeof address), 0);
}

static void tear_down(void)
{
	notify_close();
	close(manager);
	unlink(address.sun_path);
	rmdir(folder);
}

TestSuite(notify, .init = set_up, .fini = tear_down, .timeout = 30);

static const char *heard(void)
{
	static char text[200];
	ssize_t n = recv(manager, text, sizeof text - 1, MSG_DONTWAIT);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

Test(notify, says_how_it_goes)
{
	char ready[64];

	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	notify_open();
	cr_assert_null(getenv("NOTIFY_SOCKET"));
	notify_ready();
	snprintf(ready, sizeof ready, "READY=1\nMAINPID=%ld\n", (long)getpid());
	cr_assert_str_eq(heard(), ready);
	notify_reloading();
	cr_assert_eq(strncmp(heard(), "RELOADING=1\nMONOTONIC_USEC=", 27), 0);
	notify_stopping();
	cr_assert_str_eq(heard(), "STOPPING=1\n");
}

Test(notify, nobody_asked)
{
	unsetenv("NOTIFY_SOCKET");
	notify_open();
	notify_ready();
	cr_assert_str_eq(heard(), "");
}

Test(notify, a_manager_that_is_not_there)
{
	setenv("NOTIFY_SOCKET", "/nowhere/at/all", 1);
	notify_open();
	cr_assert_null(getenv("NOTIFY_SOCKET"));
	notify_ready();
	setenv("NOTIFY_SOCKET", "relative", 1);
	notify_open();
	notify_stopping();
	cr_assert_str_eq(heard(), "");
}

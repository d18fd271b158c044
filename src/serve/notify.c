/* SPDX-License-Identifier: MIT */
/* Words to a service manager: datagrams to the socket it named. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/log.h>
#include <sockutil/net/address.h>
#include <sockutil/serve/notify.h>

static int notify_socket = -1;

static int notify_connect(const char *name)
{
	struct address address;
	int fd;

	if ((name[0] != '/' && name[0] != '@') || !address_unix(&address, name)) {
		errno = EINVAL;
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (fd < 0)
		return -1;
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	if (connect(fd, &address.any, address.length) == 0)
		return fd;
	close(fd);
	return -1;
}

void notify_open(void)
{
	const char *name = getenv("NOTIFY_SOCKET");

	if (!name)
		return;
	notify_socket = notify_connect(name);
	if (notify_socket < 0)
		log_warning("NOTIFY_SOCKET %s: %s", name, strerror(errno));
	unsetenv("NOTIFY_SOCKET");
}

static void notify_say(const char *text)
{
	if (notify_socket >= 0 && send(notify_socket, text, strlen(text), MSG_DONTWAIT) < 0)
		log_warning("the service manager does not hear (NOTIFY_SOCKET): %s",
			    strerror(errno));
}

void notify_ready(void)
{
	char text[64];

	snprintf(text, sizeof(text), "READY=1\nMAINPID=%ld\n", (long)getpid());
	notify_say(text);
}

void notify_reloading(void)
{
	char text[64];

	snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%lld\n", (long long)clock_us());
	notify_say(text);
}

void notify_stopping(void)
{
	notify_say("STOPPING=1\n");
}

void notify_close(void)
{
	if (notify_socket >= 0)
		close(notify_socket);
	notify_socket = -1;
}

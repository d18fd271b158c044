/* SPDX-License-Identifier: MIT */
#ifndef TESTS_NET_LISTEN_SUPPORT_H
#define TESTS_NET_LISTEN_SUPPORT_H
/* Listeners from the text of an endpoint, folders of a test's own, and what is left behind. */
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/net/listen.h>

struct listening {
	struct net_options net;
	struct listen_options options; /* stream, backlog 8 */
	struct listener *listeners;
	size_t count;
	struct failure why;
};

/* Fills the options; call listening_open() then. */
void listening_prepare(struct listening *l);
/* Adds the endpoint's sockets; the text is as a server takes it. */
bool listening_open(struct listening *l, const char *endpoint);
void listening_close(struct listening *l);
/* A blocking client at one of them; connected. */
int listening_connect(const struct listener *listener);

/* A new folder below the temporary one; "" is never returned. Static. */
const char *listening_folder(void);
/* "unix:FOLDER/NAME" of the last folder made, and FOLDER/NAME alone. Two static buffers. */
const char *listening_endpoint(const char *name);
const char *listening_path(const char *name);
/* How many names the folder holds. */
unsigned listening_names(void);
void listening_remove_folder(void);
/* How many descriptors this process has open. */
unsigned listening_descriptors(void);
/* A socket file whose server is gone. */
void listening_leave_dead(const char *path);
#endif

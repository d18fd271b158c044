/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_NET_LISTEN_PARTS_H
#define SOCKUTIL_NET_LISTEN_PARTS_H
/* The kinds of listening sockets behind listen_open(), and what they share. For the files of
 * net/listen alone. */
#include <sockutil/net/listen.h>

/* What one endpoint has opened so far. */
struct listen_batch {
	struct listener *items;
	size_t count;
};

/* Each opens all sockets of its kind of endpoint into an empty batch; on failure the caller closes
 * what is in it. */
bool listen_internet(struct listen_batch *batch, const struct endpoint *endpoint,
		     const struct listen_options *options, struct failure *why);
bool listen_unix(struct listen_batch *batch, const struct endpoint *endpoint,
		 const struct listen_options *options, struct failure *why);
bool listen_vsock(struct listen_batch *batch, const struct endpoint *endpoint,
		  const struct listen_options *options, struct failure *why);
bool listen_descriptor(struct listen_batch *batch, const struct endpoint *endpoint,
		       const struct listen_options *options, struct failure *why);
bool listen_systemd(struct listen_batch *batch, const struct endpoint *endpoint,
		    const struct listen_options *options, struct failure *why);

/* Appends a socket that listens; the batch owns fd now, also on failure. */
bool listen_add(struct listen_batch *batch, int fd, enum endpoint_scheme scheme,
		struct failure *why);
/* Closes and unlinks everything. */
void listen_drop(struct listen_batch *batch);

/* A new socket with everything set that has to be before bind(2), or -1. v6only: IPV6_V6ONLY of an
 * AF_INET6 one, unless --sockopt says otherwise. EAFNOSUPPORT is left in why->error. */
int listen_socket(int family, bool v6only, const struct listen_options *options,
		  struct failure *why);
/* listen(2) for streams, nothing for datagrams; name is for messages. */
bool listen_start(int fd, const char *name, const struct listen_options *options,
		  struct failure *why);
/* What a failed bind(2) or listen(2) means and what to do. Keeps error in why->error. */
void listen_refused(struct failure *why, int error, const char *name, const struct address *address,
		    const struct listen_options *options);
/* The same file, not a new one that got the inode number of the old. */
bool listen_same_file(const struct stat *a, const struct stat *b);

/* Removes a socket file that is still the one we made. Takes the folder's lock (listen_unix.c). */
void listen_unix_unlink(const char *path, dev_t device, ino_t inode);
#endif

/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_FILES_H
#define SOCKUTIL_SERVE_FILES_H
/*
 * --files: the regular files of a folder over HTTP, and what is not one of them does not exist:
 * nothing outside the folder, no symbolic links, no names with a leading dot, unless asked for.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sockutil/serve/handler.h>
#include <sockutil/serve/login.h>

struct session;

/* Times in milliseconds, 0: none. Everything is borrowed. */
struct files_options {
	const char *folder;
	const struct login_list *logins; /* by Basic authentication */
	/* SIGHUP: reads the logins again, or leaves all as it was. */
	bool (*reread)(void *data, struct failure *why);
	void *reread_data;
	bool spa;          /* index.html of the folder for what is not there and has no extension */
	bool cors;         /* pages of any origin may read what is served */
	bool listing;      /* of folders without index.html */
	bool upload;       /* PUT */
	bool dotfiles;     /* names with a leading dot are served too */
	bool follow;       /* symbolic links that stay inside */
	uint64_t max_size; /* of an upload, bytes */
	int64_t head_ms;   /* for the head of a request */
	int64_t idle_ms;   /* between two requests */
	int64_t stall_ms;  /* stall_bytes have to move in it while something is on its way */
	uint64_t stall_bytes;
};

/* Its prepare takes a struct files_options. */
extern const struct handler files_handler;

/* Goes on with a session of another handler whose client has begun to speak HTTP: data is what
 * files_handler's prepare returned, early what was read of it already. files_handler has to be in
 * server_options.inner. */
void files_enter(struct session *session, void *data, const char *early, size_t early_length);

/* Whoever asks for WebSocket on a connection that has got files goes on there: length bytes, the
 * request first. The call-back is to give the session another handler. */
typedef void files_upgrade(struct session *session, const char *bytes, size_t length);
void files_set_upgrade(void *data, files_upgrade *upgrade);
#endif

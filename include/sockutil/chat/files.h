/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CHAT_FILES_H
#define SOCKUTIL_CHAT_FILES_H
/*
 * A client's files: those it offers and sends, those it is offered and takes. Knows the lines of
 * the protocol and the files, not the connection: what it wants sent goes through `send`, what
 * people should know through `tell`.
 *
 * An accepted file is written under a temporary name in the folder, and linked to its own when its
 * size and digest are right: NAME, or NAME.1 to NAME.100 where that exists (".1" before the last
 * suffix: report.1.pdf). Nothing is ever overwritten, names come from proto/file_name.h.
 */
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/base/failure.h>
#include <sockutil/chat/event.h>

struct chat_files;

struct chat_files_options {
	const char *directory; /* NULL: the current one */
	uint64_t max_size;     /* bytes */
	/* One line without its end. */
	void (*send)(void *data, const char *line, size_t length);
	/* A sentence for people, clean, as it is shown: "* bob offers report.pdf (1.5 MiB): ..."
	 */
	void (*tell)(void *data, const char *text, size_t length);
	void *data;
};

struct chat_files *chat_files_new(const struct chat_files_options *options);
/* /send NICK FILE. False: why is a sentence for who typed it (FAILURE_INPUT, FAILURE_USAGE). The
 * file is opened now and is what goes, whatever happens to its name. A regular file alone. */
bool chat_files_send(struct chat_files *files, struct chat_slice nick, struct chat_slice path,
		     struct failure *why);
/* /accept NICK [NAME]: the offer of that name, or the oldest one of that member. */
bool chat_files_accept(struct chat_files *files, struct chat_slice nick, struct chat_slice name,
		       struct failure *why);
/* OFFERING, OFFERED, TAKE, DATA, TAKEN, DONE, KEPT, DROPPED; others mean nothing here. */
void chat_files_event(struct chat_files *files, const struct chat_event *event);
/* What we may send now, one more data line of one file at most; false: nothing waits. For a client
 * that asks while its connection has room. */
bool chat_files_more(struct chat_files *files);
/* Something is under way: given by us, taken or not, or accepted. A client that leaves waits for it
 * as long as it moves. */
bool chat_files_busy(const struct chat_files *files);
/* One of ours is offered, and the other one has not decided yet. */
bool chat_files_offering(const struct chat_files *files);
/* FAILURE_SEND: one of ours could not be sent, or ended otherwise than kept; FAILURE_TRUNCATED: one
 * that we accepted did. The first such; FAILURE_NONE: none. */
enum failure_class chat_files_failed(const struct chat_files *files);
/* The connection is over, and so are all offers: parts are removed, people told why. */
void chat_files_over(struct chat_files *files, const char *reason);
void chat_files_free(struct chat_files *files); /* removes parts; NULL is fine */
#endif

/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CHAT_FILES_PARTS_H
#define SOCKUTIL_CHAT_FILES_PARTS_H
/* What the files of chat/files.h share: those that are given, those that are got, their names. */
#include <sockutil/base/digest.h>
#include <sockutil/chat/files.h>
#include <sockutil/chat/nick.h>
#include <sockutil/proto/file_name.h>

/* One of either kind. */
struct chat_file {
	struct chat_file *next; /* oldest first */
	uint64_t number;        /* of the offer; 0: the host has not said it yet */
	uint64_t size;          /* as offered, bytes */
	uint64_t done;          /* sent; written */
	uint64_t taken;         /* as the receiver has said */
	int64_t begun_ms;       /* the first byte could go; 0: not yet */
	struct digest digest;   /* of `done` bytes, once taken */
	enum {
		CHAT_FILE_ASKED,   /* to be given: the host has not answered */
		CHAT_FILE_OFFERED, /* nobody has taken it */
		CHAT_FILE_GOING,   /* being taken */
		CHAT_FILE_SENT,    /* given whole: is it kept? */
	} state;
	int fd;                   /* what is read, or the part; -1: none */
	int folder;               /* where the part is; -1: none */
	unsigned quarter;         /* of progress, as told */
	char *part;               /* its name in the folder; NULL: none */
	char nick[CHAT_NICK_MAX]; /* of the other one */
	char name[FILE_NAME_MAX]; /* as it is offered */
};

struct chat_files {
	struct chat_files_options options;
	char *directory;
	struct chat_file *given, *got;
	enum failure_class failed; /* the first that ended otherwise than kept */
};

/* files.c */

/* At the end of the list. */
struct chat_file *chat_files_add(struct chat_file **list, struct chat_slice nick, uint64_t size);
struct chat_file *chat_files_find(struct chat_file *list, uint64_t number);
size_t chat_files_count(const struct chat_file *list);
/* Out of the list it is in; its descriptors closed, its part removed. */
void chat_files_end(struct chat_files *files, struct chat_file *file);
void chat_files_say(struct chat_files *files, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void chat_files_line(struct chat_files *files, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* What is typed may be pasted from anywhere: its text made fit to be shown. */
void chat_files_clean(struct failure *why);
/* Ended from our side: `/drop`, and people are told. */
void chat_files_drop(struct chat_files *files, struct chat_file *file, const char *reason);
/* Every quarter of what takes a while. */
void chat_files_progress(struct chat_files *files, struct chat_file *file);
/* "1.5 MiB in 1.20s, 1.25 MiB/s" */
enum { CHAT_FILES_PACE_MAX = 96 };
const char *chat_files_pace(char out[static CHAT_FILES_PACE_MAX], const struct chat_file *file);

/* files_sending.c, files_receiving.c: events about a file of theirs. */
void chat_files_sending(struct chat_files *files, struct chat_file *file,
			const struct chat_event *event);
/* The oldest one that was asked for is offered. */
void chat_files_asked(struct chat_files *files, struct chat_file *file,
		      const struct chat_event *event);
void chat_files_receiving(struct chat_files *files, struct chat_file *file,
			  const struct chat_event *event);
/* A number that is not in use. */
void chat_files_offered(struct chat_files *files, const struct chat_event *event);

/* files_place.c */

enum { CHAT_FILES_NAMES = 101 }; /* NAME, and NAME.1 to NAME.100 */

/* The name for the nth try, from 0; ".n" stands before the last suffix. */
void chat_files_name(char out[static FILE_NAME_MAX], const char *name, unsigned n);
/* A new file of a name that says what it will be. *part is the caller's. -1 with errno. */
int chat_files_part(int folder, const char *name, char **part);
/* The part under the first name that nobody has, in out. 0, or an errno value; EEXIST: all are
 * taken. */
int chat_files_place(int folder, const char *part, const char *name,
		     char out[static FILE_NAME_MAX]);
#endif

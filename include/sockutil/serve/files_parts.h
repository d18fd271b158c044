/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_SERVE_FILES_PARTS_H
#define SOCKUTIL_SERVE_FILES_PARTS_H
/* What the files of --files share; nobody else includes it. */
#include <ev.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include <sockutil/base/buffer.h>
#include <sockutil/http/service.h>
#include <sockutil/proto/http_accept.h>
#include <sockutil/proto/http_condition.h>
#include <sockutil/proto/http_path.h>
#include <sockutil/serve/files.h>
#include <sockutil/serve/session.h>

/* ------ files_cache.c: open files ------ */

enum {
	FILES_SLOTS = 256,      /* names at once */
	FILES_FRESH_MS = 100,   /* so long a name is only compared, not opened again */
	FILES_UNUSED_MS = 1000, /* then it is closed */
	FILES_ETAG_MAX = 3 * 17 + 3,
};

/* Which bytes they are. */
struct files_identity {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec modified, changed;
};

/* An open regular file, shared by those who send it. The field lines in the order of fields: Vary,
 * what a 304 says too, what every 200 and 206 says, the type. */
struct files_file {
	unsigned references;
	int fd;
	struct files_identity identity;
	uint64_t size;
	int64_t modified; /* seconds since 1970 */
	const char *type; /* static */
	const char *name; /* under the folder; behind the fields */
	char etag[FILES_ETAG_MAX];
	size_t vary_length, short_length, common_length, length; /* of fields: ends of its parts */
	char fields[];
};

enum files_found {
	FILES_FILE,
	FILES_FOLDER,
	FILES_NONE,   /* nothing, or nothing that is served */
	FILES_DENIED, /* no permission */
	FILES_BUSY,   /* no descriptors left */
	FILES_BROKEN, /* the system failed: errno */
};

/* A name and its precompressed siblings. */
struct files_entry {
	struct files_file *files[HTTP_ACCEPT_CODINGS]; /* NULL: there is none */
	int64_t checked_ms, used_ms;
	uint32_t hash;
	bool varied; /* some sibling is there */
	char name[];
};

struct files_cache {
	struct files_entry *slots[FILES_SLOTS];
	size_t count;
	struct ev_loop *loop; /* NULL before begin */
	struct ev_timer sweep;
};

struct files {
	const struct files_options *options;
	int root;
	struct http_service_options service;
	struct files_cache cache;
	const char *early; /* for the session that is about to start */
	size_t early_length;
	files_upgrade *upgrade; /* NULL: nobody is there for it */
};

/* The file of that name as it is now; a sibling that is new may be seen FILES_FRESH_MS later. Valid
 * until the next call of the cache. */
enum files_found files_cache_find(struct files *files, const char *name, int64_t now_ms,
				  struct files_entry **found);
void files_cache_forget(struct files *files, const char *name);
void files_cache_clear(struct files *files);
static inline struct files_file *files_file_hold(struct files_file *file)
{
	file->references++;
	return file;
}
/* NULL is fine. */
void files_file_drop(struct files_file *file);
struct files_identity files_identity_of(const struct stat *status);
bool files_identity_same(const struct files_identity *a, const struct files_identity *b);
/* "\"inode-size-time\"", for what is there now. */
void files_etag(char out[static FILES_ETAG_MAX], const struct files_identity *identity);
/* What an errno of opening means. */
enum files_found files_found_of(int error);

/* ------ a request ------ */

struct files_upload;

/* state of a struct http_service_request, zeroed at its start. */
struct files_request {
	struct files_file *file;
	struct http_service_piece one;      /* the body, when it is one piece */
	struct http_service_piece *several; /* otherwise; malloc(3) */
	struct buffer text;                 /* of those pieces that are no file's */
	struct files_upload *upload;
	char *line; /* "GET /name", for the log; NULL: nobody reads it */
	char *agent;
};

static inline struct files_request *files_request_of(const struct http_service_request *request)
{
	return request->state;
}

/* files_request.c: struct http_service_events. */
void files_request_came(void *data, struct http_service_request *request,
			const struct http_request_head *head);
void files_request_over(void *data, struct http_service_request *request,
			const struct failure *why);

/* files_say.c: an answer of a status and its name. fields: more lines, or NULL. */
void files_say(struct files *files, struct http_service_request *request, int status,
	       const char *fields);
/* The same for what was not found to be a file. */
void files_say_found(struct files *files, struct http_service_request *request,
		     enum files_found found);
/* "Allow: GET, …\r\n" */
const char *files_allowed(const struct files *files);
/* Preflights and other questions about what is possible. */
void files_say_options(struct files *files, struct http_service_request *request);
/* 301 to the folder's own path. */
void files_say_moved(struct files *files, struct http_service_request *request,
		     const struct http_path *path);
/* With --cors: the line for it, otherwise "". */
const char *files_cors(const struct files *files);

/* files_send.c: the file, a part of it, or that the client has it already. */
void files_send(struct files *files, struct http_service_request *request,
		const struct http_request_head *head, struct files_entry *entry);

/* files_listing.c: the folder of that path as a page. */
void files_list(struct files *files, struct http_service_request *request,
		const struct http_path *path);

/* files_upload.c */
void files_upload_begin(struct files *files, struct http_service_request *request,
			const struct http_request_head *head, const struct http_path *path);
size_t files_upload_body(void *data, struct http_service_request *request, const char *bytes,
			 size_t length);
void files_upload_received(void *data, struct http_service_request *request);
/* What was not finished leaves nothing behind. NULL is fine. */
void files_upload_free(struct files_upload *upload);

/* files_log.c */
void files_log_came(struct files_request *state, const struct http_request_head *head);
void files_log_over(struct session *session, const struct http_service_request *request);
void files_log_refused(void *data, int status, const struct failure *why);
#endif

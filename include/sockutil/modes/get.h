/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_MODES_GET_H
#define SOCKUTIL_MODES_GET_H
/* The parts of `sockutil get`: what it asks for, of which URLs, and what is shown meanwhile. */
#include <ev.h>
#include <stdbool.h>
#include <stddef.h>

#include <sockutil/base/buffer.h>
#include <sockutil/cli/progress.h>
#include <sockutil/get/batch.h>
#include <sockutil/get/options.h>
#include <sockutil/get/trace.h>
#include <sockutil/modes/common_proxy.h>
#include <sockutil/modes/get_options.h>
#include <sockutil/proto/url.h>

/* --- get_setup.c: struct get_options, and what it borrows ------------------------ */

enum { GET_LOGIN_ROOM = 2 * 1024 + 2 };

/* Zeroed before. */
struct get_setup {
	struct get_options options;
	struct buffer headers; /* the text of -H @FILE, cut into lines in place */
	struct http_header *header_list;
	char **lines; /* each -H once more, cut into name and value; wiped at the end */
	size_t line_count;
	struct buffer query, cookies, netrc, token;
	char *user; /* GET_LOGIN_ROOM bytes: name and password, wiped at the end */
	struct get_route *routes;
	struct common_proxy_chain proxies[2]; /* for http, for https */
	struct http_way ways[2];
	char checksum[DIGEST_TEXT_MAX];
};

/* From what was given; several: more than one URL may be fetched. Asks for a password that is
 * missing. FAILURE_USAGE, FAILURE_INPUT, FAILURE_SIZE. In any case get_setup_free(). */
bool get_setup(struct get_setup *setup, const struct get_args *args, bool several,
	       struct failure *why);
void get_setup_free(struct get_setup *setup);

/* get_files.c: whether -o, -D, --trace, --cookie-jar and --etag are different files. FAILURE_USAGE.
 */
bool get_files_check(const struct get_args *args, struct failure *why);
/* get_headers.c: -H. */
bool get_headers_add(struct get_setup *setup, const struct option_list *given, struct failure *why);
/* get_proxy.c: -x and the environment. */
bool get_proxy_add(struct get_setup *setup, const struct get_args *args, struct failure *why);
void get_proxy_free(struct get_setup *setup);
/* get_login.c: -u, --bearer, --netrc. */
bool get_login_add(struct get_setup *setup, const struct get_args *args, struct failure *why);

/* --- get_urls.c: the URLs, and where each goes -------------------------------------- */

/* A URL under way. */
struct get_item {
	size_t index; /* in order, from 0 */
	char *url;
	char shown[300]; /* without userinfo, for people */
	struct output_options output;
	struct progress_meter meter;
	bool metered;
	struct trace_source trace;
	void *data; /* the run it belongs to */
};

/* Zeroed before. */
struct get_urls {
	const struct get_args *args;
	char **operands; /* copies */
	size_t operand_count, given;
	size_t to_stdout; /* how many went there */
	/* --input-file */
	int fd; /* -1: none, or at its end */
	const char *file;
	struct buffer read; /* of it, not yet given */
	uint64_t line;
	bool ended, skipping; /* the rest of a line that was too long */
};

/* Checks what the operands are and what they and -o, -O, -J, -P go together with, and opens
 * --input-file. Passwords in operands are wiped from the argument list. FAILURE_USAGE,
 * FAILURE_INPUT. In any case get_urls_free(). */
bool get_urls_open(struct get_urls *urls, const struct get_args *args, char **operands,
		   size_t count, struct failure *why);
void get_urls_free(struct get_urls *urls);

/* More than one may come. */
bool get_urls_several(const struct get_urls *urls);

/* Some body goes to standard output, as far as is known before. */
bool get_urls_to_stdout(const struct get_urls *urls);

/* The next one, for get_item_free(). IO_DONE with NULL: a line that can be none (FAILURE_URL in
 * *why), behind which others follow. IO_AGAIN: urls->fd has to become readable first. IO_FAILED:
 * FAILURE_INPUT, FAILURE_USAGE (more -o than URLs; two to standard output at once). *why has to be
 * zeroed. */
enum io get_urls_next(struct get_urls *urls, struct get_item **item, struct failure *why);
void get_item_free(struct get_item *item); /* NULL is fine */

/* --- get_display.c: how far it is, and how it went ----------------------------------- */

/* Zeroed before. */
struct get_display {
	const struct get_args *args;
	struct progress progress;
	struct batch *batch; /* whose transfers are shown */
	struct ev_timer tick;
};

void get_display_start(struct get_display *display, struct ev_loop *loop,
		       const struct get_args *args, bool several, bool to_stdout);
void get_display_started(struct get_display *display, struct get_item *item);
/* Everything that is told of a transfer at its end; quiet: nothing but what was kept. */
void get_display_ended(struct get_display *display, struct get_item *item,
		       const struct transfer_report *report, bool quiet);
void get_display_end(struct get_display *display, struct ev_loop *loop);
#endif

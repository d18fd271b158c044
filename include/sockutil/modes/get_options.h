/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_MODES_GET_OPTIONS_H
#define SOCKUTIL_MODES_GET_OPTIONS_H
/* What `sockutil get` can be told, beside what every mode shares. */
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/modes/common_options.h>

struct get_args {
	struct common_options common;

	/* where it goes */
	struct option_list output; /* the n-th is the n-th URL's */
	bool remote_name, remote_header_name, create_dirs, no_clobber;
	const char *directory;

	/* what is shown */
	bool include, head, timing, body_on_error, no_fail;
	const char *dump_header, *trace;
	int info;     /* enum get_info */
	int progress; /* enum get_progress */

	/* the request; what may hold secrets is wiped from the argument list */
	const char *request, *data_json, *upload, *user, *bearer, *user_agent, *referer, *range;
	const char *netrc; /* "" means the one in the home folder; NULL: not given */
	struct option_list header, data, form, cookie;
	const char *cookie_jar;
	bool get, compressed;

	/* redirects, tries, going on */
	bool follow, no_follow, allow_downgrade;
	int64_t max_redirects, retries, retry_delay_ms, retry_max_ms;
	bool retry_given, continuing, newer;
	const char *etag;

	/* several at once */
	bool parallel;
	int64_t jobs, segments;
	const char *input_file;

	/* control */
	const char *checksum, *unix_socket;
	struct option_list resolve, connect_to;
	uint64_t max_size, min_rate;
	int version; /* enum http_version */
};

enum get_info { GET_INFO_NONE, GET_INFO_JSON };
enum get_progress {
	GET_PROGRESS_AUTO,
	GET_PROGRESS_BAR,
	GET_PROGRESS_LINE,
	GET_PROGRESS_JSON,
	GET_PROGRESS_NONE,
};

/* All offsets are into struct get_args. */
extern const struct option_row get_output_rows[];  /* where it goes, what is shown */
extern const struct option_row get_request_rows[]; /* what is asked for, and how */
extern const struct option_row get_control_rows[]; /* redirects, tries, several at once, limits */
/* struct mode: examples, hints. */
extern const char *const get_examples[];
extern const char get_hints[];
#endif

/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_MODES_COMMON_SERVER_H
#define SOCKUTIL_MODES_COMMON_SERVER_H
/* What common_server_rows ask for, put into the options of a server. */
#include <stdbool.h>

#include <sockutil/modes/common_options.h>
#include <sockutil/serve/server.h>

/* Fills all of *out that common decides, endpoints included; zeroed before. stream gets whom
 * clients must be certified by. *endpoints and *metrics are the caller's to free and to keep; out
 * borrows from both. FAILURE_USAGE. */
bool common_server_apply(const struct common_options *common, char **operands, size_t count,
			 struct endpoint **endpoints, struct endpoint *metrics,
			 struct stream_options *stream, struct server_options *out,
			 struct failure *why);

/* Whether connections of any of the endpoints have TLS. */
bool common_server_uses_tls(const struct server_options *server,
			    const struct stream_options *stream);

/* The first option given that only a server has, without dashes; NULL: none. */
const char *common_server_given(const struct common_options *common);
#endif

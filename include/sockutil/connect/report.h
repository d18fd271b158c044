/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_CONNECT_REPORT_H
#define SOCKUTIL_CONNECT_REPORT_H
/* What a client tells about its connection: --info and --stats. All append to a buffer and return
 * false when memory is short. */
#include <stdbool.h>

#include <sockutil/base/buffer.h>
#include <sockutil/connect/client.h>
#include <sockutil/net/endpoint.h>
#include <sockutil/stream/open.h>

/* Lines "name  value": addresses, family chosen, TLS version, cipher, group, timings. */
bool report_info_text(struct buffer *out, const struct endpoint *endpoint,
		      const struct stream_report *report);
/* One JSON object on one line; times in microseconds. */
bool report_info_json(struct buffer *out, const struct endpoint *endpoint,
		      const struct stream_report *report);
/* Bytes, rates and times of a finished run, and what the kernel counted. */
bool report_statistics(struct buffer *out, const struct client_result *result);
#endif

/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_PROTO_HTTP_STATUS_H
#define SOCKUTIL_PROTO_HTTP_STATUS_H
/* What statuses say about another try. */
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/proto/http_head.h>

/* 408 429 500 502 503 504: the same question may be answered later. */
bool http_status_may_pass(int status);

/* Milliseconds from now (seconds since 1970) that Retry-After asks to wait; -1: it does not say. */
int64_t http_status_retry_after(const struct http_head *head, int64_t now);
#endif

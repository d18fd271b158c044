/* SPDX-License-Identifier: MIT */
/* src/get/transfer_answer.c - what the head of an answer means. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <sockutil/base/memory.h>
#include <sockutil/get/transfer_parts.h>
#include <sockutil/proto/http_date.h>
#include <sockutil/proto/http_range.h>
#include <sockutil/proto/http_status.h>

enum { CHALLENGES_MAX = 3 };

static void again(struct transfer *t)
{
	transfer_drop_exchange(t);
	transfer_ask_soon(t);
}

static void failed(struct transfer *t, struct failure *why)
{
	transfer_fail_at(t, why);
	transfer_finish(t, why);
}

/* --- cookies ---------------------------------------------------------------- */

static void keep_cookies(struct transfer *t, const struct http_head *head)
{
	const struct http_field *f = NULL;
	const char *reason = NULL;
	struct buffer text = { 0 };

	if (!t->options->jar)
		return;
	while ((f = http_head_find(head, "Set-Cookie", f)) != NULL) {
		if (cookie_jar_set(t->options->jar, &t->url, t->origin.host, f->value,
				   f->value_length, time(NULL), &reason) ||
		    !t->events.noticed)
			continue;
		buffer_format(&text, "%s: a cookie was refused: %s", t->origin.host, reason);
		t->events.noticed(t->events.data, buffer_text(&text));
		buffer_free(&text);
	}
}

/* --- 401 -------------------------------------------------------------------- */

/* True: asked again, with what the server wants to see. */
static bool answer_challenge(struct transfer *t, const struct http_head *head)
{
	bool basic_sent = t->url.https || t->challenge.scheme == HTTP_AUTH_BASIC;
	bool digest_sent = t->challenge.scheme == HTTP_AUTH_DIGEST;
	struct http_challenge challenge;

	if (!t->user || t->options->bearer || t->answered_challenges >= CHALLENGES_MAX ||
	    (t->body && !get_body_repeatable(t->options->body)))
		return false;
	http_challenge_choose(&challenge, head, "WWW-Authenticate");
	if (challenge.scheme == HTTP_AUTH_NONE ||
	    (challenge.scheme == HTTP_AUTH_BASIC && (basic_sent || digest_sent)) ||
	    (challenge.scheme == HTTP_AUTH_DIGEST && digest_sent && !challenge.stale))
		return false;
	t->challenge = challenge;
	t->nonce_count = 0;
	t->answered_challenges++;
	again(t);
	return true;
}

/* --- 407 -------------------------------------------------------------------- */

/* The proxy's own answer, and no origin's: its words are not a body that was asked for. */
static void proxy_refused(struct transfer *t)
{
	const struct proxy_hop *hop = &t->origin.way->hops[t->origin.way->count - 1];
	char text[ENDPOINT_TEXT_MAX];
	struct failure why = { 0 };

	fail(&why, FAILURE_PROXY, "the proxy %s %s", endpoint_text(text, &hop->endpoint),
	     hop->user ? "did not accept the user name and password (status 407)"
		       : "wants to know who asks (status 407); --proxy-auth says it");
	failed(t, &why);
}

/* --- redirects -------------------------------------------------------------- */

static bool is_redirect(const struct http_head *head)
{
	switch (head->status) {
	case 301:
	case 302:
	case 303:
	case 307:
	case 308:
		return http_head_find(head, "Location", NULL) != NULL;
	default:
		return false;
	}
}

/* RFC 9110, 15.4: 303 asks for the result by GET; 301 and 302 turn a POST into one, as everybody
 * does. */
static void change_method(struct transfer *t, int status)
{
	bool head = strcmp(t->method, "HEAD") == 0;

	if (status == 307 || status == 308 || head)
		return;
	if (status != 303 && strcmp(t->method, "POST") != 0)
		return;
	t->method = "GET";
	t->drop_body = true;
}

static bool redirect_allowed(struct transfer *t, const struct url *to, struct failure *why)
{
	if (t->url.https && !to->https && !t->options->allow_downgrade) {
		char text[200];

		fail(why, FAILURE_PROTOCOL,
		     "redirected from https to %s, which is not encrypted; --allow-downgrade "
		     "goes there",
		     url_text(text, sizeof(text), to));
		return false;
	}
	if (t->redirects >= t->options->max_redirects) {
		fail(why, FAILURE_REDIRECTS, "more than %" PRId64 " redirects (--max-redirects)",
		     t->options->max_redirects);
		return false;
	}
	if (t->body && !t->drop_body && !get_body_repeatable(t->options->body)) {
		fail(why, FAILURE_INPUT,
		     "redirected, but what came from standard input cannot be sent twice");
		return false;
	}
	return true;
}

static void redirect(struct transfer *t, const struct http_head *head)
{
	const struct http_field *location = http_head_find(head, "Location", NULL);
	struct url *to = memory_zeroed(1, sizeof(*to));
	struct failure why = { 0 };
	char text[URL_TEXT_MAX];
	bool ok;

	change_method(t, head->status);
	ok = url_resolve(to, &t->url, location->value, location->value_length, &why);
	/* The server's words, not the user's. */
	if (!ok) {
		why.class = FAILURE_PROTOCOL;
		fail_at(&why, "redirected to");
	}
	ok = ok && redirect_allowed(t, to, &why);
	if (!ok) {
		free(to);
		failed(t, &why);
		return;
	}
	t->redirects++;
	if (t->events.redirected)
		t->events.redirected(t->events.data, head->status,
				     url_text(text, sizeof(text), to));
	transfer_drop_exchange(t);
	if (url_same_origin(&t->url, to)) {
		t->url = *to;
		t->answered_challenges = 0;
	} else {
		t->url = *to;
		transfer_credentials_find(t);
	}
	free(to);
	transfer_ask_soon(t);
}

/* --- statuses that may pass ------------------------------------------------- */

static void status_text(struct failure *why, const struct http_head *head)
{
	int length = head->reason_length > 80 ? 80 : (int)head->reason_length;

	fail(why, FAILURE_HTTP_STATUS, "status %d%s%.*s", head->status, length ? " " : "", length,
	     head->reason);
}

static void refused(struct transfer *t, const struct http_head *head)
{
	struct failure why = { 0 };

	status_text(&why, head);
	transfer_fail_at(t, &why);
	if (http_status_may_pass(head->status) &&
	    transfer_try_later(t, &why, http_status_retry_after(head, time(NULL))))
		return;
	if (!transfer_shown_add(t, head, &why)) {
		transfer_finish(t, &why);
		return;
	}
	t->body_status = head->status;
	t->report.failure = why;
	t->continuing = false;
	t->offset = 0;
	transfer_body_begin(t, head);
}

/* --- ranges ----------------------------------------------------------------- */

static void learn_validator(struct transfer *t, const struct http_head *head)
{
	struct validator *v = t->current;
	const struct http_field *f = http_head_find(head, "Last-Modified", NULL);

	memset(v, 0, sizeof(*v));
	v->total = UINT64_MAX;
	url_text(v->url, sizeof(v->url), &t->url);
	/* A weak one does not tell two bodies apart (RFC 9110, 8.8.1). */
	if (!http_head_text(head, "ETag", v->etag, sizeof(v->etag)) || v->etag[0] != '"')
		v->etag[0] = '\0';
	http_head_text(head, "Last-Modified", v->last_modified, sizeof(v->last_modified));
	t->modified = -1;
	if (f)
		http_date_parse(f->value, f->value_length, &t->modified);
}

/* Everything that is told of what is there and of what comes must agree. */
static bool same_representation(const struct transfer *t, const struct http_content_range *range)
{
	const struct validator *old = t->held, *new = t->current;

	if (*old->etag && *new->etag && strcmp(old->etag, new->etag) != 0)
		return false;
	if (*old->last_modified && *new->last_modified &&
	    strcmp(old->last_modified, new->last_modified) != 0)
		return false;
	return old->total == UINT64_MAX || range->total == HTTP_RANGE_UNKNOWN ||
	       old->total == range->total;
}

/* 206 to our own question for the rest. */
static bool rest_fits(struct transfer *t, const struct http_head *head,
		      const struct http_framing *framing, struct failure *why)
{
	const struct http_field *f = http_head_find(head, "Content-Range", NULL);
	struct http_content_range range;

	if (!f || !http_content_range_parse(&range, f->value, f->value_length) ||
	    !range.satisfied || range.first != t->offset ||
	    (range.total != HTTP_RANGE_UNKNOWN && range.last + 1 != range.total) ||
	    (framing->length_known && framing->length != range.last - range.first + 1)) {
		fail(why, FAILURE_RESUME,
		     "asked for bytes from %" PRIu64 " on, the server sends \"%.*s\"", t->offset,
		     f ? (int)(f->value_length > 60 ? 60 : f->value_length) : 0, f ? f->value : "");
		return false;
	}
	t->current->total = range.total;
	t->end = range.last + 1;
	return true;
}

/* A 206 to If-Range need not repeat what we know (RFC 9110, 15.3.7). */
static void inherit_validator(struct transfer *t)
{
	struct validator *v = t->current;

	if (!*v->etag)
		snprintf(v->etag, sizeof(v->etag), "%s", t->held->etag);
	if (!*v->last_modified)
		snprintf(v->last_modified, sizeof(v->last_modified), "%s", t->held->last_modified);
	if (v->total == UINT64_MAX)
		v->total = t->held->total;
}

/* What is held is of another version, or cannot be continued: all of it anew. */
static void start_over(struct transfer *t)
{
	t->continuing = false;
	t->offset = 0;
	t->report.resumed = 0;
	again(t);
}

/* 416 to our question for the rest: nothing is missing, or what is there is something else. */
static void nothing_missing(struct transfer *t, const struct http_head *head)
{
	const struct http_field *f = http_head_find(head, "Content-Range", NULL);
	struct http_content_range range;

	learn_validator(t, head);
	if (!f || !http_content_range_parse(&range, f->value, f->value_length) ||
	    range.total != t->offset || !same_representation(t, &range)) {
		start_over(t);
		return;
	}
	transfer_body_was_there(t);
}

/* 206 to --range. Several ranges come in parts that name theirs themselves. */
static bool asked_range_fits(const struct transfer *t, const struct http_head *head,
			     struct failure *why)
{
	const struct http_field *f = http_head_find(head, "Content-Range", NULL);
	struct http_content_range range;

	if (!f && strchr(t->options->range, ','))
		return true;
	if (f && http_content_range_parse(&range, f->value, f->value_length) &&
	    http_range_answers(t->options->range, &range))
		return true;
	fail(why, FAILURE_RESUME, "asked for bytes %s, the server sends \"%.*s\"",
	     t->options->range, f ? (int)(f->value_length > 60 ? 60 : f->value_length) : 0,
	     f ? f->value : "");
	return false;
}

/* 206: ours, the user's, or nobody's. True: its body may be taken. */
static bool partial(struct transfer *t, const struct http_head *head,
		    const struct http_framing *framing)
{
	struct http_content_range range = { .total = HTTP_RANGE_UNKNOWN };
	struct failure why = { 0 };

	if (!t->continuing && !t->options->range) {
		fail(&why, FAILURE_PROTOCOL, "the server sends a part (206) that nobody asked for");
		failed(t, &why);
		return false;
	}
	if (t->options->range) {
		if (asked_range_fits(t, head, &why))
			return true;
		failed(t, &why);
		return false;
	}
	if (!rest_fits(t, head, framing, &why)) {
		failed(t, &why);
		return false;
	}
	range.total = t->current->total;
	if (same_representation(t, &range)) {
		inherit_validator(t);
		return true;
	}
	start_over(t);
	return false;
}

/* No part, whatever was asked for. True: its body may be taken. */
static bool whole(struct transfer *t, int status)
{
	struct failure why = { 0 };

	if (status == 304) {
		fail(&why, FAILURE_PROTOCOL,
		     "the server says that nothing has changed (304), which nobody asked");
		failed(t, &why);
		return false;
	}
	if (t->options->range && (status == 200 || status == 203) &&
	    strcmp(t->method, "GET") == 0) {
		fail(&why, FAILURE_RESUME,
		     "asked for bytes %s, the server sends all of it: it does not know ranges",
		     t->options->range);
		failed(t, &why);
		return false;
	}
	t->continuing = false;
	t->offset = 0;
	t->report.resumed = 0;
	return true;
}

/* --- the rest --------------------------------------------------------------- */

static void learn_total(struct transfer *t, const struct http_framing *framing)
{
	t->report.total_known = framing->length_known;
	t->report.total = framing->length_known ? t->offset + framing->length : 0;
	if (!t->options->range && t->current->total == UINT64_MAX && framing->length_known)
		t->current->total = t->report.total;
}

static void learn_type(struct transfer *t, const struct http_head *head)
{
	char text[200];

	free(t->content_type);
	t->content_type = NULL;
	if (http_head_text(head, "Content-Type", text, sizeof(text)))
		t->content_type = memory_string(text);
}

static void unchanged(struct transfer *t, const struct http_head *head)
{
	struct failure why = { 0 };

	t->report.unchanged = true;
	transfer_shown_add(t, head, &why);
	transfer_drop_exchange(t);
	transfer_finish(t, &why);
}

static void accepted(struct transfer *t, const struct http_head *head,
		     const struct http_framing *framing)
{
	struct failure why = { 0 };

	learn_validator(t, head);
	if (head->status == 206 ? !partial(t, head, framing) : !whole(t, head->status))
		return;
	learn_total(t, framing);
	learn_type(t, head);
	if (!transfer_shown_add(t, head, &why))
		transfer_finish(t, &why);
	else
		transfer_body_begin(t, head);
}

/* True: dealt with. */
static bool asks_otherwise(struct transfer *t, const struct http_head *head)
{
	struct failure why = { 0 };

	if (head->status == 401 && answer_challenge(t, head))
		return true;
	if (head->status == 417 && t->request.expect_continue && !t->no_continue) {
		t->no_continue = true;
		again(t);
		return true;
	}
	if (is_redirect(head) && t->options->follow) {
		if (transfer_shown_add(t, head, &why))
			redirect(t, head);
		else
			transfer_finish(t, &why);
		return true;
	}
	if (head->status == 416 && t->continuing) {
		nothing_missing(t, head);
		return true;
	}
	return false;
}

void transfer_answered(void *data, const struct http_head *head, const struct http_framing *framing)
{
	struct transfer *t = data;
	struct transfer_hop *hop = transfer_hop(t);

	hop->status = head->status;
	hop->major = head->major;
	t->answered = true;
	t->free_try_used = false;
	t->head_came = true;
	t->end = UINT64_MAX;
	if (head->status == 407 && t->absolute) {
		proxy_refused(t);
		return;
	}
	keep_cookies(t, head);
	if (asks_otherwise(t, head))
		return;
	if (head->status == 304 && t->conditional)
		unchanged(t, head);
	else if (head->status >= 400)
		refused(t, head);
	else
		accepted(t, head, framing);
}

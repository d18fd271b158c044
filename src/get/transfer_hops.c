/* SPDX-License-Identifier: MIT */
/* src/get/transfer_hops.c - what each request of a transfer was about, for reports. */
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/get/transfer_parts.h>

enum { HOPS_SHOWN = 64 };

struct transfer_hop *transfer_hop(struct transfer *t)
{
	return &t->hops[t->report.hop_count - 1];
}

static void hop_free(struct transfer_hop *hop)
{
	free((void *)(uintptr_t)hop->url);
	free((void *)(uintptr_t)hop->method);
	free((void *)(uintptr_t)hop->peer);
	free((void *)(uintptr_t)hop->tls.version);
	free((void *)(uintptr_t)hop->tls.cipher);
	free((void *)(uintptr_t)hop->tls.group);
	free((void *)(uintptr_t)hop->tls.alpn);
	free((void *)(uintptr_t)hop->tls.servername);
	free((void *)(uintptr_t)hop->tls.subject);
	free((void *)(uintptr_t)hop->tls.issuer);
	free((void *)(uintptr_t)hop->tls.not_after);
}

static const char *copy(const char *text)
{
	return memory_string(text ? text : "");
}

static struct tls_info tls_copy(const struct tls_info *from)
{
	struct tls_info to = *from;

	if (!from->version)
		return (struct tls_info){ 0 };
	to.version = copy(from->version);
	to.cipher = copy(from->cipher);
	to.group = copy(from->group);
	to.alpn = copy(from->alpn);
	to.servername = copy(from->servername);
	to.subject = copy(from->subject);
	to.issuer = copy(from->issuer);
	to.not_after = copy(from->not_after);
	return to;
}

/* Most transfers have one or two. */
static void hops_grow(struct transfer *t)
{
	size_t room = t->hop_room ? 2 * t->hop_room : 2;
	struct transfer_hop *more = memory_zeroed(room, sizeof(*more));

	if (t->hop_room)
		memcpy(more, t->hops, t->hop_room * sizeof(*more));
	free(t->hops);
	t->hops = more;
	t->hop_room = room;
	t->report.hops = more;
}

/* A hop is one request; those of an endless series of tries push out the oldest. */
void transfer_hop_begin(struct transfer *t)
{
	struct transfer_hop *hop;
	char text[URL_TEXT_MAX];

	if (t->report.hop_count == HOPS_SHOWN) {
		hop_free(&t->hops[0]);
		memmove(t->hops, t->hops + 1, (HOPS_SHOWN - 1) * sizeof(*t->hops));
		t->report.hop_count--;
	}
	if (t->report.hop_count == t->hop_room)
		hops_grow(t);
	hop = &t->hops[t->report.hop_count++];
	*hop = (struct transfer_hop){
		.url = copy(url_text(text, sizeof(text), &t->url)),
		.method = copy(t->method),
		.peer = copy(""),
		.started_us = transfer_now(t),
		.resolved_us = -1,
		.connected_us = -1,
		.proxy_us = -1,
		.tls_us = -1,
		.sent_us = -1,
		.first_byte_us = -1,
		.ended_us = -1,
	};
}

static int64_t since(int64_t base, int64_t us)
{
	return us < 0 ? -1 : base + us;
}

void transfer_hop_connected(struct transfer *t, const struct http_connection *c)
{
	struct transfer_hop *hop = transfer_hop(t);
	const struct stream_report *r = &c->report;
	int64_t base = transfer_now(t) - r->open_us;
	char text[ADDRESS_TEXT_MAX];

	hop->reused = t->reused;
	free((void *)(uintptr_t)hop->peer);
	hop->peer = copy(address_text(text, &r->dial.peer));
	hop->tls = tls_copy(&r->tls);
	if (t->reused)
		return;
	hop->resolved_us = since(base, r->dial.resolved_us);
	hop->connected_us = since(base, r->dial.connected_us);
	hop->proxy_us = since(base, r->proxy_us);
	hop->tls_us = since(base, r->tls_us);
}

void transfer_hop_end(struct transfer *t)
{
	struct transfer_hop *hop = transfer_hop(t);
	const struct http_exchange_report *r = &t->exchange->report;

	if (r->sent_us >= 0)
		hop->sent_us = r->sent_us - t->started_us;
	if (r->first_byte_us >= 0)
		hop->first_byte_us = r->first_byte_us - t->started_us;
	hop->ended_us = transfer_now(t);
	t->report.transferred += r->response_bytes;
	t->answered = r->any_response;
}

void transfer_hops_free(struct transfer *t)
{
	for (size_t i = 0; i < t->report.hop_count; i++)
		hop_free(&t->hops[i]);
	free(t->hops);
}

/* SPDX-License-Identifier: MIT */
/* fuzz_limits.c - --conn-rate, and comings and goings of peers of two workers against a plain count
 * of them. */
#include "fuzz.h"

#include <sockutil/serve/limits.h>

enum { WORKERS = 2, PEERS = 64, PLACES = 24 };

/* What the limits must come to. */
struct reference {
	uint64_t here[WORKERS][PEERS], taken[WORKERS];
	uint64_t admitted; /* in all */
	int64_t now_us, last_us;
};

static struct address address_of(unsigned peer)
{
	struct address a = { .length = sizeof(a.v4) };

	if (peer < PEERS / 2) {
		a.v4.sin_family = AF_INET;
		a.v4.sin_addr.s_addr = peer * 0x01000193U;
		a.v4.sin_port = (in_port_t)(peer * 77); /* does not count */
	} else {
		a.length = sizeof(a.v6);
		a.v6.sin6_family = AF_INET6;
		a.v6.sin6_addr.s6_addr[peer % 16] = (unsigned char)peer;
	}
	return a;
}

static void check_admitted(struct limits *l, const struct limits_options *o, struct reference *r,
			   unsigned worker, unsigned peer)
{
	struct address address = address_of(peer);
	uint64_t here = r->here[0][peer] + r->here[1][peer];
	bool full = o->per_address > 0 && here >= o->per_address;
	bool room = r->taken[0] + r->taken[1] < o->max;
	enum limits_verdict verdict;

	fuzz_check(limits_reserve(l, worker) == room);
	if (!room)
		return;
	verdict = limits_admit(l, worker, &address, r->now_us);
	fuzz_check((verdict == LIMITS_PER_ADDRESS) == full);
	if (verdict == LIMITS_RATE)
		fuzz_check(o->rate > 0 && r->admitted > 0 && r->now_us - r->last_us < 1000000);
	if (verdict != LIMITS_ADMITTED) {
		limits_release(l, worker);
		return;
	}
	r->taken[worker]++;
	r->here[worker][peer]++;
	r->admitted++;
	r->last_us = r->now_us;
	fuzz_check(!o->rate || r->admitted <= o->rate + o->rate * (uint64_t)r->now_us / 1000000);
}

static void leave(struct limits *l, struct reference *r, unsigned worker, unsigned peer)
{
	struct address address = address_of(peer);

	if (!r->here[worker][peer])
		return;
	limits_leave(l, worker, &address);
	limits_release(l, worker);
	r->here[worker][peer]--;
	r->taken[worker]--;
}

static void play(struct limits *l, const struct limits_options *o, const uint8_t *data, size_t size)
{
	struct reference r = { 0 };

	while (size) {
		uint8_t step = fuzz_byte(&data, &size), what = fuzz_byte(&data, &size);
		unsigned worker = what & 1, peer = step % PEERS;

		if (what < 128) {
			check_admitted(l, o, &r, worker, peer);
		} else if (what < 240) {
			leave(l, &r, worker, peer);
		} else if (what < 252) {
			r.now_us += (int64_t)step * 5000;
		} else {
			limits_forget(l, worker);
			r.taken[worker] = 0;
			memset(r.here[worker], 0, sizeof(r.here[worker]));
		}
	}
}

static void check_rate(const char *text)
{
	struct failure why = { 0 };
	char written[32];
	uint64_t rate = 0, again = 0;

	if (!limits_parse_rate(text, &rate, &why)) {
		fuzz_check(why.class == FAILURE_USAGE && !strncmp(why.text, "--conn-rate", 11));
		return;
	}
	fuzz_check(rate >= 1 && rate <= 1000000);
	snprintf(written, sizeof(written), "%llu/s", (unsigned long long)rate);
	fuzz_check(limits_parse_rate(written, &again, &why) && again == rate);
	text += strspn(text, "0");
	fuzz_check(!strncmp(written, text, strlen(text)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct limits_options options = { .workers = WORKERS };
	struct failure why = { 0 };
	struct limits *limits;
	char *text = fuzz_text(data, size);

	check_rate(text);
	free(text);
	options.max = (uint64_t)fuzz_byte(&data, &size) % PLACES + 1;
	options.per_address = fuzz_byte(&data, &size) % 5;
	options.rate = fuzz_byte(&data, &size) % 20;
	limits = limits_new(&options, &why);
	fuzz_check(limits != NULL);
	play(limits, &options, data, size);
	limits_free(limits);
	return 0;
}

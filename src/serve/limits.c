/* SPDX-License-Identifier: MIT */
/* How many connections at once, from one address, and a second, over all workers. */
#include <errno.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <sockutil/base/memory.h>
#include <sockutil/base/number.h>
#include <sockutil/serve/limits.h>

enum { RATE_MAX = 1000000 };

/* One address of one worker; count 0: the place is free. */
struct holder {
	_Atomic uint64_t high, low;
	_Atomic uint32_t count;
};

/* In the shared mapping; behind it workers times `places` holders. */
struct shared {
	_Atomic uint64_t taken;  /* by all */
	_Atomic int64_t rate_us; /* when the next connection would be on time (GCRA) */
	_Atomic uint64_t by_worker[];
};

struct limits {
	struct limits_options options;
	struct shared *shared;
	struct holder *holders; /* in the mapping */
	size_t places;          /* holders a worker: a power of two, at most half of them in use */
	size_t mapped;
};

static size_t limits_places(const struct limits_options *options)
{
	size_t places = 16;

	if (options->per_address == 0)
		return 0;
	while (places < 2 * options->max)
		places *= 2;
	return places;
}

struct limits *limits_new(const struct limits_options *options, struct failure *why)
{
	struct limits *l = memory_zeroed(1, sizeof(*l));
	const size_t head =
		(sizeof(struct shared) + options->workers * sizeof(uint64_t) + 63) & ~(size_t)63;

	l->options = *options;
	l->places = limits_places(options);
	l->mapped = head + options->workers * l->places * sizeof(struct holder);
	l->shared =
		mmap(NULL, l->mapped, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (l->shared == MAP_FAILED) {
		fail_errno(why, FAILURE_OTHER, errno, "no memory to count connections");
		free(l);
		return NULL;
	}
	l->holders = (struct holder *)(void *)((char *)l->shared + head);
	return l;
}

bool limits_reserve(struct limits *l, unsigned worker)
{
	if (atomic_fetch_add(&l->shared->taken, 1) >= l->options.max) {
		atomic_fetch_sub(&l->shared->taken, 1);
		return false;
	}
	atomic_fetch_add(&l->shared->by_worker[worker], 1);
	return true;
}

void limits_release(struct limits *l, unsigned worker)
{
	atomic_fetch_sub(&l->shared->by_worker[worker], 1);
	atomic_fetch_sub(&l->shared->taken, 1);
}

/* ------ by address ------ */

struct key {
	uint64_t high, low;
};

/* IPv4 in its IPv6-mapped form. False: such peers are not told apart. */
static bool key_of(const struct address *peer, struct key *key)
{
	struct in6_addr ip = { 0 };

	if (peer->any.sa_family == AF_INET) {
		ip.s6_addr[10] = ip.s6_addr[11] = 0xff;
		memcpy(&ip.s6_addr[12], &peer->v4.sin_addr, 4);
	} else if (peer->any.sa_family == AF_INET6) {
		ip = peer->v6.sin6_addr;
	} else {
		return false;
	}
	memcpy(&key->high, &ip.s6_addr[0], 8);
	memcpy(&key->low, &ip.s6_addr[8], 8);
	return true;
}

static size_t key_home(const struct limits *l, const struct key *key)
{
	uint64_t hash = (key->high ^ (key->low * 0x9e3779b97f4a7c15u)) * 0xbf58476d1ce4e5b9u;

	hash ^= hash >> 32;
	return (size_t)hash & (l->places - 1);
}

static struct holder *holders_of(const struct limits *l, unsigned worker)
{
	return l->holders + worker * l->places;
}

/* The place of that address, or the free one where it would stand. */
static struct holder *holder_find(const struct limits *l, unsigned worker, const struct key *key)
{
	struct holder *all = holders_of(l, worker);
	size_t at = key_home(l, key);

	while (atomic_load(&all[at].count) > 0 &&
	       (atomic_load(&all[at].high) != key->high || atomic_load(&all[at].low) != key->low))
		at = (at + 1) & (l->places - 1);
	return &all[at];
}

/* Moves what comes behind a freed place forward, so that no search ends too early. */
static void holder_close_gap(const struct limits *l, unsigned worker, size_t gap)
{
	struct holder *all = holders_of(l, worker);
	const size_t mask = l->places - 1;

	for (size_t at = (gap + 1) & mask; atomic_load(&all[at].count) > 0; at = (at + 1) & mask) {
		const struct key key = { atomic_load(&all[at].high), atomic_load(&all[at].low) };
		const size_t home = key_home(l, &key);

		if (((at - home) & mask) < ((at - gap) & mask))
			continue;
		atomic_store(&all[gap].high, key.high);
		atomic_store(&all[gap].low, key.low);
		atomic_store(&all[gap].count, atomic_load(&all[at].count));
		atomic_store(&all[at].count, 0);
		gap = at;
	}
}

static void holder_add(const struct limits *l, unsigned worker, const struct key *key)
{
	struct holder *holder = holder_find(l, worker, key);

	atomic_store(&holder->high, key->high);
	atomic_store(&holder->low, key->low);
	atomic_fetch_add(&holder->count, 1);
}

static void holder_drop(const struct limits *l, unsigned worker, const struct key *key)
{
	struct holder *holder = holder_find(l, worker, key);

	if (atomic_load(&holder->count) == 0)
		return;
	if (atomic_fetch_sub(&holder->count, 1) == 1)
		holder_close_gap(l, worker, (size_t)(holder - holders_of(l, worker)));
}

static uint64_t holders_count(const struct limits *l, const struct key *key)
{
	uint64_t count = 0;

	for (unsigned w = 0; w < l->options.workers; ++w)
		count += atomic_load(&holder_find(l, w, key)->count);
	return count;
}

/* ------ a second ------ */

/* The generic cell rate algorithm: a full second's worth may come at once. */
static bool rate_admits(struct limits *l, int64_t now_us)
{
	const int64_t each = 1000000 / (int64_t)l->options.rate;
	int64_t due = atomic_load(&l->shared->rate_us);
	int64_t next;

	do {
		next = (due > now_us ? due : now_us) + each;
		if (next - now_us > 1000000)
			return false;
	} while (!atomic_compare_exchange_weak(&l->shared->rate_us, &due, next));
	return true;
}

enum limits_verdict limits_admit(struct limits *l, unsigned worker, const struct address *peer,
				 int64_t now_us)
{
	struct key key;
	const bool counted = l->options.per_address > 0 && key_of(peer, &key);

	/* Counted first, so that two workers never both take the last place. */
	if (counted) {
		holder_add(l, worker, &key);
		if (holders_count(l, &key) > l->options.per_address) {
			holder_drop(l, worker, &key);
			return LIMITS_PER_ADDRESS;
		}
	}
	if (l->options.rate > 0 && !rate_admits(l, now_us)) {
		if (counted)
			holder_drop(l, worker, &key);
		return LIMITS_RATE;
	}
	return LIMITS_ADMITTED;
}

void limits_leave(struct limits *l, unsigned worker, const struct address *peer)
{
	struct key key;

	if (l->options.per_address > 0 && key_of(peer, &key))
		holder_drop(l, worker, &key);
}

void limits_forget(struct limits *l, unsigned worker)
{
	atomic_fetch_sub(&l->shared->taken, atomic_exchange(&l->shared->by_worker[worker], 0));
	for (size_t i = 0; i < l->places; ++i)
		atomic_store(&holders_of(l, worker)[i].count, 0);
}

void limits_free(struct limits *l)
{
	if (!l)
		return;
	munmap(l->shared, l->mapped);
	free(l);
}

bool limits_parse_rate(const char *text, uint64_t *rate, struct failure *why)
{
	const size_t length = strlen(text);
	const size_t digits =
		length > 2 && strcmp(text + length - 2, "/s") == 0 ? length - 2 : length;

	if (number_parse_bytes(text, digits, RATE_MAX, rate) && *rate > 0)
		return true;
	fail(why, FAILURE_USAGE,
	     "--conn-rate %s: not connections a second; write it as 20/s, 1/s to %d/s", text,
	     RATE_MAX);
	return false;
}

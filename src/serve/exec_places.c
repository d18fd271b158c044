/* SPDX-License-Identifier: MIT */
/* How many programs run at once. */
#include <errno.h>
#include <stdatomic.h>
#include <sys/mman.h>

#include <sockutil/serve/exec_places.h>

struct exec_places {
	size_t size; /* of the mapping */
	unsigned workers;
	uint64_t most;
	_Atomic uint64_t taken[]; /* by worker */
};

struct exec_places *exec_places_new(unsigned workers, uint64_t most, struct failure *why)
{
	const unsigned count = workers > 0 ? workers : 1;
	const size_t size = sizeof(struct exec_places) + count * sizeof(_Atomic uint64_t);
	struct exec_places *places =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (places == MAP_FAILED) {
		fail_errno(why, FAILURE_OTHER, errno, "no memory to count programs");
		return NULL;
	}
	places->size = size;
	places->workers = count;
	places->most = most;
	return places;
}

void exec_places_begin(struct exec_places *places, unsigned worker)
{
	atomic_store(&places->taken[worker], 0);
}

/* Counted first and looked at then: two that come together cannot both get the last place. */
bool exec_places_take(struct exec_places *places, unsigned worker)
{
	uint64_t sum = 0;

	atomic_fetch_add(&places->taken[worker], 1);
	for (unsigned w = 0; w < places->workers; ++w)
		sum += atomic_load(&places->taken[w]);
	if (sum <= places->most)
		return true;
	atomic_fetch_sub(&places->taken[worker], 1);
	return false;
}

void exec_places_give(struct exec_places *places, unsigned worker)
{
	atomic_fetch_sub(&places->taken[worker], 1);
}

void exec_places_free(struct exec_places *places)
{
	if (places)
		munmap(places, places->size);
}

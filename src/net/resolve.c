/* SPDX-License-Identifier: MIT */
/* Names to addresses: a helper thread for each family that has to ask, handed over through the
 * loop. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/base/memory.h>
#include <sockutil/base/thread.h>
#include <sockutil/net/resolve.h>
#include <sockutil/net/resolve_lookup.h>

enum {
	FAMILIES = 2,
};

struct job;

struct slot {
	struct job *job;
	int family;
	bool ready;     /* the answer is there and nobody writes to it any more; under the lock */
	bool delivered; /* the loop's own */
	struct resolve_answer answer;
};

/* What threads and loop share; the last of them frees it. */
struct job {
	pthread_mutex_t lock;
	unsigned references; /* under the lock */
	bool cancelled;      /* loop and wake are gone; under the lock */
	struct ev_loop *loop;
	ev_async *wake;
	struct resolve_question question;
	struct slot slots[FAMILIES];
	unsigned count;
};

struct resolve {
	struct ev_loop *loop;
	resolve_done *done;
	void *data;
	ev_async wake; /* started only when there is a thread; fed otherwise */
	struct job *job;
	bool busy;      /* a call-back is running, */
	bool cancelled; /* and has cancelled: freed when it returns */
};

static void job_release(struct job *job)
{
	bool last;

	pthread_mutex_lock(&job->lock);
	last = --job->references == 0;
	pthread_mutex_unlock(&job->lock);
	if (!last)
		return;
	pthread_mutex_destroy(&job->lock);
	free(job);
}

static void *answer_in_thread(void *data)
{
	struct slot *slot = data;
	struct job *job = slot->job;

	resolve_lookup(&job->question, slot->family, &slot->answer);
	pthread_mutex_lock(&job->lock);
	slot->ready = true;
	/* Inside the lock: after a cancel the watcher is freed memory. */
	if (!job->cancelled)
		ev_async_send(job->loop, job->wake);
	pthread_mutex_unlock(&job->lock);
	job_release(job);
	return NULL;
}

static bool slot_is_ready(struct slot *slot)
{
	bool ready;

	pthread_mutex_lock(&slot->job->lock);
	ready = slot->ready;
	pthread_mutex_unlock(&slot->job->lock);
	return ready;
}

/* False when the call-back cancelled: no other may follow. */
static bool deliver(struct resolve *r, struct slot *slot, bool more)
{
	const struct resolve_answer *answer = &slot->answer;

	slot->delivered = true;
	r->busy = true;
	r->done(r->data, slot->family, answer->addresses, answer->count,
		answer->why.class == FAILURE_NONE ? NULL : &answer->why, more);
	r->busy = false;
	return !r->cancelled;
}

static void resolve_free(struct resolve *r)
{
	job_release(r->job);
	free(r);
}

static void on_wake(struct ev_loop *loop, ev_async *wake, int events)
{
	struct resolve *r = wake->data;
	struct job *job = r->job;
	unsigned left = 0;

	(void)events;
	for (unsigned i = 0; i < job->count; i++)
		left += !job->slots[i].delivered;
	for (unsigned i = 0; i < job->count; i++) {
		struct slot *slot = &job->slots[i];

		if (slot->delivered || !slot_is_ready(slot))
			continue;
		left--;
		if (left == 0)
			ev_async_stop(loop, wake);
		if (!deliver(r, slot, left > 0)) {
			resolve_free(r);
			return;
		}
	}
}

static void add_slot(struct job *job, int family)
{
	job->slots[job->count++] = (struct slot){ .job = job, .family = family };
}

static void add_slots(struct job *job, int family)
{
	if (family != AF_UNSPEC) {
		add_slot(job, family);
	} else if (job->question.kind == RESOLVE_HOST_LITERAL) {
		add_slot(job, job->question.literal.any.sa_family);
	} else {
		add_slot(job, AF_INET6);
		add_slot(job, AF_INET);
	}
}

static struct job *job_new(struct resolve *r)
{
	struct job *job = memory_zeroed(1, sizeof(*job));

	pthread_mutex_init(&job->lock, NULL);
	job->references = 1;
	job->loop = r->loop;
	job->wake = &r->wake;
	return job;
}

static void answer_now(struct slot *slot)
{
	resolve_lookup(&slot->job->question, slot->family, &slot->answer);
	slot->ready = true;
}

static void answer_later(struct slot *slot)
{
	struct job *job = slot->job;

	pthread_mutex_lock(&job->lock);
	job->references++;
	pthread_mutex_unlock(&job->lock);
	if (thread_start(answer_in_thread, slot))
		return;
	fail(&slot->answer.why, FAILURE_OTHER, "%s: no thread to resolve the name in",
	     job->question.shown);
	pthread_mutex_lock(&job->lock);
	slot->ready = true;
	ev_async_send(job->loop, job->wake);
	pthread_mutex_unlock(&job->lock);
	job_release(job);
}

/* No thread, no timer, no descriptor: the loop calls back at its next turn. */
static void feed(struct resolve *r)
{
	ev_feed_event(r->loop, &r->wake, EV_ASYNC);
}

static void ask(struct resolve *r, int family)
{
	struct job *job = r->job;
	const bool immediate = resolve_lookup_is_immediate(&job->question);

	add_slots(job, family);
	if (!immediate)
		ev_async_start(r->loop, &r->wake);
	for (unsigned i = 0; i < job->count; i++)
		(immediate ? answer_now : answer_later)(&job->slots[i]);
	if (immediate)
		feed(r);
}

struct resolve *resolve_start(struct ev_loop *loop, const char *host, const char *service, int port,
			      int family, int type, resolve_done *done, void *data)
{
	struct resolve *r = memory_zeroed(1, sizeof(*r));
	struct failure why = { 0 };

	r->loop = loop;
	r->done = done;
	r->data = data;
	r->job = job_new(r);
	ev_async_init(&r->wake, on_wake);
	r->wake.data = r;
	if (resolve_lookup_prepare(&r->job->question, host, service, port, type, false, &why)) {
		ask(r, family);
		return r;
	}
	add_slot(r->job, family);
	r->job->slots[0].answer.why = why;
	r->job->slots[0].ready = true;
	feed(r);
	return r;
}

void resolve_cancel(struct resolve *r)
{
	if (!r)
		return;
	ev_async_stop(r->loop, &r->wake); /* takes a pending call away too */
	pthread_mutex_lock(&r->job->lock);
	r->job->cancelled = true;
	pthread_mutex_unlock(&r->job->lock);
	r->cancelled = true;
	if (!r->busy)
		resolve_free(r);
}

static void append(struct address **list, size_t *count, const struct resolve_answer *answer)
{
	struct address *grown;

	if (answer->count == 0)
		return;
	grown = realloc(*list, (*count + answer->count) * sizeof(**list));
	if (!grown)
		return;
	memcpy(grown + *count, answer->addresses, answer->count * sizeof(*grown));
	*list = grown;
	*count += answer->count;
}

bool resolve_now(const char *host, const char *service, int port, int family, int type,
		 bool passive, struct address **addresses, size_t *count, struct failure *why)
{
	static const int order[] = { AF_INET6, AF_INET };
	struct resolve_question question;
	struct resolve_answer answer;
	struct failure last = { .class = FAILURE_OTHER, .text = "out of memory" };

	*addresses = NULL;
	*count = 0;
	if (!resolve_lookup_prepare(&question, host, service, port, type, passive, why))
		return false;
	if (family == AF_UNSPEC && question.kind == RESOLVE_HOST_LITERAL)
		family = question.literal.any.sa_family;
	for (unsigned i = 0; i < FAMILIES; i++) {
		if (family != AF_UNSPEC && family != order[i])
			continue;
		resolve_lookup(&question, order[i], &answer);
		append(addresses, count, &answer);
		if (answer.count == 0)
			last = answer.why;
	}
	if (*count == 0)
		*why = last;
	return *count > 0;
}

/* SPDX-License-Identifier: MIT */
/* src/get/disk.c - fsync(2), in a thread where it takes time. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include <sockutil/base/clock.h>
#include <sockutil/base/memory.h>
#include <sockutil/base/thread.h>
#include <sockutil/get/disk.h>

enum {
	LARGE = 4 << 20, /* bytes whose way to a disk nobody waits for */
	SLOW_US = 300,   /* a thread and its waking cost a tenth of it */
};

/* How long the last file took: those of a disk are slow, those of memory are not. */
static int64_t last_us;

/* What thread and loop share; the last of them frees it. */
struct job {
	pthread_mutex_t lock;
	bool over; /* the thread is done with it, or the loop is; under the lock */
	struct ev_loop *loop;
	ev_async *wake;
	int fd, error;
	int64_t took_us;
};

struct disk_force {
	struct ev_loop *loop;
	disk_forced *done;
	void *data;
	ev_async wake;
	struct job *job;
};

static int force(int fd)
{
	int r;

	do
		r = fsync(fd);
	while (r != 0 && errno == EINTR);
	/* EINVAL: a file system that has nothing to force. */
	return r == 0 || errno == EINVAL ? 0 : errno;
}

int disk_force(int fd)
{
	int64_t started = clock_us();
	int error = force(fd);

	last_us = clock_us() - started;
	return error;
}

static void job_free(struct job *job)
{
	pthread_mutex_destroy(&job->lock);
	free(job);
}

/* The second to say so frees it. */
static bool is_second(struct job *job)
{
	bool second = job->over;

	job->over = true;
	return second;
}

static void *force_in_thread(void *data)
{
	struct job *job = data;
	int64_t started = clock_us();
	int error = force(job->fd);
	bool abandoned;

	close(job->fd);
	pthread_mutex_lock(&job->lock);
	job->error = error;
	job->took_us = clock_us() - started;
	abandoned = is_second(job);
	/* Inside the lock: after a cancel the watcher is freed memory. */
	if (!abandoned)
		ev_async_send(job->loop, job->wake);
	pthread_mutex_unlock(&job->lock);
	if (abandoned)
		job_free(job);
	return NULL;
}

static void force_free(struct disk_force *f)
{
	ev_async_stop(f->loop, &f->wake);
	free(f);
}

static void on_wake(struct ev_loop *loop, ev_async *wake, int events)
{
	struct disk_force *f = wake->data;
	disk_forced *done = f->done;
	void *data = f->data;
	int error;

	(void)loop;
	(void)events;
	/* The thread holds the lock until it has sent its last word. */
	pthread_mutex_lock(&f->job->lock);
	error = f->job->error;
	last_us = f->job->took_us;
	pthread_mutex_unlock(&f->job->lock);
	job_free(f->job);
	force_free(f);
	done(data, error);
}

struct disk_force *disk_force_start(struct ev_loop *loop, int fd, uint64_t bytes, disk_forced *done,
				    void *data)
{
	struct disk_force *f;
	int own;

	if (bytes < LARGE && last_us < SLOW_US)
		return NULL;
	own = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (own < 0)
		return NULL;
	f = memory_zeroed(1, sizeof(*f));
	f->job = memory_zeroed(1, sizeof(*f->job));
	*f->job = (struct job){ .loop = loop, .wake = &f->wake, .fd = own };
	pthread_mutex_init(&f->job->lock, NULL);
	f->loop = loop;
	f->done = done;
	f->data = data;
	ev_async_init(&f->wake, on_wake);
	f->wake.data = f;
	ev_async_start(loop, &f->wake);
	if (thread_start(force_in_thread, f->job))
		return f;
	close(own);
	job_free(f->job);
	force_free(f);
	return NULL;
}

void disk_force_cancel(struct disk_force *force_under_way)
{
	struct disk_force *f = force_under_way;
	bool over;

	if (!f)
		return;
	pthread_mutex_lock(&f->job->lock);
	over = is_second(f->job);
	pthread_mutex_unlock(&f->job->lock);
	if (over)
		job_free(f->job);
	force_free(f);
}

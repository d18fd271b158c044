/* SPDX-License-Identifier: MIT */
/* thread.c - a helper thread. */
#include <pthread.h>
#include <signal.h>

#include <sockutil/base/thread.h>

/* getaddrinfo(3) and its modules need less; the default of 8 MiB counts against memory limits. */
enum { THREAD_STACK = 256 * 1024 };

bool thread_start(void *(*run)(void *data), void *data)
{
	pthread_attr_t attributes;
	sigset_t all, before;
	pthread_t thread;
	int error;

	sigfillset(&all);
	if (pthread_attr_init(&attributes) != 0)
		return false;
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, THREAD_STACK);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&thread, &attributes, run, data);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return error == 0;
}

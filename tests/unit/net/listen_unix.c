/* SPDX-License-Identifier: MIT */
/* Unix-domain listeners.
 * Holds: the file is made, listens, and is gone after the end; a live server is never taken over,
 * be its queue full or its type another; a dead socket is replaced, with nothing left beside it; a
 * file, a folder and a link are left alone; what another server put under the name later is not
 * unlinked; of several that start at once at a dead socket exactly one wins, and its socket
 * answers; the mode is exact whatever the umask, and the umask is as before; a folder that somebody
 * keeps locked is refused after a while; abstract names listen, are not taken over, make no file;
 * a path too long and a folder that is missing are said; a failure leaves no file and no
 * descriptor; datagram sockets are the same. */
#include "listen_support.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <sockutil/net/listen_parts.h>

static void start(struct listening *l)
{
	listening_folder();
	listening_prepare(l);
}

static void finish(struct listening *l)
{
	listening_close(l);
	listening_remove_folder();
}

static const char *said(const char *format)
{
	static char text[300];

	snprintf(text, sizeof(text), format, listening_path("s"));
	return text;
}

static bool exists(const char *path)
{
	struct stat file;

	return lstat(path, &file) == 0;
}

Test(listen_unix, the_file_is_made_listens_and_goes)
{
	struct listening l;
	struct address peer;
	int client, fd = -1;

	start(&l);
	cr_assert(listening_open(&l, listening_endpoint("s")), "%s", l.why.text);
	cr_assert_eq(listening_names(), 1);
	client = listening_connect(&l.listeners[0]);
	cr_assert_eq(accept_one(&l.listeners[0], &fd, &peer, &l.why), IO_DONE);
	cr_assert_eq(peer.any.sa_family, AF_UNIX);
	close(fd);
	close(client);
	finish(&l);
}

Test(listen_unix, a_live_server_is_never_taken_over)
{
	struct listening l;
	struct stat before, after;

	start(&l);
	cr_assert(listening_open(&l, listening_endpoint("s")));
	stat(listening_path("s"), &before);
	cr_assert_not(listening_open(&l, listening_endpoint("s")));
	cr_assert_str_eq(l.why.text,
			 said("unix:%s: a live server holds it; choose another path or end it"));
	cr_assert_eq(l.why.class, FAILURE_LOCAL_ADDRESS);
	cr_assert_eq(stat(listening_path("s"), &after), 0);
	cr_assert_eq(before.st_ino, after.st_ino);
	cr_assert_eq(listening_names(), 1);
	finish(&l);
}

Test(listen_unix, a_full_queue_is_a_live_server)
{
	struct listening l;
	struct address address;
	int clients[8], count = 0;

	start(&l);
	l.options.backlog = 1;
	cr_assert(listening_open(&l, listening_endpoint("s")));
	address_unix(&address, listening_path("s"));
	for (; count < 8; count++) {
		clients[count] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
		if (connect(clients[count], &address.any, address.length) < 0)
			break;
	}
	cr_assert(count < 8, "the queue never filled");
	cr_assert_not(listening_open(&l, listening_endpoint("s")));
	cr_assert_str_eq(l.why.text,
			 said("unix:%s: a live server holds it; choose another path or end it"));
	for (int i = 0; i <= count; i++)
		close(clients[i]);
	finish(&l);
}

Test(listen_unix, a_server_of_another_type_is_alive)
{
	struct listening l, datagrams;

	start(&l);
	listening_prepare(&datagrams);
	datagrams.options.type = SOCK_DGRAM;
	cr_assert(listening_open(&datagrams, listening_endpoint("s")), "%s", datagrams.why.text);
	cr_assert_not(listening_open(&l, listening_endpoint("s")));
	cr_assert_str_eq(l.why.text,
			 said("unix:%s: a live server holds it; choose another path or end it"));
	listening_close(&datagrams);
	finish(&l);
}

Test(listen_unix, a_dead_socket_is_replaced)
{
	struct listening l;
	int client;

	start(&l);
	listening_leave_dead(listening_path("s"));
	cr_assert(listening_open(&l, listening_endpoint("s")), "%s", l.why.text);
	cr_assert_eq(listening_names(), 1);
	client = listening_connect(&l.listeners[0]);
	close(client);
	finish(&l);
}

Test(listen_unix, a_dead_datagram_socket_is_replaced)
{
	struct listening l;

	start(&l);
	l.options.type = SOCK_DGRAM;
	cr_assert(listening_open(&l, listening_endpoint("s")));
	listener_close(&l.listeners[0], false);
	cr_assert(listening_open(&l, listening_endpoint("s")), "%s", l.why.text);
	cr_assert_eq(listening_names(), 1);
	finish(&l);
}

Test(listen_unix, what_is_no_socket_is_left_alone)
{
	struct listening l;
	const char *expected;

	start(&l);
	expected = said("unix:%s: exists and is not a socket; choose another path");
	close(open(listening_path("s"), O_CREAT | O_WRONLY, 0600));
	cr_assert_not(listening_open(&l, listening_endpoint("s")));
	cr_assert_str_eq(l.why.text, expected);
	cr_assert_eq(l.why.class, FAILURE_LOCAL_ADDRESS);
	cr_assert_eq(unlink(listening_path("s")), 0);

	cr_assert_eq(mkdir(listening_path("s"), 0700), 0);
	cr_assert_not(listening_open(&l, listening_endpoint("s")));
	cr_assert_str_eq(l.why.text, expected);
	cr_assert_eq(rmdir(listening_path("s")), 0);

	cr_assert_eq(symlink("nowhere", listening_path("s")), 0);
	cr_assert_not(listening_open(&l, listening_endpoint("s")));
	cr_assert_str_eq(l.why.text, expected);
	cr_assert_eq(unlink(listening_path("s")), 0);
	finish(&l);
}

Test(listen_unix, anothers_file_is_not_unlinked)
{
	struct listening l;

	start(&l);
	cr_assert(listening_open(&l, listening_endpoint("s")));
	cr_assert_eq(unlink(listening_path("s")), 0);
	listening_leave_dead(listening_path("s"));
	listening_close(&l);
	cr_assert(exists(listening_path("s")));
	cr_assert_eq(unlink(listening_path("s")), 0);
	listening_remove_folder();
}

enum { RACERS = 4, RACES = 20 };

struct racer {
	pthread_t thread;
	struct listening l;
	pthread_barrier_t *barrier;
	char endpoint[160];
	bool won;
};

static void *race(void *data)
{
	struct racer *r = data;
	struct endpoint endpoint;

	endpoint_parse(&endpoint, r->endpoint, true, &r->l.why);
	pthread_barrier_wait(r->barrier);
	r->won = listen_open(&r->l.listeners, &r->l.count, &endpoint, &r->l.options, &r->l.why);
	return NULL;
}

Test(listen_unix, of_several_at_a_dead_socket_one_wins)
{
	struct racer racers[RACERS];
	pthread_barrier_t barrier;

	listening_folder();
	pthread_barrier_init(&barrier, NULL, RACERS);
	for (int round = 0; round < RACES; round++) {
		unsigned winners = 0;

		listening_leave_dead(listening_path("s"));
		for (int i = 0; i < RACERS; i++) {
			racers[i].barrier = &barrier;
			listening_prepare(&racers[i].l);
			snprintf(racers[i].endpoint, sizeof(racers[i].endpoint), "%s",
				 listening_endpoint("s"));
			pthread_create(&racers[i].thread, NULL, race, &racers[i]);
		}
		for (int i = 0; i < RACERS; i++)
			pthread_join(racers[i].thread, NULL);
		for (int i = 0; i < RACERS; i++) {
			winners += racers[i].won;
			if (racers[i].won)
				close(listening_connect(&racers[i].l.listeners[0]));
			else
				cr_assert_eq(racers[i].l.why.class, FAILURE_LOCAL_ADDRESS, "%s",
					     racers[i].l.why.text);
		}
		cr_assert_eq(winners, 1);
		cr_assert_eq(listening_names(), 1);
		for (int i = 0; i < RACERS; i++)
			listening_close(&racers[i].l);
		cr_assert_eq(listening_names(), 0);
	}
	pthread_barrier_destroy(&barrier);
	listening_remove_folder();
}

/* One ends while another starts: the second either finds it alive or gets the name, and is never
 * unlinked by the first. */
Test(listen_unix, an_end_does_not_unlink_the_next)
{
	struct listening first;
	struct racer second;
	pthread_barrier_t barrier;

	listening_folder();
	pthread_barrier_init(&barrier, NULL, 2);
	for (int round = 0; round < RACES; round++) {
		listening_prepare(&first);
		listening_prepare(&second.l);
		second.barrier = &barrier;
		snprintf(second.endpoint, sizeof(second.endpoint), "%s", listening_endpoint("s"));
		cr_assert(listening_open(&first, listening_endpoint("s")), "%s", first.why.text);
		pthread_create(&second.thread, NULL, race, &second);
		pthread_barrier_wait(&barrier);
		listening_close(&first);
		pthread_join(second.thread, NULL);
		cr_assert_eq(exists(listening_path("s")), second.won);
		if (second.won)
			close(listening_connect(&second.l.listeners[0]));
		listening_close(&second.l);
	}
	pthread_barrier_destroy(&barrier);
	listening_remove_folder();
}

Test(listen_unix, the_mode_is_exact_and_the_umask_as_before)
{
	static const mode_t modes[] = { 0600, 0660, 0666, 0777, 0 };
	struct listening l;
	struct stat file;

	start(&l);
	umask(027);
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		l.options.socket_mode = modes[i];
		cr_assert(listening_open(&l, listening_endpoint("s")), "%s", l.why.text);
		cr_assert_eq(stat(listening_path("s"), &file), 0);
		cr_assert_eq(file.st_mode & 0777, modes[i] ? modes[i] : 0750);
		listener_close(&l.listeners[i], true);
	}
	cr_assert_eq(umask(027), 027);
	finish(&l);
}

Test(listen_unix, a_folder_kept_locked_is_refused)
{
	struct listening l;
	int lock;

	lock = open(listening_folder(), O_RDONLY | O_DIRECTORY);
	listening_prepare(&l);
	cr_assert_eq(flock(lock, LOCK_EX), 0);
	cr_assert_not(listening_open(&l, listening_endpoint("s")));
	cr_assert_str_eq(l.why.text, said("unix:%s: another program keeps its folder locked; "
					  "choose another folder"));
	cr_assert_eq(l.why.class, FAILURE_LOCAL_ADDRESS);
	close(lock);
	cr_assert(listening_open(&l, listening_endpoint("s")), "%s", l.why.text);
	finish(&l);
}

Test(listen_unix, abstract_names)
{
	struct listening l;
	struct endpoint endpoint = { .kind = ENDPOINT_UNIX };
	char name[64], expected[200];
	int client;

	listening_prepare(&l);
	snprintf(name, sizeof(name), "unix:@sockutil-test-%ld", (long)getpid());
	if (!address_has_abstract()) {
		snprintf(endpoint.path, sizeof(endpoint.path), "%s", name + 5);
		cr_assert_not(listen_open(&l.listeners, &l.count, &endpoint, &l.options, &l.why));
		snprintf(expected, sizeof(expected), "%s: this system has no abstract names", name);
		cr_assert_str_eq(l.why.text, expected);
		cr_assert_eq(l.why.class, FAILURE_USAGE);
		return;
	}
	cr_assert(listening_open(&l, name), "%s", l.why.text);
	cr_assert_null(l.listeners[0].unlink_path);
	client = listening_connect(&l.listeners[0]);
	cr_assert_not(listening_open(&l, name));
	snprintf(expected, sizeof(expected),
		 "%s: a live server holds it; choose another path or end it", name);
	cr_assert_str_eq(l.why.text, expected);
	close(client);
	listening_close(&l);
}

Test(listen_unix, a_path_too_long_is_said)
{
	struct listening l;
	struct endpoint endpoint = { .kind = ENDPOINT_UNIX };
	char expected[300];

	listening_prepare(&l);
	memset(endpoint.path, 'x', sizeof(endpoint.path) - 1);
	cr_assert_not(listen_open(&l.listeners, &l.count, &endpoint, &l.options, &l.why));
	snprintf(expected, sizeof(expected), "unix:%s: a path has 1 to %d bytes", endpoint.path,
		 (int)ADDRESS_UNIX_PATH_MAX);
	cr_assert_str_eq(l.why.text, expected);
	cr_assert_eq(l.why.class, FAILURE_USAGE);
}

Test(listen_unix, the_longest_path_is_taken_over_too)
{
	struct listening l;
	char name[ADDRESS_UNIX_PATH_MAX + 1] = "";
	size_t room;

	start(&l);
	room = ADDRESS_UNIX_PATH_MAX - strlen(listening_path(""));
	memset(name, 'x', room);
	listening_leave_dead(listening_path(name));
	cr_assert(listening_open(&l, listening_endpoint(name)), "%s", l.why.text);
	close(listening_connect(&l.listeners[0]));
	finish(&l);
}

Test(listen_unix, a_missing_folder_is_said)
{
	struct listening l;
	char endpoint[200], expected[300];

	start(&l);
	snprintf(endpoint, sizeof(endpoint), "%s/s", listening_endpoint("none"));
	cr_assert_not(listening_open(&l, endpoint));
	snprintf(expected, sizeof(expected), "%s: its folder does not exist", endpoint);
	cr_assert_str_eq(l.why.text, expected);
	cr_assert_eq(l.why.class, FAILURE_LOCAL_ADDRESS);
	finish(&l);
}

Test(listen_unix, a_relative_path)
{
	struct listening l;

	cr_assert_eq(chdir(listening_folder()), 0);
	listening_prepare(&l);
	listening_leave_dead("s");
	cr_assert(listening_open(&l, "unix:s"), "%s", l.why.text);
	cr_assert_eq(listening_names(), 1);
	finish(&l);
}

Test(listen_unix, a_failure_leaves_nothing)
{
	struct listening l;
	unsigned before;

	start(&l);
	cr_assert(sockopt_add(&l.net.sockopts, "nodelay=on", &l.why));
	before = listening_descriptors();
	cr_assert_not(listening_open(&l, listening_endpoint("s")));
	cr_assert_str_eq(l.why.text, "socket option TCP_NODELAY does not fit a Unix socket");
	cr_assert_eq(listening_names(), 0);
	cr_assert_eq(listening_descriptors(), before);
	sockopt_list_free(&l.net.sockopts);
	cr_assert(listening_open(&l, listening_endpoint("s")));
	before = listening_descriptors();
	cr_assert_not(listening_open(&l, listening_endpoint("s")));
	cr_assert_eq(listening_descriptors(), before);
	finish(&l);
}

Test(listen_unix, unlinking_asks_for_the_same_inode)
{
	struct stat file;

	listening_folder();
	listening_leave_dead(listening_path("s"));
	cr_assert_eq(lstat(listening_path("s"), &file), 0);
	listen_unix_unlink(listening_path("s"), file.st_dev, file.st_ino + 1);
	cr_assert(exists(listening_path("s")));
	listen_unix_unlink(listening_path("s"), file.st_dev, file.st_ino);
	cr_assert_not(exists(listening_path("s")));
	listen_unix_unlink(listening_path("s"), file.st_dev, file.st_ino);
	listening_remove_folder();
}

/* SPDX-License-Identifier: MIT */
/* Names of others beneath a folder, in both ways of opening them.
 * Holds: files and folders inside are opened; "..", absolute names and links that lead outside are
 * not, on any way and by any number of links; links inside are followed when asked for, and only
 * then; links that go round end; nothing is made; the descriptor is not inherited; a name in whose
 * way a link is put meanwhile never leads outside. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/net/beneath.h>

typedef int opener(int folder, const char *name, int flags, bool follow);

static opener *const ways[] = { beneath_open, beneath_walk };
enum { WAYS = sizeof ways / sizeof ways[0] };

static char top[] = "/tmp/beneath.XXXXXX";
static int root;

static void put(const char *name, const char *text)
{
	const int fd = openat(root, name, O_WRONLY | O_CREAT | O_EXCL, 0600);

	cr_assert(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

/* "FOLDER/secret" is outside, "FOLDER/root" the folder. */
static void setup(void)
{
	char path[100];

	cr_assert(mkdtemp(top));
	snprintf(path, sizeof path, "%s/root", top);
	cr_assert_eq(mkdir(path, 0700), 0);
	root = open(path, O_RDONLY | O_DIRECTORY);
	put("../secret", "secret");
	put("a", "a");
	cr_assert_eq(mkdirat(root, "sub", 0700), 0);
	cr_assert_eq(mkdirat(root, "sub/deep", 0700), 0);
	put("sub/b", "b");
	put("sub/deep/c", "c");
	cr_assert_eq(symlinkat("a", root, "to-a"), 0);
	cr_assert_eq(symlinkat("sub/deep", root, "to-deep"), 0);
	cr_assert_eq(symlinkat("../../a", root, "sub/deep/up-to-a"), 0);
	cr_assert_eq(symlinkat("../b", root, "sub/deep/up-to-b"), 0);
	cr_assert_eq(symlinkat("../secret", root, "out"), 0);
	cr_assert_eq(symlinkat("/etc/passwd", root, "absolute"), 0);
	cr_assert_eq(symlinkat("..", root, "parent"), 0);
	cr_assert_eq(symlinkat("round", root, "round"), 0);
	cr_assert_eq(symlinkat("to-a", root, "to-to-a"), 0);
}

static void teardown(void)
{
	char command[60];

	close(root);
	snprintf(command, sizeof command, "rm -rf %s", top);
	cr_assert_eq(system(command), 0);
}

TestSuite(beneath_walk, .init = setup, .fini = teardown);

/* What is in it, or the error's name. */
static const char *found(opener *way, const char *name, bool follow)
{
	static char text[100];
	const int fd = way(root, name, O_RDONLY | O_NONBLOCK, follow);
	ssize_t n;

	if (fd < 0)
		return errno == EXDEV          ? "EXDEV"
		       : errno == ELOOP        ? "ELOOP"
		       : errno == ENOENT       ? "ENOENT"
		       : errno == ENOTDIR      ? "ENOTDIR"
		       : errno == ENAMETOOLONG ? "ENAMETOOLONG"
					       : strerror(errno);
	cr_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	n = read(fd, text, sizeof text - 1);
	close(fd);
	if (n < 0)
		return errno == EISDIR ? "folder" : strerror(errno);
	text[n] = '\0';
	return text;
}

static const struct {
	const char *name;
	const char *plain, *followed;
} cases[] = {
	{ "a", "a", "a" },
	{ ".", "folder", "folder" },
	{ "sub", "folder", "folder" },
	{ "sub/", "folder", "folder" },
	{ "sub//deep/./c", "c", "c" },
	{ "sub/../a", "a", "a" },
	{ "none", "ENOENT", "ENOENT" },
	{ "sub/none/x", "ENOENT", "ENOENT" },
	{ "a/x", "ENOTDIR", "ENOTDIR" },
	{ "", "ENOENT", "ENOENT" },
	{ "to-a", "ELOOP", "a" },
	{ "to-to-a", "ELOOP", "a" },
	{ "to-deep/c", "ELOOP", "c" },
	{ "to-deep", "ELOOP", "folder" },
	{ "sub/deep/up-to-a", "ELOOP", "a" },
	{ "sub/deep/up-to-b", "ELOOP", "b" },
	{ "to-deep/up-to-b", "ELOOP", "b" },
	{ "round", "ELOOP", "ELOOP" },
	{ "..", "EXDEV", "EXDEV" },
	{ "../secret", "EXDEV", "EXDEV" },
	{ "sub/../../secret", "EXDEV", "EXDEV" },
	{ "/etc/passwd", "EXDEV", "EXDEV" },
	{ "out", "ELOOP", "EXDEV" },
	{ "absolute", "ELOOP", "EXDEV" },
	{ "parent/secret", "ELOOP", "EXDEV" },
};

Test(beneath_walk, opens_what_is_inside_and_nothing_else)
{
	for (size_t way = 0; way < WAYS; way++)
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
			cr_assert_str_eq(found(ways[way], cases[i].name, false), cases[i].plain,
					 "%s, way %zu", cases[i].name, way);
			cr_assert_str_eq(found(ways[way], cases[i].name, true), cases[i].followed,
					 "%s followed, way %zu", cases[i].name, way);
		}
}

Test(beneath_walk, refuses_names_that_are_too_long)
{
	char name[PATH_MAX + 10];

	memset(name, 'x', sizeof name);
	name[sizeof name - 1] = '\0';
	for (size_t way = 0; way < WAYS; way++) {
		cr_assert_str_eq(found(ways[way], name, true), "ENAMETOOLONG");
		name[NAME_MAX + 1] = '\0';
		cr_assert_str_eq(found(ways[way], name, true), "ENAMETOOLONG");
		name[NAME_MAX + 1] = 'x';
	}
}

Test(beneath_walk, makes_nothing)
{
	for (size_t way = 0; way < WAYS; way++) {
		cr_assert_eq(ways[way](root, "new", O_WRONLY | O_CREAT, false), -1);
		cr_assert_eq(errno, EINVAL);
		cr_assert_eq(faccessat(root, "new", F_OK, 0), -1);
	}
}

static volatile bool stop;

/* "swap" is a folder with a file "secret", then a link to the folder above. */
static void *swap(void *data)
{
	(void)data;
	while (!stop) {
		renameat(root, "swap", root, "aside");
		if (symlinkat("..", root, "swap") != 0)
			break;
		unlinkat(root, "swap", 0);
		renameat(root, "aside", root, "swap");
	}
	return NULL;
}

Test(beneath_walk, is_never_led_outside_by_a_race, .timeout = 60)
{
	pthread_t thread;

	cr_assert_eq(mkdirat(root, "swap", 0700), 0);
	put("swap/secret", "mine");
	cr_assert_eq(pthread_create(&thread, NULL, swap, NULL), 0);
	for (int i = 0; i < 20000; i++) {
		const char *text = found(ways[i % WAYS], "swap/secret", i % 4 >= 2);

		cr_assert_str_neq(text, "secret");
	}
	stop = true;
	pthread_join(thread, NULL);
}

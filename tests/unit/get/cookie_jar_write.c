/* SPDX-License-Identifier: MIT */
/* Cookie files, written.
 * Holds: the format to the byte, oldest first, expired ones left out; what is written is read back
 * the same; a file is replaced whole and only its owner can read it, through a link, with nothing
 * left beside it; where it cannot be replaced the old one stays; what is no regular file is written
 * as it is; standard output, whose reader may have gone or be slow. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/get/cookie_jar_parts.h>

#define HEADING                                                                                    \
	"# Netscape HTTP Cookie File\n"                                                            \
	"# Written by sockutil, which replaces it whole; edit it while none is running.\n\n"

static struct cookie_jar *jar;
static char folder[] = "/tmp/sockutil-cookies-XXXXXX";
static char file[sizeof(folder) + 10], other[sizeof(folder) + 10];
static struct failure why;

static void set_up(void)
{
	cr_assert_not_null(mkdtemp(folder));
	snprintf(file, sizeof(file), "%s/jar", folder);
	snprintf(other, sizeof(other), "%s/link", folder);
	jar = cookie_jar_new();
}

static void tear_down(void)
{
	cookie_jar_free(jar);
	unlink(other);
	unlink(file);
	/* Fails when something was left in it. */
	cr_assert_eq(rmdir(folder), 0);
}

TestSuite(cookie_jar_write, .init = set_up, .fini = tear_down);

static void put(const char *name, const char *value, const char *domain, bool host_only,
		int64_t expires)
{
	const struct jar_cookie c = {
		.name = (char *)name,
		.value = (char *)value,
		.domain = (char *)domain,
		.path = (char *)"/p",
		.host_only = host_only,
		.secure = host_only,
		.http_only = !host_only,
		.persistent = expires != 0,
		.expires = expires,
	};

	cr_assert(cookie_jar_put(jar, &c, 0));
}

static const char *content(const char *name)
{
	static char text[4000];
	FILE *f = fopen(name, "r");

	cr_assert_not_null(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	return text;
}

static void write_jar(const char *name)
{
	cr_assert(cookie_jar_write(jar, name, &why), "%s", why.text);
}

Test(cookie_jar_write, nothing)
{
	write_jar(file);
	cr_assert_str_eq(content(file), HEADING);
}

Test(cookie_jar_write, the_format)
{
	put("b", "1 2", "example.org", false, 0);
	put("past", "x", "example.org", false, 1);
	put("a", "", "127.0.0.1", true, 4102444800);
	write_jar(file);
	cr_assert_str_eq(content(file),
			 HEADING "#HttpOnly_.example.org\tTRUE\t/p\tFALSE\t0\tb\t1 2\n"
				 "127.0.0.1\tFALSE\t/p\tTRUE\t4102444800\ta\t\n");
}

Test(cookie_jar_write, is_read_back)
{
	struct cookie_jar *again = cookie_jar_new();

	put("b", "1;\"2", "example.org", false, INT64_MAX);
	put("a", "", "example.org", true, 0);
	put("c", "\303\274", "fe80::1", true, 0);
	write_jar(file);
	cr_assert(cookie_jar_read(again, file, false, &why), "%s", why.text);
	cr_assert_eq(again->count, jar->count);
	for (size_t i = 0; i < jar->count; i++) {
		const struct jar_cookie *a = jar->cookies[i], *b = again->cookies[i];

		cr_assert_str_eq(a->name, b->name);
		cr_assert_str_eq(a->value, b->value);
		cr_assert_str_eq(a->domain, b->domain);
		cr_assert_str_eq(a->path, b->path);
		cr_assert(a->host_only == b->host_only && a->secure == b->secure &&
			  a->http_only == b->http_only && a->persistent == b->persistent &&
			  a->expires == b->expires);
	}
	cookie_jar_free(again);
}

Test(cookie_jar_write, replaces_the_file_behind_a_link)
{
	struct stat status;
	FILE *f = fopen(file, "w");

	cr_assert_not_null(f);
	cr_assert_eq(fchmod(fileno(f), 0666), 0);
	for (int i = 0; i < 1000; i++)
		fputs("something longer\n", f);
	fclose(f);
	cr_assert_eq(symlink("jar", other), 0);
	write_jar(other);
	cr_assert_str_eq(content(file), HEADING);
	cr_assert_eq(lstat(other, &status), 0);
	cr_assert(S_ISLNK(status.st_mode));
	cr_assert_eq(stat(file, &status), 0);
	cr_assert_eq(status.st_mode & 07777, 0600);
}

Test(cookie_jar_write, where_it_cannot_be)
{
	char name[100], expected[300];

	snprintf(name, sizeof(name), "%s/none/jar", folder);
	cr_assert_not(cookie_jar_write(jar, name, &why));
	cr_assert_eq(why.class, FAILURE_OUTPUT);
	snprintf(expected, sizeof(expected),
		 "cannot write the cookies to %s: No such file or directory", name);
	cr_assert_str_eq(why.text, expected);
	cr_assert_not(cookie_jar_write(jar, folder, &why));
	snprintf(expected, sizeof(expected), "cannot write the cookies to %s: Is a directory",
		 folder);
	cr_assert_str_eq(why.text, expected);
}

Test(cookie_jar_write, no_regular_file)
{
	struct stat status;
	int fd;

	write_jar("/dev/null");
	cr_assert_eq(stat("/dev/null", &status), 0);
	cr_assert(S_ISCHR(status.st_mode));
	cr_assert_eq(mkfifo(file, 0600), 0);
	fd = open(file, O_RDWR);
	cr_assert_geq(fd, 0);
	write_jar(file);
	{
		char text[200] = "";

		cr_assert_eq(read(fd, text, sizeof(text) - 1), (ssize_t)strlen(HEADING));
		cr_assert_str_eq(text, HEADING);
	}
	close(fd);
}

static void *drain(void *end)
{
	size_t *count = memset(malloc(sizeof(*count)), 0, sizeof(*count));
	char bytes[4096];
	ssize_t n;

	while ((n = read(*(int *)end, bytes, sizeof(bytes))) > 0)
		*count += (size_t)n;
	return count;
}

/* Its descriptor may be one that does not wait. */
Test(cookie_jar_write, standard_output)
{
	static char value[4000];
	const int saved = dup(STDOUT_FILENO);
	pthread_t reader;
	void *count;
	int ends[2];

	memset(value, 'v', sizeof(value) - 1);
	for (int i = 0; i < 50; i++) {
		char name[10];

		snprintf(name, sizeof(name), "%02d", i);
		put(name, value, "a", true, 0);
	}
	cr_assert_eq(pipe(ends), 0);
	cr_assert_eq(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
	cr_assert_eq(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
	close(ends[1]);
	cr_assert_eq(pthread_create(&reader, NULL, drain, &ends[0]), 0);
	write_jar("-");
	dup2(saved, STDOUT_FILENO);
	pthread_join(reader, &count);
	cr_assert_eq(*(size_t *)count,
		     strlen(HEADING) + 50 * (strlen("a\tFALSE\t/p\tTRUE\t0\t00\t\n") + 3999));
	free(count);
	close(ends[0]);
	close(saved);
}

Test(cookie_jar_write, the_reader_is_gone)
{
	const int saved = dup(STDOUT_FILENO);
	int ends[2];

	signal(SIGPIPE, SIG_IGN);
	cr_assert_eq(pipe(ends), 0);
	cr_assert_eq(dup2(ends[1], STDOUT_FILENO), STDOUT_FILENO);
	close(ends[0]);
	close(ends[1]);
	cr_assert_not(cookie_jar_write(jar, "-", &why));
	dup2(saved, STDOUT_FILENO);
	close(saved);
	cr_assert_eq(why.class, FAILURE_READER_GONE);
	cr_assert_str_eq(why.text, "cannot write the cookies to standard output: Broken pipe");
}

/* SPDX-License-Identifier: MIT */
/*
 * Holds: short work off a terminal writes nothing; who joins and leaves, in any order, and what
 * they moved; no rate out of bytes that were there before; notices and objects tell each transfer
 * and its end; nothing before the first byte; the end of what never started.
 */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/cli/progress.h>

/* Standard error in a file while a test looks. */
struct caught {
	char name[32];
	int kept;
	char text[4000];
};

static void catch (struct caught *c)
{
	int fd;

	strcpy(c->name, "/tmp/progress.XXXXXX");
	fd = mkstemp(c->name);
	cr_assert_geq(fd, 0);
	c->kept = dup(STDERR_FILENO);
	dup2(fd, STDERR_FILENO);
	close(fd);
}

static const char *release(struct caught *c)
{
	int fd = open(c->name, O_RDONLY);
	ssize_t n;

	dup2(c->kept, STDERR_FILENO);
	close(c->kept);
	n = read(fd, c->text, sizeof c->text - 1);
	cr_assert_geq(n, 0);
	c->text[n] = '\0';
	close(fd);
	unlink(c->name);
	return c->text;
}

/* As if so much time had gone by since it was shown. */
static void let_pass(struct progress *p, int64_t ms)
{
	p->shown_ms -= ms;
}

static void assert_sane(const struct progress *p, unsigned running)
{
	unsigned count = 0;

	for (const struct progress_meter *m = p->oldest; m; m = m->newer, count++)
		cr_assert_eq(m->newer ? m->newer->older : p->newest, m);
	cr_assert_eq(count, running);
	cr_assert_eq(p->running, running);
	cr_assert_eq(p->oldest == NULL, p->newest == NULL);
}

Test(progress, short_work_writes_nothing_off_a_terminal)
{
	struct progress p = { 0 };
	struct progress_meter m = { .name = "a" };
	struct caught c;

	catch (&c);
	progress_start(&p, PROGRESS_BAR, false);
	cr_assert_eq(p.form, PROGRESS_LINE, "no terminal");
	progress_join(&p, &m);
	progress_update(&m, 50, 50, 100);
	progress_show(&p);
	progress_update(&m, 100, 100, 100);
	progress_show(&p);
	progress_end(&p);
	cr_assert_str_eq(release(&c), "");
}

Test(progress, join_and_leave_in_any_order)
{
	struct progress p = { 0 };
	struct progress_meter m[3] = { 0 };

	progress_start(&p, PROGRESS_NONE, true);
	for (int i = 0; i < 3; i++) {
		progress_join(&p, &m[i]);
		assert_sane(&p, (unsigned)i + 1);
		progress_update(&m[i], 100, 60, 0);
	}
	progress_leave(&p, &m[1], NULL);
	assert_sane(&p, 2);
	progress_leave(&p, &m[2], NULL);
	assert_sane(&p, 1);
	progress_join(&p, &m[2]);
	assert_sane(&p, 2);
	cr_assert_eq(m[2].done, 0, "it starts anew");
	progress_leave(&p, &m[0], NULL);
	progress_leave(&p, &m[2], NULL);
	assert_sane(&p, 0);
	cr_assert_eq(p.ended, 4);
	cr_assert_eq(p.ended_done, 300);
	cr_assert_eq(p.ended_moved, 180);
	progress_end(&p);
}

Test(progress, notices_tell_each_and_its_end)
{
	struct progress p = { 0 };
	struct progress_meter a = { .name = "a" }, b = { .name = "b" };
	struct caught c;

	catch (&c);
	progress_start(&p, PROGRESS_LINE, true);
	progress_join(&p, &a);
	progress_join(&p, &b);
	let_pass(&p, PROGRESS_LINE_MS);
	progress_show(&p);
	progress_update(&a, 512, 0, 1024);
	progress_show(&p);
	progress_leave(&p, &b, "failed");
	progress_end(&p);
	release(&c);
	cr_assert_eq(strncmp(c.text, "sockutil: a: 50% 512 B of 1 KiB  0 B/s  ", 40), 0, "%s",
		     c.text);
	cr_assert_not_null(strstr(c.text, "\nsockutil: b: 0 B  0 B/s  "), "%s", c.text);
	cr_assert_not_null(strstr(c.text, "  failed\n"), "%s", c.text);
}

Test(progress, objects_tell_each_and_its_end)
{
	struct progress p = { 0 };
	struct progress_meter a = { .url = "http://h/a", .file = "a" };
	struct caught c;

	catch (&c);
	progress_start(&p, PROGRESS_JSON, false);
	progress_join(&p, &a);
	progress_update(&a, 512, 0, 1024);
	let_pass(&p, PROGRESS_JSON_MS - 400);
	progress_show(&p);
	let_pass(&p, 400);
	progress_show(&p);
	progress_update(&a, 1024, 0, 1024);
	progress_leave(&p, &a, "done");
	progress_end(&p);
	cr_assert_str_eq(release(&c),
			 "{\"event\":\"progress\",\"url\":\"http://h/a\",\"file\":\"a\",\"done\":"
			 "512,\"total\":1024,\"rate\":0,\"eta\":null}\n"
			 "{\"event\":\"done\",\"url\":\"http://h/a\",\"file\":\"a\",\"done\":1024,"
			 "\"total\":1024,\"rate\":0,\"eta\":null}\n");
}

Test(progress, nothing_before_the_first_byte_of_those_shown)
{
	struct progress p = { 0 };
	struct progress_meter a = { .name = "a" }, b = { .name = "b" };
	struct caught c;

	catch (&c);
	progress_start(&p, PROGRESS_LINE, false);
	progress_join(&p, &a);
	progress_update(&a, 512, 0, 1024);
	progress_leave(&p, &a, NULL);
	progress_join(&p, &b);
	let_pass(&p, PROGRESS_LINE_MS);
	progress_show(&p);
	progress_hide(&p);
	progress_end(&p);
	cr_assert_str_eq(release(&c), "");
}

Test(progress, end_of_what_never_started)
{
	struct progress p = { 0 };

	progress_end(&p);
	cr_assert_eq(p.drawn, 0);
}

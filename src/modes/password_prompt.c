/* SPDX-License-Identifier: MIT */
/* password_prompt.c - a password that is typed on the terminal, without its echo. */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/select.h>
#include <termios.h>
#include <unistd.h>

#include <sockutil/base/memory.h>
#include <sockutil/modes/password_prompt.h>
#include <sockutil/net/process.h>

enum { SIGNALS = 4 };

static volatile sig_atomic_t came;

static void on_signal(int number)
{
	came = number;
}

/* Signals come while it waits and nowhere else, so that none is missed, and the echo comes back
 * before they do their work. */
struct watch {
	struct sigaction before[SIGNALS];
	sigset_t mask; /* as it was */
};
static const int watched[SIGNALS] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

static void watch_begin(struct watch *w)
{
	struct sigaction action = { .sa_handler = on_signal };
	sigset_t held;

	came = 0;
	sigemptyset(&held);
	for (int i = 0; i < SIGNALS; i++) {
		sigaddset(&held, watched[i]);
		sigaction(watched[i], &action, &w->before[i]);
	}
	sigprocmask(SIG_BLOCK, &held, &w->mask);
}

static void watch_end(const struct watch *w)
{
	for (int i = 0; i < SIGNALS; i++)
		sigaction(watched[i], &w->before[i], NULL);
	sigprocmask(SIG_SETMASK, &w->mask, NULL);
}

/* False: a signal came instead. */
static bool wait_for_input(const struct watch *w, int fd)
{
	fd_set wanted;

	FD_ZERO(&wanted);
	FD_SET(fd, &wanted);
	return pselect(fd + 1, &wanted, NULL, NULL, NULL, &w->mask) > 0 && !came;
}

static bool say(int fd, const char *text)
{
	size_t length = strlen(text);

	return write(fd, text, length) == (ssize_t)length;
}

/* A line of a terminal comes whole. Returns its length, -1 at the terminal's end or a failure. */
static ssize_t read_line(const struct watch *w, int fd, char *out, size_t size)
{
	size_t length = 0;
	ssize_t n;

	while (length < size && !memchr(out, '\n', length)) {
		n = wait_for_input(w, fd) ? read(fd, out + length, size - length) : -1;
		if (n <= 0)
			return -1;
		length += (size_t)n;
	}
	return (ssize_t)length;
}

static bool ask(const struct watch *w, int fd, char *out, size_t size, const char *prompt,
		struct failure *why)
{
	ssize_t length = say(fd, prompt) ? read_line(w, fd, out, size) : -1;
	char *end = length > 0 ? memchr(out, '\n', (size_t)length) : NULL;

	say(fd, "\n");
	if (end) {
		*end = '\0';
		return true;
	}
	memory_wipe(out, size);
	if (length < 0)
		fail(why, FAILURE_INPUT, "the terminal gave no password");
	else
		fail(why, FAILURE_USAGE, "the password is longer than %zu bytes", size - 1);
	return false;
}

bool password_prompt(char *out, size_t size, const char *prompt, struct failure *why)
{
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios before, silent;
	struct watch watch;
	bool good;

	if (fd < 0 || fd >= FD_SETSIZE || tcgetattr(fd, &before) < 0) {
		fail(why, FAILURE_INPUT, "there is no terminal to ask for the password");
		if (fd >= 0)
			close(fd);
		return false;
	}
	silent = before;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	watch_begin(&watch);
	tcsetattr(fd, TCSAFLUSH, &silent);
	good = ask(&watch, fd, out, size, prompt, why);
	tcsetattr(fd, TCSAFLUSH, &before);
	watch_end(&watch);
	close(fd);
	if (came)
		process_die_by(came);
	return good;
}

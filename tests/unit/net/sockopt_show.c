/* SPDX-License-Identifier: MIT */
/* Every readable option of a socket as the kernel reports it.
 * Holds: a line an option, sorted by level and name; what was set is shown; buffer sizes are the
 * kernel's; names where the manual has them; options of other families are not there; a Unix socket
 * shows its peer; a pending error survives; what is no socket shows nothing. */
#include <criterion/criterion.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <sockutil/net/address.h>
#include <sockutil/net/sockopt.h>
#include <sockutil/net/sockopt_table.h>

static struct buffer out;

static const char *shown(int fd)
{
	buffer_free(&out);
	cr_assert(sockopt_show(fd, &out));
	return buffer_text(&out);
}

/* The value of one option, "(no line)" when it is not there. */
static const char *value_of(int fd, const char *name)
{
	static char value[300];
	char line[64];
	const char *at;

	snprintf(line, sizeof(line), "\n%s = ", name);
	at = strstr(shown(fd), line);
	if (!at)
		return "(no line)";
	snprintf(value, sizeof(value), "%.*s", (int)strcspn(at + strlen(line), "\n"),
		 at + strlen(line));
	return value;
}

static bool has_row(const char *name)
{
	const struct sockopt_row *rows[SOCKOPT_ROWS_MAX];
	size_t count = sockopt_rows(rows);

	for (size_t i = 0; i < count; i++)
		if (strcmp(rows[i]->name, name) == 0)
			return true;
	return false;
}

TestSuite(sockopt_show, .timeout = 30);

Test(sockopt_show, what_was_set_is_shown)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int on = 1, size = 40000, reported = 0;
	socklen_t length = sizeof(reported);
	char text[32];

	cr_assert_str_eq(value_of(fd, "SO_KEEPALIVE"), "0");
	cr_assert_str_eq(value_of(fd, "SO_LINGER"), "off");
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){ 1, 5 }, sizeof(struct linger));
	getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &reported, &length);
	snprintf(text, sizeof(text), "%d", reported);
	cr_assert_str_eq(value_of(fd, "SO_KEEPALIVE"), "1");
	cr_assert_str_eq(value_of(fd, "SO_RCVBUF"), text);
	cr_assert_str_eq(value_of(fd, "SO_LINGER"), "5s");
	cr_assert_str_eq(value_of(fd, "SO_TYPE"), "SOCK_STREAM");
	cr_assert_str_eq(value_of(fd, "SO_RCVTIMEO"), "0.000000s");
	if (has_row("SO_DOMAIN"))
		cr_assert_str_eq(value_of(fd, "SO_DOMAIN"), "AF_INET");
	if (has_row("SO_PROTOCOL"))
		cr_assert_str_eq(value_of(fd, "SO_PROTOCOL"), "IPPROTO_TCP");
	if (has_row("TCP_CONGESTION"))
		cr_assert_str_neq(value_of(fd, "TCP_CONGESTION"), "(no line)");
	close(fd);
	buffer_free(&out);
}

Test(sockopt_show, sorted_by_level_and_name)
{
	int fd = socket(AF_INET6, SOCK_STREAM, 0);
	const char *text = shown(fd);
	const char *levels[] = {
		"\nSO_KEEPALIVE", "\nSO_TYPE",     "\nIP_TOS",     "\nIP_TTL",
		"\nIPV6_TCLASS",  "\nIPV6_V6ONLY", "\nTCP_MAXSEG", "\nTCP_NODELAY"
	};

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		const char *at = strstr(text, levels[i]);

		cr_assert(at, "%s is missing or out of order in\n%s", levels[i] + 1,
			  buffer_text(&out));
		text = at;
	}
	close(fd);
	buffer_free(&out);
}

Test(sockopt_show, every_line_is_a_name_and_a_value)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	const char *line = shown(fd);
	unsigned lines = 0;

	for (; *line; lines++) {
		size_t length = strcspn(line, "\n");
		const char *equals = strstr(line, " = ");

		cr_assert(equals && equals < line + length && equals + 3 < line + length, "%.*s",
			  (int)length, line);
		cr_assert_eq(line[length], '\n');
		line += length + 1;
	}
	cr_assert(lines >= 20, "%u", lines);
	close(fd);
	buffer_free(&out);
}

Test(sockopt_show, options_of_other_families_are_not_there)
{
	int pair[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	cr_assert_str_eq(value_of(pair[0], "TCP_NODELAY"), "(no line)");
	cr_assert_str_eq(value_of(pair[0], "IP_TTL"), "(no line)");
	if (has_row("SO_PEERCRED")) {
		char expected[100];

		snprintf(expected, sizeof(expected), "pid=%ld uid=%lu gid=%lu", (long)getpid(),
			 (unsigned long)geteuid(), (unsigned long)getegid());
		cr_assert_str_eq(value_of(pair[0], "SO_PEERCRED"), expected);
	}
	close(pair[0]);
	close(pair[1]);
	buffer_free(&out);
}

Test(sockopt_show, a_pending_error_survives)
{
	struct address address;
	struct pollfd refused = { .events = POLLOUT };
	int fd, error = 0;
	socklen_t length = sizeof(error);

	/* Bound and not listening: refused. */
	fd = socket(AF_INET, SOCK_STREAM, 0);
	address_parse_ip("127.0.0.1", 0, &address);
	cr_assert_eq(bind(fd, &address.any, address.length), 0);
	cr_assert(address_of_socket(fd, &address));
	refused.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (connect(refused.fd, &address.any, address.length) < 0 && errno == ECONNREFUSED)
		cr_skip("refused at once");
	cr_assert_eq(poll(&refused, 1, 10000), 1);
	cr_assert_str_eq(value_of(refused.fd, "SO_ERROR"), "(no line)");
	getsockopt(refused.fd, SOL_SOCKET, SO_ERROR, &error, &length);
	cr_assert_eq(error, ECONNREFUSED);
	close(refused.fd);
	close(fd);
	buffer_free(&out);
}

Test(sockopt_show, what_is_no_socket_shows_nothing)
{
	int pipes[2];

	cr_assert_eq(pipe(pipes), 0);
	cr_assert_not(sockopt_show(pipes[0], &out));
	cr_assert_not(sockopt_show(-1, &out));
	cr_assert_eq(out.length, 0);
	close(pipes[0]);
	close(pipes[1]);
}

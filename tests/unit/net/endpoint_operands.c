/* SPDX-License-Identifier: MIT */
/* The operands of a command as endpoints.
 * Holds: pairs and single words mix; digits alone are a port; connecting takes exactly one
 * endpoint and names what is too much; a word at the end of a server's operands is a service;
 * each mistake is said once, exactly; on failure there is nothing to free. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sockutil/net/endpoint.h>

enum { OPERANDS = 6 };

/* All endpoints in one text, or the failure's. */
static const char *outcome(bool listening, char *const operands[OPERANDS])
{
	static char all[4 * ENDPOINT_TEXT_MAX];
	struct endpoint *list = NULL;
	struct failure why = { 0 };
	char text[ENDPOINT_TEXT_MAX];
	size_t given = 0, count = 99;

	while (given < OPERANDS && operands[given])
		given++;
	if (!endpoints_from_operands(&list, &count, operands, given, listening, &why)) {
		cr_assert_null(list);
		cr_assert_eq(count, 0);
		cr_assert_eq(why.class, FAILURE_USAGE);
		snprintf(all, sizeof(all), "%s", why.text);
		return all;
	}
	all[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		const size_t length = strlen(all);

		snprintf(all + length, sizeof(all) - length, "%s%s", i ? " " : "",
			 endpoint_text(text, &list[i]));
	}
	free(list);
	return all;
}

#define CONNECT(...) outcome(false, (char *const[OPERANDS]){ __VA_ARGS__ })
#define SERVE(...)   outcome(true, (char *const[OPERANDS]){ __VA_ARGS__ })

Test(endpoint_operands, one_to_connect_to)
{
	cr_assert_str_eq(CONNECT("localhost", "80"), "localhost:80");
	cr_assert_str_eq(CONNECT("localhost:80"), "localhost:80");
	cr_assert_str_eq(CONNECT("::1", "80"), "[::1]:80");
	cr_assert_str_eq(CONNECT("fe80::1%eth0", "ssh"), "[fe80::1%eth0]:ssh");
	cr_assert_str_eq(CONNECT("[::1]", "80"), "[::1]:80");
	cr_assert_str_eq(CONNECT("unix:/x"), "unix:/x");
	cr_assert_str_eq(CONNECT("wss://h"), "wss://h:443");
}

Test(endpoint_operands, mistakes_when_connecting)
{
	cr_assert_str_eq(CONNECT(NULL), "no host: HOST PORT or HOST:PORT");
	cr_assert_str_eq(CONNECT("example.org"),
			 "\"example.org\": no port: HOST PORT or HOST:PORT");
	cr_assert_str_eq(CONNECT("80"),
			 "\"80\": no host: digits alone are a port; HOST PORT or HOST:PORT");
	cr_assert_str_eq(CONNECT("80", "h"),
			 "\"80\": no host: digits alone are a port; HOST PORT or HOST:PORT");
	cr_assert_str_eq(CONNECT("h", "80", "90"),
			 "\"90\": surplus; one HOST PORT or HOST:PORT is enough");
	cr_assert_str_eq(CONNECT("h:80", "90"),
			 "\"90\": surplus; one HOST PORT or HOST:PORT is enough");
	cr_assert_str_eq(CONNECT("h", "0"), "\"h 0\": port 0 is for listening");
	cr_assert_str_eq(CONNECT("h", "8o/x"),
			 "\"8o/x\": a port is a number from 0 to 65535 or the name of a service");
	cr_assert_str_eq(CONNECT("h", ""), "\"\": no port");
	cr_assert_str_eq(CONNECT("", "80"), "\"\": no host");
	cr_assert_str_eq(CONNECT("::1:80"),
			 "\"::1:80\": an IPv6 address with a port needs brackets: [::1]:80");
	cr_assert_str_eq(CONNECT("2001:::1", "80"), "\"2001:::1\": not an IPv6 address");
}

Test(endpoint_operands, any_number_to_listen_on)
{
	cr_assert_str_eq(SERVE("8080"), ":8080");
	cr_assert_str_eq(SERVE("8080", "9090"), ":8080 :9090");
	cr_assert_str_eq(SERVE("localhost", "8080"), "localhost:8080");
	cr_assert_str_eq(SERVE("localhost", "8080", "9090", "unix:/x"),
			 "localhost:8080 :9090 unix:/x");
	cr_assert_str_eq(SERVE("[::1]:80", "::1", "81", ":82", "fd:3"),
			 "[::1]:80 [::1]:81 :82 fd:3");
	cr_assert_str_eq(SERVE("http"), ":http");
	cr_assert_str_eq(SERVE("http", "unix:/x"), ":http unix:/x");
	cr_assert_str_eq(SERVE("127.0.0.1", "http"), "127.0.0.1:http");
	cr_assert_str_eq(SERVE("127.0.0.1", "0"), "127.0.0.1:0");
	cr_assert_str_eq(SERVE("tls://:443", "80"), "tls://:443 :80");
}

Test(endpoint_operands, mistakes_when_listening)
{
	cr_assert_str_eq(SERVE(NULL), "no port: PORT, HOST PORT or HOST:PORT");
	cr_assert_str_eq(SERVE("127.0.0.1"), "\"127.0.0.1\": no port: HOST PORT or HOST:PORT");
	cr_assert_str_eq(SERVE("127.0.0.1", "10.0.0.1:80"),
			 "\"127.0.0.1\": no port: HOST PORT or HOST:PORT");
	cr_assert_str_eq(SERVE("80", "70000"), "\"70000\": a port is at most 65535");
	cr_assert_str_eq(SERVE("127.1", "80"), "\"127.1\": an IPv4 address is four numbers from 0 "
					       "to 255, as in 127.0.0.1");
}

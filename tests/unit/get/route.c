/* SPDX-License-Identifier: MIT */
/*
 * Holds: each part of --resolve and --connect-to comes out, in lower case, brackets taken off; "*"
 * and empty parts are any; an IPv6 address needs no brackets where nothing follows; what is wrong
 * is said in one sentence with an example.
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include <sockutil/get/route.h>

static void expect(const char *text, bool connect_to, const char *host, int port,
		   const char *to_host, int to_port)
{
	struct failure why = { 0 };
	struct get_route route;

	cr_assert(route_parse(&route, text, connect_to, &why), "%s", why.text);
	cr_assert_eq(route.connect_to, connect_to);
	cr_assert_str_eq(route.host, host);
	cr_assert_eq(route.port, port, "%s", text);
	cr_assert_str_eq(route.to_host, to_host);
	cr_assert_eq(route.to_port, to_port, "%s", text);
	route_free(&route);
	cr_assert_null(route.host);
}

static void refuse(const char *text, bool connect_to, const char *message)
{
	struct failure why = { 0 };
	struct get_route route;

	cr_assert_not(route_parse(&route, text, connect_to, &why), "%s", text);
	cr_assert_eq(why.class, FAILURE_USAGE);
	cr_assert_str_eq(why.text, message);
	route_free(&route);
}

Test(route, resolve)
{
	expect("www.Example.org:80:127.0.0.1", false, "www.example.org", 80, "127.0.0.1", 0);
	expect("h:443:::1", false, "h", 443, "::1", 0);
	expect("h:443:[::1]", false, "h", 443, "::1", 0);
	expect("[::1]:65535:127.0.0.1", false, "::1", 65535, "127.0.0.1", 0);
	expect("*:80:127.0.0.1", false, "", 80, "127.0.0.1", 0);
}

Test(route, connect_to)
{
	expect("h:80:Other:8080", true, "h", 80, "other", 8080);
	expect("h:80:[::1]:8080", true, "h", 80, "::1", 8080);
	expect("[fe80::1]:80:h:8080", true, "fe80::1", 80, "h", 8080);
	expect("::localhost:8080", true, "", 0, "localhost", 8080);
	expect("h::other:", true, "h", 0, "other", 0);
	expect(":443::8443", true, "", 443, "", 8443);
}

#define RESOLVE_EXAMPLE ", as in www.example.org:80:127.0.0.1"
#define CONNECT_EXAMPLE ", as in www.example.org:80:localhost:8080"

Test(route, resolve_refused)
{
	refuse("h", false, "--resolve: \"h\": not HOST:PORT:ADDRESS" RESOLVE_EXAMPLE);
	refuse("", false, "--resolve: \"\": not HOST:PORT:ADDRESS" RESOLVE_EXAMPLE);
	refuse("h:80", false, "--resolve: \"h:80\": not HOST:PORT:ADDRESS" RESOLVE_EXAMPLE);
	refuse(":80:127.0.0.1", false,
	       "--resolve: \":80:127.0.0.1\": a host (* is any) has to be in "
	       "front" RESOLVE_EXAMPLE);
	refuse("h:0:127.0.0.1", false,
	       "--resolve: \"h:0:127.0.0.1\": the port is 1-65535" RESOLVE_EXAMPLE);
	refuse("h::127.0.0.1", false,
	       "--resolve: \"h::127.0.0.1\": the port is 1-65535" RESOLVE_EXAMPLE);
	refuse("h:65536:127.0.0.1", false,
	       "--resolve: \"h:65536:127.0.0.1\": the port is 1-65535" RESOLVE_EXAMPLE);
	refuse("h:80:localhost", false,
	       "--resolve: \"h:80:localhost\": the address is one IPv4 or IPv6 "
	       "address" RESOLVE_EXAMPLE);
	refuse("h:80:127.0.0.1,127.0.0.2", false,
	       "--resolve: \"h:80:127.0.0.1,127.0.0.2\": the address is one IPv4 or IPv6 "
	       "address" RESOLVE_EXAMPLE);
}

Test(route, connect_to_refused)
{
	char text[400], message[400];

	refuse("h:80:o", true,
	       "--connect-to: \"h:80:o\": not HOST:PORT:HOST2:PORT2" CONNECT_EXAMPLE);
	refuse("h:80::", true,
	       "--connect-to: \"h:80::\": HOST2 or PORT2 has to be there" CONNECT_EXAMPLE);
	refuse("h:80:o:99999", true,
	       "--connect-to: \"h:80:o:99999\": a port is 1-65535 or empty" CONNECT_EXAMPLE);
	refuse("h:80:o:80:80", true,
	       "--connect-to: \"h:80:o:80:80\": a port is 1-65535 or empty" CONNECT_EXAMPLE);
	refuse("[::1:80:o:80", true,
	       "--connect-to: \"[::1:80:o:80\": a port is 1-65535 or empty" CONNECT_EXAMPLE);
	snprintf(text, sizeof text, "%0350d:80:o:80", 7);
	snprintf(message, sizeof message,
		 "--connect-to: \"%.150s\": not HOST:PORT:HOST2:PORT2" CONNECT_EXAMPLE, text);
	refuse(text, true, message);
}

Test(route, free_of_nothing)
{
	struct get_route route = { 0 };

	route_free(&route);
}

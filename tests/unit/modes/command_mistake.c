/* SPDX-License-Identifier: MIT */
/* Holds: what is said when the first word is no command: the nearest one, or the whole right
 * command line for the habits of netcat and curl. */
#include <criterion/criterion.h>

#include <sockutil/modes/command_mistake.h>
#include <sockutil/modes/modes.h>

static void expect(const char *message, int argc, char **argv)
{
	static const struct mode *const modes[] = { &mode_connect, &mode_serve, &mode_get, NULL };
	struct failure why = { 0 };

	command_mistake(modes, argc, argv, &why);
	cr_assert_eq(why.class, FAILURE_USAGE);
	cr_assert_str_eq(why.text, message);
}
#define WORDS(...) ((char *[]){ "sockutil", __VA_ARGS__, NULL })
#define EXPECT(message, ...)                                                                       \
	expect((message), (int)(sizeof WORDS(__VA_ARGS__) / sizeof(char *)) - 1, WORDS(__VA_ARGS__))

Test(command_mistake, nearest)
{
	EXPECT("unknown command conect: did you mean sockutil connect?", "conect", "host", "80");
	EXPECT("unknown command server: did you mean sockutil serve?", "server", "80");
	EXPECT("unknown command \"frobnicate\"; there are: connect serve get", "frobnicate");
	EXPECT("unknown command \"\"; there are: connect serve get", "");
	EXPECT("unknown option --verison: did you mean --version?", "--verison");
}

Test(command_mistake, netcat)
{
	EXPECT("example.org is no command; to be a client: sockutil connect example.org 80",
	       "example.org", "80");
	EXPECT("[::1]:80 is no command; to be a client: sockutil connect '[::1]:80' -v", "[::1]:80",
	       "-v");
	EXPECT("unix:/tmp/x is no command; to be a client: sockutil connect unix:/tmp/x",
	       "unix:/tmp/x");
	EXPECT("8080 is no command; to be a server: sockutil serve 8080", "8080");
	EXPECT("being a server is a command: sockutil serve 8080", "-l", "8080");
	EXPECT("being a server is a command: sockutil serve 8080", "-lvp", "8080");
	EXPECT("being a server is a command: sockutil serve 127.0.0.1 8080", "-l", "127.0.0.1",
	       "8080");
	EXPECT("being a server is a command: sockutil serve ...", "--listen");
	EXPECT("options stand behind a command: sockutil connect -v host 80", "-v", "host", "80");
}

Test(command_mistake, curl)
{
	EXPECT("URLs are fetched by a command: sockutil get http://example.org/a",
	       "http://example.org/a");
	EXPECT("URLs are fetched by a command: sockutil get 'https://example.org:8443?q' -v",
	       "https://u:p@example.org:8443?q", "-v");
	EXPECT("URLs are fetched by a command: sockutil get 'HTTPS://h#f@g'", "HTTPS://u@h#f@g");
	EXPECT("URLs are fetched by a command: sockutil get www.example.org", "www.example.org");
	EXPECT("URLs are fetched by a command: sockutil get example.org/index.html",
	       "example.org/index.html");
	EXPECT("options stand behind a command: sockutil get -O http://example.org/a", "-O",
	       "http://u:p@example.org/a");
	EXPECT("example.org is no command; to be a client: sockutil connect example.org 80",
	       "example.org", "80");
}

/* SPDX-License-Identifier: MIT */
/* Socket addresses and their texts.
 * Holds: IPv4, IPv6, zones, Unix paths, abstract and unnamed sockets and vsock each have their
 * text; IPv4-mapped IPv6 is shown as IPv4; host and port come apart; only a full dotted quad is
 * IPv4; a zone without an interface is refused; a path fills sun_path to its last byte and no
 * further; own and peer address of a socket are told. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/net/address.h>

static struct address ip(const char *text, unsigned port)
{
	struct address address;

	cr_assert(address_parse_ip(text, port, &address), "%s", text);
	return address;
}

static const char *text_of(const struct address *address)
{
	static char text[ADDRESS_TEXT_MAX];

	return address_text(text, address);
}

Test(address, texts_of_ip_addresses)
{
	struct address v4 = ip("127.0.0.1", 80), v6 = ip("2001:db8::1", 443);
	struct address mapped = ip("::ffff:192.0.2.1", 9);

	cr_assert_str_eq(text_of(&v4), "127.0.0.1:80");
	cr_assert_str_eq(text_of(&v6), "[2001:db8::1]:443");
	cr_assert_str_eq(text_of(&mapped), "192.0.2.1:9");
}

Test(address, zone_is_shown_by_name)
{
	struct address address = ip("fe80::1%lo", 22);
	char host[ADDRESS_TEXT_MAX];

	cr_assert_str_eq(text_of(&address), "[fe80::1%lo]:22");
	cr_assert_str_eq(address_host(host, &address), "fe80::1%lo");
}

Test(address, zone_may_be_a_number_and_an_unknown_one_is_shown_so)
{
	struct address address = ip("fe80::1%4000000", 22);

	cr_assert_str_eq(text_of(&address), "[fe80::1%4000000]:22");
}

Test(address, host_and_port_come_apart)
{
	struct address v6 = ip("::1", 65535), local;
	char host[ADDRESS_TEXT_MAX];

	cr_assert_str_eq(address_host(host, &v6), "::1");
	cr_assert_eq(address_port(&v6), 65535);
	address_set_port(&v6, 7);
	cr_assert_eq(address_port(&v6), 7);
	cr_assert(address_unix(&local, "/x"));
	cr_assert_str_eq(address_host(host, &local), "");
	cr_assert_eq(address_port(&local), 0);
	address_set_port(&local, 7);
	cr_assert_str_eq(text_of(&local), "unix:/x");
}

Test(address, only_whole_literals_are_addresses)
{
	static const char *const wrong[] = {
		"",         "localhost",      "127.1",        "0x7f.0.0.1",
		"1.2.3",    "1.2.3.4.5",      "1.2.3.4 ",     "[::1]",
		"::1%",     "::1%nowhere-at", "127.0.0.1%lo", "256.0.0.1",
		"1.2.3.04", "::1:",           "fe80::1%%lo",  "12345::",
		"::g",      "1.2.3.4:80",
	};
	struct address address = { .length = 77 };

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		cr_assert(!address_parse_ip(wrong[i], 0, &address), "%s", wrong[i]);
	cr_assert_eq(address.length, 77, "a failed parse leaves the result alone");
}

Test(address, unix_path_fills_the_room_and_no_more)
{
	char path[ADDRESS_UNIX_PATH_MAX + 2], expected[ADDRESS_TEXT_MAX];
	struct address address;

	memset(path, 'p', sizeof(path));
	path[0] = '/';
	path[ADDRESS_UNIX_PATH_MAX] = '\0';
	cr_assert(address_unix(&address, path));
	snprintf(expected, sizeof(expected), "unix:%s", path);
	cr_assert_str_eq(text_of(&address), expected);
	path[ADDRESS_UNIX_PATH_MAX] = 'p';
	path[ADDRESS_UNIX_PATH_MAX + 1] = '\0';
	cr_assert(!address_unix(&address, path));
	cr_assert(!address_unix(&address, ""));
}

Test(address, abstract_names_where_there_are_any)
{
	struct address address;

	cr_assert_eq(address_unix(&address, "@name"), address_has_abstract());
	if (!address_has_abstract())
		return;
	cr_assert_str_eq(text_of(&address), "unix:@name");
	cr_assert_eq(address.length, offsetof(struct sockaddr_un, sun_path) + 5,
		     "an abstract name has no NUL behind it");
	address.local.sun_path[2] = '\0';
	cr_assert_str_eq(text_of(&address), "unix:@n@me");
}

Test(address, vsock_where_there_is_any)
{
	struct address address;
	unsigned cid = 0, port = 0;

	cr_assert_eq(address_vsock(&address, 2, 1024), address_has_vsock());
	if (!address_has_vsock())
		return;
	cr_assert_str_eq(text_of(&address), "vsock:2:1024");
	cr_assert(address_is_vsock(&address, &cid, &port));
	cr_assert_eq(cid, 2);
	cr_assert_eq(port, 1024);
	cr_assert_eq(address_port(&address), 1024);
}

Test(address, unnamed_socket_has_a_text)
{
	struct address address, peer;
	unsigned cid, port;
	int pair[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	cr_assert(address_of_socket(pair[0], &address));
	cr_assert_str_eq(text_of(&address), "unix:");
	cr_assert(address_of_peer(pair[0], &peer));
	cr_assert_str_eq(text_of(&peer), "unix:");
	cr_assert(!address_is_vsock(&peer, &cid, &port));
	close(pair[0]);
	close(pair[1]);
}

Test(address, socket_without_a_peer_has_none)
{
	const int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct address address;

	cr_assert(!address_of_peer(fd, &address));
	cr_assert(address_of_socket(fd, &address));
	cr_assert_str_eq(text_of(&address), "0.0.0.0:0");
	close(fd);
	cr_assert(!address_of_socket(fd, &address));
}

/* SPDX-License-Identifier: MIT */
/* manual_text.c - the prose of the man page. */
#include <sockutil/modes/manual_text.h>

static const char endpoints[] =
	"An address is written in one of these forms, everywhere one is taken.\n\n"
	"\tHOST PORT, HOST:PORT, [V6]:PORT     TCP\n"
	"\tPORT, :PORT                         serve: any address, both families\n"
	"\tunix:PATH, unix:@NAME               a Unix-domain socket, an abstract name (Linux)\n"
	"\tvsock:CID:PORT                      vsock (Linux)\n"
	"\tfd:N                                an inherited open socket\n"
	"\tsystemd:[NAME]                      serve: a socket from socket activation\n"
	"\ttcp://HOST:PORT, tls://HOST:PORT    the same, with or without TLS\n\n"
	"HOST may be a name, also an internationalised one, a dotted quad, or an IPv6 address, "
	"with a zone "
	"if it needs one (fe80::1%eth0). IPv6 with a port needs brackets. PORT is 0-65535 or the "
	"name of a "
	"service; port 0 lets the kernel pick, and the choice is said. Digits alone are a port, "
	"never a "
	"host: \"serve 8080 9090\" listens on two.\n\n"
	"A unix: path that a live server holds is never taken over; a dead socket is. What serve "
	"made, it "
	"removes.";

static const char options[] = "Options may stand anywhere; -- ends them. Letters may be bundled "
			      "(-vN), and a value may follow "
			      "its letter at once (-w5s). Long names take theirs as --name VALUE "
			      "or --name=VALUE. An option "
			      "that takes one value and is given twice takes the last. - is stdin "
			      "or stdout where a file is "
			      "meant.\n\n"
			      "Times are written 250ms, 0.5, 5s, 2m, 1h; plain numbers are "
			      "seconds. Sizes take K, M and G "
			      "(1024). Rates are sizes a second.\n\n"
			      "No option is ignored silently: what this system, this build or a "
			      "combination cannot do is an "
			      "error (status 2).";

static const char tls[] =
	"A client verifies chain, validity, purpose and name; the name by the certificate's "
	"alternative "
	"names alone. Version 1.2 is the minimum. --insecure is the only way around, and says so "
	"with "
	"the peer's fingerprint. A failed verification is final: it is never tried again.\n\n"
	"A server without --cert makes a key and a certificate in memory and prints the --pin that "
	"its "
	"clients can use. With --secret both sides prove that they know the contents of a file, "
	"and no "
	"certificate is made or looked at.\n\n"
	"A peer that ends without close_notify has cut the stream short: status 18.";

static const char environment[] =
	"SSL_CERT_FILE and SSL_CERT_DIR replace the system's trusted certificates. SSLKEYLOGFILE "
	"is "
	"--keylog. NO_COLOR turns colors off. HOME is where get looks for .netrc. LISTEN_FDS, "
	"LISTEN_PID and LISTEN_FDNAMES bring the "
	"sockets of systemd: endpoints.";

static const char messages[] =
	"Messages go to standard error, one line each: what, where, why, and what to do. Control "
	"characters that came from a peer are shown as escapes, so that no message can be forged. "
	"With "
	"--log-json each is an object with time, level, event, command and message.\n\n"
	"\tsockutil connect: example.org:443: certificate expired on 2024-01-02 (CN=example.org); "
	"--insecure goes on anyway";

const struct manual_page manual_text = {
	.name = "sockutil",
	.summary = "clients and servers over sockets, for people and scripts",
	.date = "November 21, 2026",
	.description =
		"joins standard input and output, files, or ready-made answers to "
		"connections over TCP, "
		"TLS and Unix-domain sockets, and fetches over HTTP. The first argument is a "
		"command.\n\n"
		"Exit status 0 means that nothing was lost: every byte given was accepted "
		"by the peer's "
		"end, the stream ended in order, and what came was written out.",
	.sections =
		(const struct manual_section[]){
			{ .title = "OPTIONS", .text = options },
			{ .title = "ENDPOINTS", .text = endpoints },
			{ .title = "TLS", .text = tls },
			{ .title = "ENVIRONMENT", .text = environment },
			{ .title = "MESSAGES", .text = messages },
			{ 0 },
		},
	.see_also = "curl 1\0nc 1\0socat 1\0wget 1\0ip 7\0socket 7\0tcp 7\0unix 7\0vsock 7\0",
};

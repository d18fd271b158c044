/* SPDX-License-Identifier: MIT */
/*
 * Holds: the waterfall has a line for each thing that took time, on one scale; a connection that
 * was open has fewer; the object has every hop and every member, null where nothing is known;
 * passwords of the URL are in none of them; the sentence for what came, what was there, what is
 * current, what failed; what was kept; the sums of a run.
 */
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/get/report.h>

static struct transfer_hop plain_hop(void)
{
	return (struct transfer_hop){
		.url = "http://h/a",
		.method = "GET",
		.status = 301,
		.major = 1,
		.started_us = 0,
		.resolved_us = 10000,
		.connected_us = 20000,
		.tls_us = -1,
		.sent_us = 20000,
		.first_byte_us = 50000,
		.ended_us = 50000,
		.peer = "192.0.2.1:80",
	};
}

static struct transfer_hop tls_hop(void)
{
	return (struct transfer_hop){
		.url = "https://h/b",
		.method = "GET",
		.status = 200,
		.major = 2,
		.reused = true,
		.started_us = 50000,
		.resolved_us = -1,
		.connected_us = -1,
		.tls_us = -1,
		.sent_us = 50500,
		.first_byte_us = 60000,
		.ended_us = 100000,
		.peer = "[2001:db8::1]:443",
		.tls = {
			.version = "TLSv1.3",
			.cipher = "TLS_AES_128_GCM_SHA256",
			.group = "x25519",
			.alpn = "h2",
			.servername = "h",
			.verified = true,
			.subject = "CN=h",
			.issuer = "CN=\"i\"",
			.not_after = "2027-01-02T03:04:05Z",
			.fingerprint = "AB:CD",
			.pin = "sha256//x",
		},
	};
}

static void expect(struct buffer *out, const char *text)
{
	cr_assert_str_eq(buffer_text(out), text);
	buffer_free(out);
}

Test(report, a_waterfall)
{
	const struct transfer_hop hops[] = { plain_hop(), tls_hop() };
	const struct transfer_report report = { .url = "h/a", .hops = hops, .hop_count = 2 };
	struct buffer out = { 0 };

	cr_assert(report_timing(&out, &report));
	expect(&out, "GET http://h/a: 301 over HTTP/1, 192.0.2.1:80\n"
		     "  names             10.000 ms  [====                                    ]\n"
		     "  connect           10.000 ms  [    ====                                ]\n"
		     "  request            0.000 ms  [        |                               ]\n"
		     "  answer            30.000 ms  [        ============                    ]\n"
		     "  body               0.000 ms  [                    |                   ]\n"
		     "GET https://h/b: 200 over HTTP/2, [2001:db8::1]:443, connection reused\n"
		     "  request            0.500 ms  [                    |                   ]\n"
		     "  answer             9.500 ms  [                    ====                ]\n"
		     "  body              40.000 ms  [                        ================]\n"
		     "  total            100.000 ms  [========================================]\n");
}

Test(report, a_waterfall_of_a_failure)
{
	struct transfer_hop hop = plain_hop();
	const struct transfer_report report = { .url = "h/a", .hops = &hop, .hop_count = 1 };
	const struct transfer_report nothing = { .url = "h/a" };
	struct buffer out = { 0 };

	hop.status = 0;
	hop.peer = "";
	hop.connected_us = hop.sent_us = hop.first_byte_us = hop.ended_us = -1;
	cr_assert(report_timing(&out, &report));
	expect(&out, "GET http://h/a: no answer\n"
		     "  names             10.000 ms  [========================================]\n"
		     "  total             10.000 ms  [========================================]\n");
	cr_assert(report_timing(&out, &nothing));
	expect(&out, "  total              0.000 ms  [|                                       ]\n");
}

Test(report, an_object)
{
	const struct transfer_hop hops[] = { plain_hop(), tls_hop() };
	const struct transfer_report report = {
		.url = "h/a",
		.file = "out\n",
		.hops = hops,
		.hop_count = 2,
		.tries = 2,
		.total_known = true,
		.total = 1000,
		.done = 1000,
		.resumed = 400,
		.transferred = 600,
		.content_type = "text/plain",
	};
	struct buffer out = { 0 };

	cr_assert(report_transfer_json(&out, &report, "sha256:00"));
	expect(&out,
	       "{\"url\":\"http://h/a\",\"status\":200,\"file\":\"out\\n\",\"kept\":null,"
	       "\"content_type\":\"text/plain\",\"total\":1000,\"done\":1000,\"resumed\":400,"
	       "\"transferred\":600,\"checksum\":\"sha256:00\",\"unchanged\":false,"
	       "\"complete_before\":false,\"tries\":2,\"time_us\":100000,\"hops\":["
	       "{\"url\":\"http://h/a\",\"method\":\"GET\",\"status\":301,\"version\":\"HTTP/1\","
	       "\"peer\":\"192.0.2.1:80\",\"reused\":false,\"tls\":null,\"times_us\":{"
	       "\"started\":0,\"resolved\":10000,\"connected\":20000,\"sent\":20000,"
	       "\"first_byte\":50000,\"ended\":50000}},"
	       "{\"url\":\"https://h/b\",\"method\":\"GET\",\"status\":200,\"version\":\"HTTP/2\","
	       "\"peer\":\"[2001:db8::1]:443\",\"reused\":true,\"tls\":{\"version\":\"TLSv1.3\","
	       "\"cipher\":\"TLS_AES_128_GCM_SHA256\",\"group\":\"x25519\",\"alpn\":\"h2\","
	       "\"server_name\":\"h\",\"verified\":true,\"resumed\":false,\"subject\":\"CN=h\","
	       "\"issuer\":\"CN=\\\"i\\\"\",\"not_after\":\"2027-01-02T03:04:05Z\","
	       "\"fingerprint\":\"AB:CD\",\"pin\":\"sha256//x\"},\"times_us\":{\"started\":50000,"
	       "\"sent\":50500,\"first_byte\":60000,\"ended\":100000}}],"
	       "\"exit_status\":0,\"failure\":null}\n");
}

Test(report, an_object_of_a_failure)
{
	struct transfer_report report = {
		.url = "http://joe:hush@h/a", .tries = 1, .content_type = "", .kept = "a.part"
	};
	struct buffer out = { 0 };

	fail(&report.failure, FAILURE_CONNECT, "h:80: connection refused");
	cr_assert(report_transfer_json(&out, &report, NULL));
	expect(&out, "{\"url\":\"http://h/a\",\"status\":null,\"file\":null,\"kept\":\"a.part\","
		     "\"content_type\":null,\"total\":null,\"done\":0,\"resumed\":0,"
		     "\"transferred\":0,\"unchanged\":false,\"complete_before\":false,\"tries\":1,"
		     "\"time_us\":0,\"hops\":[],\"exit_status\":7,"
		     "\"failure\":\"h:80: connection refused\"}\n");
}

static void expect_url(const char *given, const char *shown)
{
	const struct transfer_report report = { .url = given };
	char text[40];

	cr_assert_str_eq(report_url(text, sizeof text, &report), shown);
}

Test(report, urls_without_passwords)
{
	expect_url("http://joe:hush@h/a@b", "http://h/a@b");
	expect_url("joe:hush@h", "h");
	expect_url("http://a@b:hush@h?x", "http://h?x");
	expect_url("h/path", "h/path");
	expect_url("http://h/0123456789012345678901234567890123456789",
		   "http://h/012345678901234567890123456789");
	expect_url("", "");
}

static void expect_sentence(const struct transfer_report *report, const char *text)
{
	struct buffer out = { 0 };

	cr_assert(report_sentence(&out, report));
	expect(&out, text);
}

Test(report, sentences)
{
	const struct transfer_hop hops[] = { plain_hop(), tls_hop() };
	struct transfer_report report = {
		.url = "h/a", .hops = hops, .hop_count = 2, .tries = 1, .done = 1 << 20, .file = "a"
	};

	expect_sentence(&report, "http://h/a: 200, 1 MiB in 100ms (10 MiB/s) to a; 1 redirect");
	report.tries = 3;
	report.resumed = 1 << 19;
	expect_sentence(&report, "http://h/a: 200, 512 KiB in 100ms (5 MiB/s) to a, behind the 512 "
				 "KiB that were there; 3 tries; 1 redirect");
	report.unchanged = true;
	report.tries = 1;
	report.hop_count = 1;
	expect_sentence(&report, "http://h/a: 301, a is current");
	report.unchanged = false;
	report.complete_before = true;
	expect_sentence(&report, "http://h/a: 301, a was complete");
	report = (struct transfer_report){ .url = "h", .tries = 1 };
	expect_sentence(&report, "h: no answer, 0 B in 0ms (0 B/s)");
}

Test(report, what_was_kept)
{
	struct transfer_report report = { .kept = "a.part", .done = 3 << 20 };
	struct buffer out = { 0 };

	cr_assert(report_kept(&out, &report));
	expect(&out, "kept a.part (3 MiB); --continue goes on");
	report.total_known = true;
	report.total = 10 << 20;
	cr_assert(report_kept(&out, &report));
	expect(&out, "kept a.part (3 MiB of 10 MiB); --continue goes on");
}

Test(report, sums_of_a_run)
{
	const struct transfer_hop hops[] = { plain_hop(), tls_hop() };
	struct transfer_report report = { .url = "h/a",
					  .hops = hops,
					  .hop_count = 2,
					  .done = 3000,
					  .resumed = 1000,
					  .transferred = 2000 };
	struct report_totals totals = { .started_us = 1000000, .ended_us = 3000000 };
	struct buffer out = { 0 };

	report_totals_add(&totals, &report);
	fail(&report.failure, FAILURE_TRUNCATED, "cut short");
	report_totals_add(&totals, &report);
	cr_assert(report_totals_text(&out, &totals));
	expect(&out, "URLs         2, 1 failed\n"
		     "requests     4, 2 on open connections\n"
		     "received     4000 bytes (3.91 KiB), 1.95 KiB/s\n"
		     "written      4000 bytes (3.91 KiB)\n"
		     "lasted       2.00s\n");
}

/* SPDX-License-Identifier: MIT */
/* tests/unit/connect/report.c
 * Holds: facts are one a line and unknown ones left out; JSON is one object on one line; statistics
 * name bytes, rates and times. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <string.h>

#include <sockutil/connect/report.h>

static struct endpoint endpoint;
static struct stream_report report;

static void set_up(void)
{
	struct failure why;

	cr_assert(endpoint_parse(&endpoint, "127.0.0.1:80", false, &why));
	address_parse_ip("127.0.0.1", 80, &report.dial.peer);
	address_parse_ip("127.0.0.1", 4711, &report.dial.local);
	report.dial.attempts = 1;
	report.dial.connected_us = 1234;
	report.tls_us = -1;
	report.open_us = 2000;
}

TestSuite(report, .init = set_up);

Test(report, says_the_facts_in_words)
{
	struct buffer out = { 0 };

	cr_assert(report_info_text(&out, &endpoint, &report));
	cr_assert_str_eq(buffer_text(&out), "endpoint     127.0.0.1:80\n"
					    "peer         127.0.0.1:80\n"
					    "local        127.0.0.1:4711\n"
					    "family       IPv4\n"
					    "attempts     1\n"
					    "resolved     0.000 ms\n"
					    "connected    1.234 ms\n"
					    "open         2.000 ms\n");
	buffer_free(&out);
}

Test(report, says_the_facts_in_json)
{
	struct buffer out = { 0 };

	cr_assert(report_info_json(&out, &endpoint, &report));
	cr_assert_str_eq(buffer_text(&out),
			 "{\"endpoint\":\"127.0.0.1:80\",\"peer\":\"127.0.0.1:80\","
			 "\"local\":\"127.0.0.1:4711\",\"family\":\"IPv4\",\"attempts\":1,"
			 "\"times_us\":{\"resolved\":0,\"connected\":1234,\"open\":2000}}\n");
	buffer_free(&out);
}

Test(report, says_what_tls_agreed_on)
{
	struct buffer out = { 0 };

	report.tls.version = "TLSv1.3";
	report.tls.cipher = "TLS_AES_128_GCM_SHA256";
	report.tls.group = report.tls.alpn = report.tls.servername = "";
	report.tls.subject = "CN=\"x\"";
	report.tls.issuer = report.tls.not_after = "";
	cr_assert(report_info_json(&out, &endpoint, &report));
	cr_assert_not_null(strstr(buffer_text(&out), "\"tls\":{\"version\":\"TLSv1.3\""));
	cr_assert_not_null(strstr(buffer_text(&out), "\"subject\":\"CN=\\\"x\\\"\""));
	buffer_free(&out);
}

Test(report, sums_up)
{
	struct buffer out = { 0 };
	struct client_result result = { .stream = report, .opened = true };

	result.report.started_us = 1000;
	result.report.ended_us = 3000;
	result.report.first_byte_us = 1500;
	result.report.bytes[RELAY_UP] = 2048;
	result.report.bytes[RELAY_DOWN] = 10;
	cr_assert(report_statistics(&out, &result));
	cr_assert_str_eq(buffer_text(&out), "peer         127.0.0.1:80\n"
					    "sent         2048 bytes (2 KiB), 0.977 MiB/s\n"
					    "received     10 bytes (10 B), 4.88 KiB/s\n"
					    "open         2.000 ms\n"
					    "first byte   0.500 ms\n"
					    "lasted       2.000 ms\n");
	buffer_free(&out);
}

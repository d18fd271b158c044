/* SPDX-License-Identifier: MIT */
/* tests/unit/stream/tls/keylog.c Holds: --keylog appends NSS lines of each connection to a file
 * of its owner alone; SSLKEYLOGFILE does the same when --keylog is not given; an unusable
 * --keylog is a failure, an unusable SSLKEYLOGFILE a warning. */
#include "tls_support.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

TestSuite(tls_keylog, .init = tls_support_begin, .fini = tls_support_end);

static void connect_once(const char *keylog)
{
	struct tls_pair pair;

	tls_pair_init(&pair, &(struct tls_options){ .insecure = true, .keylog = keylog },
		      &(struct tls_options){ .keylog = "/dev/null" }, "host.example");
	tls_pair_open(&pair);
	tls_pair_free(&pair);
}

static void assert_logged(const char *file)
{
	static const char *const labels[] = { "CLIENT_HANDSHAKE_TRAFFIC_SECRET ",
					      "SERVER_HANDSHAKE_TRAFFIC_SECRET ",
					      "CLIENT_TRAFFIC_SECRET_0 ",
					      "SERVER_TRAFFIC_SECRET_0 ", "EXPORTER_SECRET " };
	const char *text = tls_support_read(file);

	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		cr_assert_not_null(strstr(text, labels[i]), "%s", labels[i]);
	cr_assert_eq(text[strlen(text) - 1], '\n');
}

Test(tls_keylog, by_option)
{
	struct stat status;
	const char *file = tls_support_write("log", "# mine\n", 7, 0600);

	connect_once(file);
	assert_logged("log");
	cr_assert_eq(strncmp(tls_support_read("log"), "# mine\n", 7), 0, "appended");
	connect_once(tls_support_path("new"));
	cr_assert_eq(stat(tls_support_path("new"), &status), 0);
	cr_assert_eq(status.st_mode & 07777, 0600);
}

Test(tls_keylog, by_environment)
{
	setenv("SSLKEYLOGFILE", tls_support_path("log"), 1);
	connect_once(NULL);
	assert_logged("log");
	connect_once(tls_support_path("other"));
	assert_logged("other");
}

Test(tls_keylog, files_that_cannot_be_written)
{
	struct failure why = { 0 };
	struct tls_context *context = NULL;
	char text[300];
	const char *file = tls_support_path("absent/log");

	snprintf(text, sizeof(text), "cannot write --keylog %s: No such file or directory", file);
	cr_assert_null(sockutil_tls_api.client(&(struct tls_options){ .keylog = file }, &why));
	cr_assert_eq(why.class, FAILURE_OUTPUT);
	cr_assert_str_eq(why.text, text);
	setenv("SSLKEYLOGFILE", file, 1);
	context = sockutil_tls_api.client(&(struct tls_options){ .warn = tls_support_warn }, &why);
	cr_assert_not_null(context);
	snprintf(text, sizeof(text), "cannot write SSLKEYLOGFILE %s: No such file or directory",
		 file);
	cr_assert_str_eq(tls_support_warning, text);
	sockutil_tls_api.context_free(context);
}

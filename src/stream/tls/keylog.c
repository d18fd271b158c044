/* SPDX-License-Identifier: MIT */
/* keylog.c - connection secrets for Wireshark. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/stream/tls/context.h>
#include <sockutil/stream/tls/keylog.h>

static void write_line(const SSL *ssl, const char *line)
{
	struct tls_context *context = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
	char text[1024];
	int length = snprintf(text, sizeof(text), "%s\n", line);
	ssize_t written = 0;

	if (length < 0 || (size_t)length >= sizeof(text))
		return;
	do
		written = write(context->keylog, text, (size_t)length);
	while (written < 0 && errno == EINTR);
	if (written == length || context->keylog_failed)
		return;
	/* Once is enough: each connection has several lines. */
	context->keylog_failed = true;
	context_warn(context, "cannot write the key log: %s", strerror(errno));
}

bool keylog_use(struct tls_context *context, struct failure *why)
{
	const char *asked = context->options.keylog;
	const char *file = asked ? asked : getenv("SSLKEYLOGFILE");

	if (!file || !*file)
		return true;
	context->keylog = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (context->keylog >= 0) {
		SSL_CTX_set_keylog_callback(context->ssl, write_line);
		return true;
	}
	if (asked) {
		fail_errno(why, FAILURE_OUTPUT, errno, "cannot write --keylog %s", file);
		return false;
	}
	context_warn(context, "cannot write SSLKEYLOGFILE %s: %s", file, strerror(errno));
	return true;
}

void keylog_close(struct tls_context *context)
{
	if (context->keylog >= 0)
		close(context->keylog);
	context->keylog = -1;
}

/* SPDX-License-Identifier: MIT */
/* transport.c - a BIO over a stream that gathers what it writes. */
#include <stdlib.h>

#include <sockutil/base/memory.h>
#include <sockutil/stream/tls/transport.h>

static void remember(struct transport *t, const struct failure *why)
{
	t->lost = memory_zeroed(1, sizeof(*t->lost));
	*t->lost = *why;
}

static int transport_read(BIO *bio, char *bytes, size_t length, size_t *count)
{
	struct transport *t = BIO_get_data(bio);
	struct failure why = { .class = FAILURE_NONE };

	BIO_clear_retry_flags(bio);
	*count = 0;
	if (!t->ended && !t->lost) {
		switch (stream_read(t->below, bytes, length, count, &why)) {
		case IO_DONE:
			return 1;
		case IO_END:
			t->ended = true;
			break;
		case IO_FAILED:
			remember(t, &why);
			break;
		case IO_AGAIN:
			break;
		}
	}
	t->starved = true;
	BIO_set_retry_read(bio);
	return 0;
}

static int transport_write(BIO *bio, const char *bytes, size_t length, size_t *count)
{
	struct transport *t = BIO_get_data(bio);

	BIO_clear_retry_flags(bio);
	*count = 0;
	if (t->out.length >= TRANSPORT_CAP) {
		BIO_set_retry_write(bio);
		return 0;
	}
	if (!buffer_add(&t->out, bytes, length))
		return 0;
	*count = length;
	return 1;
}

static long transport_control(BIO *bio, int command, long number, void *pointer)
{
	(void)bio;
	(void)number;
	(void)pointer;
	/* Nothing to flush here: the layer sends when it has gathered enough. */
	return command == BIO_CTRL_FLUSH;
}

static BIO_METHOD *method_make(void)
{
	BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stream");

	if (method && BIO_meth_set_read_ex(method, transport_read) &&
	    BIO_meth_set_write_ex(method, transport_write) &&
	    BIO_meth_set_ctrl(method, transport_control))
		return method;
	BIO_meth_free(method);
	return NULL;
}

BIO *transport_bio(struct transport *t)
{
	static BIO_METHOD *method; /* one for the process, never freed */
	BIO *bio = NULL;

	if (!method)
		method = method_make();
	bio = method ? BIO_new(method) : NULL;
	if (!bio)
		return NULL;
	BIO_set_data(bio, t);
	BIO_set_init(bio, 1);
	return bio;
}

enum io transport_send(struct transport *t, struct failure *why)
{
	while (t->out.length) {
		size_t sent = 0;
		enum io result =
			stream_write(t->below, buffer_bytes(&t->out), t->out.length, &sent, why);

		if (result != IO_DONE)
			return result;
		buffer_take(&t->out, sent);
	}
	return IO_DONE;
}

void transport_free(struct transport *t)
{
	buffer_free(&t->out);
	free(t->lost);
	t->lost = NULL;
}

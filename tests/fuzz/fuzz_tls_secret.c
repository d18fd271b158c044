/* SPDX-License-Identifier: MIT */
/* fuzz_tls_secret.c - the file of a shared secret: all bytes but one final newline are stretched,
 * or none. */
#include "fuzz.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <sockutil/stream/tls/context.h>

static struct {
	bool called;
	size_t length;
	char bytes[SECRET_MAX];
} stretched;

/* In the place of OpenSSL's, which takes its time on purpose. */
int EVP_PBE_scrypt(const char *pass, size_t passlen, const unsigned char *salt, size_t saltlen,
		   uint64_t N, uint64_t r, uint64_t p, uint64_t maxmem, unsigned char *key,
		   size_t keylen)
{
	fuzz_check(!stretched.called && passlen >= 1 && passlen <= SECRET_MAX);
	fuzz_check(saltlen > 0 && *salt && N >= 16384 && r == 8 && p == 1 && maxmem);
	stretched.called = true;
	stretched.length = passlen;
	memcpy(stretched.bytes, pass, passlen);
	memset(key, 1, keylen);
	return 1;
}

static const char *file_with(const uint8_t *data, size_t size, size_t times)
{
	static char path[40];
	int fd;

	snprintf(path, sizeof(path), "/tmp/sockutil-fuzz-XXXXXX");
	fd = mkstemp(path);
	fuzz_check(fd >= 0);
	for (size_t i = 0; i < times; i++)
		fuzz_check(write(fd, data, size) == (ssize_t)size);
	close(fd);
	return path;
}

static size_t without_newline(const uint8_t *data, size_t size)
{
	if (size >= 2 && !memcmp(data + size - 2, "\r\n", 2))
		return size - 2;
	return size - (size >= 1 && data[size - 1] == '\n');
}

static void warn(void *data, const char *text)
{
	++*(int *)data;
	fuzz_check(!strncmp(text, "--secret", 8));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Up to some bytes over the limit. */
	size_t times = size > 2000 ? (SECRET_MAX + 8) / size : 1, whole = size * times;
	size_t length = whole - (size - without_newline(data, size));
	int warnings = 0;
	struct tls_context context = { .options = { .warn = warn, .warn_data = &warnings } };
	struct failure why = { 0 };
	const char *path = file_with(data, size, times);

	stretched.called = false;
	if (secret_read(&context, path, &why)) {
		fuzz_check(stretched.called && stretched.length == length);
		fuzz_check(!memcmp(stretched.bytes, data, length < size ? length : size));
		fuzz_check(context.has_secret && warnings == (length < SECRET_SHORT));
	} else {
		fuzz_check(length == 0 || length > SECRET_MAX);
		fuzz_check(why.class == FAILURE_USAGE && !context.has_secret && !stretched.called);
	}
	unlink(path);
	return 0;
}

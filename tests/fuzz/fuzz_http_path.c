/* SPDX-License-Identifier: MIT */
/* fuzz_http_path.c - targets: nothing that comes out leads upwards, and what is written of it names
 * the same again. */
#include "fuzz.h"

#include <sockutil/proto/http_path.h>

static void check_segment(const char *segment, size_t length)
{
	fuzz_check(length > 0);
	fuzz_check(!(length == 1 && *segment == '.'));
	fuzz_check(!(length == 2 && segment[0] == '.' && segment[1] == '.'));
}

static void check_path(const struct http_path *path)
{
	const char *at = path->name;
	bool hidden = false;

	fuzz_check(path->length > 0 && path->length < HTTP_PATH_MAX);
	fuzz_check(strlen(path->name) == path->length);
	if (!strcmp(path->name, ".")) {
		fuzz_check(path->folder && !path->hidden);
		return;
	}
	for (;;) {
		const char *slash = strchr(at, '/');

		check_segment(at, slash ? (size_t)(slash - at) : strlen(at));
		hidden |= *at == '.';
		if (!slash)
			break;
		at = slash + 1;
	}
	fuzz_check(hidden == path->hidden);
}

static void check_written(const struct http_path *path)
{
	struct buffer out = { 0 };
	struct http_path again;

	fuzz_check(http_path_write(&out, path, path->folder));
	fuzz_check(*buffer_bytes(&out) == '/' && (out.length == 1 || buffer_bytes(&out)[1] != '/'));
	fuzz_check(http_path_parse(&again, buffer_bytes(&out), out.length) == 0);
	fuzz_check(!strcmp(path->name, again.name) && path->folder == again.folder);
	buffer_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *target = fuzz_text(data, size);
	struct http_path path;
	const int status = http_path_parse(&path, target, size);

	fuzz_check(status == 0 || status == 400 || status == 404 || status == 414);
	if (status == 0) {
		check_path(&path);
		fuzz_check(!path.query || (path.query > target && path.query[-1] == '?' &&
					   path.query + path.query_length == target + size));
		check_written(&path);
	}
	free(target);
	return 0;
}

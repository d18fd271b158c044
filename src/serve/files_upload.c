/* SPDX-License-Identifier: MIT */
/* PUT: into a file of another name in the same folder, renamed when the body is whole. What is
 * under the real name is the old file or the new one, never a part. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sockutil/base/log.h>
#include <sockutil/base/memory.h>
#include <sockutil/base/random.h>
#include <sockutil/net/beneath.h>
#include <sockutil/serve/files_parts.h>

enum { RANDOM_LENGTH = 12, TEMPORARY_MAX = sizeof(".upload-") + RANDOM_LENGTH };

/* Invariant: temporary is "" once nothing of that name is ours. */
struct files_upload {
	struct files *files;
	int folder, fd; /* -1: none */
	uint64_t size;
	struct files_identity before; /* what is replaced */
	bool existed;
	bool only_new; /* If-None-Match: nothing may come in between */
	bool same;     /* If-Match: it must still be what it was */
	char temporary[TEMPORARY_MAX];
	const char *base; /* last segment of name */
	char name[];
};

void files_upload_free(struct files_upload *upload)
{
	if (!upload)
		return;
	if (upload->fd >= 0)
		close(upload->fd);
	if (upload->temporary[0])
		unlinkat(upload->folder, upload->temporary, 0);
	if (upload->folder >= 0)
		close(upload->folder);
	free(upload);
}

/* ------ before the body ------ */

static struct files_upload *upload_new(struct files *files, const struct http_path *path)
{
	struct files_upload *upload = memory_zeroed(1, sizeof(*upload) + path->length + 1);
	const char *slash;

	upload->files = files;
	upload->folder = upload->fd = -1;
	memcpy(upload->name, path->name, path->length + 1);
	slash = strrchr(upload->name, '/');
	upload->base = slash ? slash + 1 : upload->name;
	return upload;
}

static bool open_folder(struct files_upload *upload)
{
	const struct files *files = upload->files;
	char parent[HTTP_PATH_MAX];
	const size_t length = (size_t)(upload->base - upload->name);

	if (length > 0)
		memcpy(parent, upload->name, length - 1);
	else
		parent[0] = '.';
	parent[length > 0 ? length - 1 : 1] = '\0';
	upload->folder =
		beneath_open(files->root, parent, O_RDONLY | O_DIRECTORY, files->options->follow);
	return upload->folder >= 0;
}

/* What is there under the name. False: nothing that a file could take the place of. */
static bool look(struct files_upload *upload, bool *exists, struct stat *status)
{
	*exists = fstatat(upload->folder, upload->base, status, AT_SYMLINK_NOFOLLOW) == 0;
	return *exists ? S_ISREG(status->st_mode) : errno == ENOENT;
}

static bool judge(struct files_upload *upload, const struct http_request_head *head,
		  const struct stat *status)
{
	char etag[FILES_ETAG_MAX];
	struct http_validators now = {
		.exists = upload->existed,
		.modified = HTTP_MODIFIED_UNKNOWN,
	};

	if (upload->existed) {
		upload->before = files_identity_of(status);
		files_etag(etag, &upload->before);
		now.etag = etag;
		now.modified = (int64_t)status->st_mtime;
	}
	upload->only_new = !upload->existed && http_head_find(&head->head, "If-None-Match", NULL);
	upload->same = http_head_find(&head->head, "If-Match", NULL) ||
		       http_head_find(&head->head, "If-Unmodified-Since", NULL);
	return http_condition_check(&head->head, false, &now) == HTTP_CONDITION_GO;
}

static bool create(struct files_upload *upload, const struct stat *status)
{
	char random[RANDOM_LENGTH + 1];

	random_text(random, RANDOM_LENGTH);
	snprintf(upload->temporary, sizeof(upload->temporary), ".upload-%s", random);
	upload->fd = openat(upload->folder, upload->temporary,
			    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (upload->fd < 0) {
		upload->temporary[0] = '\0';
		return false;
	}
	/* Who may read the old one may read the new one, where that is ours to say. */
	if (upload->existed)
		(void)!fchmod(upload->fd, status->st_mode & 0777);
	return true;
}

static int status_of(int error)
{
	switch (error) {
	case ENOSPC:
	case EDQUOT:
		return 507;
	case EFBIG:
		return 413;
	case EACCES:
	case EPERM:
	case EROFS:
		return 403;
	case EMFILE:
	case ENFILE:
		return 503;
	default:
		return 500;
	}
}

static void say_failed(struct files_upload *upload, struct http_service_request *request, int error)
{
	log_error("%s/%s: cannot take the upload: %s", upload->files->options->folder, upload->name,
		  strerror(error));
	files_say(upload->files, request, status_of(error), NULL);
}

/* 0: the body may come. */
static int prepare(struct files_upload *upload, const struct http_service_request *request,
		   const struct http_request_head *head)
{
	const uint64_t most = upload->files->options->max_size;
	struct stat status;

	if (most > 0 && request->body_length != HTTP_SERVICE_UNKNOWN && request->body_length > most)
		return 413;
	if (!open_folder(upload))
		return files_found_of(errno) == FILES_NONE ? 409 : -1;
	if (!look(upload, &upload->existed, &status))
		return 409;
	if (!judge(upload, head, &status))
		return 412;
	return create(upload, &status) ? 0 : -1;
}

void files_upload_begin(struct files *files, struct http_service_request *request,
			const struct http_request_head *head, const struct http_path *path)
{
	struct files_upload *upload;
	int status;

	/* A part is not the whole (RFC 9110, 14.5), and only bytes as they are can be kept. */
	if (http_head_find(&head->head, "Content-Range", NULL)) {
		files_say(files, request, 400, NULL);
		return;
	}
	if (http_head_find(&head->head, "Content-Encoding", NULL)) {
		files_say(files, request, 415, NULL);
		return;
	}
	if (path->folder || strcmp(path->name, ".") == 0) {
		files_say(files, request, 409, NULL);
		return;
	}
	upload = upload_new(files, path);
	files_request_of(request)->upload = upload;
	status = prepare(upload, request, head);
	if (status < 0)
		say_failed(upload, request, errno);
	else if (status > 0)
		files_say(files, request, status, NULL);
}

/* ------ the body ------ */

size_t files_upload_body(void *data, struct http_service_request *request, const char *bytes,
			 size_t length)
{
	struct files_upload *upload = files_request_of(request)->upload;
	const uint64_t most = upload->files->options->max_size;
	size_t done = 0;

	(void)data;
	if (most > 0 && upload->size + length > most) {
		files_say(upload->files, request, 413, NULL);
		return length;
	}
	while (done < length) {
		const ssize_t n = write(upload->fd, bytes + done, length - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			say_failed(upload, request, errno);
			return length;
		}
		done += (size_t)n;
	}
	upload->size += length;
	return length;
}

/* ------ behind it ------ */

/* Some file systems tell of a lost write only now. */
static bool finish(struct files_upload *upload, struct stat *written)
{
	const int fd = upload->fd;
	const bool looked = fstat(fd, written) == 0;

	upload->fd = -1;
	return close(fd) == 0 && looked;
}

/* 0 with errno: it did not go; otherwise the status. */
static int put_in_place(struct files_upload *upload)
{
	struct stat status;

	if (upload->only_new) {
		/* A link, unlike a rename, never takes a name from somebody. */
		if (linkat(upload->folder, upload->temporary, upload->folder, upload->base, 0) == 0)
			return 201;
		return errno == EEXIST ? 412 : 0;
	}
	if (upload->same) {
		const bool there =
			fstatat(upload->folder, upload->base, &status, AT_SYMLINK_NOFOLLOW) == 0;
		const struct files_identity now =
			there ? files_identity_of(&status) : (struct files_identity){ 0 };

		if (!there || !files_identity_same(&now, &upload->before))
			return 412;
	}
	if (renameat(upload->folder, upload->temporary, upload->folder, upload->base) != 0)
		return 0;
	upload->temporary[0] = '\0';
	return upload->existed ? 204 : 201;
}

static void say_done(struct files_upload *upload, struct http_service_request *request, int status,
		     const struct stat *written)
{
	char etag[FILES_ETAG_MAX], fields[FILES_ETAG_MAX + 16];
	const struct files_identity identity = files_identity_of(written);

	files_etag(etag, &identity);
	snprintf(fields, sizeof(fields), "ETag: %s\r\n", etag);
	files_say(upload->files, request, status, fields);
}

void files_upload_received(void *data, struct http_service_request *request)
{
	struct files_upload *upload = files_request_of(request)->upload;
	struct stat written;
	int status;

	(void)data;
	/* Only an upload leaves a request unanswered. */
	if (!upload)
		return;
	status = finish(upload, &written) ? put_in_place(upload) : 0;
	if (status == 0) {
		say_failed(upload, request, errno);
		return;
	}
	files_cache_forget(upload->files, upload->name);
	if (status == 412)
		files_say(upload->files, request, status, NULL);
	else
		say_done(upload, request, status, &written);
}

/* SPDX-License-Identifier: MIT */
/* openat2(2), as Linux has it since 5.6. */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <sockutil/net/beneath.h>

/* The kernel gives up with EAGAIN when something was renamed while it looked for "..". */
enum { TRIES = 32 };

int beneath_open(int folder, const char *name, int flags, bool follow)
{
	static bool missing;
	const struct open_how how = {
		.flags = (unsigned)flags | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS |
			   (follow ? 0 : RESOLVE_NO_SYMLINKS),
	};
	long fd = -1;

	if (flags & O_CREAT) {
		errno = EINVAL;
		return -1;
	}
	if (missing)
		return beneath_walk(folder, name, flags, follow);
	for (int i = 0; i < TRIES; ++i) {
		fd = syscall(SYS_openat2, folder, name, &how, sizeof(how));
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	if (fd < 0 && errno == ENOSYS) {
		missing = true;
		return beneath_walk(folder, name, flags, follow);
	}
	return (int)fd;
}

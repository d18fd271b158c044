/* SPDX-License-Identifier: MIT */
/* privileges.c - gives up being root. */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sockutil/base/number.h>
#include <sockutil/net/privileges.h>

enum { NAME_SIZE = 256 };

struct identity {
	char user[NAME_SIZE];
	uid_t uid;
	gid_t gid;
	bool named;     /* the user has a name, and so groups */
	bool own_group; /* a group was given: that one alone */
};

static bool find_user(struct identity *who, const char *text, struct failure *why)
{
	const struct passwd *entry = getpwnam(text);
	uint64_t number = 0;

	if (!entry && number_parse(text, UINT32_MAX - 1, &number))
		entry = getpwuid((uid_t)number);
	else if (!entry) {
		fail(why, FAILURE_USAGE, "--user %s: no such user", text);
		return false;
	}
	who->named = entry != NULL;
	who->uid = entry ? entry->pw_uid : (uid_t)number;
	who->gid = entry ? entry->pw_gid : (gid_t)number;
	if (entry && strlen(entry->pw_name) < sizeof(who->user))
		memcpy(who->user, entry->pw_name, strlen(entry->pw_name) + 1);
	return true;
}

static bool find_group(struct identity *who, const char *text, struct failure *why)
{
	const struct group *entry = getgrnam(text);
	uint64_t number = 0;

	if (!entry && !number_parse(text, UINT32_MAX - 1, &number)) {
		fail(why, FAILURE_USAGE, "--user: no such group: %s", text);
		return false;
	}
	who->gid = entry ? entry->gr_gid : (gid_t)number;
	who->own_group = true;
	return true;
}

static bool find(struct identity *who, const char *text, struct failure *why)
{
	const size_t length = strcspn(text, ":");
	char user[NAME_SIZE];

	if (length == 0 || length >= sizeof(user)) {
		fail(why, FAILURE_USAGE, "--user \"%s\": write it as USER or USER:GROUP", text);
		return false;
	}
	memcpy(user, text, length);
	user[length] = '\0';
	return find_user(who, user, why) &&
	       (!text[length] || find_group(who, text + length + 1, why));
}

static bool drop_groups(const struct identity *who)
{
	if (who->named && !who->own_group)
		return initgroups(who->user, who->gid) == 0 && setgid(who->gid) == 0;
	return setgroups(1, &who->gid) == 0 && setgid(who->gid) == 0;
}

static bool is_us(const struct identity *who)
{
	return getuid() == who->uid && geteuid() == who->uid;
}

static bool check(struct identity *who, const char *user, struct failure *why)
{
	if (!find(who, user, why))
		return false;
	if (who->uid == 0)
		fail(why, FAILURE_USAGE, "--user %s: that is root; name another user", user);
	else if (geteuid() != 0 && !is_us(who))
		fail(why, FAILURE_USAGE, "--user %s: only root can become another user", user);
	else
		return true;
	return false;
}

bool privileges_check(const char *user, struct failure *why)
{
	struct identity who = { 0 };

	return check(&who, user, why);
}

bool privileges_drop(const char *user, struct failure *why)
{
	struct identity who = { 0 };

	if (!check(&who, user, why))
		return false;
	if (is_us(&who))
		return true;
	if (!drop_groups(&who) || setuid(who.uid) != 0) {
		fail_errno(why, FAILURE_OTHER, errno, "--user %s: cannot become that user", user);
		return false;
	}
	if (setuid(0) != 0 && geteuid() != 0 && getuid() != 0)
		return true;
	fail(why, FAILURE_OTHER, "--user %s: this system leaves a way back to root", user);
	return false;
}

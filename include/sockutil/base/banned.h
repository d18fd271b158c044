/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_BASE_BANNED_H
#define SOCKUTIL_BASE_BANNED_H
/*
 * Forced in by the Makefile, behind the system headers it names: using one of these functions does
 * not compile. Each has a bounded or checked replacement beside it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BANNED(call, instead) sockutil_banned_##call##_use_##instead

#undef strcpy
#define strcpy(a, b) BANNED(strcpy, snprintf)
#undef strcat
#define strcat(a, b) BANNED(strcat, snprintf)
#undef strncpy
#define strncpy(a, b, n) BANNED(strncpy, snprintf)
#undef strncat
#define strncat(a, b, n) BANNED(strncat, snprintf)
#undef stpcpy
#define stpcpy(a, b) BANNED(stpcpy, snprintf)
#undef sprintf
#define sprintf(...) BANNED(sprintf, snprintf)
#undef vsprintf
#define vsprintf(...) BANNED(vsprintf, vsnprintf)
#undef gets
#define gets(a) BANNED(gets, getline)
#undef strtok
#define strtok(a, b) BANNED(strtok, strchr)
#undef atoi
#define atoi(a) BANNED(atoi, number_parse)
#undef atol
#define atol(a) BANNED(atol, number_parse)
#undef atof
#define atof(a) BANNED(atof, number_parse)
#undef gmtime
#define gmtime(a) BANNED(gmtime, gmtime_r)
#undef localtime
#define localtime(a) BANNED(localtime, localtime_r)
#undef ctime
#define ctime(a) BANNED(ctime, strftime)
#undef asctime
#define asctime(a) BANNED(asctime, strftime)
#undef alloca
#define alloca(a) BANNED(alloca, malloc)
#undef system
#define system(a) BANNED(system, posix_spawn)
#undef popen
#define popen(a, b) BANNED(popen, posix_spawn)
#undef tmpnam
#define tmpnam(a) BANNED(tmpnam, mkstemp)
#undef mktemp
#define mktemp(a) BANNED(mktemp, mkstemp)
#endif

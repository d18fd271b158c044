/* SPDX-License-Identifier: MIT */
#ifndef GET_OUTPUT_FAULTS_H
#define GET_OUTPUT_FAULTS_H
/* System calls that fail when a test wants them to: an errno, 0 for none. */

struct output_faults {
	int fsync, linkat, flock, renameat, unlinkat;
	int close;          /* the next one, which closes nevertheless */
	int renameat_after; /* EIO once so many have worked; 0: never */
	int fsyncs;         /* counts the calls */
	int renames;        /* the same for renameat */
};

extern struct output_faults output_faults;
#endif

/* SPDX-License-Identifier: MIT */
#ifndef SOCKUTIL_MODES_SERVE_FILES_H
#define SOCKUTIL_MODES_SERVE_FILES_H
/* --files of `sockutil serve`, and what goes with it. */
#include <stdbool.h>
#include <stdint.h>

#include <sockutil/cli/option.h>

struct serve_choice;

struct serve_files_args {
	const char *folder; /* --files */
	bool spa, cors, no_listing, upload, dotfiles, follow;
	struct option_list auth;
	uint64_t max_size;
	bool max_size_given;
};

extern const struct option_row serve_files_rows[];
extern const struct serve_choice serve_choice_files;
#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tells when a file may be another one than before. */
#ifndef SNAPTUN_FILEWATCH_H
#define SNAPTUN_FILEWATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "loop.h"

/**
 * struct filewatch - a file that is watched
 * @changed: Called shortly after the last of some changes. May end the watch.
 * @data: For @changed's use.
 * @loop: The loop; filewatch_begin()'s own, as all that follows.
 * @folder: Name of the folder that the file is in, and then a zero and its own.
 * @name: The file's own name; lies in @folder.
 * @inotify: Watched descriptor: what happens in the folder.
 * @wd: The folder's number there; -1 while it is not watched.
 * @settled: Fires once there were no more changes for a while.
 * @first: When the first of them was, by loop_now().
 * @written: Somebody has written to the file and not closed it yet.
 * @again: Looks whether the folder is the same still.
 */
struct filewatch {
	void (*changed)(struct filewatch *watch);
	void *data;
	struct loop *loop;
	char *folder;
	const char *name;
	struct loop_watch inotify;
	int wd;
	struct loop_timer settled;
	uint64_t first;
	bool written;
	struct loop_timer again;
};

/**
 * filewatch_begin() - watch a file
 * @watch: The watch, with @changed and @data filled in.
 * @loop: The loop.
 * @path: The file's name. It need not be there, nor need its folder.
 *
 * Rewriting counts as well as putting another file in its place. Once a minute the
 * file may have changed in any case: where the name is a link, or the file is another
 * machine's, nobody tells.
 *
 * Return: %STATUS_OK, or %STATUS_FAILED after a report.
 */
enum status filewatch_begin(struct filewatch *watch, struct loop *loop,
			    const char *path);

/**
 * filewatch_end() - watch it no more
 * @watch: The watch; may be all zero.
 */
void filewatch_end(struct filewatch *watch);

#endif /* SNAPTUN_FILEWATCH_H */

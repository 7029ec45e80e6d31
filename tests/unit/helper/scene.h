/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A folder, a loop and what was reported: what tests have in common that work on files
 * and run programs. Include after <cmocka.h>.
 */
#ifndef TEST_SCENE_H
#define TEST_SCENE_H

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loop.h"

static char scene_folder[] = "/tmp/snaptun-XXXXXX";
static char scene_reports[16384];
static struct loop *scene_loop;
static int scene_stderr = -1;
static bool scene_late;

/* A file of the folder; the name stays until the scene ends. */
static inline const char *scene_path(const char *name)
{
	static char paths[32][64];
	size_t i = 0;
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", scene_folder, name);
	while (i < 31 && strncmp(paths[i], scene_folder, strlen(scene_folder)) == 0 &&
	       strcmp(paths[i], path) != 0)
		i++;
	memcpy(paths[i], path, sizeof(path));
	return paths[i];
}

/* Writes a file of the folder, with this mode. */
static inline const char *scene_write(const char *name, mode_t mode,
				      const void *bytes, size_t size)
{
	const char *path = scene_path(name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), size);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
	return path;
}

static inline const char *scene_file(const char *name, mode_t mode, const char *text)
{
	return scene_write(name, mode, text, strlen(text));
}

/* Whether this was reported since the scene began; what is there is read again. */
static inline bool scene_reported(const char *words)
{
	int fd = open(scene_path("reports"), O_RDONLY | O_CLOEXEC);
	ssize_t size;

	fflush(stderr);
	size = read(fd, scene_reports, sizeof(scene_reports) - 1);
	close(fd);
	scene_reports[size > 0 ? size : 0] = '\0';
	return strstr(scene_reports, words);
}

/* The same, but it fails with what was reported instead. */
#define scene_expect(words)						\
	do {								\
		if (!scene_reported(words))				\
			fail_msg("no \"%s\" in: %s", words, scene_reports); \
	} while (0)

static inline int scene_begin(void **state)
{
	int fd;

	(void)state;
	memcpy(strrchr(scene_folder, '-') + 1, "XXXXXX", 6);
	assert_non_null(mkdtemp(scene_folder));
	/* What is reported goes to a file. */
	fflush(stderr);
	fd = open(scene_path("reports"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	scene_stderr = dup(STDERR_FILENO);
	dup2(fd, STDERR_FILENO);
	close(fd);
	assert_int_equal(loop_new(&scene_loop), STATUS_OK);
	return 0;
}

static inline int scene_remove(const char *path, const struct stat *file, int kind,
			       struct FTW *place)
{
	(void)file;
	(void)kind;
	(void)place;
	return remove(path);
}

static inline int scene_end(void **state)
{
	(void)state;
	loop_free(scene_loop);
	fflush(stderr);
	dup2(scene_stderr, STDERR_FILENO);
	close(scene_stderr);
	return nftw(scene_folder, scene_remove, 8, FTW_DEPTH | FTW_PHYS);
}

static inline void scene_is_late(struct loop_timer *timer)
{
	scene_late = true;
	loop_stop(timer->data);
}

/* Runs the loop until somebody stops it; returns whether that was in time. */
static inline bool scene_run(uint64_t most)
{
	struct loop_timer late = { .fire = scene_is_late, .data = scene_loop };

	scene_late = false;
	loop_timer_set(scene_loop, &late, most);
	assert_int_equal(loop_run(scene_loop), STATUS_OK);
	loop_timer_cancel(scene_loop, &late);
	return !scene_late;
}

#endif /* TEST_SCENE_H */

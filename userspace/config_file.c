// SPDX-License-Identifier: GPL-2.0-or-later
/* Reads files of configurations: a key, an equals sign and a value on each line. */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "credential.h"
#include "file.h"
#include "key.h"
#include "report.h"

enum status config_name(const char *what, const char *name)
{
	bool right = *name && strlen(name) < IF_NAMESIZE && strcmp(name, ".") != 0 &&
		     strcmp(name, "..") != 0;

	/* What the kernel refuses, and control characters, which it lets pass. */
	for (const char *c = name; right && *c; c++)
		right = *c != '/' && *c != ':' && !isspace((unsigned char)*c) &&
			!iscntrl((unsigned char)*c);
	if (right)
		return STATUS_OK;
	return report_usage("%s: \"%.64s\" is no name of a network device", what,
			    key_hide(name));
}

/* Cuts white space off both ends. */
static char *trim(char *text)
{
	size_t length;

	while (isspace((unsigned char)*text))
		text++;
	length = strlen(text);
	while (length && isspace((unsigned char)text[length - 1]))
		length--;
	text[length] = '\0';
	return text;
}

static bool find(enum config_use use, const char *name, enum config_id *id)
{
	for (int i = 0; i < CONFIG_KEYS; i++) {
		*id = (enum config_id)i;
		if (config_key_is_for(*id, use) && !strcmp(config_key_name(*id), name))
			return true;
	}
	return false;
}

/* Takes a line, which it cuts in two at the equals sign. */
static enum status read_line(struct config *config, char *line)
{
	char *equals = strchr(line, '=');
	enum config_id id;
	const char *name;
	const char *value;

	if (!*line || *line == '#')
		return STATUS_OK;
	if (!equals)
		return report_usage("there is no = after a key");
	*equals = '\0';
	name = trim(line);
	value = trim(equals + 1);
	if (!find(config->use, name, &id))
		return report_usage("unknown key \"%.64s\"", key_hide(name));
	if (config_given(config, id) && !config_key_repeats(id))
		return report_usage("%s: given before", name);
	if (config_key_is_path(id) && *value && *value != '/' &&
	    !(config_key_is_secret(id) && credential_meant(value)))
		return report_usage("%s: \"%.64s\" does not begin with a slash", name,
				    key_hide(value));
	return config_set(config, id, name, value);
}

static enum status read_lines(struct config *config, const char *path,
			      struct file_text *text)
{
	char *end = text->bytes + text->size;
	enum status status = STATUS_OK;
	unsigned int number = 1;

	for (char *line = text->bytes; status == STATUS_OK && line < end; number++) {
		char *newline = memchr(line, '\n', (size_t)(end - line));
		char *next = newline ? newline + 1 : end;
		size_t length = (size_t)((newline ? newline : end) - line);

		report_place(path, number);
		line[length] = '\0';
		if (length > CONFIG_LINE_BYTES)
			status = report_usage("the line is longer than %u bytes",
					      CONFIG_LINE_BYTES);
		else if (strlen(line) != length)
			status = report_usage("there is a byte of zero");
		else
			status = read_line(config, trim(line));
		line = next;
	}
	report_place(NULL, 0);
	return status;
}

enum status config_read(enum config_use use, const char *path, struct config **config)
{
	struct file_text text;
	enum status status;

	*config = NULL;
	status = file_read("configuration", path, FILE_OWN, CONFIG_FILE_BYTES, &text);
	if (status != STATUS_OK)
		return status;
	status = config_new(use, config);
	if (status == STATUS_OK)
		status = read_lines(*config, path, &text);
	if (status != STATUS_OK) {
		config_free(*config);
		*config = NULL;
	}
	file_wipe(&text);
	return status;
}

enum status config_read_and_check(enum config_use use, const char *path,
				  const char *name, struct config **config)
{
	enum status status = config_read(use, path, config);

	if (status != STATUS_OK)
		return status;
	report_place(path, 0);
	status = config_check(*config, name);
	report_place(NULL, 0);
	if (status != STATUS_OK) {
		config_free(*config);
		*config = NULL;
	}
	return status;
}

/* Whether there is none, for whatever other reason it may not be readable. */
static bool is_missing(const char *path)
{
	return access(path, F_OK) && errno == ENOENT;
}

/* Where the configuration of that name is, or would have to be. */
static void find_file(const char *name, char path[PATH_MAX])
{
	char other[PATH_MAX];

	snprintf(path, PATH_MAX, "%s/%s.conf", CONFIG_FOLDER, name);
	snprintf(other, sizeof(other), "%s/%s.conf", CONFIG_RUN_FOLDER, name);
	if (is_missing(path) && !is_missing(other))
		snprintf(path, PATH_MAX, "%s/%s.conf", CONFIG_RUN_FOLDER, name);
}

enum status config_load(const char *name, struct config **config)
{
	enum status status = config_name("name", name);
	char path[PATH_MAX];

	*config = NULL;
	if (status != STATUS_OK)
		return status;
	find_file(name, path);
	return config_read_and_check(CONFIG_LINK, path, name, config);
}

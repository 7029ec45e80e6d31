// SPDX-License-Identifier: GPL-2.0-or-later
/* snaptun serve: a SNAP's control plane, with a device of ours as its data plane. */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <jansson.h>

#include "bring_up.h"
#include "command.h"
#include "config.h"
#include "device.h"
#include "file.h"
#include "filewatch.h"
#include "http_server.h"
#include "jwt.h"
#include "notify.h"
#include "options.h"
#include "registry.h"
#include "report.h"
#include "service.h"
#include "snap_service.h"
#include "verifier.h"

#define PEM_BYTES_MAX	65536U

/* How many files there are that may have the keys of tokens. */
#define KEY_FILES	2

/**
 * struct serve - the control plane
 * @path: The configuration file; NULL where the command line has it all.
 * @config: The configuration.
 * @process: Its loop, and what it hears of.
 * @device: The data plane.
 * @registry: What is registered with it.
 * @verifier: The keys of tokens.
 * @key_files: What the files that they come from were like before that was read.
 * @watches: Tell when these files may be others; all zero where there is no file.
 * @service: Answers calls; refers to what is here.
 * @server: Takes them.
 * @status: The outcome.
 */
struct serve {
	const char *path;
	struct config *config;
	struct service process;
	struct device device;
	struct registry *registry;
	struct verifier *verifier;
	struct stat key_files[KEY_FILES];
	struct filewatch watches[KEY_FILES];
	struct snap_service service;
	struct http_server *server;
	enum status status;
};

static void answer(void *data, const struct http_request *request,
		   struct http_answer *http_answer)
{
	const struct serve *serve = data;

	snap_service_answer(&serve->service, request, http_answer);
}

/* Begins to serve as a configuration says; another server may be there still. */
static enum status begin_server(struct serve *serve, const struct config *config,
				struct http_server **server)
{
	struct http_server_settings settings = {
		.listen = &config->control_listen, .answer = answer, .data = serve,
	};
	struct file_text certificate = { .bytes = NULL };
	struct file_text key = { .bytes = NULL };
	enum status status = STATUS_OK;

	*server = NULL;
	if (config->tls_key_file)
		status = file_read("certificate", config->tls_certificate_file, FILE_OWN,
				   PEM_BYTES_MAX, &certificate);
	if (status == STATUS_OK && config->tls_key_file)
		status = file_read("key of the certificate", config->tls_key_file,
				   FILE_SECRET, PEM_BYTES_MAX, &key);
	settings.certificate = certificate.bytes;
	settings.key = key.bytes;
	if (status == STATUS_OK)
		status = http_server_begin(serve->process.loop, &settings, serve->server, server);
	file_wipe(&certificate);
	file_wipe(&key);
	return status;
}

/* Name of a file with keys; NULL where there is none. */
static const char *token_key_path(const struct config *config, int which)
{
	return which ? config->jwks_file : config->token_key_file;
}

/* What these files are like; all zero for one that cannot be seen. */
static void look(const struct config *config, struct stat files[KEY_FILES])
{
	memset(files, 0, KEY_FILES * sizeof(*files));
	for (int i = 0; i < KEY_FILES; i++)
		if (token_key_path(config, i) && stat(token_key_path(config, i), &files[i]))
			memset(&files[i], 0, sizeof(files[i]));
}

static void take_verifier(struct serve *serve, struct verifier *verifier)
{
	verifier_free(serve->verifier);
	serve->verifier = verifier;
	serve->service.verifier = verifier;
}

/* A file with keys may be another one. */
static void key_file_changed(struct filewatch *watch)
{
	struct serve *serve = watch->data;
	struct verifier *verifier;
	struct stat now[KEY_FILES];
	bool is_news = false;

	look(serve->config, now);
	for (int i = 0; i < KEY_FILES; i++)
		is_news |= !file_is_same(&now[i], &serve->key_files[i]);
	memcpy(serve->key_files, now, sizeof(now));
	if (!is_news)
		return;
	if (verifier_load(serve->config->token_key_file, serve->config->jwks_file,
			  &verifier) != STATUS_OK) {
		report_warning("%s: goes on with the token keys that it had",
			       serve->device.name);
		return;
	}
	take_verifier(serve, verifier);
	report_note("%s: has its token keys anew", serve->device.name);
}

/* Watches the files with keys from now on, and no others. */
static enum status watch_key_files(struct serve *serve)
{
	enum status status = STATUS_OK;

	for (int i = 0; i < KEY_FILES; i++) {
		filewatch_end(&serve->watches[i]);
		serve->watches[i] = (struct filewatch){
			.changed = key_file_changed, .data = serve,
		};
	}
	for (int i = 0; i < KEY_FILES && status == STATUS_OK; i++)
		if (token_key_path(serve->config, i))
			status = filewatch_begin(&serve->watches[i], serve->process.loop,
						 token_key_path(serve->config, i));
	return status;
}

/* Says where it serves, to people and to the service manager. */
static void tell(const struct serve *serve)
{
	const char *scheme = serve->config->tls_key_file ? "https" : "http";
	char text[ADDRESS_TEXT_SIZE];

	address_write(&serve->config->control_listen, text);
	report_note("%s: control plane at %s://%s", serve->device.name, scheme, text);
	notify("READY=1\nSTATUS=%s: control plane at %s://%s", serve->device.name, scheme,
	       text);
}

static const char *device_of(const struct serve *serve)
{
	return serve->config->device;
}

/* Begins with everything, by a configuration that was checked. */
static enum status begin(struct serve *serve)
{
	enum status status;

	status = bring_up_locked(device_of(serve), serve->config);
	if (status == STATUS_OK)
		status = device_open(device_of(serve), &serve->device);
	if (status == STATUS_OK)
		status = registry_new(&serve->device, &serve->registry);
	if (status == STATUS_OK)
		status = watch_key_files(serve);
	look(serve->config, serve->key_files);
	if (status == STATUS_OK)
		status = verifier_load(serve->config->token_key_file,
				       serve->config->jwks_file, &serve->verifier);
	serve->service = (struct snap_service){
		.config = serve->config, .verifier = serve->verifier,
		.device = &serve->device, .registry = serve->registry,
	};
	if (status == STATUS_OK)
		status = begin_server(serve, serve->config, &serve->server);
	return status;
}

/**
 * struct renewal - what takes the place of what there is
 * @config: The configuration; that which there is where it comes from the command line.
 * @key_files: What the files with the keys of tokens were like before they were read.
 * @verifier: The keys.
 * @server: The server.
 */
struct renewal {
	struct config *config;
	struct stat key_files[KEY_FILES];
	struct verifier *verifier;
	struct http_server *server;
};

static enum status read_again(const struct serve *serve, struct config **config)
{
	enum status status;

	*config = serve->config;
	if (!serve->path)
		return STATUS_OK;
	status = config_read_and_check(CONFIG_SERVE, serve->path, NULL, config);
	if (status == STATUS_OK && strcmp((*config)->device, device_of(serve)) != 0)
		status = report_usage("%s: the device was %s and is %s; that takes a restart",
				      serve->path, device_of(serve), (*config)->device);
	return status;
}

static void drop_renewal(const struct serve *serve, struct renewal *renewal)
{
	http_server_end(renewal->server);
	verifier_free(renewal->verifier);
	if (renewal->config != serve->config)
		config_free(renewal->config);
}

static void take_renewal(struct serve *serve, const struct renewal *renewal)
{
	take_verifier(serve, renewal->verifier);
	memcpy(serve->key_files, renewal->key_files, sizeof(serve->key_files));
	http_server_end(serve->server);
	serve->server = renewal->server;
	if (renewal->config != serve->config)
		config_free(serve->config);
	serve->config = renewal->config;
	serve->service.config = renewal->config;
}

/* Reads everything again. Where some of it makes no sense, all goes on as it was. */
static void reload(void *data)
{
	struct serve *serve = data;
	struct renewal renewal = { .config = NULL };
	enum status status;

	notify("RELOADING=1\nMONOTONIC_USEC=%llu", notify_monotonic());
	status = read_again(serve, &renewal.config);
	if (status == STATUS_OK) {
		look(renewal.config, renewal.key_files);
		status = verifier_load(renewal.config->token_key_file,
				       renewal.config->jwks_file, &renewal.verifier);
	}
	if (status == STATUS_OK)
		status = begin_server(serve, renewal.config, &renewal.server);
	if (status == STATUS_OK) {
		status = bring_up_locked(device_of(serve), renewal.config);
		/* Some of it may have been done, unless another one has the lock. */
		if (status != STATUS_OK && status != STATUS_INTERRUPTED &&
		    status != STATUS_TIMEOUT)
			bring_up_locked(device_of(serve), serve->config);
	}
	if (status == STATUS_OK) {
		take_renewal(serve, &renewal);
		if (watch_key_files(serve) != STATUS_OK)
			report_warning("%s: changes of its token keys are not noticed",
				       device_of(serve));
		report_note("%s: has its configuration anew", device_of(serve));
	} else {
		drop_renewal(serve, &renewal);
		report_warning("%s: goes on with the configuration that it had",
			       device_of(serve));
	}
	tell(serve);
}

static void heard(void *data, const json_t *event)
{
	struct serve *serve = data;

	if (serve->registry)
		registry_hear(serve->registry, event);
}

static void links_changed(void *data, uint32_t ifindex, bool gone)
{
	struct serve *serve = data;
	char name[IF_NAMESIZE];

	if (!serve->device.ifindex || (ifindex && ifindex != serve->device.ifindex) ||
	    (!gone && if_indextoname(serve->device.ifindex, name)))
		return;
	serve->status = report(STATUS_NOT_FOUND, "%s: the device is gone",
			       serve->device.name);
	loop_stop(serve->process.loop);
}

static void clean_up(struct serve *serve)
{
	http_server_end(serve->server);
	for (int i = 0; i < KEY_FILES; i++)
		filewatch_end(&serve->watches[i]);
	verifier_free(serve->verifier);
	registry_free(serve->registry);
	device_close(&serve->device);
	service_end(&serve->process);
	config_free(serve->config);
}

/* Takes over the configuration, which was checked. */
static enum status run_serve(const char *path, struct config *config)
{
	struct serve serve = {
		.path = path,
		.config = config,
		.process = {
			.reload = reload, .heard = heard,
			.links_changed = links_changed, .data = &serve,
		},
	};
	enum status status;

	status = service_begin(&serve.process);
	if (status == STATUS_OK)
		status = begin(&serve);
	if (status == STATUS_OK) {
		tell(&serve);
		status = service_run(&serve.process);
	}
	if (status == STATUS_OK)
		status = serve.status;
	clean_up(&serve);
	return status;
}

/* Has the configuration as a command line says: from a file, or all of it by options. */
static enum status complete(const struct options *options, const char *path, bool given,
			    struct config **config)
{
	enum status status;

	if (path && (given || options->operands_found))
		return report_usage("the device and all options are in the file of --config");
	if (path) {
		config_free(*config);
		return config_read_and_check(CONFIG_SERVE, path, NULL, config);
	}
	if (!options->operands_found)
		return report_usage("a device or --config is missing");
	status = config_set(*config, CONFIG_DEVICE, "device", options->operands[0]);
	return status == STATUS_OK ? config_check(*config, NULL) : status;
}

static enum status run(const struct command *command, int argc, char **argv)
{
	struct option table[CONFIG_KEYS + 3] = {
		{ "config", required_argument, NULL, 'c' },
		{ "quiet", no_argument, NULL, 'q' },
	};
	struct options options = {
		.command = command, .table = table, .argc = argc, .argv = argv,
		.operands_min = 0, .operands_max = 1,
	};
	struct config *config;
	const char *path = NULL;
	enum status status;
	bool given = false;
	int option;

	config_options(CONFIG_SERVE, table + 2);
	status = config_new(CONFIG_SERVE, &config);
	while (status == STATUS_OK && (option = options_next(&options)) != OPTIONS_END) {
		if (option == OPTIONS_STOP) {
			config_free(config);
			return options.status;
		} else if (option == 'q') {
			report_quietly();
		} else if (option == 'c') {
			path = optarg;
		} else {
			given = true;
			status = config_option(config, option, optarg);
		}
	}
	if (status == STATUS_OK)
		status = complete(&options, path, given, &config);
	if (status == STATUS_OK)
		return run_serve(path, config);
	config_free(config);
	return status;
}

const struct command command_serve = {
	.name = "serve",
	.synopsis = "DEV OPTION... | --config FILE",
	.summary = SUMMARY_SERVE,
	.details =
		"  --config FILE                  the device and all options are in this file\n"
		"  --quiet                        say nothing but what went wrong\n"
		"All keys of such a file but device are options, too, see snaptun-serve(8):\n",
	.print_more = config_help_serve,
	.run = run,
};

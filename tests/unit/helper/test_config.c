// SPDX-License-Identifier: GPL-2.0-or-later
/* Configurations: each key with good and bad values, files of all kinds, options. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config.h"
#include "isd_as.h"
#include "options.h"
#include "report.h"
#include "scene.h"

static struct config *config;

/* What the configurations of a test are for. */
static enum config_use use;

static int begin(void **state)
{
	config = NULL;
	use = CONFIG_LINK;
	return scene_begin(state);
}

static int end(void **state)
{
	config_free(config);
	return scene_end(state);
}

static enum status read_bytes(const char *text, size_t size)
{
	config_free(config);
	return config_read(use, scene_write("conf", 0600, text, size), &config);
}

static void take(const char *text)
{
	if (read_bytes(text, strlen(text)) != STATUS_OK) {
		scene_reported("");
		fail_msg("refused: %s: %s", text, scene_reports);
	}
	assert_non_null(config);
}

/* Refused, with a report that has file and line and these words. */
static void refuse(const char *text, unsigned int line, const char *words)
{
	char wanted[512];

	if (read_bytes(text, strlen(text)) == STATUS_OK)
		fail_msg("accepted: %s", text);
	assert_null(config);
	snprintf(wanted, sizeof(wanted), "snaptun: %s/conf:%u: %s", scene_folder, line,
		 words);
	scene_expect(wanted);
	assert_int_equal(truncate(scene_path("reports"), 0), 0);
}

/* Each key, a value that is right and some that are not, with spaces between them. */
static const struct {
	enum config_id id;
	const char *good;
	const char *bad;
} values[] = {
	{ CONFIG_ENDHOST_API, "https://api.example/x", "ftp://a https:// http:///x api.example" },
	{ CONFIG_SNAP, "http://[2001:db8::1]:5000", "HTTPS://a http: 192.0.2.1:5000" },
	{ CONFIG_DISCOVERY, "https://discovery.example", "discovery.example https:/x" },
	{ CONFIG_ISD_AS, "1-ff00:0:110", "1 1- -1 0-1 1-0 65536-1 1-4294967296 1-f:0 "
	  "1-0:0:0 1-1:2:3:4 1-10000:0:1 1-00001:0:1 1-:: 1-ff00:0:g 1-1-1" },
	{ CONFIG_TOKEN_FILE, "/etc/token", "token - ./token" },
	{ CONFIG_TOKEN_COMMAND, "/usr/bin/token 'a b' --x=y", "token ./token '/x" },
	{ CONFIG_TOKEN_COMMAND_TIMEOUT, "0.5", "0 0.05 601 1.2345 x -1 1. .5 1e1 off" },
	{ CONFIG_AA, "https://aa.example", "aa.example" },
	{ CONFIG_API_KEY_FILE, "/etc/key", "key" },
	{ CONFIG_DEVICE_ID, "my machine", NULL },
	{ CONFIG_TOKEN_VALIDITY, "3600", "0 899 86401 1.5 x" },
	{ CONFIG_PRIVATE_KEY_FILE, "/etc/private", "private -" },
	{ CONFIG_ADDRESS, "10.0.0.1/24", "none x 10.0.0.1/33 10.0.0.1/ 2001:db8::/129 , 10.0.0.0.1" },
	{ CONFIG_ROUTE, "2001:db8::/32", "none default 10.0.0/8" },
	{ CONFIG_MTU, "1280", "1279 65476 x 0x600" },
	{ CONFIG_ALLOWED_IPS, "10.0.0.0/8,2001:db8::/32", "any 10.0.0.0/8,, 1/2" },
	{ CONFIG_KEEPALIVE, "off", "-1 65536 no 1.5" },
	{ CONFIG_BURST_LIMIT, "9216", "1231 65494 off" },
	{ CONFIG_LOCAL_PORT, "65535", "65536 -1 x" },
	{ CONFIG_LISTEN_PORT, "0", "65536 any" },
	{ CONFIG_FWMARK, "0xffffffff", "0x 0x100000000 4294967296 on" },
	{ CONFIG_FIXED_ADDRESS, "on", "yes 1 ON" },
	{ CONFIG_DEFAULT, "off", "true 0" },
	{ CONFIG_TUNNELS, "256", "0 257 all" },
	{ CONFIG_CA_FILE, "/etc/ssl/ca.pem", "ca.pem" },
	{ CONFIG_INSECURE_HTTP, "on", "maybe" },
	{ CONFIG_HTTP2, "on", "2" },
	{ CONFIG_REQUEST_TIMEOUT, "10", "0 601 0.01" },
	{ CONFIG_ATTEMPTS_FIRST, "1", "0 1001" },
	{ CONFIG_ATTEMPTS_RENEWAL, "1000", "0 1001 1.0" },
	{ CONFIG_RETRY_BASE, "0.01", "0.009 3601 0" },
	{ CONFIG_RETRY_FACTOR, "1.5", "0.999 10.001" },
	{ CONFIG_RETRY_MAX, "3600", "3600.001 0" },
	{ CONFIG_ROUND_INTERVAL, "86400", "86401 0.05" },
	{ CONFIG_DEVICE, "snap0", "a/b .. a:b sixteen-letters-0" },
	{ CONFIG_DATA_PLANE, "snap.example:5000", "snap.example 192.0.2.1:0 [2001:db8::1] :5000 192.0.2.1:65536 1.2:5000" },
	{ CONFIG_CONTROL_LISTEN, "[::]:443", "localhost:80 192.0.2.1 192.0.2.1:0 [::]:65536 443" },
	{ CONFIG_CONTROL_URL, "https://snap.example/", "snap.example ftp://a" },
	{ CONFIG_SNAP_AS, "1-ff00:0:110", "1 0-1 x" },
	{ CONFIG_TOKEN_KEY_FILE, "/etc/token.pem", "token.pem credential:a" },
	{ CONFIG_JWKS_FILE, "/etc/jwks.json", "jwks.json" },
	{ CONFIG_TLS_CERTIFICATE_FILE, "/etc/cert.pem", "cert.pem credential:a" },
	{ CONFIG_TLS_KEY_FILE, "/etc/key.pem", "key.pem" },
};

static void each_key_has_good_values_and_bad_ones(void **state)
{
	char line[256];
	char wanted[256];

	(void)state;
	assert_int_equal(sizeof(values) / sizeof(*values), CONFIG_KEYS);
	for (size_t i = 0; i < CONFIG_KEYS; i++) {
		const char *name = config_key_name(values[i].id);
		char *bad = values[i].bad ? strdup(values[i].bad) : NULL;

		assert_int_equal(values[i].id, i);
		snprintf(line, sizeof(line), "%s = %s\n", name, values[i].good);
		use = config_key_is_for(values[i].id, CONFIG_LINK) ? CONFIG_LINK : CONFIG_SERVE;
		take(line);
		for (size_t other = 0; other < CONFIG_KEYS; other++)
			assert_int_equal(config_given(config, (enum config_id)other),
					 other == i);
		snprintf(wanted, sizeof(wanted), "%s: ", name);
		for (char *value = bad ? strtok(bad, " ") : NULL; value;
		     value = strtok(NULL, " ")) {
			snprintf(line, sizeof(line), "%s = %s\n", name, value);
			refuse(line, 1, wanted);
		}
		free(bad);
		snprintf(line, sizeof(line), "\n%s =\n", name);
		snprintf(wanted, sizeof(wanted), "%s: there is no value\n", name);
		refuse(line, 2, wanted);
		snprintf(line, sizeof(line), "%s = a\tb\n", name);
		refuse(line, 1, name);
		snprintf(line, sizeof(line), "%s = %s\n\n%s = %s", name,
			 values[i].good, name, values[i].good);
		snprintf(wanted, sizeof(wanted), "%s: given before\n", name);
		if (config_key_repeats(values[i].id))
			take(line);
		else
			refuse(line, 3, wanted);
	}
}

static void values_arrive_where_they_belong(void **state)
{
	(void)state;
	take("# all of it\n"
	       "endhost-api = https://one\nendhost-api=https://two\n"
	       "isd-as = 64-4294967295\n"
	       "\ttoken-command\t=\t/bin/echo a = b \r\n"
	       "   # indented\n"
	       "token-command-timeout = 1.25\nrequest-timeout = 7\n"
	       "address = 10.0.0.1/24,2001:db8::1\naddress = 10.1.0.1\n"
	       "route = 0.0.0.0/0\nfwmark = 0x10\nkeepalive = 25\n"
	       "retry-base = 0.5\nretry-factor = 1.25\nretry-max = 12.345\n"
	       "round-interval = 90\nattempts-first = 2\nattempts-renewal = 3\n"
	       "tunnels = 4\nfixed-address = on\nhttp2 = on");
	assert_int_equal(config->endhost_apis.count, 2);
	assert_string_equal(config->endhost_apis.list[0], "https://one");
	assert_string_equal(config->endhost_apis.list[1], "https://two");
	assert_true(config->isd_as == (UINT64_C(64) << 48 | UINT32_MAX));
	assert_string_equal(config->token_command, "/bin/echo a = b");
	assert_int_equal(config->token_command_timeout, 1250);
	assert_int_equal(config->request_timeout, 7000);
	assert_int_equal(config->addresses.count, 3);
	assert_int_equal(config->addresses.list[0].length, 24);
	assert_int_equal(config->addresses.list[1].length, 128);
	assert_int_equal(config->addresses.list[2].length, 32);
	assert_int_equal(config->routes.count, 1);
	assert_int_equal(config->fwmark, 16);
	assert_int_equal(config->keepalive, 25);
	assert_int_equal(config->backoff.base, 500);
	assert_int_equal(config->backoff.factor, 1250);
	assert_int_equal(config->backoff.max, 12345);
	assert_int_equal(config->backoff.round_interval, 90000);
	assert_int_equal(config->backoff.attempts_first, 2);
	assert_int_equal(config->backoff.attempts_renewal, 3);
	assert_int_equal(config->tunnels, 4);
	assert_int_equal(config->fixed_address, 1);
	assert_int_equal(config->http2, 1);
	assert_int_equal(config->insecure_http, 0);
	assert_int_equal(config->mtu, 1420);
}

static void empty_file_has_the_defaults(void **state)
{
	(void)state;
	take("");
	assert_int_equal(config->given, 0);
	assert_int_equal(config->tunnels, 1);
	assert_int_equal(config->request_timeout, 30000);
	assert_int_equal(config->token_command_timeout, 30000);
	assert_int_equal(config->backoff.attempts_renewal, 10);
	take("\n \n\r\n#\n# mtu = x\n");
}

static void what_is_no_key_is_refused(void **state)
{
	(void)state;
	refuse("mtu = 1400\nMTU = 1400\n", 2, "unknown key \"MTU\"\n");
	refuse("\n\nup-script = /x\n", 3, "unknown key \"up-script\"\n");
	refuse("mtu\n", 1, "there is no = after a key\n");
	refuse("= 5\n", 1, "unknown key \"\"\n");
	refuse("mtu : 1400\n", 1, "there is no = after a key\n");
	refuse("[section]\n", 1, "there is no = after a key\n");
	refuse("m\ttu\033 = 1\n", 1, "unknown key \"m\\x09tu\\x1b\"\n");
	/* A key in the wrong place is not shown. */
	refuse("dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo = 1\n", 1, "unknown key");
	refuse("mtu = dwdtCnMYpX08FsFyUbJmRd9ML4frwJkqsXf7pR25LCo=\n", 1,
	       "mtu: \"(a key)\" is no number");
}

static void bounds_are_kept(void **state)
{
	static char text[1 << 20];
	size_t size = 0;

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text, "token-file = /", 14);
	text[65600] = '\0';
	refuse(text, 1, "the line is longer than 65536 bytes\n");
	memset(text, '#', sizeof(text));
	assert_int_equal(read_bytes(text, sizeof(text)), STATUS_FAILED);
	scene_expect("is longer than 262144 bytes\n");
	assert_null(config);
	assert_int_equal(read_bytes("mtu = 1400\0\n", 12), STATUS_USAGE);
	scene_expect("conf:1: there is a byte of zero\n");
	for (int i = 0; i < 17; i++)
		size += (size_t)sprintf(text + size, "snap = http://x\n");
	refuse(text, 17, "snap: more than 16\n");
	size = 0;
	for (int i = 0; i < 1025; i++)
		size += (size_t)sprintf(text + size, "route = 10.0.0.0/8\n");
	refuse(text, 1025, "route: more than 1024 prefixes\n");
	memset(text, 'x', 300);
	memcpy(text, "device-id = ", 12);
	text[300] = '\0';
	refuse(text, 1, "device-id: ");
}

static void file_of_others_is_refused(void **state)
{
	static const mode_t bad[] = { 0602, 0620, 0666 };
	const char *path = scene_file("conf", 0600, "token-command = /x\n");

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(chmod(path, bad[i]), 0);
		assert_int_equal(config_read(use, path, &config), STATUS_DENIED);
		assert_null(config);
	}
	scene_expect("can be written to by its group\n");
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(config_read(use, path, &config), STATUS_OK);
	config_free(config);
	if (geteuid() == 0) {
		assert_int_equal(chown(path, 65534, 65534), 0);
		assert_int_equal(config_read(use, path, &config), STATUS_DENIED);
		scene_expect("is somebody else's\n");
	}
	assert_int_equal(config_read(use, scene_folder, &config), STATUS_DENIED);
	assert_int_equal(config_read(use, scene_path("none"), &config), STATUS_NOT_FOUND);
	assert_null(config);
}

static void names_are_those_of_devices(void **state)
{
	static const char *const bad[] = {
		"", ".", "..", "a/b", "../x", "a b", "a:b", "a\nb", "a\033", "sixteen-letters-",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(config_name("name", bad[i]), STATUS_USAGE);
		assert_int_equal(config_load(bad[i], &config), STATUS_USAGE);
		assert_null(config);
	}
	assert_int_equal(config_name("name", "snap0"), STATUS_OK);
	assert_int_equal(config_name("name", "fifteen-letters"), STATUS_OK);
	assert_int_equal(config_load("none-such", &config), STATUS_NOT_FOUND);
	scene_expect("/etc/snaptun/none-such.conf: No such file or directory\n");
}

/* Reads it, and checks it for a device. */
static enum status check(const char *text)
{
	take(text);
	return config_check(config, "snap0");
}

#define TOKEN	"token-file = /t\n"
#define AA	"aa = https://aa\napi-key-file = /k\ndevice-id = d\n"
#define SNAP	"snap = https://s\n"

static void what_is_missing_is_told(void **state)
{
	(void)state;
	assert_int_equal(check(""), STATUS_USAGE);
	scene_expect("there is no token");
	assert_int_equal(check(TOKEN), STATUS_USAGE);
	scene_expect("there is no way to a SNAP");
	assert_int_equal(check(SNAP "aa = https://aa\ndevice-id = d\n"), STATUS_USAGE);
	scene_expect("aa needs api-key-file");
	assert_int_equal(check(SNAP "aa = https://aa\napi-key-file = /k\n"), STATUS_USAGE);
	scene_expect("aa needs device-id");
	assert_int_equal(check(TOKEN SNAP), STATUS_OK);
	assert_string_equal(config->private_key_file, "/var/lib/snaptun/snap0.key");
	assert_int_equal(config_check(config, "../x"), STATUS_USAGE);
	assert_int_equal(check(AA), STATUS_OK);
	assert_int_equal(check(AA "endhost-api = https://e\nisd-as = 1-1\n"), STATUS_OK);
	assert_int_equal(check(TOKEN SNAP "private-key-file = /p\n"), STATUS_OK);
	assert_string_equal(config->private_key_file, "/p");
}

static void what_does_not_fit_together_is_refused(void **state)
{
	static const char *const bad[][2] = {
		{ SNAP TOKEN "token-command = /c\n", "exclude each other" },
		{ SNAP TOKEN AA, "exclude each other" },
		{ SNAP AA "token-command = /c\n", "exclude each other" },
		{ SNAP TOKEN "device-id = d\n", "device-id is of no use without aa" },
		{ SNAP TOKEN "api-key-file = /k\n", "api-key-file is of no use without aa" },
		{ SNAP TOKEN "token-validity = 900\n", "token-validity is of no use" },
		{ SNAP TOKEN "token-command-timeout = 9\n", "token-command-timeout is of no use" },
		{ SNAP TOKEN "endhost-api = https://e\n", "snap and discovery exclude" },
		{ SNAP TOKEN "discovery = https://d\n", "snap and discovery exclude" },
		{ SNAP TOKEN "isd-as = 1-1\n", "isd-as is of no use with snap" },
		{ SNAP TOKEN "tunnels = 2\nlocal-port = 5\n", "local-port is for one tunnel" },
		{ SNAP TOKEN "tunnels = 2\nallowed-ips = 10.0.0.0/8\n", "allowed-ips is for one" },
		{ SNAP TOKEN "retry-base = 21\n", "retry-max is less than retry-base" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(check(bad[i][0]), STATUS_USAGE);
		scene_expect(bad[i][1]);
		assert_int_equal(truncate(scene_path("reports"), 0), 0);
	}
	assert_int_equal(check(SNAP TOKEN "tunnels = 2\nlocal-port = 0\nallowed-ips = none\n"),
			 STATUS_OK);
}

static void secrets_can_be_credentials(void **state)
{
	static const char *const bad[] = { "", "a/b", "..", "." };
	char wanted[128];
	char line[128];

	(void)state;
	scene_write("a.key", 0600, "x", 1);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", scene_folder, 1), 0);
	take("token-file = credential:a.key\nprivate-key-file=credential:a.key\n"
	     "api-key-file = credential:a.key\n");
	assert_string_equal(config->token_file, scene_path("a.key"));
	assert_string_equal(config->private_key_file, scene_path("a.key"));
	assert_string_equal(config->api_key_file, scene_path("a.key"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		snprintf(line, sizeof(line), "token-file = credential:%s\n", bad[i]);
		snprintf(wanted, sizeof(wanted),
			 "token-file: \"%s\" is no name of a credential", bad[i]);
		refuse(line, 1, wanted);
	}
	refuse("token-file = credential:b.key\n", 1,
	       "token-file: credential b.key: No such file or directory");
	/* Certificates are no secret. */
	refuse("ca-file = credential:a.key\n", 1,
	       "ca-file: \"credential:a.key\" does not begin with a slash");
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", "here", 1), 0);
	refuse("token-file = credential:a.key\n", 1,
	       "token-file: there are no credentials here");
	assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
	refuse("\ntoken-file = credential:a.key\n", 2,
	       "token-file: there are no credentials here");
}

#define SERVE	"device = snap0\nlisten-port = 5000\ndata-plane = 192.0.2.1:5000\n"
#define LISTEN	"control-listen = 127.0.0.1:7000\n"
#define KEYS	"jwks-file = /j\n"
#define TLS	"tls-certificate-file = /c\ntls-key-file = /k\n"

/* Whether a control plane's configuration is whole; its device is in it. */
static enum status check_serve(const char *text)
{
	use = CONFIG_SERVE;
	take(text);
	return config_check(config, NULL);
}

static void control_plane_needs_some_keys(void **state)
{
	static const char *const bad[][2] = {
		{ "", "device is missing" },
		{ "device = snap0\n", "listen-port is missing" },
		{ "device = snap0\nlisten-port = 5000\n", "data-plane is missing" },
		{ SERVE, "control-listen is missing" },
		{ SERVE LISTEN, "token-key-file or jwks-file is missing" },
		{ "device = snap0\nlisten-port = 0\ndata-plane = a:1\n" LISTEN KEYS,
		  "cannot find a port that the kernel chooses" },
		{ SERVE KEYS "control-listen = 192.0.2.1:80\n", "tokens would come in the clear" },
		{ SERVE KEYS LISTEN "tls-key-file = /k\n", "go together" },
		{ SERVE KEYS LISTEN "tls-certificate-file = /c\n", "go together" },
		{ SERVE KEYS TLS "control-listen = [::]:443\n", "control-url is missing" },
		{ SERVE KEYS TLS "control-listen = 0.0.0.0:443\n", "control-url is missing" },
		{ SERVE KEYS TLS "control-listen = [fe80::1%lo]:443\n", "control-url is missing" },
		{ SERVE KEYS LISTEN "control-url = https://user@snap\n", "it has a user in it" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(check_serve(bad[i][0]), STATUS_USAGE);
		scene_expect(bad[i][1]);
		assert_int_equal(truncate(scene_path("reports"), 0), 0);
	}
	assert_int_equal(check_serve(SERVE KEYS LISTEN), STATUS_OK);
	assert_string_equal(config->control_url, "http://127.0.0.1:7000");
	assert_string_equal(config->private_key_file, "/var/lib/snaptun/snap0.key");
	assert_int_equal(check_serve(SERVE KEYS TLS "control-listen = [2001:db8::1]:443\n"),
			 STATUS_OK);
	assert_string_equal(config->control_url, "https://[2001:db8::1]:443");
	assert_int_equal(check_serve(SERVE "token-key-file = /t\ninsecure-http = on\n"
				     "control-listen = 0.0.0.0:80\ncontrol-url = https://snap\n"),
			 STATUS_OK);
	assert_string_equal(config->control_url, "https://snap");
}

static void each_key_is_for_its_use(void **state)
{
	char line[256];
	char wanted[256];
	int for_both = 0;

	(void)state;
	for (size_t i = 0; i < CONFIG_KEYS; i++) {
		const char *name = config_key_name(values[i].id);
		bool link = config_key_is_for(values[i].id, CONFIG_LINK);
		bool serve = config_key_is_for(values[i].id, CONFIG_SERVE);

		assert_true(link || serve);
		for_both += link && serve;
		snprintf(line, sizeof(line), "%s = %s\n", name, values[i].good);
		snprintf(wanted, sizeof(wanted), "unknown key \"%s\"\n", name);
		use = link ? CONFIG_SERVE : CONFIG_LINK;
		if (!link || !serve)
			refuse(line, 1, wanted);
	}
	assert_int_equal(for_both, 7);
	assert_true(config_key_is_for(CONFIG_PRIVATE_KEY_FILE, CONFIG_SERVE));
	assert_false(config_key_is_for(CONFIG_TOKEN_FILE, CONFIG_SERVE));
	assert_false(config_key_is_for(CONFIG_JWKS_FILE, CONFIG_LINK));
}

static void options_are_called_like_keys(void **state)
{
	struct option table[CONFIG_KEYS + 1];
	size_t count;

	(void)state;
	count = config_options(CONFIG_SERVE, table);
	/* Seven are for both, and the device is no option. */
	assert_int_equal(count, 7 + CONFIG_KEYS - CONFIG_DEVICE - 1);
	assert_null(table[count].name);
	count = config_options(CONFIG_LINK, table);
	assert_int_equal(count, CONFIG_DEVICE - 2);
	assert_null(table[count].name);
	assert_int_equal(config_new(CONFIG_LINK, &config), STATUS_OK);
	for (size_t i = 0; i < count; i++) {
		int id = table[i].val - CONFIG_OPTION_FIRST;

		assert_string_equal(table[i].name, config_key_name((enum config_id)id));
		assert_int_equal(table[i].has_arg, required_argument);
		assert_string_not_equal(table[i].name, "token-command");
		/* Twice: the last one counts. */
		for (int twice = 0; twice < 2; twice++)
			assert_int_equal(config_option(config, table[i].val, values[id].good),
					 STATUS_OK);
		assert_true(config_given(config, (enum config_id)id));
	}
	assert_int_equal(config->snaps.count, 2);
	assert_int_equal(config->routes.count, 2);
	assert_int_equal(config_option(config, CONFIG_OPTION_FIRST + CONFIG_TOKEN_FILE, "-"),
			 STATUS_OK);
	assert_string_equal(config->token_file, "-");
	assert_int_equal(config_option(config, CONFIG_OPTION_FIRST + CONFIG_MTU, "x"),
			 STATUS_USAGE);
	scene_expect("snaptun: --mtu: \"x\" is no number from 1280 to 65475 (see 'snaptun --help')\n");
	assert_int_equal(config->mtu, 1280);
}

static void command_line_is_read_with_them(void **state)
{
	static char *argv[] = { "connect", "--snap", "https://s", "snap0", "--mtu=1300", NULL };
	static const struct command command = { .name = "connect", .synopsis = "" };
	struct option table[CONFIG_KEYS + 1];
	struct options options = {
		.command = &command, .table = table, .argc = 5, .argv = argv,
		.operands_min = 1, .operands_max = 1,
	};
	int option;

	(void)state;
	config_options(CONFIG_LINK, table);
	assert_int_equal(config_new(CONFIG_LINK, &config), STATUS_OK);
	while ((option = options_next(&options)) > 0)
		assert_int_equal(config_option(config, option, optarg), STATUS_OK);
	assert_int_equal(option, OPTIONS_END);
	assert_string_equal(config->snaps.list[0], "https://s");
	assert_string_equal(options.operands[0], "snap0");
	assert_int_equal(config->mtu, 1300);
}

static void isd_as_numbers_are_read(void **state)
{
	uint64_t isd_as = 0;

	(void)state;
	assert_int_equal(isd_as_option("x", "1-ff00:0:110", &isd_as), STATUS_OK);
	assert_true(isd_as == UINT64_C(0x0001ff0000000110));
	assert_int_equal(isd_as_option("x", "65535-ffff:ffff:ffff", &isd_as), STATUS_OK);
	assert_true(isd_as == UINT64_MAX);
	assert_int_equal(isd_as_option("x", "71-20965", &isd_as), STATUS_OK);
	assert_true(isd_as == (UINT64_C(71) << 48 | 20965));
}

static void whatever_is_in_a_file_does_no_harm(void **state)
{
	static char whole[4096];
	size_t size = 0;

	(void)state;
	for (size_t i = 0; i < CONFIG_KEYS; i++)
		if (config_key_is_for(values[i].id, use))
			size += (size_t)sprintf(whole + size, "%s = %s\n",
						config_key_name(values[i].id),
						values[i].good);
	take(whole);
	for (size_t cut = 0; cut < size; cut++)
		read_bytes(whole, cut);
	/* The same numbers each time, so that what fails once fails again. */
	srand(1);
	for (int i = 0; i < 1500; i++) {
		char copy[sizeof(whole)];

		memcpy(copy, whole, size);
		for (int j = 0; j < 3; j++)
			copy[(size_t)rand() % size] = (char)(rand() % 2 ? rand() : "=\n# -"[rand() % 5]);
		read_bytes(copy, size);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_key_has_good_values_and_bad_ones),
		TEST(values_arrive_where_they_belong),
		TEST(empty_file_has_the_defaults),
		TEST(what_is_no_key_is_refused),
		TEST(bounds_are_kept),
		TEST(file_of_others_is_refused),
		TEST(names_are_those_of_devices),
		TEST(what_is_missing_is_told),
		TEST(what_does_not_fit_together_is_refused),
		TEST(secrets_can_be_credentials),
		TEST(each_key_is_for_its_use),
		TEST(control_plane_needs_some_keys),
		TEST(options_are_called_like_keys),
		TEST(command_line_is_read_with_them),
		TEST(isd_as_numbers_are_read),
		TEST(whatever_is_in_a_file_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

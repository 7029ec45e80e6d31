// SPDX-License-Identifier: GPL-2.0-or-later
/* Calls, against the tests' own control plane, which behaves as badly as it is told to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "snap_api.h"

#define TOKEN	"eyJhbGciOiJFZERTQSJ9.eyJleHAiOjF9.c2lnbmF0dXJl"
#define CONTROL	TREE "/" "tests/control/"

/* The server, its listeners, and what they are all about. */
static char folder[] = "/tmp/test_rpc.XXXXXX";
static char script[64], log_file[64], ca_file[64];
static pid_t server;
static struct url a, b, good, other_name, stranger;

/* One call. */
static struct loop *loop;
static struct rpc *rpc;
static struct rpc_error error;
static struct snap_data_plane plane;
static bool called, succeeded;
static size_t found;

static void spawn(const char *program, char *const argv[], int out)
{
	server = fork();
	assert_true(server >= 0);
	if (!server) {
		/* It is not to outlive a test that crashes. */
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (out >= 0)
			dup2(out, STDOUT_FILENO);
		execv(program, argv);
		_exit(127);
	}
}

static void behave(const char *text)
{
	char new[80];
	FILE *file;

	snprintf(new, sizeof(new), "%s.new", script);
	file = fopen(new, "w");
	assert_non_null(file);
	fprintf(file, "{%s}", text);
	fclose(file);
	assert_int_equal(rename(new, script), 0);
}

static void find_listener(const char *line)
{
	static const struct {
		const char *name;
		struct url *url;
	} listeners[] = {
		{ "a", &a }, { "b", &b }, { "good", &good }, { "name", &other_name },
		{ "stranger", &stranger },
	};
	char name[16], url[64];

	if (sscanf(line, "%15s %63s", name, url) != 2)
		return;
	for (size_t i = 0; i < sizeof(listeners) / sizeof(listeners[0]); i++)
		if (!strcmp(name, listeners[i].name))
			assert_null(url_parse(url, listeners[i].url));
}

static int begin_all(void **state)
{
	char certificates[] = CONTROL "certificates", program[] = CONTROL "server";
	char log_option[] = "--log", script_option[] = "--script";
	char first[] = "a=127.0.0.1:0", second[] = "b=[::1]:0", tls[3][200];
	static const char *const names[] = { "good", "name", "stranger" };
	char line[100] = "";
	int status, out[2];
	FILE *file;

	(void)state;
	unsetenv("http_proxy");
	unsetenv("https_proxy");
	unsetenv("HTTPS_PROXY");
	unsetenv("all_proxy");
	unsetenv("ALL_PROXY");
	assert_non_null(mkdtemp(folder));
	snprintf(script, sizeof(script), "%s/script", folder);
	snprintf(log_file, sizeof(log_file), "%s/log", folder);
	snprintf(ca_file, sizeof(ca_file), "%s/ca.pem", folder);
	behave("");
	spawn(certificates, (char *[]){ certificates, folder, NULL }, -1);
	assert_int_equal(waitpid(server, &status, 0), server);
	assert_int_equal(status, 0);

	for (int i = 0; i < 3; i++)
		snprintf(tls[i], sizeof(tls[i]), "%s=127.0.0.1:0,%s/%s.pem,%s/%s.key",
			 names[i], folder, names[i], folder, names[i]);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	spawn(program,
	      (char *[]){ program, log_option, log_file, script_option, script, first,
			  second, tls[0], tls[1], tls[2], NULL },
	      out[1]);
	close(out[1]);
	file = fdopen(out[0], "r");
	while (strcmp(line, "ready\n") && fgets(line, sizeof(line), file))
		find_listener(line);
	assert_string_equal(line, "ready\n");
	fclose(file);
	assert_int_equal(rpc_set_up(), STATUS_OK);
	return 0;
}

static int end_all(void **state)
{
	char rm[] = "/bin/rm", force[] = "-rf";

	(void)state;
	kill(server, SIGTERM);
	waitpid(server, NULL, 0);
	spawn(rm, (char *[]){ rm, force, folder, NULL }, -1);
	waitpid(server, NULL, 0);
	return 0;
}

static int begin(void **state)
{
	const struct rpc_settings settings = {
		.ca_file = ca_file, .timeout = 5000,
	};

	(void)state;
	assert_int_equal(loop_new(&loop), STATUS_OK);
	assert_int_equal(rpc_new(loop, &settings, &rpc), STATUS_OK);
	called = false;
	behave("");
	(void)!truncate(log_file, 0);
	return 0;
}

static int end(void **state)
{
	(void)state;
	rpc_free(rpc);
	loop_free(loop);
	return 0;
}

/* Makes what all calls are made with anew. */
static void use(const struct rpc_settings *settings)
{
	rpc_free(rpc);
	assert_int_equal(rpc_new(loop, settings, &rpc), STATUS_OK);
}

static void note(const struct rpc_error *problem)
{
	assert_false(called);
	called = true;
	succeeded = !problem;
	if (problem)
		error = *problem;
	loop_stop(loop);
}

static void take_data_plane(void *data, const struct snap_data_plane *got,
			    const struct rpc_error *problem)
{
	assert_ptr_equal(data, &plane);
	note(problem);
	if (got)
		plane = *got;
}

static void take_nothing(void *data, const struct rpc_error *problem)
{
	assert_ptr_equal(data, &plane);
	note(problem);
}

static void wait_for(const struct rpc_call *call)
{
	assert_non_null(call);
	called = false;
	assert_int_equal(loop_run(loop), STATUS_OK);
	assert_true(called);
}

/* Asks for the data plane; whether that was answered. */
static bool ask(const struct url *url)
{
	wait_for(snap_api_data_plane(rpc, url, TOKEN, take_data_plane, &plane));
	return succeeded;
}

/* The same, where something goes wrong. */
static void fails(const struct url *url, enum rpc_code code, const char *words)
{
	if (ask(url))
		fail_msg("it succeeds");
	if (error.code != code || !strstr(error.message, words))
		fail_msg("%s: %s", rpc_code_name(error.code), error.message);
	assert_null(strstr(error.message, "eyJleHAi"));
}

/* The log's line number n of an event, or how many there are of a listener. */
static json_t *logged(const char *event, int n)
{
	FILE *file = fopen(log_file, "r");
	json_t *line = NULL;
	char *text = NULL;
	size_t size = 0;

	while (getline(&text, &size, file) > 0) {
		line = json_loads(text, 0, NULL);
		if (!strcmp(json_string_value(json_object_get(line, "event")), event) &&
		    !n--)
			break;
		json_decref(line);
		line = NULL;
	}
	free(text);
	fclose(file);
	return line;
}

static const char *member(json_t *line, const char *name)
{
	return json_string_value(json_object_get(line, name));
}

static int requests_to(const char *listener)
{
	int count = 0;

	for (int i = 0;; i++) {
		json_t *line = logged("request", i);

		if (!line)
			return count;
		count += !strcmp(member(line, "listener"), listener);
		json_decref(line);
	}
}

static void data_plane_is_asked_for_as_it_should_be(void **state)
{
	struct url url = a;
	json_t *line, *headers;

	(void)state;
	strcat(url.text, "path/of/its/own");
	assert_true(ask(&url));
	assert_int_equal(plane.address.port, 5000);
	assert_string_equal(plane.control.text, a.text);
	assert_int_equal(plane.key[0], 0x2a);
	line = logged("request", 0);
	headers = json_object_get(line, "headers");
	assert_string_equal(member(line, "method"), "POST");
	assert_string_equal(member(line, "path"),
			    "/anapaya.snap.v1.SnapControl/GetSnapDataPlaneAddress");
	assert_string_equal(member(line, "body"), "");
	assert_string_equal(member(headers, "content-type"), "application/proto");
	assert_string_equal(member(headers, "authorization"), "Bearer " TOKEN);
	assert_string_equal(member(headers, "content-length"), "0");
	assert_null(member(headers, "expect"));
	assert_null(member(headers, "cookie"));
	json_decref(line);
}

static void proxy_gets_nothing_that_is_for_this_machine(void **state)
{
	char text[64];
	struct url name;

	(void)state;
	snprintf(text, sizeof(text), "http://localhost%s", strrchr(a.text, ':'));
	assert_null(url_parse(text, &name));
	setenv("http_proxy", b.text, 1);
	setenv("all_proxy", b.text, 1);
	assert_true(ask(&a));
	assert_true(ask(&name));
	unsetenv("http_proxy");
	unsetenv("all_proxy");
	assert_int_equal(requests_to("a"), 2);
	assert_int_equal(requests_to("b"), 0);
}

static void registration_sends_32_zeros(void **state)
{
	static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";
	static const char sevens[] = "0707070707070707070707070707070707070707070707070707070707070707";
	uint8_t key[SNAPTUN_KEY_LEN];
	char body[140];
	json_t *line;

	(void)state;
	memset(key, 7, sizeof(key));
	wait_for(snap_api_register(rpc, &b, TOKEN, key, take_nothing, &plane));
	assert_true(succeeded);
	line = logged("request", 0);
	snprintf(body, sizeof(body), "0a20%s1220%s", sevens, zeros);
	assert_string_equal(member(line, "body"), body);
	assert_string_equal(member(line, "path"),
			    "/anapaya.snap.v1.SnapControl/RegisterSnapTunIdentity");
	json_decref(line);

	behave("\"psk_share\": \"\"");
	wait_for(snap_api_register(rpc, &b, TOKEN, key, take_nothing, &plane));
	assert_false(succeeded);
	assert_int_equal(error.code, RPC_INTERNAL);
}

static void take_underlays(void *data, const struct snap_api_underlays *underlays,
			   const struct rpc_error *problem)
{
	(void)data;
	note(problem);
	found = underlays ? underlays->count : 0;
}

static void underlays_are_asked_for_below_the_path(void **state)
{
	struct url url = a;
	json_t *line;

	(void)state;
	strcat(url.text, "own/path");
	behave("\"snaps\": [{\"address\": \"{a}\"}, {\"address\": \"{b}\"}]");
	wait_for(snap_api_underlays(rpc, &url, NULL, 1, take_underlays, NULL));
	assert_true(succeeded);
	assert_int_equal(found, 2);
	line = logged("request", 0);
	assert_string_equal(member(line, "path"),
			    "/" "own/scion.endhost.v1.UnderlayService/ListUnderlays");
	assert_string_equal(member(line, "body"), "0801");
	assert_null(member(json_object_get(line, "headers"), "authorization"));
	json_decref(line);
}

static void take_apis(void *data, const struct snap_api_endhost_apis *apis,
		      const struct rpc_error *problem)
{
	(void)data;
	note(problem);
	found = apis ? apis->count : 0;
}

static void endhost_apis_are_discovered(void **state)
{
	(void)state;
	behave("\"tokens\": [], \"apis\": [[\"{a}\"], [\"{b}\", \"https://h\"]]");
	wait_for(snap_api_endhost_apis(rpc, &good, take_apis, NULL));
	assert_true(succeeded);
	assert_int_equal(found, 3);
}

static void take_token(void *data, const struct snap_api_token *token,
		       const struct rpc_error *problem)
{
	(void)data;
	note(problem);
	if (!problem)
		assert_string_equal(token->token, "new.token");
}

static void token_is_had_for_a_key(void **state)
{
	struct url url;
	json_t *line;

	(void)state;
	behave("\"token\": \"new.token\"");
	wait_for(snap_api_token(rpc, &good, "aakey_1", "dev", 900, take_token, NULL));
	assert_true(succeeded);
	line = logged("request", 0);
	assert_string_equal(member(line, "body"), "0a0761616b65795f3112036465761884" "07");
	assert_null(member(json_object_get(line, "headers"), "authorization"));
	json_decref(line);

	behave("\"behave\": {\"*/*\": [{\"status\": 401, \"text\": \"aakey_1 is wrong\"}]}");
	wait_for(snap_api_token(rpc, &a, "aakey_1", "dev", 0, take_token, NULL));
	assert_int_equal(error.code, RPC_UNAUTHENTICATED);
	assert_null(strstr(error.message, "aakey_1"));
	assert_non_null(strstr(error.message, "is wrong"));

	assert_null(url_parse("http://192.0.2.1", &url));
	assert_null(snap_api_token(rpc, &url, "aakey_1", "dev", 0, take_token, NULL));
}

static void nobody_listens(void **state)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof(address);
	struct url url;
	char text[64];
	int fd;

	(void)state;
	/* Bound, so that nobody else takes it, but not listening. */
	fd = socket(AF_INET, SOCK_STREAM, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	snprintf(text, sizeof(text), "http://127.0.0.1:%u", ntohs(address.sin_port));
	assert_null(url_parse(text, &url));
	fails(&url, RPC_UNAVAILABLE, "onnect");
	assert_int_equal(error.http_status, 0);
	close(fd);
}

static void connection_breaks(void **state)
{
	(void)state;
	behave("\"behave\": {\"*/*\": [{\"hex\": \"0a\", \"repeat\": 9000, \"reset\": 4000}]}");
	fails(&a, RPC_UNAVAILABLE, "");
	behave("\"behave\": {\"*/*\": [{\"hex\": \"0a\", \"repeat\": 10, \"length\": 20}]}");
	fails(&a, RPC_UNAVAILABLE, "");
	behave("\"behave\": {\"*/*\": [{\"close\": true}]}");
	fails(&a, RPC_UNAVAILABLE, "");
}

static void refused_token_then_a_right_one(void **state)
{
	(void)state;
	behave("\"behave\": {\"*/*\": [{\"status\": 401, \"text\": \"expired\", \"type\": \"text/plain\"}, {}]}");
	fails(&a, RPC_UNAUTHENTICATED, "401: expired");
	assert_true(rpc_code_is_permanent(error.code));
	assert_true(ask(&a));
	assert_int_equal(requests_to("a"), 2);
}

static void server_says_when_to_come_back(void **state)
{
	char date[64], text[300];
	time_t later = time(NULL) + 100;
	struct tm parts;

	(void)state;
	behave("\"behave\": {\"*/*\": [{\"status\": 503, \"headers\": {\"Retry-After\": \"7\"}}]}");
	fails(&a, RPC_UNAVAILABLE, "503");
	assert_true(error.has_retry_after);
	assert_int_equal(error.retry_after, 7);
	assert_int_equal(error.http_status, 503);

	strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&later, &parts));
	snprintf(text, sizeof(text),
		 "\"behave\": {\"*/*\": [{\"status\": 429, \"headers\": {\"Retry-After\": \"%s\"}}]}", date);
	behave(text);
	fails(&a, RPC_UNAVAILABLE, "429");
	assert_true(error.has_retry_after);
	assert_in_range(error.retry_after, 90, 100);

	behave("\"behave\": {\"*/*\": [{\"status\": 503, \"headers\": {\"Retry-After\": \"soon\"}}]}");
	fails(&a, RPC_UNAVAILABLE, "503");
	assert_false(error.has_retry_after);
}

static void long_answer_is_cut_off(void **state)
{
	json_t *line = NULL;
	bool complete;

	(void)state;
	behave("\"behave\": {\"*/*\": [{\"text\": \"0123456789abcdef\", \"repeat\": 2000000}]}");
	fails(&a, RPC_INTERNAL, "too long");
	for (int tries = 0; !line && tries < 100; tries++) {
		nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
		line = logged("answer", 0);
	}
	complete = json_is_true(json_object_get(line, "complete"));
	json_decref(line);
	assert_false(complete);

	behave("\"behave\": {\"*/*\": [{\"text\": \"x\", \"repeat\": 70000, \"length\": null}]}");
	fails(&a, RPC_INTERNAL, "too long");
	behave("\"behave\": {\"*/*\": [{\"status\": 503, \"text\": \"<p>over loaded\", \"repeat\": 9000}]}");
	fails(&a, RPC_UNAVAILABLE, "over loaded");
}

static void many_headers_are_cut_off(void **state)
{
	char *text = malloc(150000), *to = text;

	(void)state;
	to += sprintf(to, "\"behave\": {\"*/*\": [{\"headers\": {");
	for (int i = 0; i < 3; i++)
		to += sprintf(to, "%s\"X-%d\": \"%040000d\"", i ? ", " : "", i, 0);
	strcpy(to, "}}]}");
	behave(text);
	free(text);
	fails(&a, RPC_INTERNAL, "too long");
}

static void slow_answer_is_not_waited_for(void **state)
{
	const struct rpc_settings settings = { .timeout = 500 };
	uint64_t begun;

	(void)state;
	use(&settings);
	behave("\"behave\": {\"a/*\": [{\"hex\": \"0a\", \"repeat\": 100, \"drip\": 0.1}], "
	       "\"b/*\": [{\"silent\": true}]}");
	begun = loop_now();
	fails(&a, RPC_DEADLINE_EXCEEDED, "timed out");
	fails(&b, RPC_DEADLINE_EXCEEDED, "timed out");
	assert_in_range(loop_now() - begun, 1000, 3000);
}

static void redirect_is_not_followed(void **state)
{
	static const int statuses[] = { 301, 302, 303, 307, 308 };
	char text[200];

	(void)state;
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		snprintf(text, sizeof(text),
			 "\"behave\": {\"a/*\": [{\"status\": %d, \"headers\": {\"Location\": \"{b}/x\"}}]}",
			 statuses[i]);
		behave(text);
		fails(&a, RPC_UNKNOWN, "not followed");
		assert_non_null(strstr(error.message, "/x"));
		assert_int_equal(error.http_status, statuses[i]);
	}
	assert_int_equal(requests_to("a"), 5);
	assert_int_equal(requests_to("b"), 0);
}

static void answer_of_another_kind_is_none(void **state)
{
	(void)state;
	behave("\"behave\": {\"*/*\": [{\"status\": 502, \"type\": \"text/html\", "
	       "\"text\": \"<html><body><h1>Bad Gateway</h1></body></html>\"}]}");
	fails(&a, RPC_UNAVAILABLE, "502: Bad Gateway");
	behave("\"behave\": {\"*/*\": [{\"type\": \"text/html\"}]}");
	fails(&a, RPC_INTERNAL, "text/html");
	behave("\"behave\": {\"*/*\": [{\"type\": \"application/protobuf\"}]}");
	fails(&a, RPC_INTERNAL, "application/protobuf");
	behave("\"behave\": {\"*/*\": [{\"type\": null}]}");
	fails(&a, RPC_INTERNAL, "without a type");
	behave("\"behave\": {\"*/*\": [{\"type\": \"Application/Proto; charset=x\"}]}");
	assert_true(ask(&a));
	behave("\"behave\": {\"*/*\": [{\"status\": 204, \"type\": null}]}");
	fails(&a, RPC_UNKNOWN, "204");
	behave("\"behave\": {\"*/*\": [{\"hex\": \"ffffffffff\"}]}");
	fails(&a, RPC_INTERNAL, "no protobuf");
	behave("\"behave\": {\"*/*\": [{\"answer\": {\"key\": \"2a2a\"}}]}");
	fails(&a, RPC_INTERNAL, "32 bytes");
	behave("\"behave\": {\"*/*\": [{\"answer\": {\"control\": \"\"}}]}");
	fails(&a, RPC_FAILED_PRECONDITION, "must be updated");
}

static void error_shows_no_token(void **state)
{
	(void)state;
	behave("\"behave\": {\"*/*\": [{\"status\": 403, \"json\": {\"code\": \"permission_denied\", "
	       "\"message\": \"not with " TOKEN ", no\", \"detail\": null}}]}");
	fails(&a, RPC_PERMISSION_DENIED, "not with ..., no");
	assert_true(rpc_code_is_permanent(error.code));
}

static void certificates_are_checked(void **state)
{
	const struct rpc_settings system_roots = { .timeout = 5000 };
	const struct rpc_settings no_file = { .ca_file = "/nowhere" };

	(void)state;
	assert_true(ask(&good));
	fails(&stranger, RPC_UNAVAILABLE, "certificate is not trusted");
	fails(&other_name, RPC_UNAVAILABLE, "certificate is not trusted");
	use(&system_roots);
	fails(&good, RPC_UNAVAILABLE, "certificate is not trusted");
	use(&no_file);
	fails(&good, RPC_FAILED_PRECONDITION, "/nowhere");
	assert_int_equal(requests_to("good"), 1);
	assert_int_equal(requests_to("stranger") + requests_to("name"), 0);
}

static void http2_is_spoken_where_that_is_known(void **state)
{
	const struct rpc_settings settings = { .timeout = 5000, .http2 = true };

	(void)state;
	/* This server does not know it. */
	use(&settings);
	fails(&a, RPC_UNAVAILABLE, "");
	assert_int_equal(requests_to("a"), 0);
}

static void stop(struct loop_timer *timer)
{
	(void)timer;
	loop_stop(loop);
}

static void canceled_call_tells_nobody(void **state)
{
	struct loop_timer timer = { .fire = stop };
	struct rpc_call *call;

	(void)state;
	behave("\"behave\": {\"*/*\": [{\"delay\": 0.2}]}");
	call = snap_api_data_plane(rpc, &a, TOKEN, take_data_plane, &plane);
	assert_non_null(call);
	loop_timer_set(loop, &timer, 100);
	assert_int_equal(loop_run(loop), STATUS_OK);
	rpc_cancel(call);
	loop_timer_set(loop, &timer, 300);
	assert_int_equal(loop_run(loop), STATUS_OK);
	assert_false(called);
	assert_int_equal(requests_to("a"), 1);

	call = snap_api_data_plane(rpc, &a, TOKEN, take_data_plane, &plane);
	rpc_cancel(call);
	rpc_cancel(NULL);
}

static void token_cannot_be_more_than_a_token(void **state)
{
	(void)state;
	assert_null(snap_api_data_plane(rpc, &a, "x\r\nX-Evil: 1", take_data_plane, &plane));
	assert_null(snap_api_data_plane(rpc, &a, "two words", take_data_plane, &plane));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(data_plane_is_asked_for_as_it_should_be, begin, end),
		cmocka_unit_test_setup_teardown(proxy_gets_nothing_that_is_for_this_machine, begin, end),
		cmocka_unit_test_setup_teardown(registration_sends_32_zeros, begin, end),
		cmocka_unit_test_setup_teardown(underlays_are_asked_for_below_the_path, begin, end),
		cmocka_unit_test_setup_teardown(endhost_apis_are_discovered, begin, end),
		cmocka_unit_test_setup_teardown(token_is_had_for_a_key, begin, end),
		cmocka_unit_test_setup_teardown(nobody_listens, begin, end),
		cmocka_unit_test_setup_teardown(connection_breaks, begin, end),
		cmocka_unit_test_setup_teardown(refused_token_then_a_right_one, begin, end),
		cmocka_unit_test_setup_teardown(server_says_when_to_come_back, begin, end),
		cmocka_unit_test_setup_teardown(long_answer_is_cut_off, begin, end),
		cmocka_unit_test_setup_teardown(many_headers_are_cut_off, begin, end),
		cmocka_unit_test_setup_teardown(slow_answer_is_not_waited_for, begin, end),
		cmocka_unit_test_setup_teardown(redirect_is_not_followed, begin, end),
		cmocka_unit_test_setup_teardown(answer_of_another_kind_is_none, begin, end),
		cmocka_unit_test_setup_teardown(error_shows_no_token, begin, end),
		cmocka_unit_test_setup_teardown(certificates_are_checked, begin, end),
		cmocka_unit_test_setup_teardown(http2_is_spoken_where_that_is_known, begin, end),
		cmocka_unit_test_setup_teardown(canceled_call_tells_nobody, begin, end),
		cmocka_unit_test_setup_teardown(token_cannot_be_more_than_a_token, begin, end),
	};

	return cmocka_run_group_tests(tests, begin_all, end_all);
}

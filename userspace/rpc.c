// SPDX-License-Identifier: GPL-2.0-or-later
/* Calls of Connect RPC: the transfers of libcurl that they are. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>
#include <openssl/ssl.h>

#include "report.h"
#include "rpc.h"
#include "url.h"
#include "wipe.h"

#define CONTENT_TYPE	"application/proto"

/* More bytes of headers than any server sends. */
#define HEADERS_MAX	(64U << 10)

/* What the buffer of an answer begins with. */
#define ANSWER_ROOM	4096U

#define HTTP_OK		200

/**
 * struct rpc - what calls are made with
 * @loop: The event loop.
 * @settings: What holds for all calls; @ca_file is a copy.
 * @ca_file: That copy.
 */
struct rpc {
	struct loop *loop;
	struct rpc_settings settings;
	char *ca_file;
};

/**
 * struct rpc_call - a call
 * @transfer: Its transfer.
 * @rpc: What it is made with.
 * @request: The call as it was asked for, without its strings.
 * @token: Token, a copy; NULL for none.
 * @secret: What else must be in no message, a copy; NULL for none.
 * @headers: Headers of the request.
 * @header_bytes: How many bytes of headers have come.
 * @answer: The answer's body.
 * @answer_size: How much of it has come.
 * @answer_room: How much fits.
 * @too_large: The answer is longer than it may be.
 * @problem: libcurl's words about what went wrong.
 */
struct rpc_call {
	struct loop_transfer transfer;
	struct rpc *rpc;
	struct rpc_request request;
	char *token;
	char *secret;
	struct curl_slist *headers;
	size_t header_bytes;
	uint8_t *answer;
	size_t answer_size;
	size_t answer_room;
	bool too_large;
	char problem[CURL_ERROR_SIZE];
};

static void *wiping_malloc(size_t size)
{
	return malloc(size);
}

static void *wiping_calloc(size_t count, size_t size)
{
	return calloc(count, size);
}

enum status rpc_set_up(void)
{
	/* Bodies of errors may have a token in them, too. */
	json_set_alloc_funcs(wiping_malloc, wipe_free);
	if (curl_global_init_mem(CURL_GLOBAL_DEFAULT, wiping_malloc, wipe_free,
				 wipe_realloc, wipe_strdup, wiping_calloc))
		return report(STATUS_FAILED, "libcurl does not start");
	return STATUS_OK;
}

enum status rpc_new(struct loop *loop, const struct rpc_settings *settings,
		    struct rpc **rpc)
{
	struct rpc *new = calloc(1, sizeof(*new));

	*rpc = NULL;
	if (!new)
		return report(STATUS_FAILED, "no memory");
	new->loop = loop;
	new->settings = *settings;
	if (settings->ca_file)
		new->ca_file = strdup(settings->ca_file);
	if (settings->ca_file && !new->ca_file) {
		free(new);
		return report(STATUS_FAILED, "no memory");
	}
	new->settings.ca_file = new->ca_file;
	if (!new->settings.timeout)
		new->settings.timeout = RPC_TIMEOUT;
	if (!new->settings.connect_timeout)
		new->settings.connect_timeout = RPC_CONNECT_TIMEOUT;
	*rpc = new;
	return STATUS_OK;
}

void rpc_free(struct rpc *rpc)
{
	if (!rpc)
		return;
	free(rpc->ca_file);
	free(rpc);
}

static void free_call(struct rpc_call *call)
{
	curl_easy_cleanup(call->transfer.easy);
	curl_slist_free_all(call->headers);
	wipe_free(call->request.body);
	wipe_free(call->token);
	wipe_free(call->secret);
	wipe_free(call->answer);
	free(call);
}

static size_t count_header(char *data, size_t size, size_t count, void *user)
{
	struct rpc_call *call = user;

	(void)data;
	call->header_bytes += size * count;
	if (call->header_bytes > HEADERS_MAX)
		call->too_large = true;
	return call->too_large ? 0 : size * count;
}

static size_t take_body(char *data, size_t size, size_t count, void *user)
{
	struct rpc_call *call = user;
	size_t room = call->answer_room ? call->answer_room : ANSWER_ROOM;
	size_t bytes = size * count;
	uint8_t *larger;

	if (bytes > call->request.answer_max - call->answer_size) {
		call->too_large = true;
		return 0;
	}
	while (room < call->answer_size + bytes)
		room *= 2;
	if (room != call->answer_room) {
		larger = wipe_realloc(call->answer, room);
		if (!larger)
			return 0;
		call->answer = larger;
		call->answer_room = room;
	}
	memcpy(call->answer + call->answer_size, data, bytes);
	call->answer_size += bytes;
	return bytes;
}

/* Describes what kept an answer from coming. */
static void explain_transfer(const struct rpc_call *call, CURLcode result,
			     struct rpc_error *error)
{
	const char *words = *call->problem ? call->problem :
					     curl_easy_strerror(result);

	if (call->too_large)
		rpc_error_set(error, RPC_INTERNAL, "the answer is too long");
	else if (result == CURLE_OPERATION_TIMEDOUT)
		rpc_error_set(error, RPC_DEADLINE_EXCEEDED, "%s", words);
	else if (result == CURLE_PEER_FAILED_VERIFICATION)
		rpc_error_set(error, RPC_UNAVAILABLE,
			      "the server's certificate is not trusted: %s", words);
	else if (result == CURLE_SSL_CACERT_BADFILE)
		rpc_error_set(error, RPC_FAILED_PRECONDITION,
			      "the file of trusted certificates: %s", words);
	else
		rpc_error_set(error, RPC_UNAVAILABLE, "%s", words);
}

/* Describes an answer that is none: its status is an error's. */
static void explain_status(const struct rpc_call *call, struct rpc_error *error)
{
	CURL *easy = call->transfer.easy;
	curl_off_t seconds = 0;
	char *target = NULL;

	rpc_error_read(error, (const char *)call->answer, call->answer_size);
	curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &target);
	if (target)
		rpc_error_set(error, error->code,
			      "the server answers with status %d and points to %s, which is not followed",
			      error->http_status, target);
	/* libcurl reads both of its forms, and says 0 for a time that has passed. */
	curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds);
	error->has_retry_after = seconds > 0;
	if (error->has_retry_after)
		error->retry_after = seconds < UINT32_MAX ? (uint32_t)seconds :
							    UINT32_MAX;
}

/* Whether the answer is labelled as protobuf. */
static bool right_type(const struct rpc_call *call, struct rpc_error *error)
{
	size_t length = strlen(CONTENT_TYPE);
	char *type = NULL;

	curl_easy_getinfo(call->transfer.easy, CURLINFO_CONTENT_TYPE, &type);
	if (type && !strncasecmp(type, CONTENT_TYPE, length) &&
	    (!type[length] || strchr("; \t", type[length])))
		return true;
	rpc_error_set(error, RPC_INTERNAL,
		      "the answer is no " CONTENT_TYPE " but %.80s: not a service of this kind",
		      type ? type : "something without a type");
	return false;
}

/* Tells whoever waits about the answer; false where there is none, but an error. */
static bool tell_answer(struct rpc_call *call, CURLcode result,
			struct rpc_error *error)
{
	static const uint8_t nothing[1];
	long status = 0;

	curl_easy_getinfo(call->transfer.easy, CURLINFO_RESPONSE_CODE, &status);
	error->http_status = (int)status;
	/* The page of an error may be long: what has come tells enough. */
	if (call->too_large && status && status != HTTP_OK)
		result = CURLE_OK;
	if (result) {
		explain_transfer(call, result, error);
		return false;
	}
	if (status != HTTP_OK) {
		explain_status(call, error);
		return false;
	}
	return right_type(call, error) &&
	       call->request.answered(&call->request,
				      call->answer ? call->answer : nothing,
				      call->answer_size, error);
}

static void end_call(struct loop_transfer *transfer, CURLcode result)
{
	struct rpc_error error = { .code = RPC_UNKNOWN };
	struct rpc_call *call = transfer->data;

	if (!tell_answer(call, result, &error)) {
		rpc_error_hide(&error, call->token);
		rpc_error_hide(&error, call->secret);
		call->request.failed(&call->request, &error);
	}
	free_call(call);
}

/* Adds a header; once that has failed, nothing more. */
static bool add_header(struct rpc_call *call, const char *header)
{
	struct curl_slist *longer = curl_slist_append(call->headers, header);

	if (longer)
		call->headers = longer;
	return longer;
}

static bool add_headers(struct rpc_call *call)
{
	static const char bearer[] = "Authorization: Bearer ";
	size_t size = sizeof(bearer) + (call->token ? strlen(call->token) : 0);
	char *header;
	bool added;

	/* It asks for no leave to send so few bytes. */
	if (!add_header(call, "Content-Type: " CONTENT_TYPE) ||
	    !add_header(call, "Expect:"))
		return false;
	if (!call->token)
		return true;
	header = malloc(size);
	if (!header)
		return false;
	memcpy(header, bearer, sizeof(bearer));
	strncat(header, call->token, size - sizeof(bearer));
	added = add_header(call, header);
	wipe_free(header);
	return added;
}

/* Has a connection of TLS wipe what it has handed on: it lasts longer than the call. */
static CURLcode prepare_tls(CURL *easy, void *context, void *user)
{
	(void)easy;
	(void)user;
	SSL_CTX_set_options(context, SSL_OP_CLEANSE_PLAINTEXT);
	return CURLE_OK;
}

static bool is_loopback(const char *text)
{
	struct url url;

	return !url_parse(text, &url) && url.loopback;
}

/* What holds for the connection; whether libcurl takes it. */
static bool set_connection(const struct rpc_call *call)
{
	const struct rpc_settings *settings = &call->rpc->settings;
	bool https = !strncmp(call->request.url, "https:", 6);
	long version = https ? CURL_HTTP_VERSION_2TLS :
		       settings->http2 ? CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE :
					 CURL_HTTP_VERSION_1_1;
	CURL *easy = call->transfer.easy;
	unsigned int failed = 0;

	failed |= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	failed |= curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	failed |= curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	failed |= curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, version);
	failed |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	failed |= curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	failed |= curl_easy_setopt(easy, CURLOPT_SSLVERSION,
				   (long)CURL_SSLVERSION_TLSv1_2);
	failed |= curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, prepare_tls);
	if (settings->ca_file) {
		failed |= curl_easy_setopt(easy, CURLOPT_CAINFO, settings->ca_file);
		failed |= curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	}
	/*
	 * Calls are rare. A connection that stays has secrets in its buffers, and libcurl
	 * sends a request again where one turns out to be closed.
	 */
	failed |= curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
	failed |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	failed |= curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS,
				   (long)settings->timeout);
	failed |= curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
				   (long)settings->connect_timeout);
	/* What is for this machine leaves it by no proxy of the environment. */
	if (is_loopback(call->request.url))
		failed |= curl_easy_setopt(easy, CURLOPT_PROXY, "");
	/* A proxy on the way gets no token, and its headers are none of the answer. */
	failed |= curl_easy_setopt(easy, CURLOPT_HEADEROPT,
				   (long)CURLHEADER_SEPARATE);
	failed |= curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	return !failed;
}

/* What is sent, and where the answer goes; whether libcurl takes it. */
static bool set_exchange(struct rpc_call *call)
{
	CURL *easy = call->transfer.easy;
	unsigned int failed = 0;

	failed |= curl_easy_setopt(easy, CURLOPT_URL, call->request.url);
	failed |= curl_easy_setopt(easy, CURLOPT_USERAGENT, "snaptun/" VERSION);
	failed |= curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->headers);
	failed |= curl_easy_setopt(easy, CURLOPT_POST, 1L);
	failed |= curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
				   (curl_off_t)call->request.body_size);
	failed |= curl_easy_setopt(easy, CURLOPT_POSTFIELDS,
				   call->request.body ?
				   (const char *)call->request.body : "");
	failed |= curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, count_header);
	failed |= curl_easy_setopt(easy, CURLOPT_HEADERDATA, call);
	failed |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
	failed |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
	failed |= curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->problem);
	return !failed;
}

/* Whether a token may stand in a header: nothing that ends it, nothing unseen. */
static bool may_be_sent(const char *token)
{
	for (; *token; token++)
		if (*token <= ' ' || *token >= 0x7f)
			return false;
	return true;
}

/* Fills a call in; on failure says why. */
static const char *prepare(struct rpc_call *call)
{
	const struct rpc_request *request = &call->request;

	call->transfer.easy = curl_easy_init();
	if (request->token)
		call->token = wipe_strdup(request->token);
	if (request->secret)
		call->secret = wipe_strdup(request->secret);
	if (!call->transfer.easy || (request->token && !call->token) ||
	    (request->secret && !call->secret))
		return "no memory";
	if (call->token && !may_be_sent(call->token))
		return "the token has characters in it that no token has";
	if (!add_headers(call) || !set_connection(call) || !set_exchange(call))
		return "libcurl refuses to prepare a call";
	return NULL;
}

struct rpc_call *rpc_start(struct rpc *rpc, const struct rpc_request *request)
{
	struct rpc_call *call = calloc(1, sizeof(*call));
	const char *wrong;

	if (!call) {
		wipe_free(request->body);
		report(STATUS_FAILED, "no memory");
		return NULL;
	}
	call->rpc = rpc;
	call->request = *request;
	call->transfer.done = end_call;
	call->transfer.data = call;
	wrong = prepare(call);
	if (wrong)
		report(STATUS_FAILED, "%s", wrong);
	if (wrong || loop_transfer(rpc->loop, &call->transfer) != STATUS_OK) {
		free_call(call);
		return NULL;
	}
	/* These are the caller's. */
	call->request.url = NULL;
	call->request.token = NULL;
	call->request.secret = NULL;
	return call;
}

void rpc_cancel(struct rpc_call *call)
{
	if (!call)
		return;
	loop_abandon(call->rpc->loop, &call->transfer);
	free_call(call);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls of Connect RPC, unary, with bodies of protobuf: one POST each, over the event
 * loop. What can be called is in snap_api.h.
 */
#ifndef SNAPTUN_RPC_H
#define SNAPTUN_RPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "command.h"
#include "loop.h"

/* One line about an error, with its zero; longer ones are cut. */
#define RPC_MESSAGE_SIZE	320

/* How long a call and, as a part of that, its connection may take, in ms. */
#define RPC_TIMEOUT		30000
#define RPC_CONNECT_TIMEOUT	10000

/* How many bytes an answer may have, and one that lists things. */
#define RPC_ANSWER_MAX		(64U << 10)
#define RPC_LISTING_MAX		(1U << 20)

/**
 * enum rpc_code - what kind of error it is: Connect's codes
 * @RPC_CANCELED: "canceled", and so on.
 */
enum rpc_code {
	RPC_CANCELED = 1,
	RPC_UNKNOWN,
	RPC_INVALID_ARGUMENT,
	RPC_DEADLINE_EXCEEDED,
	RPC_NOT_FOUND,
	RPC_ALREADY_EXISTS,
	RPC_PERMISSION_DENIED,
	RPC_RESOURCE_EXHAUSTED,
	RPC_FAILED_PRECONDITION,
	RPC_ABORTED,
	RPC_OUT_OF_RANGE,
	RPC_UNIMPLEMENTED,
	RPC_INTERNAL,
	RPC_UNAVAILABLE,
	RPC_DATA_LOSS,
	RPC_UNAUTHENTICATED,
};

/**
 * struct rpc_error - why a call failed
 * @code: What kind of error. What the network did is %RPC_UNAVAILABLE or
 *	%RPC_DEADLINE_EXCEEDED; an answer that makes no sense is %RPC_INTERNAL.
 * @http_status: The answer's status; 0 where there was no answer.
 * @has_retry_after: The server said when to try again.
 * @retry_after: In how many seconds that is.
 * @message: What happened: one line of printable characters, without the secrets that
 *	the call had.
 */
struct rpc_error {
	enum rpc_code code;
	int http_status;
	bool has_retry_after;
	uint32_t retry_after;
	char message[RPC_MESSAGE_SIZE];
};

/**
 * struct rpc_settings - what holds for all calls
 * @ca_file: File of the certificates that https is to trust instead of the system's;
 *	NULL for those.
 * @timeout: How long a call may take, in ms; 0 for %RPC_TIMEOUT.
 * @connect_timeout: How long its connection may take, in ms; 0 for
 *	%RPC_CONNECT_TIMEOUT.
 * @http2: Speak HTTP/2 where the URL is plain http. With https the server chooses.
 */
struct rpc_settings {
	const char *ca_file;
	uint32_t timeout;
	uint32_t connect_timeout;
	bool http2;
};

struct rpc;
struct rpc_call;

/**
 * struct rpc_request - a call that is to be made
 * @url: The whole URL.
 * @token: Token for the Authorization header; NULL for none.
 * @secret: Another secret that is in @body and must be in no message; NULL for none.
 * @body: The request, which the call takes: wiped and freed by it, whatever happens.
 * @body_size: Its size.
 * @answer_max: How many bytes the answer may have.
 * @answered: Called with the body of an answer that is protobuf. Returns whether it
 *	makes sense, and has told @done then; fills in *@error where not.
 * @failed: Called otherwise, also after @answered returned false.
 * @done: Whom these two tell, a function of any type.
 * @data: For @done.
 *
 * What @url, @token and @secret point to is copied, and not there for @answered and
 * @failed. The call is over when one of them is called.
 */
struct rpc_request {
	const char *url;
	const char *token;
	const char *secret;
	uint8_t *body;
	size_t body_size;
	size_t answer_max;
	bool (*answered)(const struct rpc_request *request, const uint8_t *body,
			 size_t size, struct rpc_error *error);
	void (*failed)(const struct rpc_request *request,
		       const struct rpc_error *error);
	void (*done)(void);
	void *data;
};

/**
 * rpc_set_up() - make the library that transfers things ready
 *
 * To be called once, before loop_new(). From then on libcurl and jansson wipe all memory
 * that they free: there are tokens in it. nghttp2 does not: after a call by HTTP/2 a
 * token stays in memory until something else is there.
 *
 * Return: %STATUS_OK, or %STATUS_FAILED after a report.
 */
enum status rpc_set_up(void);

/**
 * rpc_new() - make what calls are made with
 * @loop: The event loop, which outlives it.
 * @settings: What holds for all calls; copied.
 * @rpc: Where it goes; rpc_free() ends it. NULL on failure.
 *
 * Return: %STATUS_OK, or %STATUS_FAILED after a report.
 */
enum status rpc_new(struct loop *loop, const struct rpc_settings *settings,
		    struct rpc **rpc);

/**
 * rpc_free() - end it
 * @rpc: What rpc_new() made, without calls under way; may be NULL.
 */
void rpc_free(struct rpc *rpc);

/**
 * rpc_start() - begin a call
 * @rpc: What rpc_new() made.
 * @request: The call. None of its functions is called before this returns.
 *
 * Goes to the URL and nowhere else: no redirect is followed.
 *
 * Return: the call, for rpc_cancel(); NULL after a report where it cannot begin.
 */
struct rpc_call *rpc_start(struct rpc *rpc, const struct rpc_request *request);

/**
 * rpc_cancel() - end a call that nobody waits for any more
 * @call: The call, which has not ended; may be NULL. None of its functions is called.
 */
void rpc_cancel(struct rpc_call *call);

/**
 * rpc_code_name() - the name of a code on the wire
 * @code: The code.
 */
const char *rpc_code_name(enum rpc_code code);

/**
 * rpc_code_is_permanent() - would the same call fail again?
 * @code: The code.
 *
 * Return: true where there is no point in trying again as long as nothing else is
 * different: arguments, token, server.
 */
bool rpc_code_is_permanent(enum rpc_code code);

/**
 * rpc_error_set() - describe an error
 * @error: The error; its @http_status and Retry-After stay.
 * @code: What kind of error.
 * @format: What happened, as for printf(); comes out printable and on one line.
 */
void rpc_error_set(struct rpc_error *error, enum rpc_code code,
		   const char *format, ...) __attribute__((format(printf, 3, 4)));

/**
 * rpc_error_read() - find out what an answer's body says about an error
 * @error: The error; @http_status says which status the answer had.
 * @body: The body: Connect's JSON, whatever it is labelled, or text, or HTML.
 * @size: Its size.
 */
void rpc_error_read(struct rpc_error *error, const char *body, size_t size);

/**
 * rpc_error_hide() - take a secret out of an error's message
 * @error: The error.
 * @secret: The secret; every part of it that is long enough to matter goes.
 */
void rpc_error_hide(struct rpc_error *error, const char *secret);

#endif /* SNAPTUN_RPC_H */

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The answers to the calls of snap_api.h: from protobuf to what the helper works with,
 * with everything checked that a server could get wrong.
 */
#ifndef SNAPTUN_SNAP_ANSWER_H
#define SNAPTUN_SNAP_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rpc.h"
#include "snap_api.h"

/**
 * snap_answer_data_plane() - read the answer to GetSnapDataPlaneAddress
 * @body: The answer.
 * @size: Its size.
 * @plane: Where the data plane goes; undefined on failure.
 * @error: What is wrong with it, on failure.
 *
 * Return: whether it makes sense.
 */
bool snap_answer_data_plane(const uint8_t *body, size_t size,
			    struct snap_data_plane *plane,
			    struct rpc_error *error);

/**
 * snap_answer_register() - read the answer to RegisterSnapTunIdentity
 * @body: The answer.
 * @size: Its size.
 * @error: What is wrong with it, on failure.
 *
 * Return: whether it makes sense.
 */
bool snap_answer_register(const uint8_t *body, size_t size,
			  struct rpc_error *error);

/**
 * snap_answer_underlays() - read the answer to ListUnderlays
 * @body: The answer.
 * @size: Its size.
 * @underlays: Where the underlays go; snap_answer_free_underlays() frees them.
 * @error: What is wrong with it, on failure.
 *
 * Return: whether it makes sense.
 */
bool snap_answer_underlays(const uint8_t *body, size_t size,
			   struct snap_api_underlays *underlays,
			   struct rpc_error *error);

/**
 * snap_answer_free_underlays() - free the lists
 * @underlays: The underlays.
 */
void snap_answer_free_underlays(struct snap_api_underlays *underlays);

/**
 * snap_answer_endhost_apis() - read the answer to GetEndhostApis
 * @body: The answer.
 * @size: Its size.
 * @apis: Where the endhost APIs go; snap_answer_free_endhost_apis() frees them.
 * @error: What is wrong with it, on failure.
 *
 * Return: whether it makes sense.
 */
bool snap_answer_endhost_apis(const uint8_t *body, size_t size,
			      struct snap_api_endhost_apis *apis,
			      struct rpc_error *error);

/**
 * snap_answer_free_endhost_apis() - free the list
 * @apis: The endhost APIs.
 */
void snap_answer_free_endhost_apis(struct snap_api_endhost_apis *apis);

/**
 * snap_answer_token() - read the answer to AuthenticateByKey
 * @body: The answer.
 * @size: Its size.
 * @token: Where token and discovery go; snap_answer_free_token() wipes the token.
 * @error: What is wrong with it, on failure.
 *
 * Return: whether it makes sense.
 */
bool snap_answer_token(const uint8_t *body, size_t size,
		       struct snap_api_token *token, struct rpc_error *error);

/**
 * snap_answer_free_token() - wipe and free the token
 * @token: The token.
 */
void snap_answer_free_token(struct snap_api_token *token);

#endif /* SNAPTUN_SNAP_ANSWER_H */

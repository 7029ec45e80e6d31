/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Talks to the module over generic netlink, in the caller's network namespace. */
#ifndef SNAPTUN_NETLINK_H
#define SNAPTUN_NETLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "command.h"

struct netlink;

/**
 * netlink_open() - connect to the module
 * @netlink: Where the connection goes; netlink_close() ends it. NULL on failure.
 *
 * Return: %STATUS_OK, or after a report %STATUS_NO_MODULE where the kernel does
 * not know the family, %STATUS_FAILED otherwise.
 */
enum status netlink_open(struct netlink **netlink);

/**
 * netlink_close() - end a connection
 * @netlink: The connection; may be NULL.
 */
void netlink_close(struct netlink *netlink);

/**
 * netlink_open_device() - find a device, then connect to the module
 * @name: The device's name, for reports, too; not copied.
 * @ifindex: Where its interface index goes.
 * @netlink: As for netlink_open().
 *
 * Return: %STATUS_OK, or a failure after a report.
 */
enum status netlink_open_device(const char *name, uint32_t *ifindex,
				struct netlink **netlink);

/**
 * netlink_begin() - begin a request
 * @netlink: The connection.
 * @command: One of %SNAPTUN_CMD_DEVICE_GET and so on.
 * @flags: %NLM_F_DUMP for a dump, else 0.
 * @ifindex: The device, 0 to name none.
 *
 * Attributes follow by the functions below; netlink_call() ends the request.
 * Whatever fails until then, netlink_call() returns it.
 */
void netlink_begin(struct netlink *netlink, uint8_t command, int flags,
		   uint32_t ifindex);

/**
 * netlink_put() - add an attribute to the request
 * @netlink: The connection.
 * @type: The attribute's type.
 * @value: Its bytes.
 * @size: Their number.
 */
void netlink_put(struct netlink *netlink, int type, const void *value,
		 size_t size);

/**
 * netlink_put_u8() - add a byte to the request
 * @netlink: The connection.
 * @type: The attribute's type.
 * @value: The byte.
 */
void netlink_put_u8(struct netlink *netlink, int type, uint8_t value);

/**
 * netlink_put_u16() - add a 16-bit number to the request
 * @netlink: The connection.
 * @type: The attribute's type.
 * @value: The number.
 */
void netlink_put_u16(struct netlink *netlink, int type, uint16_t value);

/**
 * netlink_put_u32() - add a 32-bit number to the request
 * @netlink: The connection.
 * @type: The attribute's type.
 * @value: The number.
 */
void netlink_put_u32(struct netlink *netlink, int type, uint32_t value);

/**
 * netlink_put_u64() - add a 64-bit number to the request
 * @netlink: The connection.
 * @type: The attribute's type.
 * @value: The number.
 */
void netlink_put_u64(struct netlink *netlink, int type, uint64_t value);

/**
 * netlink_nest_begin() - begin an attribute that holds the ones that follow
 * @netlink: The connection.
 * @type: The attribute's type.
 *
 * Three may lie in one another.
 */
void netlink_nest_begin(struct netlink *netlink, int type);

/**
 * netlink_nest_end() - end the attribute that netlink_nest_begin() began last
 * @netlink: The connection.
 */
void netlink_nest_end(struct netlink *netlink);

/**
 * netlink_call() - send the request and wait for the end of its answers
 * @netlink: The connection.
 * @answers: JSON array that gets one object for each thing that the answers tell of
 *	(schema_append()); NULL where none is wanted. Holds those of the last try only.
 *
 * A dump that a change interrupted is tried again a few times. After that it is
 * taken with a warning: the module dumps in the order of numbers, so what was
 * there all the time is in it once.
 *
 * The request, which may have carried keys, is wiped and freed. A failure is
 * not reported: that a device went away may be none to the caller.
 *
 * Return: 0, or an errno value, for which netlink_failed() has the reason.
 */
int netlink_call(struct netlink *netlink, json_t *answers);

/**
 * netlink_failed() - report why the last call failed
 * @netlink: The connection.
 *
 * Says what the kernel said in its extended acknowledgment and the name of the
 * attribute that it complained about.
 *
 * Return: the exit code for it.
 */
enum status netlink_failed(const struct netlink *netlink);

/**
 * netlink_listen() - subscribe to the module's events
 * @netlink: Where a connection for nothing else goes; netlink_close() ends it.
 *	NULL on failure.
 * @descriptor: File descriptor that poll() finds readable when there are some.
 *
 * Return: %STATUS_OK, or a failure after a report, as netlink_open().
 */
enum status netlink_listen(struct netlink **netlink, int *descriptor);

/**
 * netlink_events() - take events that have come
 * @netlink: The connection, after netlink_listen().
 * @events: JSON array that gets an object for each, in their order: its name
 *	(schema_event_name()) as "event", then what schema_decode() makes of it.
 *	None where there is nothing to take; takes no more than a few at a time.
 * @lost: Whether some may have been lost before, since they came too fast, or the
 *	module was unloaded and loaded again.
 *
 * Does not wait.
 *
 * Return: %STATUS_OK, or a failure after a report.
 */
enum status netlink_events(struct netlink *netlink, json_t *events, bool *lost);

#endif /* SNAPTUN_NETLINK_H */

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A device as those subcommands see it that keep its tunnels and control planes. */
#ifndef SNAPTUN_USERSPACE_DEVICE_H
#define SNAPTUN_USERSPACE_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>
#include <net/if.h>

#include <linux/snaptun.h>

#include "address.h"
#include "command.h"
#include "config.h"
#include "netlink.h"

/**
 * struct device - a device
 * @name: Its name.
 * @ifindex: Its interface index.
 * @netlink: The connection that everything goes over: what the kernel ties to a socket
 *	lasts until device_close().
 */
struct device {
	char name[IFNAMSIZ];
	uint32_t ifindex;
	struct netlink *netlink;
};

/**
 * struct device_tunnel - a tunnel that is to be made
 * @key: The other side's public key.
 * @address: Its address, which is no name.
 * @url: URL of the control plane that it counts on.
 * @provisional: It goes with the connection until device_keep_tunnel().
 */
struct device_tunnel {
	const uint8_t *key;
	const struct address *address;
	const char *url;
	bool provisional;
};

/**
 * device_open() - find a device
 * @name: Its name.
 * @device: Where it goes, and stays; device_close() ends it.
 *
 * Return: %STATUS_OK, or a failure after a report.
 */
enum status device_open(const char *name, struct device *device);

/**
 * device_close() - be done with a device
 * @device: What device_open() found; may be all zero.
 */
void device_close(struct device *device);

/**
 * device_is_up() - has the link been set up?
 * @device: The device.
 */
bool device_is_up(const struct device *device);

/**
 * device_key() - get a device's public key
 * @device: The device.
 * @key: Where it goes.
 *
 * Return: %STATUS_OK, or %STATUS_BAD_KEY where it has none, or another failure; after a
 * report.
 */
enum status device_key(struct device *device, uint8_t key[SNAPTUN_KEY_LEN]);

/**
 * device_configure() - see that a device has its key, and the settings that were given
 * @device: The device.
 * @private_key: The key.
 * @config: The settings: its listen port and mark.
 *
 * What is right already is not sent again.
 *
 * Return: %STATUS_OK, or a failure after a report.
 */
enum status device_configure(struct device *device,
			     const uint8_t private_key[SNAPTUN_KEY_LEN],
			     const struct config *config);

/**
 * device_list() - get all of a device's tunnels, or control planes
 * @device: The device.
 * @command: %SNAPTUN_CMD_TUNNEL_GET or %SNAPTUN_CMD_CONTROL_PLANE_GET.
 * @list: Where the array goes, for json_decref(); NULL on failure.
 *
 * Return: %STATUS_OK, or a failure after a report.
 */
enum status device_list(struct device *device, uint8_t command, json_t **list);

/**
 * device_add_tunnel() - make a tunnel
 * @device: The device.
 * @tunnel: The tunnel.
 * @config: Its settings.
 * @answer: Where goes what the kernel says of it: its "id", "control-plane",
 *	"control-plane-state". For json_decref(); NULL on failure.
 *
 * Return: %STATUS_OK, or a failure after a report.
 */
enum status device_add_tunnel(struct device *device,
			      const struct device_tunnel *tunnel,
			      const struct config *config, json_t **answer);

/**
 * device_keep_tunnel() - have a provisional tunnel stay
 * @device: The device.
 * @id: The tunnel.
 *
 * Return: %STATUS_OK, or a failure after a report.
 */
enum status device_keep_tunnel(struct device *device, uint32_t id);

/**
 * device_remove_tunnel() - remove a tunnel; one that is gone already is right, too
 * @device: The device.
 * @id: The tunnel.
 *
 * Return: %STATUS_OK, or a failure after a report.
 */
enum status device_remove_tunnel(struct device *device, uint32_t id);

/**
 * device_begin_registration() - be the one who registers with a control plane
 * @device: The device.
 * @plane: The control plane's id.
 * @deadline: For how many milliseconds.
 *
 * Return: 0, %EBUSY while another one does, or another errno value after a report.
 */
int device_begin_registration(struct device *device, uint32_t plane,
			      uint64_t deadline);

/**
 * device_end_registration() - tell how it went
 * @device: The device.
 * @plane: The control plane's id.
 * @state: %SNAPTUN_CONTROL_PLANE_STATE_REGISTERED, _FAILED, or _IDLE for neither.
 * @lifetime: How long the registration lasts, in milliseconds; with the first alone.
 *
 * Return: 0, or an errno value after a report; of what the kernel says where the control
 * plane, or the right to tell it, is gone, there is none.
 */
int device_end_registration(struct device *device, uint32_t plane, uint32_t state,
			    uint64_t lifetime);

#endif /* SNAPTUN_USERSPACE_DEVICE_H */

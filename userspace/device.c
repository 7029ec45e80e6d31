// SPDX-License-Identifier: GPL-2.0-or-later
/* A device as those subcommands see it that keep its tunnels and control planes. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netlink.h>

#include "device.h"
#include "format.h"
#include "key.h"
#include "report.h"

enum status device_open(const char *name, struct device *device)
{
	enum status status;

	memset(device, 0, sizeof(*device));
	snprintf(device->name, sizeof(device->name), "%s", name);
	status = netlink_open_device(device->name, &device->ifindex, &device->netlink);
	return status;
}

void device_close(struct device *device)
{
	netlink_close(device->netlink);
	device->netlink = NULL;
}

bool device_is_up(const struct device *device)
{
	struct ifreq request = { .ifr_ifindex = 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool up;

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", device->name);
	up = fd >= 0 && !ioctl(fd, SIOCGIFFLAGS, &request) &&
	     request.ifr_flags & IFF_UP;
	if (fd >= 0)
		close(fd);
	return up;
}

/* All that the kernel says of the device itself; NULL on failure. */
static enum status get(struct device *device, json_t **answer)
{
	json_t *answers = json_array();
	enum status status = STATUS_OK;

	*answer = NULL;
	netlink_begin(device->netlink, SNAPTUN_CMD_DEVICE_GET, 0, device->ifindex);
	if (netlink_call(device->netlink, answers))
		status = netlink_failed(device->netlink);
	else
		*answer = json_incref(json_array_get(answers, 0));
	json_decref(answers);
	return status;
}

enum status device_key(struct device *device, uint8_t key[SNAPTUN_KEY_LEN])
{
	enum status status;
	json_t *answer;

	status = get(device, &answer);
	if (status == STATUS_OK && !key_decode(member_text(answer, "public-key"), key))
		status = report(STATUS_BAD_KEY, "%s has no private key", device->name);
	json_decref(answer);
	return status;
}

/* Sends what differs from what the kernel says. */
static enum status send_changes(struct device *device, const json_t *answer,
				const uint8_t private_key[SNAPTUN_KEY_LEN],
				const char *public_key, const struct config *config)
{
	struct netlink *netlink = device->netlink;
	bool key = strcmp(member_text(answer, "public-key"), public_key) != 0;
	bool port = config_given(config, CONFIG_LISTEN_PORT) &&
		    member_number(answer, "listen-port") != config->listen_port;
	bool mark = config_given(config, CONFIG_FWMARK) &&
		    member_number(answer, "fwmark") != config->fwmark;

	if (!key && !port && !mark)
		return STATUS_OK;
	netlink_begin(netlink, SNAPTUN_CMD_DEVICE_SET, 0, device->ifindex);
	if (key)
		netlink_put(netlink, SNAPTUN_A_DEVICE_PRIVATE_KEY, private_key,
			    SNAPTUN_KEY_LEN);
	if (port)
		netlink_put_u16(netlink, SNAPTUN_A_DEVICE_LISTEN_PORT,
				(uint16_t)config->listen_port);
	if (mark)
		netlink_put_u32(netlink, SNAPTUN_A_DEVICE_FWMARK, config->fwmark);
	return netlink_call(netlink, NULL) ? netlink_failed(netlink) : STATUS_OK;
}

enum status device_configure(struct device *device,
			     const uint8_t private_key[SNAPTUN_KEY_LEN],
			     const struct config *config)
{
	uint8_t public_key[SNAPTUN_KEY_LEN];
	char text[KEY_TEXT_SIZE];
	json_t *answer = NULL;
	enum status status;

	status = key_public(private_key, public_key);
	if (status == STATUS_OK)
		status = get(device, &answer);
	if (status == STATUS_OK) {
		key_encode(public_key, text);
		status = send_changes(device, answer, private_key, text, config);
	}
	json_decref(answer);
	return status;
}

enum status device_list(struct device *device, uint8_t command, json_t **list)
{
	*list = json_array();
	netlink_begin(device->netlink, command, NLM_F_DUMP, device->ifindex);
	if (!netlink_call(device->netlink, *list))
		return STATUS_OK;
	json_decref(*list);
	*list = NULL;
	return netlink_failed(device->netlink);
}

static void put_config(struct netlink *netlink, const struct config *config)
{
	if (config_given(config, CONFIG_LOCAL_PORT))
		netlink_put_u16(netlink, SNAPTUN_A_TUNNEL_LOCAL_PORT,
				(uint16_t)config->local_port);
	if (config_given(config, CONFIG_KEEPALIVE))
		netlink_put_u16(netlink, SNAPTUN_A_TUNNEL_KEEPALIVE,
				(uint16_t)config->keepalive);
	if (config_given(config, CONFIG_BURST_LIMIT))
		netlink_put_u32(netlink, SNAPTUN_A_TUNNEL_BURST_LIMIT,
				config->burst_limit);
	if (config_given(config, CONFIG_FIXED_ADDRESS))
		netlink_put_u8(netlink, SNAPTUN_A_TUNNEL_FIXED_ADDRESS,
			       (uint8_t)config->fixed_address);
	if (config_given(config, CONFIG_DEFAULT))
		netlink_put_u8(netlink, SNAPTUN_A_TUNNEL_DEFAULT,
			       (uint8_t)config->is_default);
	if (config_given(config, CONFIG_ALLOWED_IPS))
		prefix_put(netlink, SNAPTUN_A_TUNNEL_ALLOWED_IPS,
			   &config->allowed_ips);
}

enum status device_add_tunnel(struct device *device,
			      const struct device_tunnel *tunnel,
			      const struct config *config, json_t **answer)
{
	struct netlink *netlink = device->netlink;
	json_t *answers = json_array();
	enum status status = STATUS_OK;

	*answer = NULL;
	netlink_begin(netlink, SNAPTUN_CMD_TUNNEL_NEW, 0, device->ifindex);
	netlink_put(netlink, SNAPTUN_A_TUNNEL_REMOTE_KEY, tunnel->key,
		    SNAPTUN_KEY_LEN);
	address_put(netlink, SNAPTUN_A_TUNNEL_ENDPOINT, tunnel->address);
	netlink_put(netlink, SNAPTUN_A_TUNNEL_CONTROL_PLANE_URL, tunnel->url,
		    strlen(tunnel->url) + 1);
	netlink_put_u8(netlink, SNAPTUN_A_TUNNEL_PROVISIONAL, tunnel->provisional);
	put_config(netlink, config);
	if (netlink_call(netlink, answers))
		status = netlink_failed(netlink);
	else
		*answer = json_incref(json_array_get(answers, 0));
	json_decref(answers);
	return status;
}

enum status device_keep_tunnel(struct device *device, uint32_t id)
{
	netlink_begin(device->netlink, SNAPTUN_CMD_TUNNEL_SET, 0, device->ifindex);
	netlink_put_u32(device->netlink, SNAPTUN_A_TUNNEL_ID, id);
	netlink_put_u8(device->netlink, SNAPTUN_A_TUNNEL_PROVISIONAL, 0);
	if (netlink_call(device->netlink, NULL))
		return netlink_failed(device->netlink);
	return STATUS_OK;
}

enum status device_remove_tunnel(struct device *device, uint32_t id)
{
	int error;

	netlink_begin(device->netlink, SNAPTUN_CMD_TUNNEL_DEL, 0, device->ifindex);
	netlink_put_u32(device->netlink, SNAPTUN_A_TUNNEL_ID, id);
	error = netlink_call(device->netlink, NULL);
	if (error && error != ENOENT && error != ENODEV)
		return netlink_failed(device->netlink);
	return STATUS_OK;
}

static void begin_plane(struct device *device, uint32_t plane, uint32_t state)
{
	netlink_begin(device->netlink, SNAPTUN_CMD_CONTROL_PLANE_SET, 0,
		      device->ifindex);
	netlink_put_u32(device->netlink, SNAPTUN_A_CONTROL_PLANE_ID, plane);
	netlink_put_u32(device->netlink, SNAPTUN_A_CONTROL_PLANE_STATE, state);
}

int device_begin_registration(struct device *device, uint32_t plane,
			      uint64_t deadline)
{
	int error;

	begin_plane(device, plane, SNAPTUN_CONTROL_PLANE_STATE_REGISTERING);
	netlink_put(device->netlink, SNAPTUN_A_CONTROL_PLANE_DEADLINE, &deadline,
		    sizeof(deadline));
	error = netlink_call(device->netlink, NULL);
	if (error && error != EBUSY)
		netlink_failed(device->netlink);
	return error;
}

int device_end_registration(struct device *device, uint32_t plane, uint32_t state,
			    uint64_t lifetime)
{
	int error;

	begin_plane(device, plane, state);
	if (state == SNAPTUN_CONTROL_PLANE_STATE_REGISTERED)
		netlink_put(device->netlink, SNAPTUN_A_CONTROL_PLANE_LIFETIME,
			    &lifetime, sizeof(lifetime));
	error = netlink_call(device->netlink, NULL);
	if (error && error != ENOENT && error != ENODEV && error != ESTALE)
		netlink_failed(device->netlink);
	return error;
}

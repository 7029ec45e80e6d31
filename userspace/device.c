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
	status = netlink_open_device(name, &device->ifindex, &device->netlink);
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

enum status device_key(struct device *device, uint8_t key[SNAPTUN_KEY_LEN])
{
	json_t *answers = json_array();
	enum status status = STATUS_OK;
	const char *text;

	netlink_begin(device->netlink, SNAPTUN_CMD_DEVICE_GET, 0, device->ifindex);
	if (netlink_call(device->netlink, answers)) {
		status = netlink_failed(device->netlink);
	} else {
		text = json_string_value(json_object_get(json_array_get(answers, 0),
							 "public-key"));
		if (!text || !key_decode(text, key))
			status = report(STATUS_BAD_KEY, "%s has no private key",
					device->name);
	}
	json_decref(answers);
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

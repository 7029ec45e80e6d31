// SPDX-License-Identifier: GPL-2.0-or-later
/* Has a device as its configuration says, but for tunnels. */
#include <stdint.h>

#include "bring_up.h"
#include "device.h"
#include "key.h"
#include "key_file.h"
#include "link.h"
#include "lock.h"

/* How long an `up` that is under way is waited for, in seconds. */
#define LOCK_TIMEOUT	30

static enum status configure_device(const char *name, const uint8_t *private_key,
				    const struct config *config)
{
	struct device device;
	enum status status;

	status = device_open(name, &device);
	if (status == STATUS_OK)
		status = device_configure(&device, private_key, config);
	device_close(&device);
	return status;
}

static enum status configure(struct link *link, const char *name,
			     const uint8_t *private_key, const struct config *config)
{
	enum status status;

	/* What is up has its key, so that no handshake begins with another one. */
	status = configure_device(name, private_key, config);
	if (status == STATUS_OK)
		status = link_add_addresses(link, &config->addresses);
	if (status == STATUS_OK)
		status = link_set_up(link);
	if (status == STATUS_OK)
		status = link_add_routes(link, &config->routes);
	return status;
}

enum status bring_up(const char *name, const struct config *config, bool *made)
{
	uint32_t mtu = config_given(config, CONFIG_MTU) ? config->mtu : 0;
	uint8_t private_key[SNAPTUN_KEY_LEN];
	struct link *link = NULL;
	enum status status;

	*made = false;
	status = key_file_read(config->private_key_file, private_key);
	if (status == STATUS_OK)
		status = link_open(name, &link);
	if (status == STATUS_OK)
		status = link_make(link, mtu, made);
	if (status == STATUS_OK)
		status = configure(link, name, private_key, config);
	key_wipe(private_key, sizeof(private_key));
	if (status != STATUS_OK && *made) {
		link_remove(link);
		*made = false;
	}
	link_close(link);
	return status;
}

enum status bring_up_locked(const char *name, const struct config *config)
{
	enum status status;
	bool made;
	int lock;

	status = lock_take(name, LOCK_TIMEOUT, &lock);
	if (status != STATUS_OK)
		return status;
	status = bring_up(name, config, &made);
	lock_drop(lock);
	return status;
}

enum status bring_down(const char *name)
{
	struct link *link;
	enum status status;

	status = link_open(name, &link);
	if (status == STATUS_OK)
		status = link_remove(link);
	link_close(link);
	return status;
}

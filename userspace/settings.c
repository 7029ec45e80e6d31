// SPDX-License-Identifier: GPL-2.0-or-later
/* The settings that tunnels and identities have in common. */
#include "key.h"
#include "options.h"
#include "report.h"
#include "settings.h"

const struct settings_types settings_of_tunnels = {
	.psk = SNAPTUN_A_TUNNEL_PSK,
	.keepalive = SNAPTUN_A_TUNNEL_KEEPALIVE,
	.burst_limit = SNAPTUN_A_TUNNEL_BURST_LIMIT,
	.answer_keepalives = SNAPTUN_A_TUNNEL_ANSWER_KEEPALIVES,
	.allowed_ips = SNAPTUN_A_TUNNEL_ALLOWED_IPS,
};

const struct settings_types settings_of_identities = {
	.psk = SNAPTUN_A_IDENTITY_PSK,
	.keepalive = SNAPTUN_A_IDENTITY_KEEPALIVE,
	.burst_limit = SNAPTUN_A_IDENTITY_BURST_LIMIT,
	.answer_keepalives = SNAPTUN_A_IDENTITY_ANSWER_KEEPALIVES,
	.allowed_ips = SNAPTUN_A_IDENTITY_ALLOWED_IPS,
};

enum status settings_option(struct settings *settings, int option,
			    const char *argument)
{
	switch (option) {
	case 'P':
		settings->psk_file = argument;
		break;
	case 'R':
		settings->remove_psk = true;
		break;
	case 'K':
		settings->has_keepalive = true;
		return options_interval("--keepalive", argument,
					&settings->keepalive);
	case 'B':
		settings->has_burst_limit = true;
		return options_number("--burst-limit", argument,
				      SNAPTUN_BURST_LIMIT_MIN,
				      SNAPTUN_BURST_LIMIT_MAX,
				      &settings->burst_limit);
	case 'A':
		settings->has_answer_keepalives = true;
		return options_switch("--answer-keepalives", argument,
				      &settings->answer_keepalives);
	case 'I':
		settings->has_allowed_ips = true;
		return prefix_option("--allowed-ips", argument,
				     &settings->allowed_ips);
	}
	return STATUS_OK;
}

bool settings_any(const struct settings *settings)
{
	return settings->psk_file || settings->remove_psk ||
	       settings->has_keepalive || settings->has_burst_limit ||
	       settings->has_answer_keepalives || settings->has_allowed_ips;
}

enum status settings_read_psk(struct settings *settings)
{
	if (settings->psk_file && settings->remove_psk)
		return report_usage("--psk-file and --remove-psk exclude each other");
	if (!settings->psk_file)
		return STATUS_OK;
	return key_read(settings->psk_file, settings->psk);
}

void settings_put(const struct settings *settings, struct netlink *netlink,
		  const struct settings_types *types)
{
	/* Zeros are how a request says that the key goes. */
	if (settings->psk_file || settings->remove_psk)
		netlink_put(netlink, types->psk, settings->psk, SNAPTUN_KEY_LEN);
	if (settings->has_keepalive)
		netlink_put_u16(netlink, types->keepalive,
				(uint16_t)settings->keepalive);
	if (settings->has_burst_limit)
		netlink_put_u32(netlink, types->burst_limit,
				settings->burst_limit);
	if (settings->has_answer_keepalives)
		netlink_put_u8(netlink, types->answer_keepalives,
			       (uint8_t)settings->answer_keepalives);
	if (settings->has_allowed_ips)
		prefix_put(netlink, types->allowed_ips, &settings->allowed_ips);
}

void settings_wipe(struct settings *settings)
{
	key_wipe(settings->psk, sizeof(settings->psk));
}

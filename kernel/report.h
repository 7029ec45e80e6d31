/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What netlink tells of devices, tunnels, control planes and identities.
 */
#ifndef SNAPTUN_REPORT_H
#define SNAPTUN_REPORT_H

#include <linux/types.h>

struct sk_buff;
struct snaptun_allowed_ips;
struct snaptun_control_plane;
struct snaptun_device;
struct snaptun_identity;
struct snaptun_tunnel;

/**
 * struct snaptun_report_place - how far the messages came that show an object
 * @begun: all but the rest of its prefixes was shown
 * @prefixes: how many of them were
 */
struct snaptun_report_place {
	bool begun;
	unsigned int prefixes;
};

int snaptun_report_device(struct sk_buff *msg, const struct snaptun_device *snap);
size_t snaptun_report_size(const struct snaptun_allowed_ips *owner);
int snaptun_report_tunnel(struct sk_buff *msg, struct snaptun_tunnel *tunnel,
			  struct snaptun_report_place *place);
int snaptun_report_identity(struct sk_buff *msg,
			    const struct snaptun_identity *identity,
			    struct snaptun_report_place *place);
int snaptun_report_control_plane(struct sk_buff *msg,
				 const struct snaptun_control_plane *plane);
void snaptun_report_event(const struct snaptun_tunnel *tunnel, u8 event);
void snaptun_report_control_plane_event(const struct snaptun_control_plane *plane,
					u8 event);
void snaptun_report_identity_ended(const struct snaptun_identity *identity);

#endif

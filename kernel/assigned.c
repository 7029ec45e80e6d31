// SPDX-License-Identifier: GPL-2.0
/*
 * Assigned addresses: this side's address as the other side of a tunnel reports it,
 * by which SCION packets find their tunnel. Nothing keeps two tunnels from being
 * told the same one; one of them has it then, and the others wait for it.
 */

#include <linux/rhashtable.h>

#include "device.h"
#include "report.h"
#include "tunnel.h"

static const struct rhashtable_params assigned_params = {
	.key_len = sizeof_field(struct snaptun_tunnel, assigned),
	.key_offset = offsetof(struct snaptun_tunnel, assigned),
	.head_offset = offsetof(struct snaptun_tunnel, assigned_node),
	.automatic_shrinking = true,
};

/**
 * snaptun_assigned_table_init() - make a device's table of assigned addresses
 * @table: the table, for rhashtable_destroy()
 *
 * Return: 0, or -ENOMEM.
 */
int snaptun_assigned_table_init(struct rhashtable *table)
{
	return rhashtable_init(table, &assigned_params);
}

/**
 * snaptun_tunnel_by_assigned() - the tunnel with an assigned address
 * @snap: the device
 * @assigned: the address
 *
 * Context: RCU read lock.
 *
 * Return: the tunnel, or NULL.
 */
struct snaptun_tunnel *
snaptun_tunnel_by_assigned(struct snaptun_device *snap,
			   const struct snaptun_address *assigned)
{
	return rhashtable_lookup_fast(&snap->by_assigned, assigned,
				      assigned_params);
}

static bool is_established(const struct snaptun_tunnel *tunnel)
{
	return READ_ONCE(tunnel->state) == SNAPTUN_TUNNEL_STATE_ESTABLISHED;
}

/* Is the address a tunnel's that could use it now? table_lock is held. */
static bool taken_by_another(struct snaptun_tunnel *tunnel)
{
	struct snaptun_tunnel *owner =
		snaptun_tunnel_by_assigned(tunnel->snap, &tunnel->assigned);

	return owner && is_established(owner);
}

/* The tunnel is not found by its address, but waits for it; table_lock is held. */
static void contest_assigned(struct snaptun_tunnel *tunnel)
{
	if (tunnel->in_assigned)
		rhashtable_remove_fast(&tunnel->snap->by_assigned,
				       &tunnel->assigned_node, assigned_params);
	tunnel->in_assigned = false;
	if (list_empty(&tunnel->contested_node))
		list_add_tail(&tunnel->contested_node, &tunnel->snap->contested);
}

/* The tunnel is found by its address from now on; table_lock is held. */
static void take_assigned(struct snaptun_tunnel *tunnel)
{
	struct snaptun_device *snap = tunnel->snap;
	struct snaptun_tunnel *owner =
		snaptun_tunnel_by_assigned(snap, &tunnel->assigned);

	if (owner)
		contest_assigned(owner);
	if (rhashtable_lookup_insert_fast(&snap->by_assigned,
					  &tunnel->assigned_node,
					  assigned_params))
		return;
	tunnel->in_assigned = true;
	tunnel->conflict_told = false;
	list_del_init(&tunnel->contested_node);
}

/*
 * Who waits for a tunnel's address and gets it now: the one that waits longest of
 * those that can use it at once, or else of all. table_lock is held.
 */
static struct snaptun_tunnel *heir_of(const struct snaptun_tunnel *tunnel)
{
	struct snaptun_tunnel *waits, *heir = NULL;

	list_for_each_entry(waits, &tunnel->snap->contested, contested_node) {
		if (!snaptun_address_equal(&waits->assigned, &tunnel->assigned))
			continue;
		if (is_established(waits))
			return waits;
		if (!heir)
			heir = waits;
	}
	return heir;
}

/**
 * snaptun_tunnel_leave_assigned() - a tunnel has its assigned address no longer
 * @tunnel: the tunnel; its device's table_lock is held
 *
 * Who waits for the address gets it. The list of those who wait is short: none but
 * conflicts are in it.
 */
void snaptun_tunnel_leave_assigned(struct snaptun_tunnel *tunnel)
{
	struct snaptun_device *snap = tunnel->snap;
	struct snaptun_tunnel *heir;

	list_del_init(&tunnel->contested_node);
	if (!tunnel->in_assigned)
		return;
	rhashtable_remove_fast(&snap->by_assigned, &tunnel->assigned_node,
			       assigned_params);
	tunnel->in_assigned = false;
	heir = heir_of(tunnel);
	if (heir)
		take_assigned(heir);
}

/**
 * snaptun_tunnel_set_assigned() - the other side reports our address
 * @tunnel: the tunnel; the device's lock is held
 * @assigned: the address
 *
 * An established tunnel keeps an address that a second one is told too.
 *
 * Context: process.
 */
void snaptun_tunnel_set_assigned(struct snaptun_tunnel *tunnel,
				 const struct snaptun_address *assigned)
{
	struct snaptun_device *snap = tunnel->snap;
	bool changed, conflict = false;

	changed = !snaptun_address_equal(&tunnel->assigned, assigned);
	if (!changed && tunnel->in_assigned)
		return;
	spin_lock_bh(&snap->table_lock);
	if (changed) {
		snaptun_tunnel_leave_assigned(tunnel);
		tunnel->conflict_told = false;
		spin_lock(&tunnel->timer_lock);
		tunnel->assigned = *assigned;
		spin_unlock(&tunnel->timer_lock);
	}
	if (!taken_by_another(tunnel)) {
		take_assigned(tunnel);
	} else {
		contest_assigned(tunnel);
		conflict = !tunnel->conflict_told;
		tunnel->conflict_told = true;
	}
	spin_unlock_bh(&snap->table_lock);
	spin_lock_bh(&tunnel->timer_lock);
	if (changed)
		snaptun_report_event(tunnel, SNAPTUN_CMD_TUNNEL_ADDRESS_NTF);
	if (conflict)
		snaptun_report_event(tunnel, SNAPTUN_CMD_ADDRESS_CONFLICT_NTF);
	spin_unlock_bh(&tunnel->timer_lock);
}

/**
 * snaptun_tunnel_refuses() - does another assigned address end the tunnel?
 * @tunnel: the tunnel; the device's lock is held
 * @assigned: address that the other side reports
 */
bool snaptun_tunnel_refuses(const struct snaptun_tunnel *tunnel,
			    const struct snaptun_address *assigned)
{
	return tunnel->fixed_address &&
	       snaptun_address_is_set(&tunnel->assigned) &&
	       !snaptun_address_equal(&tunnel->assigned, assigned);
}

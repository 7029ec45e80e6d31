/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The device: a virtual network interface with a static key, its tunnels
 * and the identities that may start more.
 */
#ifndef SNAPTUN_DEVICE_H
#define SNAPTUN_DEVICE_H

#include <linux/hashtable.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/rhashtable-types.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "agenda.h"
#include "allowed_ips.h"
#include "control_plane.h"
#include "cookie.h"
#include "handshake.h"
#include "noise.h"
#include "ratelimit.h"
#include "socket.h"
#include "stats.h"

struct snaptun_tunnel;

/**
 * struct snaptun_device - private part of the net_device
 * @dev: the net_device
 * @list: entry in the list of all devices; rtnl
 * @lock: protects the configuration, and the handshakes that hang on it: all
 *	fields without another mark. Taken in process context only, inside rtnl;
 *	whoever holds it may take @table_lock, never rtnl.
 * @underlay: network namespace in which the device was born, NULL once it is
 *	gone
 * @has_key: @own is set
 * @own: static key pair
 * @checker: judges handshake messages
 * @mac1_keys: copy of the checker's keys for softirq; RCU
 * @load: handshake messages per second
 * @handshake_rate: how many there may be before cookies are demanded
 * @source_rate: how many of them one source is granted
 * @sources: what each source has left of that
 * @last_stamp: time in the last initiation, ns since the epoch; stamps only rise
 * @listen: port on which identities start tunnels, or NULL; read under RCU
 * @fwmark: mark of packets on the underlay; read without a lock
 * @tunnels: all tunnels, by id
 * @next_tunnel: where to look for a tunnel's id next
 * @max_tunnels: the most tunnels that it may have
 * @max_identity_tunnels: the most tunnels that one identity may have; read
 *	without a lock
 * @n_tunnels: how many tunnels there are
 * @n_configured: how many of them are configured, not made by an initiation; changed
 *	under table_lock, too
 * @identities: all identities, by id
 * @identity_keys: all identities, by key
 * @next_identity: where to look for an identity's id next
 * @n_identities: how many identities there are; changed under table_lock, too
 * @control_planes: all control planes, by id
 * @next_control_plane: where to look for a control plane's id next
 * @control_plane_urls: the same, by URL
 * @agenda: when registrations and authorisations end
 * @table_lock: protects which tunnels the data path can find: membership in
 *	@by_remote and @by_assigned, @default_tunnel, the lists of identities and
 *	a tunnel's @dead and @confirmed, @n_candidates. Bottom halves disabled;
 *	only a tunnel's timer_lock is taken inside.
 * @n_candidates: tunnels that have not proven their address; table_lock
 * @by_remote: tunnels that own their remote address, by local port and remote
 *	address; read under RCU
 * @by_assigned: tunnels by assigned address; read under RCU
 * @by_index: sessions by this side's index; read under RCU
 * @default_tunnel: tunnel of packets that no other claims; RCU
 * @marked_default: tunnel that the user chose for that
 * @contested: tunnels whose assigned address is another's; table_lock
 * @allowed_ips: which IP addresses are whose
 * @state_lock: protects @n_established and the device's dormant flag; innermost,
 *	bottom halves disabled
 * @n_established: tunnels in state established
 * @crowded: work that removes tunnels of @crowded_identities
 * @crowded_identities: those that have more tunnels than they may; table_lock
 * @queue: handshake messages that wait for their worker
 * @answer_lock: protects @answers; bottom halves disabled
 * @answers: what may still be sent back to senders of SCION packets
 * @staged_bytes: memory of what waits for sessions, over all tunnels
 * @pool_owner: names the device to the pool of packet buffers
 * @stats: counters
 * @openers: what each CPU needs to open messages
 */
struct snaptun_device {
	struct net_device *dev;
	struct list_head list;
	struct mutex lock; /* the configuration */
	struct net *underlay;

	bool has_key;
	struct snaptun_noise_static own;
	struct snaptun_cookie_checker checker;
	struct snaptun_mac1_keys __rcu *mac1_keys;
	struct snaptun_load load;
	u32 handshake_rate;
	struct snaptun_rate source_rate;
	struct snaptun_sources sources;
	u64 last_stamp;

	struct snaptun_socket __rcu *listen;
	u32 fwmark;

	struct xarray tunnels;
	u32 next_tunnel;
	u32 max_tunnels;
	u32 max_identity_tunnels;
	unsigned int n_tunnels;
	unsigned int n_configured;
	struct xarray identities;
	struct rhashtable identity_keys;
	u32 next_identity;
	unsigned int n_identities;
	struct xarray control_planes;
	u32 next_control_plane;
	DECLARE_HASHTABLE(control_plane_urls, SNAPTUN_URL_BITS);
	struct snaptun_agenda agenda;

	spinlock_t table_lock; /* what the data path can find */
	unsigned int n_candidates;
	struct rhashtable by_remote;
	struct rhashtable by_assigned;
	struct rhashtable by_index;
	struct snaptun_tunnel __rcu *default_tunnel;
	struct snaptun_tunnel *marked_default;
	struct list_head contested;
	struct snaptun_allowed_table allowed_ips;

	spinlock_t state_lock; /* n_established, dormant */
	unsigned int n_established;
	struct work_struct crowded;
	struct list_head crowded_identities;

	struct snaptun_handshake_queue queue;
	spinlock_t answer_lock; /* answers */
	struct snaptun_budget answers;
	atomic_t staged_bytes;
	u32 pool_owner;
	struct snaptun_stats __percpu *stats;
	struct snaptun_opener __percpu *openers;
};

/**
 * struct snaptun_mac1_keys - the checker's keys as softirq sees them
 * @keys: the keys
 * @rcu: freed after a grace period
 */
struct snaptun_mac1_keys {
	struct snaptun_cookie_keys keys;
	struct rcu_head rcu;
};

extern struct workqueue_struct *snaptun_workqueue;
extern struct workqueue_struct *snaptun_handshake_workqueue;
extern bool snaptun_asleep;
extern unsigned int snaptun_lives;

/* The listen port; the device's lock is held. */
static inline struct snaptun_socket *
snaptun_device_listen(const struct snaptun_device *snap)
{
	return rcu_dereference_protected(snap->listen,
					 lockdep_is_held(&snap->lock));
}

/**
 * snaptun_now() - the clock of sessions, timers and cookies
 *
 * Monotonic, goes on while the machine sleeps, as exact as a jiffy.
 *
 * Context: any.
 *
 * Return: nanoseconds.
 */
static inline u64 snaptun_now(void)
{
	return ktime_get_coarse_boottime_ns();
}

/**
 * snaptun_machine_life() - which life of the machine this is
 *
 * It was copied, or slept, where this changed; what was drawn at random before is not
 * secret any more, or not unique.
 *
 * Context: any. Whoever takes a device's lock after its sessions ended because of that sees
 * the change.
 */
static inline unsigned int snaptun_machine_life(void)
{
	return READ_ONCE(snaptun_lives);
}

bool snaptun_device_is_ours(const struct net_device *dev);
int snaptun_device_set_key(struct snaptun_device *snap,
			   const u8 private_key[SNAPTUN_KEY_SIZE]);
struct snaptun_socket *snaptun_device_open_listen(struct snaptun_device *snap,
						  u16 port);
void snaptun_device_set_listen(struct snaptun_device *snap,
			       struct snaptun_socket *listen);
void snaptun_device_set_fwmark(struct snaptun_device *snap, u32 fwmark);
void snaptun_device_choose_default(struct snaptun_device *snap);
void snaptun_device_mark_default(struct snaptun_device *snap,
				 struct snaptun_tunnel *tunnel);
void snaptun_device_set_max_identity_tunnels(struct snaptun_device *snap, u32 max);
void snaptun_device_established(struct snaptun_device *snap, bool established);

int snaptun_device_init(void);
void snaptun_device_exit(void);

#endif

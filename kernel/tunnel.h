/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tunnels: one session partner at one socket address, with its sessions,
 * timers, and the packets that wait for a session.
 */
#ifndef SNAPTUN_TUNNEL_H
#define SNAPTUN_TUNNEL_H

#include <linux/kref.h>
#include <linux/rhashtable-types.h>
#include <linux/skbuff.h>
#include <linux/timer.h>
#include <linux/workqueue.h>
#include <net/dst_cache.h>

#include "allowed_ips.h"
#include "cookie.h"
#include "noise.h"
#include "owner.h"
#include "ratelimit.h"
#include "session.h"
#include "socket.h"
#include "timers.h"

/* So many messages without an answer go one way: more than a window of TCP. */
#define SNAPTUN_ONE_WAY_MIN	8192U

struct snaptun_control_plane;
struct snaptun_device;
struct snaptun_identity;

/* Bits of struct snaptun_tunnel.todo: what its work is to do. */
enum snaptun_tunnel_todo {
	SNAPTUN_TODO_INITIATE,
	SNAPTUN_TODO_WIPE,
	SNAPTUN_TODO_FORGET,
	SNAPTUN_TODO_CACHE_ROUTE,
};

/**
 * struct snaptun_tunnel - a tunnel
 * @snap: its device
 * @kref: held by the device, and by the work while it is queued
 * @rcu: freed after a grace period, since the data path finds it under RCU
 * @id: names it on its device
 * @dead: it was removed; table_lock
 * @confirmed: it owns its remote address; table_lock
 * @is_default: the user marked it as the default tunnel
 * @fixed_address: another assigned address closes it
 * @closed: that happened; read without a lock
 * @creator: the netlink socket that it goes with while it is provisional
 * @control_plane: the control plane that it counts on, or NULL; changed under the
 *	device's lock and timer_lock
 * @control_plane_node: entry in the list of that
 * @held: that was never registered, so nothing is sent; read without a lock
 *
 * @path: addresses and ports; constant. From path.remote on the key of
 *	@remote_node. Each session has its own path.local.
 * @socket: the port it uses; its own unless @identity is set
 * @identity: the identity whose initiation made it, or NULL
 * @identity_node: entry in a list of the identity; table_lock
 * @remote_node: entry in by_remote while @confirmed; table_lock
 * @route: route to the other side; its memory, some for each CPU, is made after the
 *	first packet: tunnels that only keep themselves alive look theirs up
 * @burst_limit: UDP payload of a batch, bytes; read without a lock
 * @allowed_ips: IP addresses that it carries; those of @identity where that is set
 *
 * @peer: the other side's key with its secrets
 * @has_psk: @peer has a pre-shared key
 * @handshake: handshake of ours under way, with sessions.pending
 * @last_timestamp: newest initiation of the other side that was taken
 * @jar: signs handshake messages
 * @budgets: handshake messages that its address may still send
 *
 * @assigned: this side's address as the other side reports it; constant while in
 *	by_assigned; changed under the device's lock, table_lock and timer_lock
 * @assigned_node: entry in by_assigned; table_lock
 * @in_assigned: @assigned_node is in the table; table_lock
 * @contested_node: entry in the device's list of those whose address another has;
 *	table_lock
 * @conflict_told: an event told so; table_lock
 *
 * @sessions: sessions; they have a lock of their own
 *
 * @timers: timer rules
 * @timer_lock: serialises changes of @timers, and arming @timer; bottom halves
 *	disabled
 * @armed_at: when @timer fires, SNAPTUN_NEVER where it is off
 * @timer: looks at @timers
 * @announced: events have told of it, and tell of what becomes of it; timer_lock
 * @state: enum snaptun_tunnel_state that the last event told; timer_lock
 * @todo: bits of enum snaptun_tunnel_todo
 * @work: does in process context what @todo says
 *
 * @staged: packets that wait for a session; its own lock
 * @staged_bytes: their bytes; under the lock of @staged
 * @staged_memory: what they count for in the device's staged_bytes; as that
 *
 * @heard_at: a transport message was last received
 * @unanswered: messages received that none we sent answers for, roughly; read and
 *	written without a lock
 * @rx_packets: messages opened
 * @rx_bytes: UDP payload of those
 * @tx_packets: messages sealed
 * @tx_bytes: UDP payload of those
 *
 * Fields without a mark are protected by the device's lock.
 */
struct snaptun_tunnel {
	struct snaptun_device *snap;
	struct kref kref;
	struct rcu_head rcu;
	u32 id;
	bool dead;
	bool confirmed;
	bool is_default;
	bool fixed_address;
	bool closed;
	struct snaptun_owner creator;
	struct snaptun_control_plane *control_plane;
	struct list_head control_plane_node;
	bool held;

	struct snaptun_path path;
	struct snaptun_socket *socket;
	struct snaptun_identity *identity;
	struct list_head identity_node;
	struct rhash_head remote_node;
	struct dst_cache route;
	u32 burst_limit;
	struct snaptun_allowed_ips allowed_ips;

	struct snaptun_noise_peer peer;
	bool has_psk;
	struct snaptun_noise_handshake handshake;
	u8 last_timestamp[SNAPTUN_TIMESTAMP_SIZE];
	struct snaptun_cookie_jar jar;
	struct snaptun_budgets budgets;

	struct snaptun_address assigned;
	struct rhash_head assigned_node;
	bool in_assigned;
	struct list_head contested_node;
	bool conflict_told;

	struct snaptun_sessions sessions;

	struct snaptun_timers timers;
	spinlock_t timer_lock; /* timers and armed_at */
	u64 armed_at;
	struct timer_list timer;
	bool announced;
	u32 state;
	unsigned long todo;
	struct work_struct work;

	struct sk_buff_head staged;
	unsigned int staged_bytes;
	unsigned int staged_memory;

	u64 heard_at;
	unsigned int unanswered;
	atomic64_t rx_packets;
	atomic64_t rx_bytes;
	atomic64_t tx_packets;
	atomic64_t tx_bytes;
};

/**
 * struct snaptun_tunnel_config - what a new tunnel is made of
 * @path: addresses and ports; path.local_port 0 for any that is free
 * @public_key: the other side's static key
 * @psk: pre-shared key, or all zero
 * @keepalive: persistent keepalive interval, seconds
 * @burst_limit: UDP payload of a batch, bytes
 * @answer_keepalives: keepalives count as data
 * @fixed_address: another assigned address closes the tunnel
 * @n_prefixes: how many it is to get once it is there
 * @control_plane: control plane that it counts on, or NULL
 */
struct snaptun_tunnel_config {
	struct snaptun_path path;
	u8 public_key[SNAPTUN_KEY_SIZE];
	u8 psk[SNAPTUN_KEY_SIZE];
	u16 keepalive;
	u32 burst_limit;
	bool answer_keepalives;
	bool fixed_address;
	unsigned int n_prefixes;
	struct snaptun_control_plane *control_plane;
};

/* tunnel.c */

int snaptun_tunnel_init(void);
void snaptun_tunnel_exit(void);
int snaptun_tunnel_tables_init(struct snaptun_device *snap);
void snaptun_tunnel_tables_destroy(struct snaptun_device *snap);

struct snaptun_tunnel *
snaptun_tunnel_add(struct snaptun_device *snap,
		   const struct snaptun_tunnel_config *config,
		   struct netlink_ext_ack *extack);
struct snaptun_tunnel *
snaptun_tunnel_add_candidate(struct snaptun_device *snap,
			     struct snaptun_identity *identity,
			     const struct snaptun_path *path);
void snaptun_tunnel_remove(struct snaptun_tunnel *tunnel);
void snaptun_tunnel_put(struct snaptun_tunnel *tunnel);
void snaptun_tunnel_rekey(struct snaptun_tunnel *tunnel);
void snaptun_tunnel_adopt(struct snaptun_tunnel *tunnel);
struct snaptun_allowed_ips *
snaptun_tunnel_allowed_ips(struct snaptun_tunnel *tunnel);

struct snaptun_tunnel *
snaptun_tunnel_by_remote(struct snaptun_device *snap,
			 const struct snaptun_path *path);
struct snaptun_tunnel *
snaptun_tunnel_candidate(struct snaptun_device *snap,
			 struct snaptun_identity *identity,
			 const struct snaptun_path *path);

bool snaptun_tunnel_is_from(const struct snaptun_tunnel *tunnel,
			    const struct snaptun_path *path);
void snaptun_tunnel_initiated(struct snaptun_tunnel *tunnel, u64 now);
int snaptun_tunnel_confirm(struct snaptun_tunnel *tunnel);

/* tunnel_timer.c */

void snaptun_tunnel_timer_init(struct snaptun_tunnel *tunnel);
void snaptun_tunnel_announce(struct snaptun_tunnel *tunnel);
void snaptun_tunnel_renounce(struct snaptun_tunnel *tunnel);
void snaptun_tunnel_set_keepalive(struct snaptun_tunnel *tunnel, u16 keepalive,
				  bool answer_keepalives);
void snaptun_tunnel_reopen(struct snaptun_tunnel *tunnel);
void snaptun_tunnel_close(struct snaptun_tunnel *tunnel);
void snaptun_tunnel_hold(struct snaptun_tunnel *tunnel, bool hold);
u32 snaptun_tunnel_state(const struct snaptun_tunnel *tunnel);
void snaptun_tunnel_start(struct snaptun_tunnel *tunnel);
void snaptun_tunnel_stop(struct snaptun_tunnel *tunnel);
void snaptun_tunnel_settle(struct snaptun_tunnel *tunnel);
void snaptun_tunnel_end_sessions(struct snaptun_tunnel *tunnel);
void snaptun_tunnel_seek_session(struct snaptun_tunnel *tunnel);
void snaptun_tunnel_arm(struct snaptun_tunnel *tunnel, u64 now);
void snaptun_tunnel_want_handshake(struct snaptun_tunnel *tunnel);
void snaptun_tunnel_end_pause(struct snaptun_tunnel *tunnel);
void snaptun_tunnel_renew_attempt(struct snaptun_tunnel *tunnel);
void snaptun_tunnel_sent(struct snaptun_tunnel *tunnel, u64 now,
			 unsigned int packets, unsigned int bytes,
			 bool is_keepalive);
void snaptun_tunnel_received(struct snaptun_tunnel *tunnel, u64 now,
			     unsigned int packets, unsigned int bytes,
			     bool is_keepalive);
void snaptun_tunnel_proven(struct snaptun_tunnel *tunnel,
			   const struct snaptun_session *session);

/* assigned.c */

int snaptun_assigned_table_init(struct rhashtable *table);
void snaptun_tunnel_leave_assigned(struct snaptun_tunnel *tunnel);
struct snaptun_tunnel *
snaptun_tunnel_by_assigned(struct snaptun_device *snap,
			   const struct snaptun_address *assigned);
void snaptun_tunnel_set_assigned(struct snaptun_tunnel *tunnel,
				 const struct snaptun_address *assigned);
bool snaptun_tunnel_refuses(const struct snaptun_tunnel *tunnel,
			    const struct snaptun_address *assigned);

/* staged.c */

void snaptun_tunnel_stage(struct snaptun_tunnel *tunnel, struct sk_buff *skb);
struct sk_buff *snaptun_tunnel_unstage(struct snaptun_tunnel *tunnel);
void snaptun_tunnel_drop_staged(struct snaptun_tunnel *tunnel);

#endif

// SPDX-License-Identifier: GPL-2.0
/* The module: brings its parts up and down in order. */

#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/workqueue.h>
#include <uapi/linux/snaptun.h>

#include "compat.h"
#include "device.h"
#include "lane.h"
#include "netlink.h"
#include "noise.h"
#include "pool.h"
#include "session.h"
#include "tunnel.h"

struct workqueue_struct *snaptun_workqueue;
struct workqueue_struct *snaptun_handshake_workqueue;

static int __init snaptun_init(void)
{
	int err;

	snaptun_noise_init();
	/*
	 * Unbound, so that X25519 does not sit on the CPU whose softirq asked
	 * for it. Handshake messages that came in do not wait for what all the
	 * tunnels have to do.
	 */
	snaptun_workqueue = alloc_workqueue(KBUILD_MODNAME, WQ_UNBOUND, 0);
	if (!snaptun_workqueue)
		return -ENOMEM;
	err = -ENOMEM;
	snaptun_handshake_workqueue =
		alloc_workqueue(KBUILD_MODNAME "-handshakes", WQ_UNBOUND, 0);
	if (!snaptun_handshake_workqueue)
		goto destroy_workqueue;
	err = snaptun_pool_init();
	if (err)
		goto destroy_handshake_workqueue;
	err = snaptun_lanes_setup();
	if (err)
		goto exit_pool;
	err = snaptun_replay_setup();
	if (err)
		goto teardown_lanes;
	err = snaptun_session_init();
	if (err)
		goto teardown_replay;
	err = snaptun_tunnel_init();
	if (err)
		goto exit_session;
	err = snaptun_device_init();
	if (err)
		goto exit_tunnel;
	err = snaptun_netlink_init();
	if (err)
		goto exit_device;
	return 0;

exit_device:
	snaptun_device_exit();
exit_tunnel:
	snaptun_tunnel_exit();
exit_session:
	snaptun_session_exit();
teardown_replay:
	snaptun_replay_teardown();
teardown_lanes:
	snaptun_lanes_teardown();
exit_pool:
	snaptun_pool_exit();
destroy_handshake_workqueue:
	destroy_workqueue(snaptun_handshake_workqueue);
destroy_workqueue:
	destroy_workqueue(snaptun_workqueue);
	return err;
}

static void __exit snaptun_exit(void)
{
	/* Events of the devices that go need the family. */
	snaptun_device_exit();
	snaptun_netlink_exit();
	destroy_workqueue(snaptun_handshake_workqueue);
	destroy_workqueue(snaptun_workqueue);
	snaptun_lanes_teardown();
	snaptun_pool_exit();
	/* Callbacks of ours must have run before their code goes. */
	rcu_barrier();
	snaptun_tunnel_exit();
	snaptun_session_exit();
	snaptun_replay_teardown();
}

module_init(snaptun_init);
module_exit(snaptun_exit);
MODULE_LICENSE("GPL");
MODULE_AUTHOR("The snaptun authors");
MODULE_DESCRIPTION("SNAP tunnel: carries SCION traffic to a SCION Network Access Point");
MODULE_VERSION("0.1");
MODULE_ALIAS_RTNL_LINK(KBUILD_MODNAME);
MODULE_ALIAS_GENL_FAMILY(SNAPTUN_FAMILY_NAME);

// SPDX-License-Identifier: GPL-2.0
/*
 * A real device and its other side. The device is made as a user makes one, by a
 * message to rtnetlink. Datagrams reach it through its socket, or, where a test
 * has thousands and wants to know what became of each, straight through the
 * receive path that the socket calls.
 */

#include "fixture.h"

#include <crypto/chacha20poly1305.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <linux/udp.h>
#include <net/addrconf.h>
#include <net/netlink.h>

#include "compat.h"
#include "identity.h"
#include "pool.h"
#include "rx.h"

#define DEVICE_NAME	"snapkunit"

/* As long as a loaded machine may take; nothing waits that long else. */
#define PATIENCE	(20 * HZ)

static const u8 device_private[SNAPTUN_KEY_SIZE] = { [0 ... 31] = 0x44 };
static const u8 peer_private[SNAPTUN_KEY_SIZE] = { [0 ... 31] = 0x77 };
static const u8 peer_ephemeral[SNAPTUN_KEY_SIZE] = { [0 ... 31] = 0x2e };

/* Have rtnetlink process a request, which is freed. */
static int request(struct sk_buff *skb)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
	} answer = {};
	struct kvec to = { .iov_base = skb->data, .iov_len = skb->len };
	struct kvec from = { .iov_base = &answer, .iov_len = sizeof(answer) };
	/*
	 * Addressed although there is but one kernel: else rtnetlink would ask who
	 * opened the socket's file, and a socket of the kernel has none.
	 */
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct msghdr out = { .msg_name = &kernel, .msg_namelen = sizeof(kernel) };
	struct msghdr in = {};
	struct socket *sock;
	int err;

	err = sock_create_kern(&init_net, AF_NETLINK, SOCK_RAW, NETLINK_ROUTE,
			       &sock);
	if (err)
		goto free;
	err = kernel_sendmsg(sock, &out, &to, 1, skb->len);
	if (err >= 0)
		err = kernel_recvmsg(sock, &in, &from, 1, sizeof(answer), 0);
	if (err >= 0)
		err = answer.header.nlmsg_type == NLMSG_ERROR ?
			      answer.error.error : -EPROTO;
	sock_release(sock);
free:
	nlmsg_free(skb);
	return err;
}

/* ip link add snapkunit type snaptun */
static int add_link(void)
{
	struct sk_buff *skb = nlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	struct nlmsghdr *header;
	struct nlattr *info;

	if (!skb)
		return -ENOMEM;
	header = nlmsg_put(skb, 0, 1, RTM_NEWLINK, sizeof(struct ifinfomsg),
			   NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
	memset(nlmsg_data(header), 0, sizeof(struct ifinfomsg));
	if (nla_put_string(skb, IFLA_IFNAME, DEVICE_NAME))
		goto fail;
	info = nla_nest_start(skb, IFLA_LINKINFO);
	if (!info || nla_put_string(skb, IFLA_INFO_KIND, KBUILD_MODNAME))
		goto fail;
	nla_nest_end(skb, info);
	nlmsg_end(skb, header);
	return request(skb);
fail:
	nlmsg_free(skb);
	return -EMSGSIZE;
}

/*
 * Up, with the loopback interface below it. IPv6 stays off, so that nobody but
 * the test sends through the device.
 */
static int bring_up(struct snaptun_fixture *f)
{
	struct net_device *dev;
	int err = -ENODEV;

	rtnl_lock();
	dev = __dev_get_by_name(&init_net, DEVICE_NAME);
	if (dev) {
		f->snap = netdev_priv(dev);
		/* Tests send thousands of messages in no time. */
		f->snap->source_rate.per_second = U32_MAX;
		if (__in6_dev_get(dev))
			WRITE_ONCE(__in6_dev_get(dev)->cnf.disable_ipv6, 1);
		err = dev_open(init_net.loopback_dev, NULL);
	}
	if (!err)
		err = dev_open(dev, NULL);
	rtnl_unlock();
	return err;
}

static int open_peer(struct snaptun_fixture *f)
{
	struct udp_port_cfg config = {
		.family = AF_INET,
		.local_ip.s_addr = htonl(INADDR_LOOPBACK),
		.use_udp_checksums = true,
	};
	int err = udp_sock_create(&init_net, &config, &f->peer);

	if (err)
		return err;
	f->peer_port = inet_sk(f->peer->sk)->inet_sport;
	WRITE_ONCE(f->peer->sk->sk_rcvtimeo, PATIENCE);
	return 0;
}

static int set_keys(struct snaptun_fixture *f)
{
	int err;

	mutex_lock(&f->snap->lock);
	err = snaptun_device_set_key(f->snap, device_private);
	mutex_unlock(&f->snap->lock);
	if (err)
		return err;
	if (!snaptun_noise_set_static(&f->own, peer_private) ||
	    !snaptun_noise_set_peer(&f->device, &f->own, f->snap->own.public))
		return -EINVAL;
	snaptun_cookie_jar_init(&f->jar, f->snap->own.public);
	snaptun_cookie_checker_init(&f->checker, f->own.public);
	return 0;
}

static void clean_up(void *fixture)
{
	struct snaptun_fixture *f = fixture;

	if (f->snap) {
		rtnl_lock();
		unregister_netdevice(f->snap->dev);
		rtnl_unlock();
	}
	if (f->peer)
		sock_release(f->peer);
}

/**
 * snaptun_fixture_init() - make a device and its other side
 * @test: the test; its priv is the fixture from now on
 *
 * Both go with the test, after whatever it has yet to clean up.
 *
 * Return: 0 or an error.
 */
int snaptun_fixture_init(struct kunit *test)
{
	struct snaptun_fixture *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	int err;

	if (!f)
		return -ENOMEM;
	test->priv = f;
	err = kunit_add_action_or_reset(test, clean_up, f);
	if (!err)
		err = add_link();
	if (!err)
		err = bring_up(f);
	if (!err)
		err = set_keys(f);
	if (!err)
		err = open_peer(f);
	return err;
}

/**
 * snaptun_fixture_listen() - have the device wait for the other side
 * @test: the test
 *
 * The other side's key is authorised.
 */
void snaptun_fixture_listen(struct kunit *test)
{
	struct snaptun_fixture *f = test->priv;
	struct snaptun_identity *identity;

	f->socket = snaptun_socket_open(f->snap, &init_net, 0, SNAPTUN_SOCKET_V4);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, f->socket);
	identity = kzalloc(sizeof(*identity), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, identity);
	identity->burst_limit = SNAPTUN_BURST_MAX_V4;
	identity->answer_keepalives = true;
	identity->authorisations.list[0].until = SNAPTUN_NEVER;
	identity->authorisations.n = 1;
	mutex_lock(&f->snap->lock);
	KUNIT_EXPECT_EQ(test, snaptun_sources_open(&f->snap->sources), 0);
	snaptun_device_set_listen(f->snap, f->socket);
	snaptun_noise_set_peer(&identity->peer, &f->snap->own, f->own.public);
	KUNIT_EXPECT_EQ(test, snaptun_identity_add(f->snap, identity), 0);
	mutex_unlock(&f->snap->lock);
}

/**
 * snaptun_fixture_connect() - give the device a tunnel to the other side
 * @test: the test
 *
 * It sends nothing by itself.
 */
void snaptun_fixture_connect(struct kunit *test)
{
	struct snaptun_tunnel_config config = {
		.burst_limit = SNAPTUN_BURST_CLIENT,
		.answer_keepalives = true,
	};
	struct snaptun_fixture *f = test->priv;
	struct netlink_ext_ack extack = {};

	ipv6_addr_set_v4mapped(htonl(INADDR_LOOPBACK), &config.path.remote.ip);
	config.path.remote.port = f->peer_port;
	memcpy(config.public_key, f->own.public, sizeof(config.public_key));
	mutex_lock(&f->snap->lock);
	f->tunnel = snaptun_tunnel_add(f->snap, &config, &extack);
	mutex_unlock(&f->snap->lock);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, f->tunnel);
	f->socket = f->tunnel->socket;
}

/**
 * snaptun_fixture_freeze() - have the tunnel's timers do nothing any more
 * @f: the fixture
 *
 * However long the test takes, nothing is repeated, answered or forgotten.
 */
void snaptun_fixture_freeze(struct snaptun_fixture *f)
{
	spin_lock_bh(&f->tunnel->timer_lock);
	f->tunnel->timers.running = false;
	f->tunnel->timers.candidate_at = SNAPTUN_NEVER;
	spin_unlock_bh(&f->tunnel->timer_lock);
}

/**
 * snaptun_fixture_send() - send from the other side's socket to the device's
 * @test: the test
 * @message: a datagram
 * @len: its bytes
 */
void snaptun_fixture_send(struct kunit *test, const void *message, size_t len)
{
	struct snaptun_fixture *f = test->priv;
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = f->socket->port,
	};
	struct msghdr header = { .msg_name = &to, .msg_namelen = sizeof(to) };
	struct kvec vec = { .iov_base = (void *)message, .iov_len = len };

	KUNIT_ASSERT_EQ(test, kernel_sendmsg(f->peer, &header, &vec, 1, len),
			(int)len);
}

/**
 * snaptun_fixture_receive() - take what the device sent to the other side
 * @f: the fixture
 * @to: receives a datagram
 * @size: bytes of room
 *
 * Waits for it.
 *
 * Return: bytes received, or an error.
 */
int snaptun_fixture_receive(struct snaptun_fixture *f, void *to, size_t size)
{
	struct kvec vec = { .iov_base = to, .iov_len = size };
	struct msghdr header = {};

	return kernel_recvmsg(f->peer, &header, &vec, 1, size, 0);
}

/* What the fragments of a packet can hold, FRAGMENT bytes each. */
#define FRAGMENT	1000
#define FRAGMENTS_MAX	(MAX_SKB_FRAGS * FRAGMENT)

/* A datagram as the UDP socket hands it on; in pages if it is a super-packet, and fits. */
static struct sk_buff *new_datagram(struct kunit *test, __be16 from,
				    const void *data, size_t len, size_t segment)
{
	struct snaptun_fixture *f = test->priv;
	const size_t network = f->mapped ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);
	const size_t headers = network + sizeof(struct udphdr);
	size_t linear = segment && len <= FRAGMENTS_MAX ? min_t(size_t, len, 100) : len;
	struct sk_buff *skb = alloc_skb(headers + linear, GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reset_network_header(skb);
	skb_put_zero(skb, headers);
	skb_set_transport_header(skb, network);
	if (f->mapped) {
		ipv6_hdr(skb)->version = 6;
		ipv6_addr_set_v4mapped(htonl(INADDR_LOOPBACK), &ipv6_hdr(skb)->saddr);
		ipv6_hdr(skb)->daddr = in6addr_loopback;
	} else {
		ip_hdr(skb)->version = 4;
		ip_hdr(skb)->saddr = htonl(INADDR_LOOPBACK);
		ip_hdr(skb)->daddr = htonl(INADDR_LOOPBACK);
	}
	udp_hdr(skb)->source = from;
	udp_hdr(skb)->dest = f->socket->port;
	skb_put_data(skb, data, linear);
	skb_pull(skb, headers);
	for (i = 0; len > linear; i++) {
		size_t part = min_t(size_t, len - linear, FRAGMENT);
		struct page *page;

		local_bh_disable();
		page = f->ours ? snaptun_pool_allocate(2 * PAGE_SIZE) :
				 alloc_page(GFP_ATOMIC);
		local_bh_enable();

		KUNIT_ASSERT_NOT_NULL(test, page);
		memcpy(page_address(page), data + linear, part);
		skb_add_rx_frag(skb, i, page, 0, part, PAGE_SIZE);
		linear += part;
	}
	if (segment) {
		skb_shinfo(skb)->gso_type = f->uncut ? SKB_GSO_UDP : SKB_GSO_UDP_L4;
		skb_shinfo(skb)->gso_size = segment;
		skb_shinfo(skb)->gso_segs = DIV_ROUND_UP(len, segment);
	}
	return skb;
}

/**
 * snaptun_fixture_deliver() - have the device process a datagram
 * @test: the test
 * @from: the port of 127.0.0.1 that it came from
 * @data: the datagram
 * @len: its bytes
 * @segment: bytes of each of several datagrams in a super-packet, else 0
 *
 * When this returns the device has done with it.
 */
void snaptun_fixture_deliver(struct kunit *test, __be16 from,
			     const void *data, size_t len, size_t segment)
{
	struct sk_buff *skb = new_datagram(test, from, data, len, segment);
	struct snaptun_fixture *f = test->priv;
	struct snaptun_opener *opener;

	mutex_lock(&f->snap->lock);
	f->snap->load = (struct snaptun_load){
		.loaded_until = f->loaded ? U64_MAX : 0,
	};
	mutex_unlock(&f->snap->lock);
	rcu_read_lock();
	local_bh_disable();
	opener = this_cpu_ptr(f->snap->openers);
	if (napi_schedule_prep(&opener->rx.napi)) {
		snaptun_rx_datagram(&opener->rx, f->socket, skb);
		napi_complete(&opener->rx.napi);
	} else {
		KUNIT_FAIL(test, "somebody else opens something");
	}
	local_bh_enable();
	rcu_read_unlock();
	kfree_skb(skb);
	flush_workqueue(snaptun_handshake_workqueue);
}

/**
 * snaptun_fixture_mark() - look at the device's counters
 * @f: the fixture
 */
void snaptun_fixture_mark(struct snaptun_fixture *f)
{
	unsigned int i;

	for (i = 0; i <= SNAPTUN_A_COUNTERS_MAX; i++)
		f->counts[i] = snaptun_stats_read(f->snap->stats, i);
}

/**
 * snaptun_fixture_counted() - which counter rose since they were looked at?
 * @f: the fixture
 *
 * What the device sends by itself, and sessions, are left out.
 *
 * Return: the only counter that rose by one, COUNTED_NOTHING, or
 * COUNTED_SEVERAL.
 */
int snaptun_fixture_counted(struct snaptun_fixture *f)
{
	int i, counted = COUNTED_NOTHING;

	for (i = COUNTED(RX_MALFORMED); i <= SNAPTUN_A_COUNTERS_MAX; i++) {
		u64 more = snaptun_stats_read(f->snap->stats, i) - f->counts[i];

		if (!more || i == COUNTED(HANDSHAKES_INITIATED) ||
		    i == COUNTED(SESSIONS) || i == COUNTED(KEEPALIVES_SENT))
			continue;
		if (more > 1 || counted)
			return COUNTED_SEVERAL;
		counted = i;
	}
	return counted;
}

/**
 * snaptun_fixture_outcome() - what becomes of a datagram of the other side?
 * @test: the test
 * @data: the datagram
 * @len: its bytes
 *
 * Return: as snaptun_fixture_counted().
 */
int snaptun_fixture_outcome(struct kunit *test, const void *data, size_t len)
{
	struct snaptun_fixture *f = test->priv;

	snaptun_fixture_mark(f);
	snaptun_fixture_deliver(test, f->peer_port, data, len, 0);
	return snaptun_fixture_counted(f);
}

/**
 * snaptun_fixture_initiation() - write the other side's next initiation
 * @test: the test
 * @message: receives it, signed
 */
void snaptun_fixture_initiation(struct kunit *test,
				struct snaptun_msg_initiation *message)
{
	u8 timestamp[SNAPTUN_TIMESTAMP_SIZE] = { 0x40 };
	struct snaptun_fixture *f = test->priv;
	struct snaptun_noise_prepared prepared;

	put_unaligned_be32(++f->stamp, timestamp + 4);
	snaptun_noise_prepare(&prepared, peer_ephemeral, f->device.public, NULL);
	KUNIT_ASSERT_TRUE(test,
			  snaptun_noise_create_initiation(&f->handshake, message,
							  &f->own, &f->device,
							  &prepared, timestamp,
							  SNAPTUN_FIXTURE_INDEX));
	snaptun_cookie_sign(&f->jar, message, sizeof(*message), snaptun_now());
}

/**
 * snaptun_fixture_read_response() - read the device's response
 * @test: the test
 * @message: the response to the last initiation
 * @observed: receives the address in it
 *
 * The other side has the session's keys then.
 */
void snaptun_fixture_read_response(struct kunit *test,
				   const struct snaptun_msg_response *message,
				   u8 observed[SNAPTUN_OBSERVED_SIZE])
{
	struct snaptun_fixture *f = test->priv;

	KUNIT_ASSERT_TRUE(test, snaptun_cookie_mac1_valid(&f->checker.keys, message,
							  sizeof(*message)));
	KUNIT_ASSERT_TRUE(test, message->receiver == SNAPTUN_FIXTURE_INDEX);
	KUNIT_ASSERT_TRUE(test, snaptun_noise_read_response(&f->handshake, message,
							    &f->own, &f->device,
							    observed));
	snaptun_noise_derive_keys(&f->handshake, &f->keys);
	f->device_index = message->sender;
	f->device_initiated = false;
}

/**
 * snaptun_fixture_read_initiation() - have the device begin a handshake
 * @test: the test
 * @message: receives its initiation, which the other side has read
 */
void snaptun_fixture_read_initiation(struct kunit *test,
				     struct snaptun_msg_initiation *message)
{
	u8 public_key[SNAPTUN_KEY_SIZE], timestamp[SNAPTUN_TIMESTAMP_SIZE];
	struct snaptun_fixture *f = test->priv;

	snaptun_tunnel_want_handshake(f->tunnel);
	KUNIT_ASSERT_EQ(test,
			snaptun_fixture_receive(f, message, sizeof(*message)),
			(int)sizeof(*message));
	flush_work(&f->tunnel->work);
	snaptun_fixture_freeze(f);
	KUNIT_ASSERT_TRUE(test, snaptun_cookie_mac1_valid(&f->checker.keys, message,
							  sizeof(*message)));
	KUNIT_ASSERT_TRUE(test,
			  snaptun_noise_read_initiation_static(&f->handshake,
							       message, &f->own,
							       public_key));
	KUNIT_ASSERT_MEMEQ(test, public_key, f->snap->own.public,
			   sizeof(public_key));
	KUNIT_ASSERT_TRUE(test,
			  snaptun_noise_read_initiation_timestamp(&f->handshake,
								  message,
								  &f->device,
								  timestamp));
}

/**
 * snaptun_fixture_response() - write the other side's response
 * @test: the test
 * @initiation: what snaptun_fixture_read_initiation() read
 * @observed: the address to report
 * @message: receives the response, signed
 *
 * The other side has the session's keys then.
 */
void snaptun_fixture_response(struct kunit *test,
			      const struct snaptun_msg_initiation *initiation,
			      const u8 observed[SNAPTUN_OBSERVED_SIZE],
			      struct snaptun_msg_response *message)
{
	struct snaptun_fixture *f = test->priv;
	struct snaptun_noise_prepared prepared;

	snaptun_noise_prepare(&prepared, peer_ephemeral, f->device.public,
			      initiation->ephemeral);
	KUNIT_ASSERT_TRUE(test,
			  snaptun_noise_create_response(&f->handshake, message,
							&f->device, &prepared,
							observed,
							SNAPTUN_FIXTURE_INDEX,
							initiation->sender));
	snaptun_noise_derive_keys(&f->handshake, &f->keys);
	f->device_index = initiation->sender;
	f->device_initiated = true;
	snaptun_cookie_sign(&f->jar, message, sizeof(*message), snaptun_now());
}

/**
 * snaptun_fixture_establish() - have the other side make a session
 * @test: the test; the device listens
 *
 * The device has not heard anything on the session yet.
 */
void snaptun_fixture_establish(struct kunit *test)
{
	struct snaptun_fixture *f = test->priv;
	u8 observed[SNAPTUN_OBSERVED_SIZE];
	struct snaptun_msg_initiation initiation;
	struct snaptun_msg_response response;
	unsigned long id = 0;

	snaptun_fixture_initiation(test, &initiation);
	KUNIT_ASSERT_EQ(test, snaptun_fixture_outcome(test, &initiation,
						      sizeof(initiation)),
			COUNTED(HANDSHAKES_ANSWERED));
	KUNIT_ASSERT_EQ(test,
			snaptun_fixture_receive(f, &response, sizeof(response)),
			(int)sizeof(response));
	snaptun_fixture_read_response(test, &response, observed);
	f->tunnel = xa_find(&f->snap->tunnels, &id, ULONG_MAX, XA_PRESENT);
	KUNIT_ASSERT_NOT_NULL(test, f->tunnel);
	snaptun_fixture_freeze(f);
}

/**
 * snaptun_fixture_seal() - write a transport message of the other side
 * @f: the fixture; there is a session
 * @to: receives the message, @len + SNAPTUN_OVERHEAD bytes
 * @counter: the message's counter
 * @payload: what is in it
 * @len: bytes of @payload
 *
 * Return: bytes of the message.
 */
size_t snaptun_fixture_seal(struct snaptun_fixture *f, u8 *to, u64 counter,
			    const u8 *payload, size_t len)
{
	struct snaptun_msg_transport header = {
		.type = SNAPTUN_MESSAGE_HEADER(SNAPTUN_MESSAGE_TRANSPORT),
		.receiver = f->device_index,
		.counter = cpu_to_le64(counter),
	};

	memcpy(to, &header, sizeof(header));
	chacha20poly1305_encrypt(to + sizeof(header), payload, len, NULL, 0,
				 counter,
				 f->device_initiated ?
					 f->keys.responder_to_initiator :
					 f->keys.initiator_to_responder);
	return len + SNAPTUN_OVERHEAD;
}

/**
 * snaptun_fixture_open() - read a transport message of the device
 * @f: the fixture; there is a session
 * @payload: receives what is in it
 * @message: the message
 * @len: its bytes
 *
 * Return: false where it is none of the session.
 */
bool snaptun_fixture_open(struct snaptun_fixture *f, u8 *payload,
			  const u8 *message, size_t len)
{
	struct snaptun_msg_transport header;

	if (len < SNAPTUN_OVERHEAD)
		return false;
	memcpy(&header, message, sizeof(header));
	if (header.type != SNAPTUN_MESSAGE_HEADER(SNAPTUN_MESSAGE_TRANSPORT) ||
	    header.receiver != SNAPTUN_FIXTURE_INDEX)
		return false;
	return chacha20poly1305_decrypt(payload, message + sizeof(header),
					len - sizeof(header), NULL, 0,
					le64_to_cpu(header.counter),
					f->device_initiated ?
						f->keys.initiator_to_responder :
						f->keys.responder_to_initiator);
}

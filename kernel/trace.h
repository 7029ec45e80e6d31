/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints: what is dropped and why, handshake messages, sessions, and the
 * states of tunnels. In /sys/kernel/tracing/events/snaptun.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM snaptun

#if !defined(SNAPTUN_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define SNAPTUN_TRACE_H

#include <linux/tracepoint.h>

#include "device.h"
#include "session.h"
#include "tunnel.h"

#ifndef SNAPTUN_TRACE_ONCE
#define SNAPTUN_TRACE_ONCE

/**
 * enum snaptun_session_event - what happens to a session
 * @SNAPTUN_SESSION_MADE: it has its keys
 * @SNAPTUN_SESSION_PROVEN: the other side uses it, too
 * @SNAPTUN_SESSION_ENDED: its keys are erased
 */
enum snaptun_session_event {
	SNAPTUN_SESSION_MADE,
	SNAPTUN_SESSION_PROVEN,
	SNAPTUN_SESSION_ENDED,
};

#endif

TRACE_EVENT(snaptun_drop,
	TP_PROTO(const struct net_device *dev, const char *reason,
		 unsigned int packets),
	TP_ARGS(dev, reason, packets),
	TP_STRUCT__entry(
		__array(char, dev, IFNAMSIZ)
		__array(char, reason, 24)
		__field(unsigned int, packets)
	),
	TP_fast_assign(
		strscpy(__entry->dev, dev->name, IFNAMSIZ);
		strscpy(__entry->reason, reason, sizeof(__entry->reason));
		__entry->packets = packets;
	),
	TP_printk("dev=%s reason=%s packets=%u", __entry->dev, __entry->reason,
		  __entry->packets)
);

TRACE_EVENT(snaptun_handshake,
	TP_PROTO(const struct net_device *dev, u32 tunnel, u32 type,
		 bool received),
	TP_ARGS(dev, tunnel, type, received),
	TP_STRUCT__entry(
		__array(char, dev, IFNAMSIZ)
		__field(u32, tunnel)
		__field(u32, type)
		__field(bool, received)
	),
	TP_fast_assign(
		strscpy(__entry->dev, dev->name, IFNAMSIZ);
		__entry->tunnel = tunnel;
		__entry->type = type;
		__entry->received = received;
	),
	TP_printk("dev=%s tunnel=%u %s %s", __entry->dev, __entry->tunnel,
		  __print_symbolic(__entry->type, { 1, "initiation" },
				   { 2, "response" }, { 3, "cookie" }),
		  __entry->received ? "received" : "sent")
);

TRACE_EVENT(snaptun_session,
	TP_PROTO(const struct snaptun_session *session,
		 enum snaptun_session_event event),
	TP_ARGS(session, event),
	TP_STRUCT__entry(
		__array(char, dev, IFNAMSIZ)
		__field(u32, tunnel)
		__field(u32, index)
		__field(bool, initiator)
		__field(u32, event)
	),
	TP_fast_assign(
		strscpy(__entry->dev, session->tunnel->snap->dev->name,
			IFNAMSIZ);
		__entry->tunnel = session->tunnel->id;
		__entry->index = le32_to_cpu(session->local_index);
		__entry->initiator = session->initiator;
		__entry->event = event;
	),
	TP_printk("dev=%s tunnel=%u index=%08x %s %s", __entry->dev,
		  __entry->tunnel, __entry->index,
		  __entry->initiator ? "initiator" : "responder",
		  __print_symbolic(__entry->event, { 0, "made" },
				   { 1, "proven" }, { 2, "ended" }))
);

TRACE_EVENT(snaptun_tunnel_state,
	TP_PROTO(const struct net_device *dev, u32 tunnel, u32 state),
	TP_ARGS(dev, tunnel, state),
	TP_STRUCT__entry(
		__array(char, dev, IFNAMSIZ)
		__field(u32, tunnel)
		__field(u32, state)
	),
	TP_fast_assign(
		strscpy(__entry->dev, dev->name, IFNAMSIZ);
		__entry->tunnel = tunnel;
		__entry->state = state;
	),
	TP_printk("dev=%s tunnel=%u state=%s", __entry->dev, __entry->tunnel,
		  __print_symbolic(__entry->state, { 0, "idle" },
				   { 1, "connecting" }, { 2, "established" },
				   { 3, "expired" }, { 4, "closed" },
				   { 5, "candidate" }))
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>

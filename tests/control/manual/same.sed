# SPDX-License-Identifier: GPL-2.0-or-later
# What examples of the manuals print and what differs from one time to the other, made the
# same: for sed -E.

# Keys and the time of day.
s,(^|[^A-Za-z0-9+/])[A-Za-z0-9+/]{43}=,\1KEY,g
s/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z /TIME /
# Ports that the kernel chose.
s/(192\.0\.2\.1:|local port )[3-6][0-9]{4}\b/\1PORT/g
# How long ago, how much longer, and how soon.
s/^(    latest handshake: )(now|[0-9]+ seconds? ago)$/\1AGE/
s/(for another )[0-9]+ (day|hour|minute|second)s?(, [0-9]+ (hour|minute|second)s?)?/\1SPAN/
s/(registered with [^ ]+ for )[0-9]+ s$/\1N s/
s/(after )[0-9]+( ms: )/\1N\2/
s/(next in )[0-9.]+ s$/\1N s/
s/(packet loss, time )[0-9]+ms$/\1Nms/
# What a tunnel carried, in words and in a table.
s/[0-9]+ B (received|sent)/SIZE \1/g
s/ [0-9]+ s +[0-9]+ B +[0-9]+ B / AGE SIZE SIZE /
# Counters, numbers of interfaces and of netlink groups.
s/^(    [a-z]+(-[a-z0-9]+)*) +[0-9]+$/\1 N/
s/^[0-9]+: snap0: /N: snap0: /
s/ID-0x[0-9a-f]+/ID-N/
# Who ran when a tracepoint was met, where and when, and the number that a session is given.
s/^ *[^ ]+-[0-9]+ +\[[0-9]+\] [^ ]+ +[0-9.]+: /TASK: /
s/index=[0-9a-f]{8}/index=N/
# Columns are as wide as what stands in them.
s/([^ ]) {2,}/\1 /g
s/ +$//

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# An endpoint that is given by its name gets the first address that is found, of either
# family; a resolver that fails is asked again, for a while; an address asks nobody.
#
# kernels: uml-time uml-debug-time
# shellcheck source-path=SCRIPTDIR source=../unit/helper/lib.sh
. "$(dirname "$0")/../unit/helper/lib.sh"

# The resolver finds files of ours in the place of its own.
chmod 755 "$work"
printf '%s\n' '192.0.2.7 four.example four' '2001:db8::7 six.example' >"$work/hosts"
printf 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n' >"$work/resolv.conf"
echo 'hosts: files dns' >"$work/nsswitch.conf"
for file in hosts resolv.conf nsswitch.conf; do
	chmod 644 "$work/$file"
	mount --bind "$work/$file" "/etc/$file"
done
ip link add snap0 type snaptun
nft -f - <<-END
	table inet watch {
		counter questions { }
		chain input {
			type filter hook input priority 0;
			udp dport 53 counter name questions
		}
	}
END

# questions: how many datagrams for the resolver have come.
questions() {
	nft -j list counter inet watch questions | jq '.nftables[] | .counter? // empty | .packets'
}

# asks_nobody: no datagram has come yet.
asks_nobody() { [[ $(questions) == 0 ]] || fail "the resolver was asked"; }

# becomes HOST:PORT ENDPOINT: that is what the module was told of it.
becomes() {
	local id endpoint

	accept tunnel add snap0 --remote-key "$bob_public" --endpoint "$1"
	id=$(<"$work/out")
	accept show snap0 "$id" --json
	endpoint=$(jq -c '.[0].endpoint' "$work/out")
	[[ $endpoint == "$2" ]] || fail "$1 became $endpoint, not $2"
	accept tunnel del snap0 "$id"
}

# What the file has.
becomes four.example:5000 '{"ipv4":"192.0.2.7","port":5000}'
becomes four:1 '{"ipv4":"192.0.2.7","port":1}'
becomes FOUR.EXAMPLE:65535 '{"ipv4":"192.0.2.7","port":65535}'
becomes six.example:5000 '{"ipv6":"2001:db8::7","port":5000}'
asks_nobody

# Addresses, and what is refused before.
becomes 192.0.2.1:5000 '{"ipv4":"192.0.2.1","port":5000}'
becomes '[2001:db8::1]:5000' '{"ipv6":"2001:db8::1","port":5000}'
refuse 2 'is neither an IPv4 address nor a name' \
	tunnel add snap0 --remote-key "$bob_public" --endpoint 192.0.2:5000
refuse 3 'gone: No such device' tunnel add gone --remote-key "$bob_public" --endpoint some.example:5000
asks_nobody

# Nobody listens where the resolver should be. It fails for the moment, and comes back.
(
	until (($(questions) > 1)); do sleep 0.1; done
	echo '192.0.2.8 late.example' >>"$work/hosts"
) &
becomes late.example:5000 '{"ipv4":"192.0.2.8","port":5000}'
wait
(($(questions) > 1)) || fail "the resolver was asked once"

# It goes on failing.
before=$(questions)
refuse 1 '--endpoint: no address of never.example is found: Temporary failure in name resolution' \
	tunnel add snap0 --remote-key "$bob_public" --endpoint never.example:5000
(($(questions) - before > 4)) || fail "the resolver was not asked again and again"

# That there is no such name is certain, and said at once.
echo 'hosts: files' >"$work/nsswitch.conf"
before=$(questions)
refuse 1 '--endpoint: no address of never.example is found: Name or service not known' \
	tunnel add snap0 --remote-key "$bob_public" --endpoint never.example:5000
[[ $(questions) == "$before" ]] || fail "the resolver was asked"

accept show snap0 --json
jq -e '.[0].tunnels == []' "$work/out" >/dev/null || fail "a tunnel was made all the same"

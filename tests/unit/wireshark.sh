#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Wireshark's dissector shows what is plain of each message, links those that belong
# together, complains of malformed ones, and leaves WireGuard what is WireGuard's.
#
# kernels: host
# needs: uml-time
# shellcheck source-path=SCRIPTDIR source=../lib.sh disable=SC2119
. "$(dirname "$0")/../lib.sh"
# shellcheck source-path=SCRIPTDIR source=../testbed/lib.sh
. "$ROOT/tests/testbed/lib.sh"

need tshark
work_folder
"$ROOT/tests/testbed/run" uml-time "$ROOT/tests/unit/wireshark/record.sh" >"$WORK/out" ||
	{ cat "$WORK/out" && fail "no captures"; }
sed '1,/^captures/d' "$WORK/out" | base64 -di | tar -C "$WORK" -mx

# expect WHAT IS WANTED: both must be the same.
expect() { [[ $2 == "$3" ]] || fail "$1: $2, not $3"; }

# dissect CAPTURE FILTER FIELD… [-OPTION…]: those fields of the messages that match.
dissect() {
	local capture=$1 filter=$2 fields=()

	shift 2
	while (($#)) && [[ $1 != -* ]]; do
		fields+=(-e "$1")
		shift
	done
	tshark -n -r "$WORK/$capture.pcap" -X "lua_script:$ROOT/tools/wireshark/snaptun.lua" "$@" \
		-Y "$filter" -T fields -E separator='|' "${fields[@]}" 2>"$WORK/tshark.log" ||
		fail "tshark cannot read it: $(<"$WORK/tshark.log")"
	! grep -i lua "$WORK/tshark.log" || fail "the script is wrong"
}

# on_port FILTER FIELD…: of the first capture, where the port is set.
on_port() { dissect snaptun "$@" -o snaptun.ports:4998,5000-5001; }

# bytes FRAME OFFSET COUNT: those of its UDP payload, hexadecimal, read without the dissector.
declare -A payload=()
while IFS='|' read -r frame data; do
	payload[$frame]=$data
done < <(tshark -n -r "$WORK/snaptun.pcap" -T fields -E separator='|' -e frame.number -e udp.payload 2>/dev/null)
bytes() { echo "${payload[$1]:$2 * 2:$3 * 2}"; }

# number FRAME OFFSET: 4 bytes, little-endian, as an index is shown.
number() { bytes "$1" "$2" 4 | sed -E 's/(..)(..)(..)(..)/0x\4\3\2\1/'; }

messages() { on_port "snaptun.type == $1 && udp.port != 6002" frame.number; }

step "messages"
expect "all of them" "$(on_port snaptun frame.number | wc -l)" "${#payload[@]}"
mapfile -t initiations < <(messages 1)
mapfile -t responses < <(messages 2)
mapfile -t cookies < <(messages 3)
expect "initiations, responses, cookie replies" \
	"${#initiations[@]} ${#responses[@]} ${#cookies[@]}" "3 2 1"
# Which of the first two was answered at once, and which had to come again.
taken=${initiations[0]} refused=${initiations[1]}
[[ $(number "${responses[0]}" 8) == "$(number "$taken" 4)" ]] ||
	taken=${initiations[1]} refused=${initiations[0]}
again=${initiations[2]}

step "initiation"
frame=$taken
expect "its fields" "$(on_port "frame.number == $frame" snaptun.reserved snaptun.sender snaptun.ephemeral \
	snaptun.static snaptun.timestamp snaptun.mac1 snaptun.mac2 snaptun.has_mac2)" \
	"0x000000|$(number "$frame" 4)|$(bytes "$frame" 8 32)|$(bytes "$frame" 40 48)|$(
	)$(bytes "$frame" 88 28)|$(bytes "$frame" 116 16)|$(bytes "$frame" 132 16)|0"
expect "its sealed parts" "$(on_port "frame.number == $frame" snaptun.plain_length snaptun.tag)" \
	"32,12|$(bytes "$frame" 72 16),$(bytes "$frame" 100 16)"

step "response"
frame=${responses[0]}
expect "its fields" "$(on_port "frame.number == $frame" snaptun.sender snaptun.receiver snaptun.ephemeral \
	snaptun.observed snaptun.plain_length snaptun.tag snaptun.mac1 snaptun.mac2)" \
	"$(number "$frame" 4)|$(number "$taken" 4)|$(bytes "$frame" 12 32)|$(
	)$(bytes "$frame" 44 36)|20|$(bytes "$frame" 64 16)|$(bytes "$frame" 80 16)|$(bytes "$frame" 96 16)"

step "cookie reply"
frame=${cookies[0]}
expect "its fields" "$(on_port "frame.number == $frame" snaptun.receiver snaptun.nonce snaptun.cookie \
	snaptun.plain_length)" \
	"$(number "$refused" 4)|$(bytes "$frame" 8 24)|$(bytes "$frame" 32 32)|16"
expect "who has a cookie" "$(on_port snaptun.has_mac2==1 frame.number)" "$again"

step "links"
expect "what is an answer, and to what" "$(on_port snaptun.answer_to frame.number snaptun.answer_to | sort -n)" \
	"$(printf '%s|%s\n' "${responses[0]}" "$taken" "${cookies[0]}" "$refused" \
		"${responses[1]}" "$again" | sort -n)"
expect "what is answered, once that is known" \
	"$(on_port snaptun.answered_in frame.number snaptun.answered_in -2)" \
	"$(printf '%s|%s\n' "$taken" "${responses[0]}" "$refused" "${cookies[0]}" "$again" \
		"${responses[1]}" | sort -n)"
expect "handshake of the first session" \
	"$(on_port 'snaptun.session == 0 && snaptun.type != 4' frame.number -2)" \
	"$taken"$'\n'"${responses[0]}"
for n in 0 1; do
	port=$(on_port "frame.number == ${responses[n]}" udp.dstport)
	expect "data of session $n" "$(on_port "snaptun.counter && udp.port == $port" \
		snaptun.session snaptun.handshake | sort -u)" "$n|${responses[n]}"
	# What ping goes through.
	[[ $port != 6000 ]] || response=${responses[n]}
done

step "transport data"
# ping's packet has 84 bytes; each side has sent a keepalive before, or sends its first message.
frame=$(on_port 'snaptun.type == 4 && snaptun.plain_length == 84 && ip.src == 192.0.2.1' frame.number)
expect "the ping" "$(on_port "frame.number == $frame" snaptun.receiver snaptun.counter snaptun.keepalive \
	snaptun.packet snaptun.tag)" \
	"$(number "$response" 4)|$((16#$(bytes "$frame" 8 1)))|0|$(bytes "$frame" 16 100)|$(bytes "$frame" 100 16)"
expect "the answer" "$(on_port 'snaptun.type == 4 && snaptun.plain_length == 84 && ip.src == 192.0.2.2' \
	snaptun.receiver snaptun.counter)" "$(number "$response" 8)|0"
expect "counters of the client" "$(on_port 'snaptun.session == 0 && ip.src == 192.0.2.1 && snaptun.counter' \
	snaptun.counter | head -n 2 | paste -sd' ')" "0 1"
expect "keepalives" "$(on_port 'snaptun.keepalive == 1 && udp.port != 6002' frame.number)" \
	"$(dissect snaptun 'udp.length == 40 && udp.port != 6002' frame.number)"

step "malformed ones"
expect "what is said of them" \
	"$(on_port udp.port==6002 snaptun.type snaptun.reserved _ws.expert.message)" \
	"1|0x000200|Reserved bytes are not zero,4 bytes, not 148
7|0x000000|There is no such type of message
4|0x000000|31 bytes, not at least 32
4|0x010000|Reserved bytes are not zero
||Not the length of such a message"
expect "how they are listed" "$(on_port udp.port==6002 _ws.col.Info | grep -c alformed)" 5
expect "what is malformed of the others" "$(on_port 'udp.port != 6002 && _ws.expert' frame.number)" ""

step "decode as"
expect "what is SNAPtun's" "$(dissect snaptun snaptun frame.number -d udp.port==5000,snaptun)" \
	"$(on_port snaptun frame.number)"

step "a capture that lacks the end of packets"
expect "what is said of it" \
	"$(dissect cut udp snaptun.plain_length _ws.expert.message -o snaptun.ports:5000 | sort -u)" \
	"84|The capture has no more of this message"

step "where no port is set"
expect "what it is taken for" "$(dissect other-port udp _ws.col.Protocol | uniq | paste -sd' ')" "WireGuard SNAPtun"
expect "what is SNAPtun's" "$(dissect other-port snaptun snaptun.type | sort -n | uniq | paste -sd' ')" "2 4"
expect "what it is taken for with the heuristic" \
	"$(dissect other-port udp _ws.col.Protocol -o snaptun.heuristic:TRUE | uniq)" SNAPtun

step "WireGuard's messages"
expect "what they are taken for" "$(dissect wireguard udp _ws.col.Protocol | uniq)" WireGuard

-- SPDX-License-Identifier: GPL-2.0-or-later
-- SNAPtun for Wireshark and tshark: all that is plain on the wire, which messages belong
-- together, and what is malformed. Nothing is decrypted. Documentation/protocol.rst has the
-- messages.
--
-- For one run, with the UDP ports that servers listen on:
--
--	wireshark -X lua_script:snaptun.lua -o snaptun.ports:5000,30041-30045 FILE
--
-- To have it in all of them, copy this file to the folder that Help, About Wireshark, Folders
-- names for personal Lua plugins, and set the ports in Preferences, Protocols, SNAPTUN; or take
-- a packet and Analyze, Decode As, which is -d udp.port==5000,snaptun on a command line.
--
-- No port is set at first, as none is SNAPtun's own. On ports that are not set, and that no
-- other protocol of Wireshark's claims (5000 is TAPA's there), the response is known for what it
-- is by its length, which no message of WireGuard has, and so is all that follows between the
-- same addresses and ports. All other messages look just like WireGuard's, which Wireshark takes
-- them for: the initiation before that response, and data without a handshake in the capture.
-- With the preference "heuristic" (-o snaptun.heuristic:TRUE) initiations and cookie replies are
-- taken for SNAPtun's from the first, and WireGuard's own, too.

local snaptun = Proto("snaptun", "SNAPtun")

local TYPES = {
	[1] = "Handshake initiation",
	[2] = "Handshake response",
	[3] = "Cookie reply",
	[4] = "Transport data",
}
local INITIATION, RESPONSE, COOKIE, DATA = 1, 2, 3, 4
local TAG = 16

local fields = {
	type = ProtoField.uint8("snaptun.type", "Type", base.DEC, TYPES),
	reserved = ProtoField.uint24("snaptun.reserved", "Reserved", base.HEX),
	sender = ProtoField.uint32("snaptun.sender", "Sender index", base.HEX),
	receiver = ProtoField.uint32("snaptun.receiver", "Receiver index", base.HEX),
	ephemeral = ProtoField.bytes("snaptun.ephemeral", "Ephemeral public key"),
	static = ProtoField.bytes("snaptun.static", "Encrypted static public key"),
	timestamp = ProtoField.bytes("snaptun.timestamp", "Encrypted timestamp"),
	observed = ProtoField.bytes("snaptun.observed", "Encrypted observed address"),
	nonce = ProtoField.bytes("snaptun.nonce", "Nonce"),
	cookie = ProtoField.bytes("snaptun.cookie", "Encrypted cookie"),
	counter = ProtoField.uint64("snaptun.counter", "Counter"),
	packet = ProtoField.bytes("snaptun.packet", "Encrypted packet"),
	tag = ProtoField.bytes("snaptun.tag", "Authentication tag"),
	mac1 = ProtoField.bytes("snaptun.mac1", "mac1"),
	mac2 = ProtoField.bytes("snaptun.mac2", "mac2"),
	-- What is not on the wire.
	plain_length = ProtoField.uint32("snaptun.plain_length", "Length decrypted"),
	keepalive = ProtoField.bool("snaptun.keepalive", "Keepalive"),
	has_mac2 = ProtoField.bool("snaptun.has_mac2", "Sent with a cookie"),
	session = ProtoField.uint32("snaptun.session", "Session"),
	answer_to = ProtoField.framenum("snaptun.answer_to", "Answer to", base.NONE, frametype.REQUEST),
	answered_in = ProtoField.framenum("snaptun.answered_in", "Answered in", base.NONE, frametype.RESPONSE),
	handshake = ProtoField.framenum("snaptun.handshake", "Session made in", base.NONE),
}
snaptun.fields = fields

local experts = {
	type = ProtoExpert.new("snaptun.type.unknown", "There is no such type of message",
		expert.group.MALFORMED, expert.severity.ERROR),
	reserved = ProtoExpert.new("snaptun.reserved.nonzero", "Reserved bytes are not zero",
		expert.group.MALFORMED, expert.severity.ERROR),
	length = ProtoExpert.new("snaptun.length.wrong", "Not the length of such a message",
		expert.group.MALFORMED, expert.severity.ERROR),
	cut = ProtoExpert.new("snaptun.cut", "The capture has no more of this message",
		expert.group.UNDECODED, expert.severity.NOTE),
	unasked = ProtoExpert.new("snaptun.receiver.unknown", "What this answers was not seen",
		expert.group.SEQUENCE, expert.severity.NOTE),
}
snaptun.experts = experts

snaptun.prefs.ports = Pref.range("UDP ports", "",
	"What is sent from and to these ports is SNAPtun, such as 5000,30041-30045", 65535)
snaptun.prefs.heuristic = Pref.bool("Take all handshakes on other ports for SNAPtun's", false,
	"Those of WireGuard, too; without it responses alone are, which differ")

-- What each message has after type and reserved bytes, in their order: field, bytes, and if it
-- is a number so. Of what is encrypted the last bytes are a tag.
local LAYOUTS = {
	[INITIATION] = {
		{ "sender", 4, number = true }, { "ephemeral", 32 }, { "static", 48, sealed = true },
		{ "timestamp", 28, sealed = true }, { "mac1", 16 }, { "mac2", 16 },
	},
	[RESPONSE] = {
		{ "sender", 4, number = true }, { "receiver", 4, number = true }, { "ephemeral", 32 },
		{ "observed", 36, sealed = true }, { "mac1", 16 }, { "mac2", 16 },
	},
	[COOKIE] = { { "receiver", 4, number = true }, { "nonce", 24 }, { "cookie", 32, sealed = true } },
	[DATA] = { { "receiver", 4, number = true }, { "counter", 8, number = true } },
}
local HEADER = 4

-- The length of each message; of data the least.
local LENGTHS = {}
for type, layout in pairs(LAYOUTS) do
	LENGTHS[type] = HEADER + (type == DATA and TAG or 0)
	for _, part in ipairs(layout) do
		LENGTHS[type] = LENGTHS[type] + part[2]
	end
end

-- What was seen of handshakes: by way and index the number of the frame whose sender chose it,
-- and the session that it is an index of; by frame the one that answered, the one that is
-- answered, and the session.
local chosen, answers, answered, sessions, session_of, sessions_made

function snaptun.init()
	chosen, answers, answered, sessions, session_of, sessions_made = {}, {}, {}, {}, {}, 0
end

-- The way of an index: who chose it, and with whom.
local function way(owner, owner_port, other, other_port, index)
	return string.format("%s %d %s %d %d", owner, owner_port, other, other_port, index)
end

local function chosen_by_sender(pinfo, index)
	return way(tostring(pinfo.src), pinfo.src_port, tostring(pinfo.dst), pinfo.dst_port, index)
end

local function chosen_by_receiver(pinfo, index)
	return way(tostring(pinfo.dst), pinfo.dst_port, tostring(pinfo.src), pinfo.src_port, index)
end

-- Called for each frame once, in their order.
local function remember(pinfo, type, sender, receiver)
	local frame = pinfo.number

	if type == INITIATION or type == RESPONSE then
		local key = chosen_by_sender(pinfo, sender)

		chosen[key] = chosen[key] or frame
	end
	if type == RESPONSE or type == COOKIE then
		local asked = chosen[chosen_by_receiver(pinfo, receiver)]

		answers[frame] = asked
		if asked and not answered[asked] then
			answered[asked] = frame
		end
	end
	if type == RESPONSE and not sessions[chosen_by_sender(pinfo, sender)] then
		local session = { number = sessions_made, handshake = frame }

		sessions_made = sessions_made + 1
		sessions[chosen_by_sender(pinfo, sender)] = session
		sessions[chosen_by_receiver(pinfo, receiver)] = session
		session_of[answers[frame] or frame] = session
	end
	if receiver then
		session_of[frame] = sessions[chosen_by_receiver(pinfo, receiver)]
	end
end

local function show_links(tree, pinfo, type)
	local frame = pinfo.number
	local session = session_of[frame]

	if answers[frame] then
		tree:add(fields.answer_to, answers[frame]):set_generated()
	elseif type == RESPONSE or type == COOKIE then
		tree:add_proto_expert_info(experts.unasked)
	end
	if answered[frame] then
		tree:add(fields.answered_in, answered[frame]):set_generated()
	end
	if session then
		tree:add(fields.session, session.number):set_generated()
	end
	if type == DATA and session then
		tree:add(fields.handshake, session.handshake):set_generated()
	end
end

-- Its tag and what it would be without.
local function show_sealed(item, range)
	local plain = range:len() - TAG

	item:append_text(string.format(" (%d bytes and a tag)", plain))
	item:add(fields.plain_length, plain):set_generated()
	item:add(fields.tag, range(plain, TAG))
end

-- One part of a message; what it is, if it is a number.
local function show_part(tree, part, range)
	local name = part[1]

	if part.number then
		tree:add_le(fields[name], range)
		return range:len() == 4 and range:le_uint() or range:le_uint64()
	end
	local item = tree:add(fields[name], range)
	if part.sealed then
		show_sealed(item, range)
	elseif name == "mac2" then
		local has = range:bytes() ~= ByteArray.new(string.rep("00", range:len()))
		item:add(fields.has_mac2, has):set_generated()
	end
	return nil
end

-- The packet of a message of data: all that is left.
local function show_packet(tree, pinfo, tvb)
	local offset = LENGTHS[DATA] - TAG
	local plain = tvb:reported_len() - LENGTHS[DATA]

	tree:add(fields.keepalive, plain == 0):set_generated()
	if plain == 0 then
		pinfo.cols.info = "Keepalive"
	else
		pinfo.cols.info:append(string.format(", %d bytes", plain))
	end
	if tvb:captured_len() < tvb:reported_len() then
		tree:add(fields.plain_length, plain):set_generated()
		return false
	end
	show_sealed(tree:add(fields.packet, tvb(offset)), tvb(offset))
	return true
end

-- Adds what there is of the message; the numbers in it by their names.
local function show_message(tree, pinfo, tvb, type)
	local offset, numbers, whole = HEADER, {}, true

	for _, part in ipairs(LAYOUTS[type]) do
		if offset + part[2] > tvb:captured_len() then
			whole = false
			break
		end
		numbers[part[1]] = show_part(tree, part, tvb(offset, part[2]))
		offset = offset + part[2]
	end
	if type == DATA then
		whole = show_packet(tree, pinfo, tvb) and whole
	end
	for _, name in ipairs({ "sender", "receiver" }) do
		if numbers[name] then
			pinfo.cols.info:append(string.format(", %s 0x%08x", name, numbers[name]))
		end
	end
	if numbers.counter then
		pinfo.cols.info:append(", counter " .. tostring(numbers.counter))
	end
	if not whole then
		tree:add_proto_expert_info(experts.cut)
	end
	return numbers
end

local function is_length(type, length)
	if type == DATA then
		return length >= LENGTHS[DATA]
	end
	return length == LENGTHS[type]
end

function snaptun.dissector(tvb, pinfo, root)
	local length = tvb:reported_len()
	local tree = root:add(snaptun, tvb())

	pinfo.cols.protocol = "SNAPtun"
	if tvb:captured_len() < HEADER then
		pinfo.cols.info = "Malformed"
		tree:add_proto_expert_info(length < HEADER and experts.length or experts.cut)
		return tvb:captured_len()
	end
	local type, reserved = tvb(0, 1):uint(), tvb(1, 3):uint()
	local type_item = tree:add(fields.type, tvb(0, 1))
	local reserved_item = tree:add(fields.reserved, tvb(1, 3))
	local malformed = reserved ~= 0

	pinfo.cols.info = TYPES[type] or "Unknown type"
	tree:append_text(", " .. (TYPES[type] or "Unknown type"))
	if reserved ~= 0 then
		reserved_item:add_proto_expert_info(experts.reserved)
	end
	if not TYPES[type] then
		malformed = true
		type_item:add_proto_expert_info(experts.type)
	elseif not is_length(type, length) then
		malformed = true
		tree:add_proto_expert_info(experts.length, string.format("%d bytes, not %s%d", length,
			type == DATA and "at least " or "", LENGTHS[type]))
	else
		local numbers = show_message(tree, pinfo, tvb, type)

		-- A capture may have cut even its indexes off.
		if not malformed and not pinfo.visited and (numbers.receiver or type == INITIATION and numbers.sender) then
			remember(pinfo, type, numbers.sender, numbers.receiver)
		end
		show_links(tree, pinfo, type)
	end
	if malformed then
		pinfo.cols.info:append(" (malformed)")
	end
	return tvb:captured_len()
end

-- Handshakes on ports that are not set, as far as the message can tell.
local function is_handshake(tvb)
	if tvb:captured_len() < HEADER or tvb(1, 3):uint() ~= 0 then
		return false
	end
	local type = tvb(0, 1):uint()
	return (type == RESPONSE or snaptun.prefs.heuristic and (type == INITIATION or type == COOKIE))
		and is_length(type, tvb:reported_len())
end

snaptun:register_heuristic("udp", function(tvb, pinfo, root)
	if not is_handshake(tvb) then
		return false
	end
	pinfo.conversation = snaptun
	snaptun.dissector(tvb, pinfo, root)
	return true
end)

local udp_ports = DissectorTable.get("udp.port")
local registered = ""
udp_ports:add_for_decode_as(snaptun)

function snaptun.prefs_changed()
	if snaptun.prefs.ports == registered then
		return
	end
	if registered ~= "" then
		udp_ports:remove(registered, snaptun)
	end
	registered = snaptun.prefs.ports
	if registered ~= "" then
		udp_ports:add(registered, snaptun)
	end
end

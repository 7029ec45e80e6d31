# SPDX-License-Identifier: GPL-2.0-or-later
# Talks to the module by the kernel's ynl library and compares it with the spec and
# the uapi header. Called by inside.sh in the network namespace of a device.
# usage: talk.py SPEC HEADER SERVER-KEY PRIVATE-KEY

import base64
import re
import socket
import sys
import time

from lib import NlError, YnlFamily

SPEC, HEADER, SERVER_KEY, PRIVATE_KEY = sys.argv[1:]
SERVER_KEY = base64.b64decode(SERVER_KEY)
PRIVATE_KEY = base64.b64decode(PRIVATE_KEY)
INTERFACE = {"ifindex": socket.if_nametoindex("snap0")}
ENDPOINT = {"ipv4": "192.0.2.2", "port": 5000}


def fail(what):
    sys.exit(f"FAILED: {what}")


def expect(what, found, wanted):
    if found != wanted:
        fail(f"{what}: {found}, not {wanted}")


def header_values():
    """The enumerators and numbers of the header by their names."""
    values = {}
    with open(HEADER, encoding="utf-8") as header:
        text = header.read()
    for body in re.findall(r"enum [a-z_]*\s*{(.*?)}", re.sub(r"/\*.*?\*/", "", text, flags=re.S),
                           flags=re.S):
        number = 0
        for name, value in re.findall(r"(\w+)(?:\s*=\s*(\d+))?\s*,", body):
            number = int(value) if value else number
            values[name] = number
            number += 1
    values.update((name, int(value)) for name, value in re.findall(r"#define (\w+)\s+(\d+)\n", text))
    return values


def upper(*parts):
    return "_".join(parts).upper().replace("-", "_")


def compare_with_header(family):
    """Every name of the spec has its number in the header."""
    values = header_values()
    compared = 0
    for set_name, attributes in family.attr_sets.items():
        prefix = attributes.yaml.get("name-prefix", f"snaptun-a-{set_name}-")
        for name, attribute in attributes.items():
            expect(f"number of {set_name} {name}", values.get(upper(prefix + name)), attribute.value)
            compared += 1
    for name, op in family.msgs.items():
        expect(f"number of {name}", values.get(upper("snaptun-cmd", name)), op.req_value or op.rsp_value)
        compared += 1
    for name, const in family.consts.items():
        if isinstance(const, dict):
            expect(f"constant {name}", values.get(upper("snaptun", name)), const["value"])
        else:
            for entry in const.entries.values():
                expect(f"{name} {entry.name}", values.get(upper("snaptun", name, entry.name)),
                       entry.value)
    if compared < 100:
        fail(f"only {compared} names were compared")


def compare_with_module(family):
    """The module's policies take what the spec's requests have, and no more."""
    kinds = {"binary": "binary", "u8": "u8", "u16": "u16", "u32": "u32", "u64": "u64",
             "string": "nul-string", "nest": "nested"}
    for name, op in family.ops.items():
        policy = family.get_policy(name, "do")
        request = op.yaml["do"]["request"]["attributes"]
        expect(f"attributes that {name} takes", set(policy.keys()), set(request))
        for attribute in request:
            spec = op.attr_set[attribute]
            found = policy[attribute]
            expect(f"type of {name} {attribute}", found.type, kinds[spec.type])
            checks = spec.yaml.get("checks", {})
            if "exact-len" in checks:
                expect(f"length of {name} {attribute}",
                       (found.min_length, found.max_length), (32, 32))
            if "max-len" in checks:
                expect(f"length of {name} {attribute}", found.max_length,
                       family.consts[checks["max-len"]]["value"])
            if isinstance(checks.get("max"), int):
                expect(f"greatest {name} {attribute}", found.max_value, checks["max"])
            if isinstance(checks.get("min"), int):
                expect(f"least {name} {attribute}", found.min_value, checks["min"])


def refused(text, call, attributes, at=None, missing=None):
    """A call fails, and the module says why, and at which attribute or for want of which."""
    try:
        call({**INTERFACE, **attributes})
    except NlError as error:
        extack = error.nl_msg.extack
        if text not in str(error):
            fail(f"refused, but not because of \"{text}\": {error}")
        if at and extack.get("bad-attr") != at:
            fail(f"{text}: the fault is at {extack.get('bad-attr')}, not at {at}")
        if extack.get("miss-type") != missing:
            fail(f"{text}: {extack.get('miss-type')} is said to be missing")
        return
    fail(f"taken, in spite of \"{text}\": {attributes}")


def tunnels(family):
    return {tunnel["id"]: tunnel for tunnel in family.tunnel_get(INTERFACE, dump=True)}


def next_event(family, name):
    for event in family.poll_ntf(duration=10):
        if event["name"] == name:
            return event["msg"]
    fail(f"no event {name}")


def talk(family):
    """One of each command."""
    family.device_set({**INTERFACE, "fwmark": 7, "handshake-rate": 100, "source-rate": 50,
                       "source-burst": 60, "max-tunnels": 1000, "max-identity-tunnels": 900})
    device = family.device_get(INTERFACE)
    expect("device", [device[name] for name in ("fwmark", "handshake-rate", "source-rate",
                                                "source-burst", "max-tunnels",
                                                "max-identity-tunnels", "tunnels")],
           [7, 100, 50, 60, 1000, 900, 0])
    refused("no such tunnel", family.device_set, {"default-tunnel": 99})

    made = family.tunnel_new({
        **INTERFACE, "remote-key": SERVER_KEY, "endpoint": ENDPOINT, "keepalive": 25,
        "allowed-ips": {"prefix": [{"ipv4": "10.7.0.0", "length": 24},
                                   {"ipv6": "fd07::", "length": 64}]}})
    new = tunnels(family)[made["id"]]
    expect("settings", (new["keepalive"], new["local-port"]), (25, made["local-port"]))
    expect("prefixes", len(new["allowed-ips"]["prefix"]), 2)
    expect("one and all", family.tunnel_get({**INTERFACE, "id": made["id"]})["remote-key"],
           new["remote-key"])
    family.device_set({**INTERFACE, "default-tunnel": made["id"]})
    expect("default", family.device_get(INTERFACE)["default-tunnel"], made["id"])

    family.tunnel_set({**INTERFACE, "id": made["id"], "burst-limit": 4000, "fixed-address": 1,
                       "allowed-ips": {}})
    changed = tunnels(family)[made["id"]]
    expect("changed", (changed["burst-limit"], changed["fixed-address"], changed["keepalive"]),
           (4000, 1, 25))
    if "allowed-ips" in changed and changed["allowed-ips"].get("prefix"):
        fail("the prefixes are still there")

    key = bytes(31) + b"\x09"
    family.identity_new({**INTERFACE, "key": key, "psk": bytes(range(32))})
    family.identity_set({**INTERFACE, "key": key, "keepalive": 5})
    identity = family.identity_get({**INTERFACE, "key": key})
    expect("identity", (identity["keepalive"], "has-psk" in identity, "psk" in identity),
           (5, True, False))
    expect("identities", len(family.identity_get(INTERFACE, dump=True)), 1)
    family.identity_del({**INTERFACE, "key": key})
    expect("identities", family.identity_get(INTERFACE, dump=True), [])
    return made["id"]


def refusals(family, tunnel):
    """What cannot be is refused with a reason, and changes nothing."""
    before = tunnels(family), family.device_get(INTERFACE)["fwmark"]
    new, change = family.tunnel_new, family.tunnel_set
    good = {"remote-key": SERVER_KEY, "endpoint": ENDPOINT}
    refused("remote-key is missing", new, {"endpoint": ENDPOINT}, missing="remote-key")
    refused("endpoint is missing", new, {"remote-key": SERVER_KEY}, missing="endpoint")
    refused("remote key is zero", new, {**good, "remote-key": bytes(32)})
    refused("low order", new, {**good, "remote-key": b"\x01" + bytes(31)}, at=".remote-key")
    refused("port other than 0", new, {**good, "endpoint": {"ipv4": "192.0.2.2", "port": 0}})
    refused("one of them", new, {**good, "endpoint": {"port": 1}})
    refused("no unicast", new, {**good, "endpoint": {"ipv4": "224.0.0.1", "port": 1}})
    refused("no unicast", new, {**good, "endpoint": {"ipv6": "ff02::1", "port": 1}})
    refused("no unicast", new, {**good, "endpoint": {"ipv6": "::", "port": 1}})
    refused("needs a scope id", new, {**good, "endpoint": {"ipv6": "fe80::1", "port": 1}})
    refused("only link-local", new, {**good, "endpoint": {**ENDPOINT, "scope-id": 2}},
            at=".endpoint.scope-id")
    refused("cannot open the local port", new,
            {**good, "local-port": before[0][tunnel]["local-port"]}, at=".local-port")
    refused("more than one packet", change, {"id": tunnel, "burst-limit": 65494})
    refused("range", change, {"id": tunnel, "burst-limit": 1231})
    refused("no such tunnel", change, {"id": 4711, "keepalive": 1})
    refused("id is missing", change, {"keepalive": 1}, missing="id")
    for prefix, why in (({"ipv4": "10.0.0.0", "length": 33}, "longer than the address"),
                        ({"ipv4": "10.0.0.0"}, "needs a length"),
                        ({"length": 8}, "one of them"),
                        ({"ipv4": "10.0.0.0", "ipv6": "::", "length": 8}, "one of them"),
                        ({"ipv6": "::", "length": 129}, "range")):
        refused(why, change, {"id": tunnel, "keepalive": 77, "allowed-ips": {"prefix": [prefix]}})
    refused("more prefixes", change, {"id": tunnel, "keepalive": 77, "allowed-ips": {
        "prefix": [{"ipv4": f"10.{i >> 8}.{i & 255}.0", "length": 24} for i in range(1025)]}})
    refused("key is missing", family.identity_new, {}, missing="key")
    refused("low order", family.identity_new, {"key": bytes(32)}, at=".key")
    refused("no such identity", family.identity_set, {"key": SERVER_KEY, "keepalive": 1})
    refused("no such identity", family.identity_del, {"key": SERVER_KEY})
    refused("range", family.device_set, {"fwmark": 8, "source-rate": 0})
    try:
        family.device_get({"ifindex": 1})
        fail("lo is a device")
    except NlError as error:
        if "not a snaptun device" not in str(error):
            fail(f"lo: {error}")
    after = tunnels(family), family.device_get(INTERFACE)["fwmark"]
    for one in (before, after):
        for found in one[0].values():
            for counter in ("rx-packets", "rx-bytes", "tx-packets", "tx-bytes", "handshake-age",
                            "state", "assigned", "staged"):
                found.pop(counter, None)
    expect("what there is after refusals", after, before)


def many_prefixes(family, tunnel):
    """A list that fills several messages of a dump comes whole, once."""
    wanted = [(f"10.{i >> 8}.{i & 255}.0", 24) for i in range(1024)]
    family.tunnel_set({**INTERFACE, "id": tunnel, "allowed-ips": {
        "prefix": [{"ipv4": ip, "length": length} for ip, length in wanted]}})
    found = []
    for part in family.tunnel_get(INTERFACE, dump=True):
        if part["id"] == tunnel:
            found += [(prefix["ipv4"], prefix["length"])
                      for prefix in part.get("allowed-ips", {}).get("prefix", [])]
    expect("prefixes of a dump", [(str(ip), length) for ip, length in found], wanted)
    one = family.tunnel_get({**INTERFACE, "id": tunnel})
    expect("prefixes of one", len(one["allowed-ips"]["prefix"]), 1024)
    family.tunnel_set({**INTERFACE, "id": tunnel, "allowed-ips": {}})


def events(family, listener, tunnel):
    """Each event comes, in its order."""
    expect("new", next_event(listener, "tunnel-new-ntf")["id"], tunnel)
    event = next_event(listener, "tunnel-state-ntf")
    while event["state"] != "established":
        event = next_event(listener, "tunnel-state-ntf")
    expect("name", event["ifname"], "snap0")
    event = next_event(listener, "tunnel-address-ntf")
    expect("port", event["assigned"]["port"], event["local-port"])
    family.tunnel_del({**INTERFACE, "id": tunnel})
    expect("end", next_event(listener, "tunnel-del-ntf")["id"], tunnel)


def provisional(family):
    """A provisional tunnel ends with its socket, unless it was made to stay."""
    with YnlFamily(SPEC) as other:
        ids = [other.tunnel_new({**INTERFACE, "remote-key": SERVER_KEY, "endpoint": ENDPOINT,
                                 "provisional": 1})["id"] for _ in range(3)]
        expect("marks", [tunnels(family)[id]["provisional"] for id in ids], [1, 1, 1])
        family.tunnel_set({**INTERFACE, "id": ids[1], "provisional": 0})
    expect("what stays", sorted(tunnels(family)), [ids[1]])
    family.tunnel_del({**INTERFACE, "id": ids[1]})


def control_planes(family, listener):
    """A control plane comes and goes with its tunnels, and one socket registers there."""
    url = "https://snap.example:8443/api"
    made = family.tunnel_new({**INTERFACE, "remote-key": SERVER_KEY, "endpoint": ENDPOINT,
                              "control-plane-url": url})
    tunnel, name = made["id"], {**INTERFACE, "id": made["control-plane"]}
    expect("what a new tunnel counts on", (made["control-plane-state"], made["control-plane-tunnels"]),
           ("idle", 1))
    event = next_event(listener, "control-plane-new-ntf")
    expect("new", (event["ifname"], event["id"], event["url"], event["state"], event["tunnels"]),
           ("snap0", name["id"], url, "idle", 1))
    expect("the tunnel's", tunnels(family)[tunnel]["control-plane"], name["id"])
    expect("one and all", family.control_plane_get(INTERFACE, dump=True),
           [family.control_plane_get(name)])

    change = family.control_plane_set
    refused("id is missing", change, {"state": "idle"}, missing="id")
    refused("state is missing", change, {"id": name["id"]}, missing="state")
    refused("no such control plane", change, {"id": 4711, "state": "failed"}, at=".id")
    refused("does not register", change, {"id": name["id"], "state": "failed"}, at=".state")
    refused("needs a time", change, {"id": name["id"], "state": "registering"}, missing="deadline")
    refused("does not go with", change,
            {"id": name["id"], "state": "failed", "lifetime": 1}, at=".lifetime")
    refused("user information", family.tunnel_set,
            {"id": tunnel, "control-plane-url": "https://u@snap.example"}, at=".control-plane-url")
    refused("policy", family.tunnel_set,
            {"id": tunnel, "control-plane-url": "https://" + 2041 * "x"}, at=".control-plane-url")
    with YnlFamily(SPEC) as other:
        other.control_plane_set({**name, "state": "registering", "deadline": 600000})
        expect("registering", next_event(listener, "control-plane-state-ntf")["state"], "registering")
        refused("another helper", change, {"id": name["id"], "state": "registering", "deadline": 1},
                at=".state")
    event = next_event(listener, "control-plane-lost-ntf")
    expect("lost", (event["state"], "lifetime" in event), ("idle", False))
    change({**name, "state": "registering", "deadline": 600000})
    change({**name, "state": "registered", "lifetime": 3600000})
    now = family.control_plane_get(name)
    expect("registered", (now["state"], "deadline" in now), ("registered", False))
    if not 3500000 < now["lifetime"] <= 3600000:
        fail(f"registered for {now['lifetime']} ms")
    family.tunnel_set({**INTERFACE, "id": tunnel, "control-plane-url": ""})
    event = next_event(listener, "control-plane-del-ntf")
    expect("gone", (event["id"], event["tunnels"]), (name["id"], 0))
    expect("control planes", family.control_plane_get(INTERFACE, dump=True), [])
    family.tunnel_del({**INTERFACE, "id": tunnel})


def authorisations(family, listener):
    """Why an identity is authorised comes back as it was given, and the end is told."""
    key = bytes(31) + b"\x0b"

    def found():
        identity = family.identity_get({**INTERFACE, "key": key})
        return {bytes(one["tag"]): one.get("lifetime")
                for one in identity["authorisations"].get("authorisation", [])}

    family.identity_new({**INTERFACE, "key": key})
    expect("at first", found(), {b"": None})
    many = [{"tag": bytes([i]) * i, "lifetime": 3600000 * i} for i in range(1, 8)]
    family.identity_set({**INTERFACE, "key": key, "authorisations": {"authorisation": many}})
    before = found()
    expect("tags", set(before), {b""} | {one["tag"] for one in many})
    refused("as many authorisations", family.identity_set, {"key": key, "authorisations": {
        "authorisation": [{"tag": b"", "lifetime": 5}, {"tag": b"ninth"}]}})
    refused("longer than a tag", family.identity_set, {"key": key, "authorisations": {
        "authorisation": [{"tag": bytes(33)}]}}, at=".authorisations.authorisation.tag")
    expect("after refusals", found()[b""], None)
    for tag in before:
        family.identity_set({**INTERFACE, "key": key, "authorisations": {
            "authorisation": [{"tag": tag, "lifetime": 0}]}})
    expect("in the end", found(), {})
    event = next_event(listener, "identity-ended-ntf")
    expect("ended", (event["ifname"], event["key"], event["tunnels"]), ("snap0", key, 0))
    family.identity_del({**INTERFACE, "key": key})


def main():
    family = YnlFamily(SPEC)
    compare_with_header(family)
    compare_with_module(family)
    listener = YnlFamily(SPEC)
    listener.ntf_subscribe("events")
    # Without a key of its own the device knows those that are of no use.
    refused("low order", family.identity_new, {"key": b"\x01" + bytes(31)}, at=".key")
    family.device_set({**INTERFACE, "private-key": PRIVATE_KEY})
    tunnel = talk(family)
    refusals(family, tunnel)
    many_prefixes(family, tunnel)
    time.sleep(1)
    events(family, listener, tunnel)
    provisional(family)
    control_planes(family, listener)
    authorisations(family, listener)


main()

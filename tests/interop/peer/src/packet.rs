// SPDX-License-Identifier: GPL-2.0-or-later
//! SCION packets to send, and their way back, made with the Rust stack's own
//! parser and encoder.

use std::{
    mem,
    net::{IpAddr, SocketAddr},
};

use sciparse::{
    address::{host_addr::WireHostAddr, socket_addr::ScionSocketAddr},
    core::encode::WireEncode,
    header::model::ScionPacketHeader,
    packet::model::{ScionRawPacket, ScionUdpPacket},
    path::{model::Path, types::PathType},
    payload::ProtocolNumber,
};

use crate::Result;

/// Largest number that fits into a flow id.
pub const MAX_NUMBER: u32 = 0xfffff;

const SOURCE_AS: &str = "1-ff00:0:110";
const DESTINATION_AS: &str = "1-ff00:0:111";
const UDP_HEADER: usize = 8;
/// Next header of a packet too short for UDP: "experimentation and testing".
const EXPERIMENT: u8 = 253;

/// Makes a SCION packet of `size` bytes over an empty path: SCION/UDP where a
/// UDP header fits, else one that has no ports.
///
/// The flow id carries `number`, since the shortest packet has no other room.
pub fn request(src: SocketAddr, dst: SocketAddr, number: u32, size: usize) -> Result<Vec<u8>> {
    let from = ScionSocketAddr::from_std(SOURCE_AS.parse()?, src);
    let to = ScionSocketAddr::from_std(DESTINATION_AS.parse()?, dst);
    let without_ports = |payload| {
        let protocol = ProtocolNumber::Other(EXPERIMENT);
        ScionRawPacket::new(from.into(), to.into(), Path::Empty, protocol, payload)
    };
    let room = size
        .checked_sub(without_ports(vec![]).required_size())
        .ok_or(format!("{size} bytes: too short for a SCION packet"))?;
    let mut packet = match room.checked_sub(UDP_HEADER) {
        Some(len) => ScionUdpPacket::new(from, to, Path::Empty, pattern(number, len)).into_raw()?,
        None => without_ports(pattern(number, room)),
    };

    packet.header.common.flow_id = number;
    Ok(packet.encode_to_vec()?)
}

/// The number that [`request`] put into a packet.
pub fn number(packet: &[u8]) -> Option<u32> {
    let (header, _) = ScionPacketHeader::from_slice(packet).ok()?;

    Some(header.common.flow_id)
}

/// Parses a packet and addresses it back to where it came from, all else as it
/// was.
pub fn reply(packet: &[u8]) -> Result<Vec<u8>> {
    let (mut packet, rest) = ScionRawPacket::from_slice(packet)?;

    if !rest.is_empty() {
        // A SNAP would cut them off; here nothing is allowed to add them.
        return Err(format!("{} bytes after the packet", rest.len()).into());
    }

    let address = &mut packet.header.address;
    mem::swap(&mut address.src_ia, &mut address.dst_ia);
    mem::swap(&mut address.src_host_addr, &mut address.dst_host_addr);
    if packet.header.common.next_header == u8::from(ProtocolNumber::Udp) {
        let ports = packet.payload.get_mut(..4).ok_or("no ports")?;
        ports.rotate_left(2);
    }
    Ok(packet.encode_to_vec()?)
}

/// Checks what a SNAP checks of a packet from a client at `remote`: it parses,
/// it comes from the tunnel's address, its path is one that a SNAP forwards.
pub fn check_source(packet: &[u8], remote: IpAddr) -> Result<()> {
    let (header, _) = ScionPacketHeader::from_slice(packet)?;
    let source = match header.address.src_host_addr {
        WireHostAddr::V4(ip) => IpAddr::from(ip),
        WireHostAddr::V6(ip) => IpAddr::from(ip),
        _ => return Err("source is no IP address".into()),
    };

    if source.to_canonical() != remote.to_canonical() {
        return Err(format!("source {source} is not the tunnel's").into());
    }
    match header.path.path_type() {
        PathType::Empty | PathType::Scion => Ok(()),
        other => Err(format!("path type {other:?}").into()),
    }
}

/// Bytes that differ from packet to packet and from place to place.
fn pattern(number: u32, len: usize) -> Vec<u8> {
    (0..len as u32)
        .map(|i| (number.wrapping_mul(31) ^ i.wrapping_mul(7) ^ (i >> 8)) as u8)
        .collect()
}

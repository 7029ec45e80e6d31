// SPDX-License-Identifier: GPL-2.0-or-later
//! An application on the Rust stack, as an end host has one: the stack finds a
//! SNAP by an endhost API, registers there and makes a tunnel to its data plane,
//! all by itself, and the application sends packets to another one that echoes.

use std::{net::SocketAddr, path::PathBuf, str::FromStr, time::Duration};

use scion_proto::address::{IsdAsn, SocketAddr as ScionSocketAddr};
use scion_stack::scionstack::{
    ScionStack, ScionStackBuilder, UdpScionSocket, builder::SnapUnderlayConfig,
};
use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use url::Url;

use crate::{Result, args::Args, echo::BUFFER_SIZE, token_file::TokenFile};

/// What each payload begins with.
const NUMBER_SIZE: usize = 4;

/// A SCION address as it is written here, ISD-AS,ADDR:PORT.
struct Address(ScionSocketAddr);

impl FromStr for Address {
    type Err = Box<dyn std::error::Error>;

    fn from_str(text: &str) -> Result<Self> {
        let (isd_as, address) = text.split_once(',').ok_or("no comma")?;

        Ok(Address(ScionSocketAddr::from_std(
            isd_as.parse()?,
            address.parse()?,
        )))
    }
}

pub struct Options {
    endhost_api: Url,
    token_file: PathBuf,
    snap_token_file: Option<PathBuf>,
    local: SocketAddr,
    timeout: Duration,
    traffic: Traffic,
}

/// What to send.
struct Traffic {
    to: ScionSocketAddr,
    min: usize,
    max: usize,
    count: u32,
    every: Option<Duration>,
}

impl Options {
    pub fn take(mut args: Args) -> Result<Self> {
        let options = Options {
            endhost_api: args.required("endhost-api")?,
            token_file: args.required("token-file")?,
            snap_token_file: args.optional("snap-token-file")?,
            local: args.required("local")?,
            timeout: Duration::from_secs(args.optional("timeout")?.unwrap_or(10)),
            traffic: Traffic::take(&mut args)?,
        };

        args.finish()?;
        Ok(options)
    }
}

impl Traffic {
    fn take(args: &mut Args) -> Result<Self> {
        let min = args.optional("min")?.unwrap_or(100);
        let traffic = Traffic {
            to: args.required::<Address>("to")?.0,
            min,
            max: args.optional("max")?.unwrap_or(min),
            count: args.optional("count")?.unwrap_or(1),
            every: args.optional("every")?.map(Duration::from_secs),
        };

        if traffic.min < NUMBER_SIZE || traffic.max < traffic.min || traffic.max > BUFFER_SIZE {
            return Err("--min or --max: there are no such payloads".into());
        }
        Ok(traffic)
    }

    /// The payload of that packet, which no other one has.
    fn payload(&self, number: u32) -> Vec<u8> {
        let len = self.min + number as usize % (self.max - self.min + 1);
        let pattern = (0..).map(|i: u32| (number.wrapping_mul(31) ^ i.wrapping_mul(7)) as u8);

        number
            .to_be_bytes()
            .into_iter()
            .chain(pattern)
            .take(len)
            .collect()
    }
}

/// Makes the tunnel and sends all packets through it.
pub async fn run(options: Options) -> Result<()> {
    let stack = stack(&options).await?;
    let local = ScionSocketAddr::from_std(IsdAsn::WILDCARD, options.local);
    // The stack itself waits longer for an answer to the handshake.
    let socket = timeout(options.timeout, stack.bind(Some(local)))
        .await
        .map_err(|_| "no tunnel in time")??;
    let assigned = socket.local_addr();
    let host = assigned.local_address().ok_or("a service was assigned")?;

    println!("assigned {},{host}", assigned.isd_asn());
    match send_all(&socket, &options).await? {
        0 => Ok(()),
        n => Err(format!("{n} packets lost or unexpected").into()),
    }
}

/// The stack, with the underlays that the endhost API lists.
async fn stack(options: &Options) -> Result<ScionStack> {
    let snap_token = options
        .snap_token_file
        .as_ref()
        .unwrap_or(&options.token_file);

    Ok(ScionStackBuilder::new()
        .with_endhost_api(options.endhost_api.clone())
        .with_endhost_api_auth_token_source(TokenFile::open(&options.token_file)?)
        .with_snap_underlay_config(
            SnapUnderlayConfig::builder()
                .with_auth_token_source(TokenFile::open(snap_token)?)
                .build(),
        )
        .build()
        .await?)
}

/// Sends one packet after the other; returns how many did not come back, or came
/// uncalled for.
async fn send_all(socket: &UdpScionSocket, options: &Options) -> Result<u32> {
    let traffic = &options.traffic;
    let (mut received, mut unexpected) = (0, 0);

    for number in 0..traffic.count {
        let payload = traffic.payload(number);
        let next = Instant::now() + traffic.every.unwrap_or(options.timeout);
        let mut back = false;

        socket.send_to(&payload, traffic.to).await?;
        while !back && let Ok(echo) = timeout_at(next, receive(socket)).await {
            back = echo? == (payload.clone(), traffic.to);
            unexpected += u32::from(!back);
        }
        received += u32::from(back);
        if traffic.every.is_some() || !back {
            println!("packet {number} {}", if back { "back" } else { "lost" });
        }
        if traffic.every.is_some() {
            sleep_until(next).await;
        }
    }
    println!("sent {} received {received}", traffic.count);
    Ok(traffic.count - received + unexpected)
}

/// A payload, and where it came from.
async fn receive(socket: &UdpScionSocket) -> Result<(Vec<u8>, ScionSocketAddr)> {
    let mut payload = vec![0; BUFFER_SIZE];
    let (len, from) = socket.recv_from(&mut payload).await?;

    payload.truncate(len);
    Ok((payload, from))
}

// SPDX-License-Identifier: GPL-2.0-or-later
//! An end host: opens tunnels to a server, sends SCION packets through them and
//! checks that each comes back as it was, once.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use ana_gotatun::{
    packet::{Packet, PacketBufPool},
    x25519::{PublicKey, StaticSecret},
};
use bytes::{Bytes, BytesMut};
use connect_rpc::{client::CrpcClientError, token_source::mock::MockTokenSource};
use snap_tun::client::{SnapTunControlPlaneClient, SnapTunEndpoint, SnapTunnel};
use tokio::{
    net::UdpSocket,
    time::{sleep_until, timeout, timeout_at},
};

use crate::{
    Result,
    args::Args,
    key::{Base64Key, private_key},
    packet,
};

const RECEIVE_QUEUE: usize = 256;
const LOST_TO_NAME: usize = 10;

pub struct Options {
    local: SocketAddr,
    server: SocketAddr,
    server_key: PublicKey,
    private_key: StaticSecret,
    tunnels: u16,
    traffic: Traffic,
}

/// What to send through each tunnel.
#[derive(Clone)]
struct Traffic {
    sizes: Vec<usize>,
    count: u32,
    window: usize,
    timeout: Duration,
    every: Option<Duration>,
}

impl Options {
    pub fn take(mut args: Args) -> Result<Self> {
        let options = Options {
            local: args.required("local")?,
            server: args.required("server")?,
            server_key: args.required::<Base64Key>("server-key")?.0,
            private_key: private_key(&args.required::<String>("private-key-file")?)?,
            tunnels: args.optional("tunnels")?.unwrap_or(1),
            traffic: Traffic::take(&mut args)?,
        };
        args.finish()?;
        Ok(options)
    }
}

impl Traffic {
    fn take(args: &mut Args) -> Result<Self> {
        let sizes = match args.optional::<String>("sizes")? {
            Some(list) => list
                .split(',')
                .map(|size| size.parse().map_err(|_| format!("--sizes: {size}")))
                .collect::<std::result::Result<_, _>>()?,
            None => {
                let min = args.optional("min")?.unwrap_or(100);
                (min..=args.optional("max")?.unwrap_or(min)).collect::<Vec<_>>()
            }
        };
        let every = args.optional::<u64>("every")?;
        let count = match every {
            Some(0) => return Err("--every: 0: not a pause".into()),
            Some(pause) => args
                .required::<u64>("seconds")?
                .div_ceil(pause)
                .try_into()?,
            None => args.optional("count")?.unwrap_or(1),
        };

        if sizes.is_empty() || count > packet::MAX_NUMBER {
            return Err("no sizes, or more packets than numbers".into());
        }
        Ok(Traffic {
            sizes,
            count,
            window: args.optional("window")?.unwrap_or(16).max(1),
            timeout: Duration::from_secs(args.optional("timeout")?.unwrap_or(10)),
            every: every.map(Duration::from_secs),
        })
    }
}

/// A control plane that has every identity authorised already.
struct Registered;

#[async_trait::async_trait]
impl SnapTunControlPlaneClient for Registered {
    async fn register_identity(
        &self,
        _identity: PublicKey,
        _psk_share: Option<[u8; 32]>,
    ) -> std::result::Result<Option<[u8; 32]>, CrpcClientError> {
        Ok(None)
    }
}

/// Opens the tunnels, then sends through all of them at once.
pub async fn run(options: Options) -> Result<()> {
    let token = Arc::new(MockTokenSource::new("token".to_owned()));
    let endpoint = SnapTunEndpoint::new(token, options.private_key.clone());
    let mut tunnels = Vec::new();

    for i in 0..options.tunnels {
        let mut local = options.local;
        local.set_port(local.port() + i);

        let connect = connect(&endpoint, &options, local);
        let tunnel = timeout(options.traffic.timeout, connect)
            .await
            .map_err(|_| format!("{}: no answer to the handshake", options.server))??;

        println!("assigned {}", tunnel.local_addr());
        tunnels.push(tunnel);
    }

    let mut lost = 0;
    let tasks = tunnels
        .into_iter()
        .map(|tunnel| Echo::new(tunnel, options.server))
        .map(|echo| tokio::spawn(echo.run(options.traffic.clone())))
        .collect::<Vec<_>>();

    for task in tasks {
        lost += task.await?.map_err(|why| why.to_string())?;
    }
    match lost {
        0 => Ok(()),
        n => Err(format!("{n} packets lost or unexpected").into()),
    }
}

async fn connect(
    endpoint: &SnapTunEndpoint,
    options: &Options,
    local: SocketAddr,
) -> Result<SnapTunnel> {
    let socket = UdpSocket::bind(local)
        .await
        .map_err(|why| format!("{local}: {why}"))?;

    Ok(endpoint
        .connect_tunnel(
            options.server_key,
            options.server,
            "http://snap.invalid/".parse()?,
            Arc::new(Registered),
            Arc::new(socket),
            RECEIVE_QUEUE,
            PacketBufPool::new(RECEIVE_QUEUE),
        )
        .await?)
}

/// The packets of one tunnel that are under way, and how the others fared.
struct Echo {
    tunnel: SnapTunnel,
    source: SocketAddr,
    destination: SocketAddr,
    under_way: HashMap<u32, Vec<u8>>,
    sent: u32,
    received: u32,
    unexpected: u32,
}

type SendResult<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

impl Echo {
    fn new(tunnel: SnapTunnel, destination: SocketAddr) -> Self {
        let assigned = tunnel.local_addr();

        Echo {
            tunnel,
            source: SocketAddr::new(assigned.ip().to_canonical(), assigned.port()),
            destination,
            under_way: HashMap::new(),
            sent: 0,
            received: 0,
            unexpected: 0,
        }
    }

    /// Sends all of `traffic`; returns how many packets did not come back, or
    /// came uncalled for.
    async fn run(mut self, traffic: Traffic) -> SendResult<u32> {
        match traffic.every {
            Some(pause) => self.send_at_times(&traffic, pause).await?,
            None => self.send_in_window(&traffic).await?,
        }

        let mut lost = self.under_way.keys().collect::<Vec<_>>();
        lost.sort();
        lost.truncate(LOST_TO_NAME);
        if !lost.is_empty() {
            println!("lost {lost:?}");
        }
        println!(
            "sent {} received {} ({})",
            self.sent,
            self.received,
            self.tunnel.local_addr()
        );
        Ok(self.sent - self.received + self.unexpected)
    }

    /// Keeps a few packets under way until all are sent and back, or nothing
    /// comes any more. What is lost is not sent again.
    async fn send_in_window(&mut self, traffic: &Traffic) -> SendResult<()> {
        while self.sent < traffic.count || !self.under_way.is_empty() {
            if self.sent < traffic.count && self.under_way.len() < traffic.window {
                self.send(traffic).await?;
            } else {
                match timeout(traffic.timeout, self.tunnel.recv()).await {
                    Ok(packet) => _ = self.take(&packet?),
                    Err(_) => break,
                }
            }
        }
        Ok(())
    }

    /// Sends one packet after each pause and tells of each how it fared.
    async fn send_at_times(&mut self, traffic: &Traffic, pause: Duration) -> SendResult<()> {
        let start = Instant::now();

        for n in 0..traffic.count {
            let number = self.send(traffic).await?;
            let next = start + pause * (n + 1);
            let mut outcome = "lost";

            while let Ok(packet) = timeout_at(next.into(), self.tunnel.recv()).await {
                match self.take(&packet?) {
                    Some(back) if back == number => {
                        outcome = "back";
                        break;
                    }
                    Some(late) => println!("packet {late} late"),
                    None => {}
                }
            }
            println!("{}s packet {number} {outcome}", (pause * n).as_secs());
            sleep_until(next.into()).await;
        }
        Ok(())
    }

    async fn send(&mut self, traffic: &Traffic) -> SendResult<u32> {
        let number = self.sent;
        let size = traffic.sizes[number as usize % traffic.sizes.len()];
        let request = packet::request(self.source, self.destination, number, size)
            .map_err(|why| why.to_string())?;

        self.tunnel
            .send(Packet::from_bytes(BytesMut::from(&request[..])))
            .await?;
        self.under_way.insert(number, request);
        self.sent += 1;
        Ok(number)
    }

    /// Takes a packet from the tunnel; returns the number of the one that it
    /// is the true echo of.
    fn take(&mut self, echo: &Bytes) -> Option<u32> {
        let number = packet::number(echo);
        let request = number.and_then(|number| self.under_way.get(&number));

        let fault = match request {
            Some(request) if packet::reply(echo).is_ok_and(|back| back == *request) => {
                self.received += 1;
                number.inspect(|n| _ = self.under_way.remove(n));
                return number;
            }
            Some(_) => "came back changed",
            None => "not expected",
        };
        println!("packet {number:?}, {} bytes: {fault}", echo.len());
        self.unexpected += 1;
        None
    }
}

// SPDX-License-Identifier: GPL-2.0-or-later
//! A SNAP data plane for one network: takes authorised clients, checks their
//! SCION packets as a SNAP does, and sends each packet back.

use std::{
    collections::{BTreeMap, HashSet, VecDeque},
    convert::Infallible,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use ana_gotatun::{
    noise::{TunnResult, rate_limiter::RateLimiter},
    packet::{Packet, PacketBufPool, WgKind},
    x25519::{PublicKey, StaticSecret},
};
use bytes::BytesMut;
use snap_tun::{
    server::{SnapTunAuthorization, SnapTunServer},
    udp_batch::{QueuePacketError, RecvBatchError, UdpBatchReceiver, UdpBatchSender},
};
use tokio::{
    net::UdpSocket,
    select,
    signal::unix::{SignalKind, signal},
    time::{MissedTickBehavior, interval, sleep},
};

use crate::{
    Result,
    args::Args,
    key::{Base64Key, base64, private_key},
    packet,
};

/// What today's data planes read into; a longer super-packet loses its tail.
const BUFFER_SIZE: usize = 9216;
const RECEIVE_BATCH: usize = 64;
/// As many buffers as are sure to fit into one UDP super-packet.
const SEND_BATCH: usize = 65507 / BUFFER_SIZE;
const TIMER_INTERVAL: Duration = Duration::from_millis(250);
/// From here on today's data planes demand cookies.
const HANDSHAKES_PER_SECOND: u64 = 51200;
const FOR_EVER: Duration = Duration::from_secs(10 * 365 * 86400);
/// First byte of transport data, and of a handshake response.
const DATA: u8 = 4;
const RESPONSE: u8 = 2;

pub struct Options {
    listen: SocketAddr,
    private_key: StaticSecret,
    authorised: HashSet<[u8; 32]>,
    validity: Duration,
    handshakes_per_second: u64,
    duration: Duration,
}

impl Options {
    pub fn take(mut args: Args) -> Result<Self> {
        let options = Options {
            listen: args.required("listen")?,
            private_key: private_key(&args.required::<String>("private-key-file")?)?,
            authorised: args
                .all::<Base64Key>("authorise")?
                .iter()
                .map(|key| *key.0.as_bytes())
                .collect(),
            validity: args
                .optional("validity")?
                .map_or(FOR_EVER, Duration::from_secs),
            handshakes_per_second: args
                .optional("handshakes-per-second")?
                .unwrap_or(HANDSHAKES_PER_SECOND),
            duration: args
                .optional("seconds")?
                .map_or(FOR_EVER, Duration::from_secs),
        };
        args.finish()?;
        Ok(options)
    }
}

/// The keys on the command line, until they run out.
struct Authorisation {
    keys: HashSet<[u8; 32]>,
    end: Instant,
}

impl Authorisation {
    fn allows(&self, now: Instant, identity: &[u8; 32]) -> bool {
        let authorised = now < self.end && self.keys.contains(identity);

        if !authorised {
            println!("unauthorised {}", base64(identity));
        }
        authorised
    }
}

#[cfg(not(feature = "next"))]
impl SnapTunAuthorization for Authorisation {
    fn is_authorized(&self, now: Instant, identity: &[u8; 32]) -> bool {
        self.allows(now, identity)
    }
}

#[cfg(feature = "next")]
impl SnapTunAuthorization for Authorisation {
    type SessionData = ();

    fn is_authorized(&self, now: Instant, identity: &[u8; 32]) -> Option<Arc<()>> {
        self.allows(now, identity).then(Arc::default)
    }
}

struct Server {
    tunnels: SnapTunServer<Authorisation>,
    /// Clients that have answered on their newest session.
    established: HashSet<SocketAddr>,
    to_network: VecDeque<(SocketAddr, WgKind)>,
    echoed: BTreeMap<SocketAddr, u64>,
}

/// Runs the server until SIGTERM or the end of its time.
pub async fn run(options: Options) -> Result<()> {
    let socket = UdpSocket::bind(options.listen).await?;
    let pool = PacketBufPool::<BUFFER_SIZE>::new(2 * RECEIVE_BATCH);
    let mut receiver = UdpBatchReceiver::<RECEIVE_BATCH, BUFFER_SIZE>::new(&socket, &pool)?;
    let mut sender = UdpBatchSender::<SEND_BATCH, BUFFER_SIZE>::new(&socket)?;
    let public_key = PublicKey::from(&options.private_key);
    let mut server = Server {
        tunnels: SnapTunServer::new(
            options.private_key,
            Arc::new(RateLimiter::new(&public_key, options.handshakes_per_second)),
            Arc::new(Authorisation {
                keys: options.authorised,
                end: Instant::now() + options.validity,
            }),
        ),
        established: HashSet::new(),
        to_network: VecDeque::new(),
        echoed: BTreeMap::new(),
    };
    let mut timers = interval(TIMER_INTERVAL);
    let mut terminate = signal(SignalKind::terminate())?;
    let end = sleep(options.duration);

    timers.set_missed_tick_behavior(MissedTickBehavior::Skip);
    tokio::pin!(end);
    println!("listening on {}", socket.local_addr()?);
    loop {
        select! {
            _ = terminate.recv() => break,
            () = &mut end => break,
            _ = timers.tick() => server.update_timers(),
            received = receiver.recv_batch(&socket, &pool, |packet, from| {
                server.receive(packet, from);
                Ok::<(), Infallible>(())
            }) => match received {
                Ok(()) => {}
                // An ICMP error about an earlier packet: that client is gone.
                Err(RecvBatchError::Io(why)) => println!("receive: {why}"),
                Err(RecvBatchError::Handler(never)) => match never {},
            },
        }
        server.flush(&mut sender, &socket).await;
    }
    for (client, count) in server.echoed {
        println!("client {client} echoed {count}");
    }
    Ok(())
}

impl Server {
    /// Takes one datagram and queues what it is answered with.
    fn receive(&mut self, packet: Packet, from: SocketAddr) {
        let kind = packet.first().copied().unwrap_or_default();
        let mut answers = VecDeque::new();
        let result = self
            .tunnels
            .handle_incoming_packet(packet, from, &mut answers);

        for answer in &answers {
            match answer {
                WgKind::HandshakeResp(_) => {
                    println!("client {from} handshake answered");
                    self.established.remove(&from);
                }
                WgKind::CookieReply(_) => println!("client {from} cookie"),
                WgKind::HandshakeInit(_) | WgKind::Data(_) => {}
            }
        }
        self.to_network
            .extend(answers.into_iter().map(|answer| (from, answer)));

        if let TunnResult::Err(why) = result {
            println!("client {from} dropped: {why:?}");
            return;
        }
        if matches!(kind, DATA | RESPONSE) && self.established.insert(from) {
            println!("client {from} established");
        }
        if let TunnResult::WriteToTunnel(scion) = result
            && let Err(why) = self.echo(&scion, from)
        {
            println!("client {from} rejected: {why}");
        }
    }

    /// Sends a SCION packet back through the tunnel it came from.
    fn echo(&mut self, scion: &[u8], from: SocketAddr) -> Result<()> {
        packet::check_source(scion, from.ip())?;

        let reply = BytesMut::from(&packet::reply(scion)?[..]);
        let sealed = self
            .tunnels
            .handle_outgoing_packet(Packet::from_bytes(reply), from);

        self.to_network
            .extend(sealed.map(|message| (from, message)));
        *self.echoed.entry(from).or_default() += 1;
        Ok(())
    }

    fn update_timers(&mut self) {
        for (to, message) in self.tunnels.update_timers() {
            if let WgKind::HandshakeInit(_) = message {
                println!("client {to} handshake started");
            }
            self.to_network.push_back((to, message));
        }
    }

    /// Sends all that waits. What cannot be sent is lost, as on any network.
    async fn flush(
        &mut self,
        sender: &mut UdpBatchSender<SEND_BATCH, BUFFER_SIZE>,
        socket: &UdpSocket,
    ) {
        while let Some((to, message)) = self.to_network.pop_front() {
            let bytes = match message {
                WgKind::HandshakeInit(p) => p.into_bytes(),
                WgKind::HandshakeResp(p) => p.into_bytes(),
                WgKind::CookieReply(p) => p.into_bytes(),
                WgKind::Data(p) => p.into_bytes(),
            };
            if let Err(QueuePacketError::PacketTooLarge { packet_len, .. }) =
                sender.try_queue_packet(bytes, to)
            {
                println!("client {to} cannot be sent {packet_len} bytes");
            }
            if (sender.is_full() || self.to_network.is_empty())
                && let Err(why) = sender.flush(socket).await
            {
                println!("client {to} cannot be sent to: {why}");
            }
        }
    }
}

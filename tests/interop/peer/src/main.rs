// SPDX-License-Identifier: GPL-2.0-or-later
//! The other side of the interop tests: a SNAPtun client and an echo server
//! over the Rust stack that real SNAPs and end hosts run.

#[cfg(feature = "next")]
extern crate connect_rpc_next as connect_rpc;
#[cfg(feature = "next")]
extern crate snap_tun_next as snap_tun;

mod args;
mod client;
mod failure;
mod key;
mod packet;
mod server;

use std::{env, error::Error, process::ExitCode};

use args::Args;
use failure::Failure;
use tokio::runtime;
use tracing_subscriber::filter::LevelFilter;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const USAGE: &str = "\
usage: snap-peer server --listen ADDR:PORT --private-key-file FILE
                        --authorise KEY [--authorise KEY]...
                        [--validity SECONDS] [--handshakes-per-second N]
                        [--seconds SECONDS]
       snap-peer client --local ADDR:PORT --server ADDR:PORT --server-key KEY
                        --private-key-file FILE [--tunnels N]
                        [--sizes N,N,... | --min N --max N]
                        [--count N] [--window N] [--timeout SECONDS]
                        [--every SECONDS --seconds SECONDS]
both:                   [--log LEVEL]

server  echoes each SCION packet to the client that sent it, until SIGTERM or
        for --seconds; --handshakes-per-second is where it demands cookies.
client  sends --count SCION packets and checks that each comes back, or with
        --every one at a time for --seconds. Tunnel N uses the Nth local port.

KEY is base64, as is what FILE holds. Exit status: 0 all came back (server: it
was told to end), 1 something went wrong, 2 the command line is wrong.";

fn main() -> ExitCode {
    failure::end("snap-peer", USAGE, run())
}

fn run() -> std::result::Result<(), Failure> {
    let mut words = env::args().skip(1);
    let command = words.next().unwrap_or_default();
    let mut args = Args::new(words).map_err(Failure::Usage)?;
    let level = args
        .optional::<LevelFilter>("log")
        .map_err(Failure::Usage)?
        .unwrap_or(LevelFilter::WARN);

    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();

    // One thread: under virtual time there is one CPU, and it is enough.
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|why| Failure::Run(why.into()))?;

    match command.as_str() {
        "server" => {
            let options = server::Options::take(args).map_err(Failure::Usage)?;
            runtime.block_on(server::run(options))
        }
        "client" => {
            let options = client::Options::take(args).map_err(Failure::Usage)?;
            runtime.block_on(client::run(options))
        }
        other => return Err(Failure::Usage(format!("{other:?}: no such command").into())),
    }
    .map_err(Failure::Run)
}

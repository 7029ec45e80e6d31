// SPDX-License-Identifier: GPL-2.0-or-later
//! The network of the control plane's tests: ASes with a SNAP each, an endhost
//! API, and an application that echoes in the farthest of them; and an end host
//! with an application that sends.

// As the other side of the interop tests reads its options and fails.
#[path = "../../peer/src/args.rs"]
mod args;
mod client;
mod echo;
#[path = "../../peer/src/failure.rs"]
mod failure;
mod network;
mod token;
mod token_file;

use std::{env, error::Error, process::ExitCode};

use args::Args;
use failure::Failure;
use tokio::runtime;
use tracing_subscriber::filter::LevelFilter;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const USAGE: &str = "\
usage: snap-network run --snap CONTROL,DATA [--snap CONTROL,DATA]...
                        --endhost-api ADDR:PORT --far-snap CONTROL,DATA
                        --far-endhost-api ADDR:PORT --echo ADDR:PORT
                        [--log LEVEL]
       snap-network client --endhost-api URL --token-file FILE
                        [--snap-token-file FILE] --local ADDR:PORT
                        --to ISD-AS,ADDR:PORT [--min N] [--max N] [--count N]
                        [--every SECONDS] [--timeout SECONDS] [--log LEVEL]
       snap-network token [--validity SECONDS]
       snap-network token-key

run        simulates a SCION network until SIGTERM. Each --snap is in an AS of
           its own that has a link to the far AS; --endhost-api knows them all.
           CONTROL and DATA are ADDR:PORT of its control and data plane, TCP and
           UDP. In the far AS an application with the address --echo, which must
           be one of this host, sends each SCION/UDP packet back the way it came,
           through --far-snap. When all is there it prints, in this order:
             path ISD-AS FAR-ISD-AS HEX   for each --snap, how packets get there
             echo FAR-ISD-AS,ADDR:PORT
             listening
client     is an application that sends --count packets, with payloads of --min to
           --max bytes, one after the other to one that echoes, and checks that
           each comes back before --timeout; with --every it sends at these times,
           and tells of each packet. Its stack finds a SNAP by the endhost API,
           and registers there for a tunnel from the UDP port --local, again each
           time that there is another token in its file; --snap-token-file is for
           a SNAP that takes another one than the endhost API. It begins with:
             assigned ISD-AS,ADDR:PORT
token      prints a new SNAP token, as every SNAP here takes them, that is good
           for a day or --validity; a negative one makes a token that is past its
           time.
token-key  prints the public key that these tokens are verified with, as PEM.

Exit status: 0 as told, 1 something went wrong, 2 the command line is wrong.";

fn main() -> ExitCode {
    failure::end("snap-network", USAGE, run())
}

fn run() -> std::result::Result<(), Failure> {
    let mut words = env::args().skip(1);
    let command = words.next().unwrap_or_default();
    let args = Args::new(words).map_err(Failure::Usage)?;

    match command.as_str() {
        "run" => over_the_stack(args, network::Options::take, network::run),
        "client" => over_the_stack(args, client::Options::take, client::run),
        "token" => print_token(args),
        "token-key" => print_token_key(args),
        other => Err(Failure::Usage(format!("{other:?}: no such command").into())),
    }
}

/// Runs what the Rust stack is needed for, with the options that it takes.
fn over_the_stack<Options, Running: Future<Output = Result<()>>>(
    mut args: Args,
    take: fn(Args) -> Result<Options>,
    run: fn(Options) -> Running,
) -> std::result::Result<(), Failure> {
    let level = args
        .optional::<LevelFilter>("log")
        .map_err(Failure::Usage)?
        .unwrap_or(LevelFilter::WARN);
    let options = take(args).map_err(Failure::Usage)?;

    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
    scion_sdk_utils::rustls::select_ring_crypto_provider();

    // One thread: under virtual time there is one CPU, and it is enough.
    runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|why| Failure::Run(why.into()))?
        .block_on(run(options))
        .map_err(Failure::Run)
}

fn print_token(mut args: Args) -> std::result::Result<(), Failure> {
    let validity = args.optional("validity").map_err(Failure::Usage)?;

    args.finish().map_err(Failure::Usage)?;
    println!(
        "{}",
        token::make(validity.unwrap_or(token::DAY)).map_err(Failure::Run)?
    );
    Ok(())
}

fn print_token_key(args: Args) -> std::result::Result<(), Failure> {
    args.finish().map_err(Failure::Usage)?;
    print!("{}", token::public_key());
    Ok(())
}

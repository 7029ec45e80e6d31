// SPDX-License-Identifier: GPL-2.0-or-later
//! The simulated network: near ASes with a SNAP each, all with a link to the
//! far AS, in which the echo application is.

use std::{
    net::SocketAddr,
    str::FromStr,
    time::{Duration, SystemTime},
};

use pocketscion::{
    io_config::SharedPocketScionIoConfig,
    network::scion::topology::{ScionAs, ScionLink, ScionLinkType, ScionTopology},
    runtime::{PocketScionRuntime, PocketScionRuntimeBuilder},
    state::SharedPocketScionState,
};
use scion_proto::address::{Asn, Isd, IsdAsn, SocketAddr as ScionSocketAddr};
use scion_stack::scionstack::{ScionStack, ScionStackBuilder};
use tokio::{
    net::TcpStream,
    select,
    signal::unix::{SignalKind, signal},
    time::{sleep, timeout},
};
use url::Url;

use crate::{Result, args::Args, echo, token};

/// 1-ff00:0:111; the near ones are 1-ff00:0:110, 1-ff00:0:120 and so on.
const FAR_AS: IsdAsn = IsdAsn::new(Isd(1), Asn::new(0xff00_0000_0111));
const FIRST_NEAR_AS: u64 = 0xff00_0000_0110;
const NEAR_AS_STEP: u64 = 0x10;
const MAX_NEAR_ASES: usize = 15;

const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(20);
/// Longer than any test, in seconds.
const ECHO_VALIDITY: i64 = 365 * token::DAY;

/// Where a SNAP listens.
struct SnapAddresses {
    control: SocketAddr,
    data: SocketAddr,
}

impl FromStr for SnapAddresses {
    type Err = Box<dyn std::error::Error>;

    fn from_str(text: &str) -> Result<Self> {
        let (control, data) = text.split_once(',').ok_or("no comma")?;

        Ok(SnapAddresses {
            control: control.parse()?,
            data: data.parse()?,
        })
    }
}

pub struct Options {
    snaps: Vec<SnapAddresses>,
    endhost_api: SocketAddr,
    far_snap: SnapAddresses,
    far_endhost_api: SocketAddr,
    echo: SocketAddr,
}

impl Options {
    pub fn take(mut args: Args) -> Result<Self> {
        let options = Options {
            snaps: args.all("snap")?,
            endhost_api: args.required("endhost-api")?,
            far_snap: args.required("far-snap")?,
            far_endhost_api: args.required("far-endhost-api")?,
            echo: args.required("echo")?,
        };

        args.finish()?;
        match options.snaps.len() {
            1..=MAX_NEAR_ASES => Ok(options),
            other => Err(format!("--snap: {other} of them").into()),
        }
    }

    fn near_ases(&self) -> Vec<IsdAsn> {
        (0..self.snaps.len() as u64)
            .map(|n| IsdAsn::new(Isd(1), Asn::new(FIRST_NEAR_AS + n * NEAR_AS_STEP)))
            .collect()
    }
}

/// Runs the network until SIGTERM.
pub async fn run(options: Options) -> Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut network = start(&options).await?;

    select! {
        _ = terminate.recv() => Ok(()),
        () = network.join() => Err("a part of the network ended".into()),
        ended = run_applications(&options) => ended,
    }
}

async fn start(options: &Options) -> Result<PocketScionRuntime> {
    let near = options.near_ases();
    let mut state = SharedPocketScionState::new(SystemTime::now());
    let addresses = SharedPocketScionIoConfig::new();
    let far = [(FAR_AS, &options.far_snap)];

    state.set_topology(topology(&near)?);
    // There is at most one SNAP in an AS.
    for (isd_as, snap) in near.iter().copied().zip(&options.snaps).chain(far) {
        let id = state.add_snap(isd_as)?;
        addresses.set_snap_control_addr(id, snap.control);
        addresses.set_snap_data_plane_addr(id, snap.data);
    }
    for (ases, address) in [
        (near, options.endhost_api),
        (vec![FAR_AS], options.far_endhost_api),
    ] {
        addresses.set_endhost_api_addr(state.add_endhost_api(ases), address);
    }
    Ok(PocketScionRuntimeBuilder::new()
        .with_system_state(state.into_state())
        .with_io_config(addresses.into_state())
        .with_mgmt_listen_addr("127.0.0.1:0".parse()?)
        .start()
        .await?)
}

/// A star: the far AS in the middle, its interface N to the Nth near AS.
fn topology(near: &[IsdAsn]) -> Result<ScionTopology> {
    let mut topology = ScionTopology::new();

    topology.add_as(ScionAs::new_core(FAR_AS))?;
    for (interface, isd_as) in (1..).zip(near) {
        topology
            .add_as(ScionAs::new_core(*isd_as))?
            .add_link(ScionLink::new(
                *isd_as,
                1,
                ScionLinkType::Core,
                FAR_AS,
                interface,
            )?)?;
    }
    Ok(topology)
}

/// Tells the paths, and runs the echo in the far AS.
async fn run_applications(options: &Options) -> Result<()> {
    let near = stack(options.endhost_api).await?;
    let paths = near.create_path_manager();
    let far = stack(options.far_endhost_api).await?;
    let address = ScionSocketAddr::from_std(FAR_AS, options.echo);
    let socket = far.bind_path_unaware(Some(address)).await?;

    for isd_as in options.near_ases() {
        let path = paths.path(isd_as, FAR_AS, SystemTime::now()).await?;
        println!("path {isd_as} {FAR_AS} {}", hex(path.data_plane_path.raw()));
    }
    println!("echo {FAR_AS},{}", options.echo);
    println!("listening");
    echo::run(socket).await
}

/// The stack of a host that knows an endhost API, which may not listen yet.
async fn stack(endhost_api: SocketAddr) -> Result<ScionStack> {
    timeout(PATIENCE, async {
        while TcpStream::connect(endhost_api).await.is_err() {
            sleep(PAUSE).await;
        }
    })
    .await
    .map_err(|_| format!("the endhost API does not listen on {endhost_api}"))?;
    Ok(ScionStackBuilder::new()
        .with_endhost_api(Url::parse(&format!("http://{endhost_api}"))?)
        .with_auth_token(token::make(ECHO_VALIDITY)?)
        .build()
        .await?)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

// SPDX-License-Identifier: GPL-2.0-or-later
//! An application on the Rust stack that sends what it receives back.

use scion_proto::path::DataPlanePath;
use scion_stack::scionstack::PathUnawareUdpScionSocket;

use crate::Result;

/// Longer than any packet that a SNAP passes on.
pub const BUFFER_SIZE: usize = 9216;

/// Echoes for ever: each payload goes to where it came from, over the same path.
pub async fn run(socket: PathUnawareUdpScionSocket) -> Result<()> {
    let mut payload = vec![0; BUFFER_SIZE];
    let mut path = vec![0; DataPlanePath::<&[u8]>::MAX_LEN];

    loop {
        let (len, from, path) = socket.recv_from_with_path(&mut payload, &mut path).await?;
        let back = path.to_reversed()?;

        // What cannot be sent is lost, as on any network.
        if let Err(why) = socket
            .send_to_via(&payload[..len], from, &back.to_slice_path())
            .await
        {
            println!("not echoed to {from}: {why}");
        }
    }
}

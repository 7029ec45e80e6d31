// SPDX-License-Identifier: GPL-2.0-or-later
//! SNAP tokens of version 0, signed with the test key that the SNAPs trust.

use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, Header, encode};
use scion_sdk_token_validator::validator::insecure_const_ed25519_key_pair_pem;
use snap_tokens::v0::{Pssid, SnapTokenClaims, insecure_const_snap_token_key_pair};

use crate::Result;

/// Seconds.
pub const DAY: i64 = 86400;

/// Makes a token that no other has the name of; `validity` is in seconds from
/// now.
pub fn make(validity: i64) -> Result<String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let pssid = Pssid::new();
    let claims = SnapTokenClaims {
        jti: pssid.to_string(),
        pssid,
        exp: now
            .checked_add_signed(validity)
            .ok_or("a validity out of range")?,
    };
    let (key, _) = insecure_const_snap_token_key_pair();

    Ok(encode(&Header::new(Algorithm::EdDSA), &claims, &key)?)
}

/// The public half of the test key, as PEM with lines that end as text's do.
pub fn public_key() -> String {
    let (_, key) = insecure_const_ed25519_key_pair_pem();

    key.to_string().replace("\r\n", "\n")
}

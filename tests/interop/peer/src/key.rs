// SPDX-License-Identifier: GPL-2.0-or-later
//! Keys as people write them, and files that hold one.

use std::{fs, str::FromStr};

use ana_gotatun::x25519::{PublicKey, StaticSecret};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};

use crate::Result;

/// A public key, written in base64.
pub struct Base64Key(pub PublicKey);

impl FromStr for Base64Key {
    type Err = Box<dyn std::error::Error>;

    fn from_str(text: &str) -> Result<Self> {
        Ok(Base64Key(PublicKey::from(key_bytes(text)?)))
    }
}

/// Reads a private key from a file that holds it in base64.
pub fn private_key(path: &str) -> Result<StaticSecret> {
    let text = fs::read_to_string(path).map_err(|why| format!("{path}: {why}"))?;

    Ok(StaticSecret::from(
        key_bytes(text.trim()).map_err(|why| format!("{path}: {why}"))?,
    ))
}

/// A key as people write it.
pub fn base64(key: &[u8; 32]) -> String {
    BASE64.encode(key)
}

fn key_bytes(text: &str) -> Result<[u8; 32]> {
    BASE64
        .decode(text)?
        .try_into()
        .map_err(|_| "not 32 bytes".into())
}

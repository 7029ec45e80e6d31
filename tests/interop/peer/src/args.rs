// SPDX-License-Identifier: GPL-2.0-or-later
//! Command line options of the form `--name value`, and key files.

use std::{collections::BTreeMap, fs, str::FromStr};

use ana_gotatun::x25519::{PublicKey, StaticSecret};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};

use crate::Result;

/// The options of one subcommand. What is read is taken out, so that what is
/// left in the end is what nobody knows.
pub struct Args(BTreeMap<String, Vec<String>>);

impl Args {
    /// Splits `words` into options, each followed by its value.
    pub fn new(words: impl Iterator<Item = String>) -> Result<Self> {
        let mut options = BTreeMap::<_, Vec<_>>::new();
        let mut words = words;

        while let Some(word) = words.next() {
            let Some(name) = word.strip_prefix("--") else {
                return Err(format!("{word}: not an option").into());
            };
            let value = words.next().ok_or(format!("{word}: no value"))?;
            options.entry(name.to_owned()).or_default().push(value);
        }
        Ok(Args(options))
    }

    /// Takes every value of an option that may be repeated.
    pub fn all<T: FromStr>(&mut self, name: &str) -> Result<Vec<T>> {
        self.0
            .remove(name)
            .unwrap_or_default()
            .iter()
            .map(|value| {
                value
                    .parse()
                    .map_err(|_| format!("--{name}: {value}: not understood").into())
            })
            .collect()
    }

    /// Takes the value of an option that may be missing; the last one counts.
    pub fn optional<T: FromStr>(&mut self, name: &str) -> Result<Option<T>> {
        Ok(self.all(name)?.pop())
    }

    /// Takes the value of an option that must be there.
    pub fn required<T: FromStr>(&mut self, name: &str) -> Result<T> {
        self.optional(name)?
            .ok_or(format!("--{name}: missing").into())
    }

    /// Complains about an option that nobody took.
    pub fn finish(self) -> Result<()> {
        match self.0.into_keys().next() {
            Some(name) => Err(format!("--{name}: unknown option").into()),
            None => Ok(()),
        }
    }
}

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

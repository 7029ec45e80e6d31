// SPDX-License-Identifier: GPL-2.0-or-later
//! Command line options of the form `--name value`.

use std::{collections::BTreeMap, str::FromStr};

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

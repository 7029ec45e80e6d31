// SPDX-License-Identifier: GPL-2.0-or-later
//! How a program fails, and what it says and returns then.

use std::{error::Error, process::ExitCode};

/// Wrong usage, told apart from what fails later.
pub enum Failure {
    Usage(Box<dyn Error>),
    Run(Box<dyn Error>),
}

/// Says what went wrong, if anything did, as the program of that name, which is
/// used like that; returns the status that it ends with.
pub fn end(name: &str, usage: &str, result: Result<(), Failure>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Run(why)) => {
            eprintln!("{name}: {why}");
            ExitCode::from(1)
        }
        Err(Failure::Usage(why)) => {
            eprintln!("{name}: {why}\n{usage}");
            ExitCode::from(2)
        }
    }
}

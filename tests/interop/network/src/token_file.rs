// SPDX-License-Identifier: GPL-2.0-or-later
//! A token in a file that others renew, as the Rust stack takes its tokens.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use connect_rpc::token_source::{TokenSource, TokenSourceError, TokenSourceWatch};
use tokio::{sync::watch, time::sleep};

use crate::Result;

type Token = Option<std::result::Result<String, TokenSourceError>>;

const PAUSE: Duration = Duration::from_secs(1);

/// The token that is in the file, and each one that takes its place.
pub struct TokenFile(TokenSourceWatch);

impl TokenFile {
    /// Reads the file, and again each second as long as the program runs.
    pub fn open(path: &Path) -> Result<Self> {
        let token = read(path).map_err(|why| format!("{}: {why}", path.display()))?;
        let (sender, receiver) = watch::channel(Some(Ok(token)));

        tokio::spawn(follow(path.to_owned(), sender));
        Ok(TokenFile(receiver))
    }
}

impl TokenSource for TokenFile {
    fn watch(&self) -> TokenSourceWatch {
        self.0.clone()
    }
}

async fn follow(path: PathBuf, sender: watch::Sender<Token>) {
    loop {
        sleep(PAUSE).await;
        // Without a file the last token is the best there is.
        if let Ok(token) = read(&path) {
            sender.send_if_modified(|current| replace(current, token));
        }
    }
}

/// Whether it is another token.
fn replace(current: &mut Token, token: String) -> bool {
    let same = matches!(current, Some(Ok(old)) if *old == token);

    *current = Some(Ok(token));
    !same
}

fn read(path: &Path) -> std::io::Result<String> {
    Ok(fs::read_to_string(path)?.trim().to_owned())
}

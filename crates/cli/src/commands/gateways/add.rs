//! `openclaw gateways add`

use std::{
    io::{IsTerminal, Read},
    path::{Path, PathBuf},
};

use clap::Args;
use serde::{Serialize, de::IgnoredAny};

use super::test;
use crate::{
    app::Context,
    ask::ask,
    failure::{Done, Exit, Failure},
    reach::{self, Target},
};

/// Most bytes of a file that is sent along.
const LONGEST: u64 = 64 * 1024;

/// Add a gateway, once a test has shown that it works
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw gateways add office wss://office.example:18789 --token-file token.txt
  openclaw gateways add lab wss://10.0.0.7:18789 --private --ca-file lab-ca.pem --token-stdin < token.txt
  openclaw gateways add attic ws://192.168.1.9:18789 --private --workspace-root '~/agents'

--accept-self-signed switches the check of certificates off: whoever is in between can read the token. Prefer --ca-file or --pin.")]
pub(super) struct Add {
    #[command(flatten)]
    target: Target,
    /// Its name for people
    name: String,
    /// Where it listens: ws://host:port or wss://host:port
    address: String,
    #[command(flatten)]
    way: Way,
    /// Folder on that machine under which agents get their workspaces that are made through here
    #[arg(long, value_name = "PATH")]
    workspace_root: Option<String>,
    /// Use it first
    #[arg(long)]
    primary: bool,
    /// Add it without a test
    #[arg(long)]
    no_test: bool,
}

/// How the other gateway is reached.
#[derive(Args, Debug)]
pub(super) struct Way {
    /// Read its token from a file
    #[arg(long, value_name = "FILE", conflicts_with = "token_stdin")]
    token_file: Option<PathBuf>,
    /// Read its token from standard input
    #[arg(long)]
    token_stdin: bool,
    /// It is on this machine or in a private network
    #[arg(long)]
    pub(super) private: bool,
    /// Accept any certificate of it
    #[arg(long)]
    pub(super) accept_self_signed: bool,
    /// Trust the authority in this file for it (PEM)
    #[arg(long, value_name = "FILE", conflicts_with = "accept_self_signed")]
    ca_file: Option<PathBuf>,
    /// Trust the one certificate with this SHA-256 for it
    #[arg(long, value_name = "HEX", conflicts_with_all = ["accept_self_signed", "ca_file"])]
    pub(super) pin: Option<String>,
}

impl Way {
    /// Its token, when one is given.
    pub(super) fn secret(&self) -> Result<Option<String>, Failure> {
        if let Some(path) = &self.token_file {
            return read(path).map(|text| Some(text.trim().to_owned()));
        }
        if !self.token_stdin {
            return Ok(None);
        }
        let stdin = std::io::stdin();
        if stdin.is_terminal() {
            let typed = rpassword::prompt_password("Token of the other gateway: ");
            return typed
                .map(Some)
                .map_err(|error| Failure::new(Exit::Failed, "IO", format!("no token was read: {error}")));
        }
        let mut text = String::new();
        let read = stdin.lock().take(LONGEST).read_to_string(&mut text);
        read.map_err(|error| Failure::new(Exit::Failed, "IO", format!("no token was read: {error}")))?;
        Ok(Some(text.trim().to_owned()))
    }

    /// The text of the authority's file.
    pub(super) fn authority(&self) -> Result<Option<String>, Failure> {
        self.ca_file.as_deref().map(read).transpose()
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    let unreadable = |error: std::io::Error| Failure::new(Exit::Failed, "IO", format!("{}: {error}", path.display()));
    let mut text = String::new();
    std::fs::File::open(path).and_then(|file| file.take(LONGEST).read_to_string(&mut text)).map_err(unreadable)?;
    Ok(text)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Added<'a> {
    name: &'a str,
    url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    workspace_root: Option<&'a str>,
    allow_self_signed: bool,
    allow_private_network: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    ca_certificate: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls_fingerprint: Option<&'a str>,
    primary: bool,
}

impl Add {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let secret = self.way.secret()?;
        let authority = self.way.authority()?;
        let gateway = reach::gateway(context, &self.target, None).await?;
        if !self.no_test {
            let looked = test::look(
                context,
                &gateway,
                None,
                Some(&self.address),
                &self.way,
                secret.as_deref(),
                authority.as_deref(),
            );
            let answer = looked.await?;
            if !answer.read.ok {
                answer.show(&mut context.output, test::show)?;
                if !context.output.json {
                    context.output.line("It was not added; --no-test adds it all the same.")?;
                }
                return Ok(Exit::Failed);
            }
        }
        let added = Added {
            name: &self.name,
            url: &self.address,
            token: secret.as_deref(),
            workspace_root: self.workspace_root.as_deref(),
            allow_self_signed: self.way.accept_self_signed,
            allow_private_network: self.way.private,
            ca_certificate: authority.as_deref(),
            tls_fingerprint: self.way.pin.as_deref(),
            primary: self.primary,
        };
        let answer = ask(&gateway, "gateways.add", added).await?;
        gateway.close().await;
        let name = self.name;
        answer.show(&mut context.output, |output, _: &IgnoredAny| output.line(format!("{name} added")))
    }
}

//! `openclaw gateways add`

use std::{
    fs::File,
    io::{self, IsTerminal, Read},
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
            return read(path).and_then(|text| token(&text, &path.display().to_string())).map(Some);
        }
        if !self.token_stdin {
            return Ok(None);
        }
        let stdin = io::stdin();
        if stdin.is_terminal() {
            let typed = rpassword::prompt_password("Token of the other gateway: ");
            let typed = typed.map_err(|error| unread("standard input", &error));
            return typed.and_then(|text| token(&text, "standard input")).map(Some);
        }
        let text = bounded(stdin.lock()).map_err(|error| unread("standard input", &error))?;
        token(&text, "standard input").map(Some)
    }

    /// The text of the authority's file.
    pub(super) fn authority(&self) -> Result<Option<String>, Failure> {
        self.ca_file.as_deref().map(read).transpose()
    }
}

fn unread(place: &str, error: &io::Error) -> Failure {
    Failure::new(Exit::Failed, "IO", format!("{place}: {error}"))
}

fn read(path: &Path) -> Result<String, Failure> {
    File::open(path).and_then(bounded).map_err(|error| unread(&path.display().to_string(), &error))
}

/// All of a text; one that is longer is no token and no certificate, and half of it would be neither.
fn bounded(source: impl Read) -> io::Result<String> {
    let mut text = String::new();
    if source.take(LONGEST + 1).read_to_string(&mut text)? as u64 > LONGEST {
        return Err(io::Error::other(format!("longer than {} KiB; is it the right file?", LONGEST / 1024)));
    }
    Ok(text)
}

/// The token in a text, which is all of it but the space around.
fn token(text: &str, place: &str) -> Result<String, Failure> {
    match text.trim() {
        "" => Err(Failure::new(Exit::Usage, "EMPTY_TOKEN", format!("{place}: it holds no token"))
            .helped("leave --token-file and --token-stdin out for a gateway that asks for none")),
        token => Ok(token.to_owned()),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_whole_or_not_at_all() {
        let full = "x".repeat(65_536);
        assert_eq!(bounded(full.as_bytes()).unwrap(), full);
        let error = bounded(format!("{full}x").as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), "longer than 64 KiB; is it the right file?");
        assert_eq!(token(" secret\n", "f").unwrap(), "secret");
        assert_eq!(token("\n", "token.txt").unwrap_err().cause, "token.txt: it holds no token");
    }
}

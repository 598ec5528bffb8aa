//! `openclaw gateway hash-password`

use std::io::{BufRead, Read};

use clap::Args;
use openclaw_core::{Ids, Secret};
use serde::Serialize;

use crate::{
    app::Context,
    failure::{Done, Exit, Failure},
};

/// Longest password, bytes.
const LONGEST: u64 = 4096;
/// Shorter ones can be guessed.
const SHORTEST: usize = 12;

/// Make the hash of a password, for gateway.auth.password
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw gateway hash-password                  asks for the password
  openclaw gateway hash-password < password.txt   reads its first line
  openclaw gateway hash-password --json

The password is read from standard input, so that it stands in no history. Write what this prints to gateway.auth.password;
clients go on sending the password.")]
pub(crate) struct HashPassword {}

#[derive(Serialize)]
struct Printed<'a> {
    hash: &'a str,
}

impl HashPassword {
    pub(crate) fn run(self, context: &mut Context) -> Done {
        let mut line = String::new();
        let mut input = std::io::BufReader::new(std::io::stdin().take(LONGEST + 2));
        let read = input.read_line(&mut line);
        let password = Secret::new(line.trim_end_matches(['\r', '\n']));
        if let Err(error) = read {
            return Err(Failure::usage(format!("the password cannot be read: {error}")));
        }
        if password.expose().chars().count() < SHORTEST {
            let text = format!("a password of at least {SHORTEST} characters was expected on standard input");
            return Err(Failure::usage(text));
        }
        let hash = openclaw_auth::password::hash(&password, Ids::system().bytes());
        let Some(hash) = hash else {
            return Err(Failure::usage(format!("a password has at most {LONGEST} bytes")));
        };
        let output = &mut context.output;
        if output.json {
            output.value(&Printed { hash: hash.expose() })?;
        } else {
            output.line(hash.expose())?;
        }
        Ok(Exit::Ok)
    }
}

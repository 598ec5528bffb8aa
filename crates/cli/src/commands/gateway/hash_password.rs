//! `openclaw gateway hash-password`

use std::io::{self, BufRead, IsTerminal, Read};

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
  openclaw gateway hash-password                  asks for the password twice, and shows nothing of it
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
        let password = asked().map_err(|error| Failure::usage(format!("the password cannot be read: {error}")))?;
        if password.expose().chars().count() < SHORTEST {
            let text = format!("a password of at least {SHORTEST} characters was expected");
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

/// The password: from somebody at a terminal, who must say the same twice, or the first line of standard input.
fn asked() -> io::Result<Secret> {
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        let mut line = String::new();
        io::BufReader::new(stdin.take(LONGEST + 2)).read_line(&mut line)?;
        return Ok(Secret::new(line.trim_end_matches(['\r', '\n'])));
    }
    let password = Secret::new(rpassword::prompt_password("Password: ")?);
    if password.matches(&rpassword::prompt_password("The same again: ")?) {
        Ok(password)
    } else {
        Err(io::Error::other("the two are not the same"))
    }
}

//! `openclaw skills update`

use std::{
    collections::BTreeMap,
    io::{BufRead, IsTerminal, Read},
};

use clap::Args;
use serde::{Deserialize, Serialize};

use super::shown::Whose;
use crate::{
    app::Context,
    ask::ask,
    failure::{Done, Failure},
    reach,
};

/// Longest API key, bytes.
const LONGEST: u64 = 4096;

/// Change a skill's API key and variables
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw skills update notes --api-key-env NOTES_API_KEY
  openclaw skills update notes --api-key-stdin < key.txt
  openclaw skills update notes --env-from REGION --unset-env OLD --json

Values come from variables of this shell or from standard input, because others can read a command line. They are kept in
skills.entries of the configuration and never shown again. For a newer version of the skill itself, see
`openclaw skills install --help`.")]
pub(super) struct Update {
    #[command(flatten)]
    whose: Whose,
    /// Its name or key
    #[arg(value_name = "SKILL")]
    name: String,
    /// Variable of this shell that holds its API key
    #[arg(long, value_name = "NAME", conflicts_with_all = ["api_key_stdin", "unset_api_key"])]
    api_key_env: Option<String>,
    /// Read its API key from standard input, or ask for it
    #[arg(long, conflicts_with = "unset_api_key")]
    api_key_stdin: bool,
    /// Forget its API key
    #[arg(long)]
    unset_api_key: bool,
    /// A variable for it, with the value that it has in this shell
    #[arg(long, value_name = "NAME")]
    env_from: Vec<String>,
    /// Forget a variable
    #[arg(long, value_name = "NAME")]
    unset_env: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked<'a> {
    skill_key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    env: BTreeMap<String, String>,
}

/// The reply of `skills.update`, of which nothing is shown.
#[derive(Debug, Deserialize)]
pub(super) struct Updated {}

impl Update {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let api_key = self.api_key(context)?;
        let mut env = BTreeMap::new();
        for name in self.env_from {
            let value = context.local.variable(&name)?;
            env.insert(name, value);
        }
        env.extend(self.unset_env.into_iter().map(|name| (name, String::new())));
        if api_key.is_none() && env.is_empty() {
            return Err(Failure::usage("nothing is to be changed").helped("openclaw skills update --help"));
        }
        let gateway = reach::gateway(context, &self.whose.target, None).await?;
        let status = self.whose.status(&gateway).await?;
        let skill = status.read.find(&self.name)?;
        let asked = Asked { skill_key: &skill.skill_key, api_key, env };
        let answer = ask::<Updated>(&gateway, "skills.update", asked).await?;
        gateway.close().await;
        answer.show(&mut context.output, |output, _| output.line(format!("{} changed", skill.name)))
    }

    fn api_key(&self, context: &Context) -> Result<Option<String>, Failure> {
        if self.unset_api_key {
            return Ok(Some(String::new()));
        }
        if let Some(name) = &self.api_key_env {
            return context.local.variable(name).map(Some);
        }
        if !self.api_key_stdin {
            return Ok(None);
        }
        let failed = |error: std::io::Error| Failure::usage(format!("the API key cannot be read: {error}"));
        let stdin = std::io::stdin();
        let key = if stdin.is_terminal() {
            rpassword::prompt_password("API key: ").map_err(failed)?
        } else {
            let mut line = String::new();
            std::io::BufReader::new(stdin.take(LONGEST + 1)).read_line(&mut line).map_err(failed)?;
            line
        };
        if key.len() as u64 > LONGEST {
            return Err(Failure::usage(format!("the API key has more than {LONGEST} bytes")));
        }
        match key.trim() {
            "" => Err(Failure::usage("the API key is empty")),
            key => Ok(Some(key.to_owned())),
        }
    }
}

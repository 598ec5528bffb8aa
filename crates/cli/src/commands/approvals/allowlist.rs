//! `openclaw approvals allowlist`

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::policy::Place;
use crate::{
    app::Context,
    failure::{Done, Exit, Failure},
    reach,
};

/// Change which programs run without asking
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw approvals allowlist add /usr/bin/rg
  openclaw approvals allowlist add --agent main \"~/tools/**/rg\"
  openclaw approvals allowlist remove /usr/bin/rg")]
pub(super) struct Allowlist {
    #[command(subcommand)]
    command: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Let a program run without asking
    #[command(after_help = "Example:
  openclaw approvals allowlist add --agent main /usr/bin/rg")]
    Add(Entry),
    /// Ask about a program again
    #[command(after_help = "Example:
  openclaw approvals allowlist remove /usr/bin/rg")]
    Remove(Entry),
}

#[derive(Args, Debug)]
struct Entry {
    #[command(flatten)]
    place: Place,
    /// For this agent
    #[arg(long, value_name = "AGENT", default_value = "*")]
    agent: String,
    /// A path with *, ? and **, or a bare name for what is called by that name
    pattern: String,
}

impl Allowlist {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let (entry, add) = match self.command {
            Verb::Add(entry) => (entry, true),
            Verb::Remove(entry) => (entry, false),
        };
        let gateway = reach::gateway(context, &entry.place.target, None).await?;
        let before = entry.place.read(&gateway).await?;
        let mut file = before.read.file.clone();
        let said = if add { "is listed" } else { "is not listed" };
        let (agent, pattern) = (&entry.agent, &entry.pattern);
        if !entry.change(&mut file, add)? {
            gateway.close().await;
            return before
                .show(&mut context.output, |output, _| output.line(format!("{pattern} {said} already for {agent}")));
        }
        let over = Some(before.read.hash.as_str()).filter(|_| before.read.exists);
        let answer = entry.place.write(&gateway, &file, over).await?;
        gateway.close().await;
        answer.show(&mut context.output, |output, _| output.line(format!("{pattern} {said} for {agent}")))
    }
}

impl Entry {
    /// Changes the policy; `false` when there is nothing to change.
    fn change(&self, file: &mut Value, add: bool) -> Result<bool, Failure> {
        let odd =
            || Failure::new(Exit::Failed, "ANSWER", "the policy has an unexpected shape").helped("openclaw doctor");
        let policy = file.as_object_mut().ok_or_else(odd)?;
        let agents = policy.entry("agents").or_insert_with(|| json!({})).as_object_mut().ok_or_else(odd)?;
        if !add && !agents.contains_key(&self.agent) {
            return Ok(false);
        }
        let agent = agents.entry(&self.agent).or_insert_with(|| json!({})).as_object_mut().ok_or_else(odd)?;
        let list = agent.entry("allowlist").or_insert_with(|| json!([])).as_array_mut().ok_or_else(odd)?;
        // An entry that asks for certain arguments is another one.
        let same = |entry: &Value| entry["pattern"] == self.pattern.as_str() && entry.get("argPattern").is_none();
        let before = list.len();
        if add {
            if list.iter().any(same) {
                return Ok(false);
            }
            list.push(json!({ "pattern": self.pattern }));
        } else {
            list.retain(|entry| !same(entry));
        }
        Ok(list.len() != before)
    }
}

//! `openclaw agents set-identity`

use clap::Args;
use serde::{Deserialize, Serialize};

use super::update::Updated;
use crate::{
    app::Context,
    ask::ask,
    failure::{Done, Exit, Failure},
    reach::{self, Target},
};

/// Change how an agent looks
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw agents set-identity --agent main --name Ada --emoji 🦀
  openclaw agents set-identity --agent main --from-identity    as IDENTITY.md of its workspace says

An empty value takes the setting away.")]
pub(super) struct SetIdentity {
    #[command(flatten)]
    target: Target,
    /// The agent's id
    #[arg(long, value_name = "ID", default_value = "main")]
    agent: String,
    /// Its name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Its theme
    #[arg(long, value_name = "THEME")]
    theme: Option<String>,
    /// Its emoji
    #[arg(long, value_name = "EMOJI")]
    emoji: Option<String>,
    /// Its picture: a URL, or a path in its workspace
    #[arg(long, value_name = "PICTURE")]
    avatar: Option<String>,
    /// Take what is not given here from IDENTITY.md of its workspace
    #[arg(long)]
    from_identity: bool,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    agent_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    theme: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    emoji: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    avatar: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Wanted<'a> {
    agent_id: &'a str,
    name: &'static str,
}

#[derive(Debug, Deserialize)]
struct Read {
    file: File,
}

#[derive(Debug, Deserialize)]
struct File {
    #[serde(default)]
    content: Option<String>,
}

impl SetIdentity {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let mut asked =
            Asked { agent_id: self.agent, name: self.name, theme: self.theme, emoji: self.emoji, avatar: self.avatar };
        let gateway = reach::gateway(context, &self.target, None).await?;
        if self.from_identity {
            let wanted = Wanted { agent_id: &asked.agent_id, name: "IDENTITY.md" };
            let text = ask::<Read>(&gateway, "agents.files.get", wanted).await?.read.file.content;
            let text = text.ok_or_else(|| {
                let cause = format!("the workspace of {} has no IDENTITY.md", asked.agent_id);
                Failure::new(Exit::Failed, "NOT_FOUND", cause)
                    .helped(format!("openclaw agents files set {} IDENTITY.md --file FILE", asked.agent_id))
            })?;
            for (place, key) in [
                (&mut asked.name, "name"),
                (&mut asked.theme, "theme"),
                (&mut asked.emoji, "emoji"),
                (&mut asked.avatar, "avatar"),
            ] {
                if place.is_none() {
                    *place = said(&text, key);
                }
            }
        }
        if [&asked.name, &asked.theme, &asked.emoji, &asked.avatar].iter().all(|value| value.is_none()) {
            return Err(Failure::usage("nothing is to be changed").helped("openclaw agents set-identity --help"));
        }
        let answer = ask::<Updated>(&gateway, "agents.update", asked).await?;
        gateway.close().await;
        answer.show(&mut context.output, |output, updated| output.line(format!("{} changed", updated.agent_id)))
    }
}

/// What a line such as `- **Name:** Ada` says.
fn said(text: &str, key: &str) -> Option<String> {
    let marks: &[char] = &['-', '*', '_', ' ', '\t'];
    text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let value = value.trim_matches(marks);
        (name.trim_matches(marks).eq_ignore_ascii_case(key) && !value.is_empty()).then(|| value.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_is_read_from_its_list() {
        let text = "# Who\n\n- **Name:** Ada L.\n- *Emoji*: 🦀\ntheme: calm\n- **Avatar:**\n";
        assert_eq!(said(text, "name").as_deref(), Some("Ada L."));
        assert_eq!(said(text, "emoji").as_deref(), Some("🦀"));
        assert_eq!(said(text, "theme").as_deref(), Some("calm"));
        assert_eq!(said(text, "avatar"), None);
    }
}

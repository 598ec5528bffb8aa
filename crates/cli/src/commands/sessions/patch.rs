//! `openclaw sessions patch`

use clap::{ArgAction, Args};
use serde::{Deserialize, Serialize};

use super::One;
use crate::{
    app::Context,
    failure::{Done, Failure},
};

/// Change what is set for a conversation
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw sessions patch main --label \"Plan the trip\"
  openclaw sessions patch main --model house/big --thinking high
  openclaw sessions patch main --model \"\"      back to the agent's model

An empty value takes the setting away.")]
pub(super) struct Patch {
    #[command(flatten)]
    one: One,
    #[command(flatten)]
    settings: Settings,
}

/// What may be set. Absent leaves a setting, an empty text clears it.
#[derive(Args, Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    /// Name for people
    #[arg(long, value_name = "TEXT")]
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "cleared")]
    label: Option<String>,
    /// Model, as provider/model
    #[arg(long, value_name = "MODEL")]
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "cleared")]
    model: Option<String>,
    /// How much the model thinks: off, minimal, low, medium, high
    #[arg(long, value_name = "LEVEL")]
    #[serde(rename = "thinkingLevel", skip_serializing_if = "Option::is_none", serialize_with = "cleared")]
    thinking: Option<String>,
    /// What happens to a message that comes while a run is at work: followup, collect, interrupt, steer
    #[arg(long, value_name = "MODE")]
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "cleared")]
    queue_mode: Option<String>,
    /// Set aside, or taken back
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    archived: Option<bool>,
    /// Kept on top, or not
    #[arg(long, action = ArgAction::Set, num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pinned: Option<bool>,
}

/// An empty text as `null`.
#[expect(clippy::ref_option, reason = "serde hands the field over like this")]
fn cleared<S: serde::Serializer>(text: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    text.as_ref().filter(|text| !text.is_empty()).serialize(serializer)
}

#[derive(Serialize)]
struct Asked {
    key: String,
    #[serde(flatten)]
    settings: Settings,
}

#[derive(Debug, Deserialize)]
struct Patched {
    key: String,
}

impl Patch {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let settings = self.settings;
        let Settings { label, model, thinking, queue_mode, archived, pinned } = &settings;
        let texts = [label, model, thinking, queue_mode];
        if texts.iter().all(|text| text.is_none()) && archived.or(*pinned).is_none() {
            return Err(Failure::usage("nothing is to be changed").helped("openclaw sessions patch --help"));
        }
        let answer = self.one.call(context, "sessions.patch", |key| Asked { key, settings }).await?;
        answer.show(&mut context.output, |output, patched: &Patched| output.line(format!("{} changed", patched.key)))
    }
}

//! `openclaw cron add`

use clap::Args;
use openclaw_core::Clock;
use serde_json::{Value, json};

use super::{
    fields::Fields,
    row::{self, Job, Nothing},
    when::{Guess, guess},
};
use crate::{
    app::Context,
    ask::{Answer, ask},
    failure::{Done, Failure},
    reach::{self, Target},
};

/// Characters of a prompt that become a name.
const NAME: usize = 40;

/// Schedule a job
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw cron add \"0 7 * * *\" \"What is new?\" --tz Europe/Berlin --name Morning
  openclaw cron add \"every 1h\" \"Look at the queue\" --model house/small
  openclaw cron add --at 20m --system-event \"Look at the oven\"
  openclaw cron add --at 2027-02-01T16:00:00Z --message \"Remind me\" --no-deliver

Asking an agent needs a session of its own (the default), telling it something its main one.")]
pub(super) struct Add {
    #[command(flatten)]
    target: Target,
    /// When: an expression of five fields, "every 1h", a time from now such as 20m, or ISO 8601
    schedule: Option<String>,
    /// What to ask the agent
    prompt: Option<String>,
    #[command(flatten)]
    fields: Fields,
    /// Do not let it run by itself yet
    #[arg(long)]
    disabled: bool,
}

impl Add {
    pub(super) async fn run(mut self, context: &mut Context) -> Done {
        let params = self.params()?;
        let gateway = reach::gateway(context, &self.target, None).await?;
        let answer: Answer<Job> = context.output.progress("cron.add").during(ask(&gateway, "cron.add", params)).await?;
        let status: Answer<row::Status> = ask(&gateway, "cron.status", Nothing {}).await?;
        gateway.close().await;
        answer.show(&mut context.output, |output, job| {
            output.paragraph(format!("{}  {}", job.id, job.shown_name()))?;
            let zone = status.read.timezone.as_deref();
            output.paragraph(row::preview(job, zone, Clock::system().now_ms()))?;
            if !status.read.enabled {
                output
                    .paragraph("Jobs do not run by themselves: cron.enabled is false, or OPENCLAW_SKIP_CRON is set.")?;
            }
            Ok(())
        })
    }

    fn params(&mut self) -> Result<Value, Failure> {
        let fields = &mut self.fields;
        if let Some(first) = self.schedule.take() {
            if fields.at.is_some() || fields.every.is_some() || fields.cron.is_some() {
                // Then the first word is no schedule.
                if self.prompt.is_some() {
                    return Err(Failure::usage("the schedule is given twice: before the prompt, and with an option"));
                }
                self.prompt = Some(first);
            } else {
                match guess(&first) {
                    Guess::At(text) => fields.at = Some(text),
                    Guess::Every(text) => fields.every = Some(text),
                    Guess::Cron(text) => fields.cron = Some(text),
                }
            }
        }
        if let Some(prompt) = self.prompt.take() {
            if fields.message.is_some() || fields.system_event.is_some() {
                return Err(Failure::usage("what to do is given twice: as a word, and with an option"));
            }
            fields.message = Some(prompt);
        }
        if fields.at.is_none() && fields.every.is_none() && fields.cron.is_none() {
            return Err(
                Failure::usage("when should it run?").helped("--at, --every or --cron; see openclaw cron add --help")
            );
        }
        let Some(text) = fields.message.as_ref().or(fields.system_event.as_ref()) else {
            return Err(
                Failure::usage("what should it do?").helped("--message to ask the agent, --system-event to tell it")
            );
        };
        if fields.name.is_none() {
            let line = text.lines().next().unwrap_or_default().trim();
            let name: String = line.chars().filter(|c| !c.is_control()).take(NAME).collect();
            fields.name = Some(name);
        }
        let mut params = fields.named()?;
        if self.disabled {
            params.insert("enabled".to_owned(), json!(false));
        }
        Ok(Value::Object(params))
    }
}

//! `openclaw cron show`

use clap::Args;
use openclaw_client::Connection;
use openclaw_core::Clock;

use super::{
    change::One,
    fields::Id,
    row::{self, Job, Nothing, find},
};
use crate::{
    app::Context,
    ask::{Answer, ask},
    failure::{Done, Failure},
    output::{Output, Text},
    show,
    watch::{Picture, Watch},
};

/// Show all about one job
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw cron show Morning
  openclaw cron show 3f2a91c0 --json")]
pub(super) struct Show {
    #[command(flatten)]
    one: One,
    #[command(flatten)]
    watch: Watch,
}

impl Show {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let (watch, target) = (self.watch, self.one.target.clone());
        watch.run(context, &target, None, self).await
    }
}

impl Picture for Show {
    type Facts = (Answer<Job>, row::Status);

    async fn ask(&self, gateway: &Connection) -> Result<(Answer<Job>, row::Status), Failure> {
        let found = find(gateway, &self.one.job).await?;
        let job = ask(gateway, "cron.get", Id { id: &found.id }).await?;
        let status: Answer<row::Status> = ask(gateway, "cron.status", Nothing {}).await?;
        Ok((job, status.read))
    }

    fn show(&self, output: &mut Output, (answer, status): &(Answer<Job>, row::Status)) -> Done {
        answer.show(output, |output, job| {
            let now = Clock::system().now_ms();
            let since = |at: Option<i64>| Text::from(format!("{} ({})", show::time(at), show::age(now, at)));
            let ran = |text: Text| if job.state.last_run_at_ms.is_some() { text } else { "-".into() };
            let what = match job.payload.kind.as_str() {
                "systemEvent" => ("Tells", show::text(job.payload.text.as_ref())),
                _ => ("Asks", show::text(job.payload.message.as_ref())),
            };
            output.facts(
                [
                    ("Job", Text::from(&job.id)),
                    ("Name", job.shown_name().into()),
                    ("About", show::text(job.description.as_ref())),
                    ("State", job.standing()),
                    ("When", row::preview(job, status.timezone.as_deref(), now).into()),
                    what,
                    ("Agent", show::text(job.agent_id.as_ref())),
                    ("Session", Text::from(&job.session_target)),
                    ("Tells in", show::text(job.session_key.as_ref())),
                    ("Wakes", Text::from(&job.wake_mode)),
                    ("Model", show::text(job.payload.model.as_ref())),
                    ("Thinking", show::text(job.payload.thinking.as_ref())),
                    (
                        "Longest",
                        job.payload.timeout_seconds.map_or_else(|| "-".into(), |seconds| format!("{seconds} s").into()),
                    ),
                    (
                        "Result",
                        if job.delivery.mode == "announce" {
                            "told in the main session".into()
                        } else {
                            "history only".into()
                        },
                    ),
                    (
                        "Once",
                        if job.delete_after_run == Some(true) { "removed after it ran".into() } else { "-".into() },
                    ),
                    ("Last run", ran(since(job.state.last_run_at_ms))),
                    ("Took", ran(show::span(job.state.last_duration_ms.unwrap_or(0)).into())),
                    ("Went wrong", show::text(job.state.last_error.as_ref())),
                    ("Made", since(job.created_at_ms)),
                    ("Changed", since(job.updated_at_ms)),
                ]
                .into_iter()
                .filter(|(_, value)| !value.is_absent()),
            )
        })
    }
}

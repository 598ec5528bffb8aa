//! `openclaw cron status`

use clap::Args;
use openclaw_core::Clock;

use super::row::{self, Nothing};
use crate::{app::Context, ask, failure::Done, output::Text, reach::Target, show};

/// Tell whether jobs run, and when the next is due
#[derive(Args, Debug)]
pub(super) struct Status {
    #[command(flatten)]
    target: Target,
}

impl Status {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        let answer = ask::once::<row::Status>(context, &self.target, "cron.status", Nothing {}).await?;
        answer.show(&mut context.output, |output, status| {
            let now = Clock::system().now_ms();
            let next = status.next_wake_at_ms.map_or_else(
                || "-".to_owned(),
                |next| format!("{} (in {})", show::time(Some(next)), show::span(next - now)),
            );
            output.facts([
                (
                    "Jobs run",
                    if status.enabled {
                        Text::from("yes")
                    } else {
                        "no: cron.enabled is false, or OPENCLAW_SKIP_CRON is set".into()
                    },
                ),
                ("Jobs", status.jobs.to_string().into()),
                ("Next", next.into()),
                ("Zone", show::text(status.timezone.as_ref())),
            ])
        })
    }
}

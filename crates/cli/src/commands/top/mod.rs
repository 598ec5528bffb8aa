//! `openclaw top`

mod draw;
mod facts;
mod table;
mod view;

use std::time::Duration;

use clap::Args;
use crossterm::event::{Event as Key, EventStream as Keys};
use futures_util::{FutureExt, StreamExt, future::LocalBoxFuture};
use openclaw_client::{Connection, State, Supervised};
use openclaw_core::Clock;
use tokio::time::{MissedTickBehavior, interval, timeout};

use facts::Facts;
use view::{Pressed, Sort, Tab, View};

use crate::{
    app::Context,
    failure::{Done, Exit, Failure},
    full_screen::{Ended, FullScreen, Paint},
    output::{Output, Text, Tone},
    reach::{self, Target},
};

/// How long the gateway may take to tell what it is doing.
const PATIENCE: Duration = Duration::from_secs(10);

/// Watch what a gateway is doing, as it does it
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw top
  openclaw top --interval 5 --sort cost
  openclaw top --once
  openclaw top --json

Where there is no terminal, and with --json, one picture is made, as with --once. Days are those of UTC.")]
pub(crate) struct Top {
    #[command(flatten)]
    target: Target,
    /// Seconds between two pictures
    #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=3600))]
    interval: u64,
    /// Print one picture and end
    #[arg(long)]
    once: bool,
    /// By what conversations are sorted
    #[arg(long, value_enum, default_value_t)]
    sort: Sort,
}

impl Top {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        let url = reach::find(&context.local, &self.target)?.url.to_string();
        if self.once || !FullScreen::is_offered(context) {
            let gateway = reach::gateway(context, &self.target, Some(PATIENCE)).await?;
            let asked = facts::gather(&gateway, &url, Clock::system().now_ms());
            let facts = context.output.progress("asking").during(asked).await?;
            gateway.close().await;
            return print(&mut context.output, &facts, self.sort);
        }
        let gateway = reach::supervised(context, &self.target).await?;
        let paint = context.output.paint();
        let outcome = {
            let mut terminal = FullScreen::take()?;
            self.shown(&mut terminal, &gateway, &url, paint).await
        };
        gateway.close().await;
        outcome
    }

    async fn shown(&self, terminal: &mut FullScreen, gateway: &Supervised, url: &str, paint: Paint) -> Done {
        let clock = Clock::system();
        let mut view = View { sort: self.sort, ..View::default() };
        let (mut keys, mut ended, mut state) = (Keys::new(), Ended::new()?, gateway.state());
        let mut clockwork = interval(Duration::from_secs(self.interval));
        clockwork.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut asking, mut standing): (Option<Asking>, bool) = (None, true);
        loop {
            terminal.draw(|frame| draw::draw(frame, &view, paint))?;
            let mut now = false;
            tokio::select! {
                biased;
                () = ended.recv() => return Ok(Exit::Interrupted),
                key = keys.next() => match key {
                    Some(Ok(Key::Key(key))) => match view.key(key) {
                        Pressed::Quit if !standing => return Ok(Exit::Unreachable),
                        Pressed::Quit => return Ok(Exit::Ok),
                        Pressed::Ask => now = true,
                        Pressed::Nothing => {}
                    },
                    Some(Ok(_)) => {}
                    // The terminal is gone.
                    Some(Err(_)) | None => return Ok(Exit::Interrupted),
                },
                told = answer(&mut asking) => {
                    asking = None;
                    match told {
                        Ok(facts) => view.take(facts),
                        Err(failure) => view.away = Some(failure.cause),
                    }
                }
                changed = state.changed(), if standing => {
                    view.away = match &*state.borrow_and_update() {
                        State::Connected(_) => None,
                        State::Connecting => Some("connecting".to_owned()),
                        State::Reconnecting { why, .. } | State::Final { why } => Some(why.to_string()),
                    };
                    // It will not change again; why stays on the screen.
                    standing = changed.is_ok();
                    now = view.away.is_none();
                }
                _ = clockwork.tick() => now = true,
            }
            let connection = match &*state.borrow() {
                State::Connected(connection) if now && asking.is_none() => Some(connection.clone()),
                _ => None,
            };
            if let Some(connection) = connection {
                asking = Some(gathered(connection, url.to_owned(), clock.now_ms()).boxed_local());
            }
        }
    }
}

/// A question that is under way.
type Asking = LocalBoxFuture<'static, Result<Facts, Failure>>;

/// The answer to it; without a question there never is one.
async fn answer(asking: &mut Option<Asking>) -> Result<Facts, Failure> {
    match asking {
        Some(asking) => asking.await,
        None => std::future::pending().await,
    }
}

async fn gathered(gateway: Connection, url: String, now_ms: i64) -> Result<Facts, Failure> {
    match timeout(PATIENCE, facts::gather(&gateway, &url, now_ms)).await {
        Ok(facts) => facts,
        Err(_) => Err(Failure::new(Exit::Unreachable, "TIMEOUT", "the gateway does not tell what it is doing")),
    }
}

/// One picture, for paper and programs.
fn print(output: &mut Output, facts: &Facts, sort: Sort) -> Done {
    if output.json {
        output.value(facts)?;
        return Ok(Exit::Ok);
    }
    output.facts(table::figures(facts, None))?;
    for tab in Tab::ALL {
        if let Ok(table) = table::table(facts, tab, sort, false, 0) {
            output.line("")?;
            output.line(Text::toned(Tone::Strong, tab.name()))?;
            output.table(&table)?;
        }
    }
    Ok(Exit::Ok)
}

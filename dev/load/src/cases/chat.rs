//! Chat turns. What is measured is the server's part: the model's own time is taken off.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use super::Line;
use crate::{
    effort::Effort,
    figures::{Figures, Meter},
    login::Identity,
    model::Model,
    server::{Launcher, Target},
    turn::{Times, Turn, now_us},
    wire::{Wire, is_event, is_ok},
};

/// Session that the cases with one session use.
pub(super) const SESSION: &str = "agent:main:load-0";
/// How long the model may take to write down a turn that the client has seen the end of.
const JOURNAL_PATIENCE: Duration = Duration::from_secs(2);

/// How the turns lie beside and behind each other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    sessions: usize,
    pace_us: u64,
}

impl Shape {
    /// One session, tokens at once.
    pub(super) const ONE: Self = Self { sessions: 1, pace_us: 0 };
    /// One session, a token each 5 ms.
    pub(super) const PACED: Self = Self { sessions: 1, pace_us: 5_000 };
    /// Four sessions at the same time, tokens at once.
    pub(super) const FOUR: Self = Self { sessions: 4, pace_us: 0 };
}

/// The server's part of one turn.
struct Part {
    /// From the request to the first delta.
    first: Duration,
    /// From the request to the final event.
    last: Duration,
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow)]
    payload: Payload<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload<'a> {
    run_id: Option<&'a str>,
    state: Option<&'a str>,
    /// The bare server is its own model and tells its times here.
    times: Option<(u64, u64, u64)>,
}

/// Runs the turns, each session on a connection of its own.
pub(super) async fn chat(launcher: &Launcher, target: Target, effort: &Effort, shape: Shape) -> Result<Vec<Line>> {
    let server = launcher.start(target).await?;
    let mut wires = Vec::new();
    for index in 0..shape.sessions {
        let mut wire = server.connect(&Identity::Backend).await?;
        let session = format!("agent:main:load-{index}");
        prepare(&mut wire, launcher, &session).await?;
        wires.push((wire, session));
    }
    let turns = if shape.pace_us > 0 { effort.paced_turns } else { effort.turns };
    let meter = Meter::start(server.tree())?;
    let mut sessions = JoinSet::new();
    for (mut wire, session) in wires {
        let (model, tokens) = (launcher.model.clone(), effort.tokens);
        sessions.spawn_local(async move {
            let mut parts = Vec::new();
            for number in 0..turns {
                let turn = Turn { run: format!("{session}-{number}"), tokens, pace_us: shape.pace_us };
                parts.push(take_turn(&mut wire, &model, &session, turn).await?);
            }
            anyhow::Ok((wire, parts))
        });
    }
    let (mut first, mut last, mut finished) = (Vec::new(), Vec::new(), Vec::new());
    while let Some(session) = sessions.join_next().await {
        let (wire, parts) = session??;
        finished.push(wire);
        for part in parts {
            first.push(part.first);
            last.push(part.last);
        }
    }
    let figures = meter.stop(last.len())?;
    Ok(vec![
        (
            "first delta after the model's",
            Figures { operations: figures.operations, ..Figures::default() }.with_times(first),
        ),
        ("final after the model's", figures.with_times(last)),
    ])
}

/// A short turn, so that the session exists and everything has been used once.
pub(super) async fn prepare(wire: &mut Wire, launcher: &Launcher, session: &str) -> Result<()> {
    turn(wire, launcher, session, &format!("{session}-first")).await
}

/// A short turn of this name.
pub(super) async fn turn(wire: &mut Wire, launcher: &Launcher, session: &str, run: &str) -> Result<()> {
    let turn = Turn { run: run.to_owned(), tokens: 1, pace_us: 0 };
    take_turn(wire, &launcher.model, session, turn).await.map(|_| ())
}

async fn take_turn(wire: &mut Wire, model: &Model, session: &str, turn: Turn) -> Result<Part> {
    let run = turn.run.as_str();
    let request = format!(
        r#"{{"type":"req","id":"{run}","method":"chat.send","params":{{"sessionKey":"{session}","message":"{}","idempotencyKey":"{run}"}}}}"#,
        turn.message()
    );
    let sent = now_us();
    wire.send(request.as_bytes()).await?;
    let mut first = None;
    loop {
        let frame = wire.next_soon().await.with_context(|| format!("while waiting for the end of turn {run}"))?;
        let now = now_us();
        if frame.starts_with(br#"{"type":"res""#) {
            ensure!(is_ok(&frame), "chat.send was refused: {}", String::from_utf8_lossy(&frame));
        } else if is_event(&frame, "chat") {
            let Event { payload } = serde_json::from_slice(&frame)?;
            if payload.run_id != Some(run) {
                continue;
            }
            match payload.state {
                Some("delta") => drop(first.get_or_insert(now)),
                Some("final") => {
                    let times = match payload.times {
                        Some((received, first, last)) => Times { received, first, last },
                        None => journal_of(model, run).await?,
                    };
                    return Ok(part(sent, first.unwrap_or(now), now, times));
                }
                Some("error" | "aborted") => bail!("turn {run} failed: {}", String::from_utf8_lossy(&frame)),
                _ => {}
            }
        }
    }
}

async fn journal_of(model: &Model, run: &str) -> Result<Times> {
    let until = Instant::now() + JOURNAL_PATIENCE;
    loop {
        if let Some(times) = model.times(run) {
            return Ok(times);
        }
        ensure!(Instant::now() < until, "turn {run} ended without the model: is another model configured?");
        sleep(Duration::from_millis(1)).await;
    }
}

/// Takes the model's own time off: what passed between reading the request and writing.
fn part(sent: u64, first: u64, last: u64, model: Times) -> Part {
    let without = |seen: u64, wrote: u64| {
        Duration::from_micros((seen.saturating_sub(sent)).saturating_sub(wrote.saturating_sub(model.received)))
    };
    Part { first: without(first, model.first), last: without(last, model.last) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_models_own_time_is_taken_off() {
        let model = Times { received: 1_300, first: 1_400, last: 9_000 };
        let Part { first, last } = part(1_000, 1_900, 9_800, model);
        assert_eq!(first, Duration::from_micros(900 - 100));
        assert_eq!(last, Duration::from_micros(8_800 - 7_700));
    }

    #[test]
    fn chat_events_are_read_whatever_else_they_hold() {
        let text = r#"{"type":"event","event":"chat","payload":{"runId":"r","sessionKey":"s","state":"delta","message":{"x":[1]}},"seq":3}"#;
        let Event { payload } = serde_json::from_str(text).unwrap();
        assert_eq!((payload.run_id, payload.state, payload.times), (Some("r"), Some("delta"), None));
    }
}

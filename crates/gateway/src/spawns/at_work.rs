//! A program at work: its output is told and kept, its end is kept and told.

use std::sync::Arc;

use openclaw_core::record::{SpawnEnd, SpawnState};
use openclaw_protocol::event::{Event, LogEntry};
use openclaw_sandbox::{Ended, Output, StopReason, Stream};
use openclaw_store::SpawnChange;
use serde_json::json;
use tokio::sync::{mpsc, oneshot};
use tracing::{info, warn};

use super::{Allowance, Live, lines::Lines, start};
use crate::{audit::gateway_audit, state::State};

/// Lines of one program that are told in a second.
const LINES_PER_SECOND: u32 = 50;

/// Sees a program through to its end.
pub(super) async fn see_through(
    state: Arc<State>,
    live: Arc<Live>,
    mut output: mpsc::Receiver<Output>,
    ended: oneshot::Receiver<Ended>,
) {
    let mut teller = Teller::new(&state, &live);
    while let Some(piece) = output.recv().await {
        teller.tell(&piece);
        live.tail.add(piece).await;
    }
    teller.end();
    live.tail.end();
    let ended = ended.await.ok();
    finish(&state, &live, ended).await;
}

/// Keeps how a program ended, then tells it.
async fn finish(state: &State, live: &Arc<Live>, ended: Option<Ended>) {
    let spawned = &live.spawned;
    let (how, end, error) = outcome(ended.as_ref());
    let mut audit = gateway_audit(
        "spawn.exited",
        json!({
            "spawnId": spawned.spawn_id, "state": how.as_str(), "exitCode": end.exit_code, "signal": end.signal,
            "outputBytes": ended.map(|ended| ended.output_bytes), "leftBehind": ended.map(|ended| ended.left_behind),
        }),
    );
    audit.target = Some(spawned.command.clone());
    audit.reason.clone_from(&error);
    let at = state.clock.now_ms();
    let change =
        SpawnChange::End { spawn_id: spawned.spawn_id, state: how, at, end: Some(end.clone()), error: error.clone() };
    let kept = start::change(state, change, audit).await.unwrap_or_else(|why| {
        // It is over whether that can be kept or not; the next start settles it.
        warn!(spawn_id = %spawned.spawn_id, error = %why, "The end of a program could not be kept");
        let mut known = spawned.clone();
        (known.state, known.ended_at, known.end, known.error) = (how, Some(at), Some(end.clone()), error.clone());
        known
    });
    info!(
        source = spawned.source.as_str(),
        pid = spawned.pid.unwrap_or_default(),
        spawn_id = %spawned.spawn_id,
        state = how.as_str(),
        exit_code = end.exit_code.unwrap_or_default(),
        signal = end.signal.as_deref().unwrap_or_default(),
        "Program ended"
    );
    let told = start::told(&kept);
    live.over.send_replace(Some(kept));
    state.spawns.ends(live);
    state.metrics.spawns_running.dec();
    state.hub.publish(Event::SpawnResult(told));
}

/// How a program ended, in the words of spec 001.
fn outcome(ended: Option<&Ended>) -> (SpawnState, SpawnEnd, Option<String>) {
    use openclaw_sandbox::Outcome::{Exited, Signalled};
    let Some(ended) = ended else {
        let error = "the gateway lost sight of it".to_owned();
        return (SpawnState::Lost, SpawnEnd::default(), Some(error));
    };
    let error = ended.stopped.filter(|reason| *reason != StopReason::Asked).map(|reason| reason.as_str().to_owned());
    match (ended.outcome, ended.stopped) {
        (Exited(code), None) => (SpawnState::Completed, SpawnEnd { exit_code: Some(code), signal: None }, error),
        // It was asked to end and took its leave by itself.
        (Exited(code), Some(_)) => {
            (SpawnState::Killed, SpawnEnd { exit_code: Some(code), signal: Some("SIGTERM".to_owned()) }, error)
        }
        (Signalled(signal), _) => {
            let signal = openclaw_sandbox::Outcome::signal_name(signal);
            (SpawnState::Killed, SpawnEnd { exit_code: None, signal: Some(signal) }, error)
        }
    }
}

/// Tells output as `log` events: whole lines, and no more of them than dashboards can take.
struct Teller<'a> {
    state: &'a State,
    live: &'a Live,
    lines: [Lines; 2],
    allowance: Allowance,
    told: u64,
    left_out: u64,
}

impl<'a> Teller<'a> {
    fn new(state: &'a State, live: &'a Live) -> Self {
        let lines = Default::default();
        Self { state, live, lines, allowance: Allowance::new(LINES_PER_SECOND), told: 0, left_out: 0 }
    }

    fn tell(&mut self, output: &Output) {
        let mut whole = Vec::new();
        self.lines[output.stream as usize].push(&output.bytes, |line| whole.push(line.to_owned()));
        for line in whole {
            self.line(output.stream, line);
        }
    }

    fn end(&mut self) {
        for stream in [Stream::Out, Stream::Err] {
            let mut last = None;
            self.lines[stream as usize].end(|line| last = Some(line.to_owned()));
            if let Some(line) = last {
                self.line(stream, line);
            }
        }
        self.say_what_was_left_out();
    }

    fn line(&mut self, stream: Stream, line: String) {
        if !self.state.hub.has_ui() {
            return;
        }
        if !self.allowance.take() || !self.state.spawns.lines.take() {
            self.left_out += 1;
            return;
        }
        self.say_what_was_left_out();
        self.publish(Some(stream), line);
    }

    fn say_what_was_left_out(&mut self) {
        if self.left_out > 0 {
            let text = format!("{} lines more; spawn.output has the newest", self.left_out);
            self.left_out = 0;
            self.publish(None, text);
        }
    }

    fn publish(&mut self, stream: Option<Stream>, message: String) {
        self.told += 1;
        let spawned = &self.live.spawned;
        self.state.hub.publish(Event::Log(LogEntry {
            id: format!("spawn-{}-{}", spawned.spawn_id, self.told),
            timestamp: self.state.clock.now_ms(),
            level: if stream.is_some() { "info" } else { "warn" },
            source: spawned.source.clone(),
            session: None,
            message,
            extra: Some(json!({
                "spawnId": spawned.spawn_id, "pid": spawned.pid, "stream": stream.map(Stream::as_str),
            })),
        }));
    }
}

//! Looks at the figures and puts into the audit trail what became unusual, and that it is over.

use std::{sync::Arc, time::Duration};

use openclaw_config::AnomalyMetric;
use openclaw_core::{
    anomaly::{Detector, Explanation, LEARNED, Verdict},
    record::AuditEvent,
};
use openclaw_store::Transaction;
use serde::Serialize;
use tracing::{info, warn};

use super::figures::Figure;
use crate::{audit::gateway_audit, state::State};

/// Looks in each window.
const LOOKS: u32 = 12;
/// Time between looks, at least and at most.
const LEAST: Duration = Duration::from_secs(1);
const MOST: Duration = Duration::from_secs(60);

/// What the audit record says of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    /// `began` or `over`.
    state: &'static str,
    metric: &'static str,
    unit: &'static str,
    #[serde(flatten)]
    explanation: Explanation,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
struct Wanted {
    window_ms: i64,
    threshold: f64,
    metrics: Vec<AnomalyMetric>,
}

impl Wanted {
    fn of(state: &State) -> Option<Self> {
        let active = state.active();
        let detection = active.loaded.config.anomaly_detection()?;
        let every =
            || AnomalyMetric::WORDS.iter().filter_map(|word| AnomalyMetric::from_word(word)).collect::<Vec<_>>();
        let mut metrics = if detection.metrics.is_empty() { every() } else { detection.metrics.clone() };
        metrics.sort_by_key(|metric| metric.word());
        metrics.dedup();
        Some(Self {
            window_ms: i64::try_from(detection.window_size.duration().as_millis()).unwrap_or(i64::MAX),
            threshold: detection.threshold,
            metrics,
        })
    }

    fn pause(&self) -> Duration {
        let window = Duration::from_millis(u64::try_from(self.window_ms).unwrap_or_default());
        (window / LOOKS).clamp(LEAST, MOST)
    }
}

/// One figure and what it stood at.
#[derive(Debug)]
struct Watched {
    figure: Figure,
    before: Option<f64>,
    detector: Detector,
}

#[derive(Debug, Default)]
struct Watcher {
    wanted: Option<Wanted>,
    watched: Vec<Watched>,
}

/// Looks until the gateway stops.
pub(super) async fn run(state: Arc<State>) {
    let mut watcher = Watcher::default();
    loop {
        watcher.follow(&state);
        watcher.round(&state).await;
        let pause = watcher.wanted.as_ref().map(Wanted::pause);
        tokio::select! {
            () = state.tasks.stopping() => return,
            () = state.watch.reloaded.notified() => {}
            () = tokio::time::sleep(pause.unwrap_or(MOST)), if pause.is_some() => {}
        }
    }
}

impl Watcher {
    /// Follows the configuration. What was learned goes when it is about another window.
    fn follow(&mut self, state: &State) {
        let wanted = Wanted::of(state);
        if wanted == self.wanted {
            return;
        }
        if let Some(wanted) = &wanted {
            info!(
                metrics = wanted.metrics.iter().map(|metric| metric.word()).collect::<Vec<_>>().join(", ").as_str(),
                window_ms = wanted.window_ms,
                learns_for = LEARNED as u64,
                "Watching for what is unusual"
            );
        }
        let same_window = wanted.as_ref().map(|wanted| wanted.window_ms) == self.wanted.as_ref().map(|w| w.window_ms);
        let mut former = std::mem::take(&mut self.watched);
        let figures = wanted.iter().flat_map(|wanted| wanted.metrics.iter().flat_map(|metric| Figure::of(*metric)));
        for figure in figures.copied() {
            let Some(wanted) = &wanted else { continue };
            let settings = figure.settings(wanted.window_ms, wanted.threshold);
            let kept = former.iter().position(|watched| watched.figure == figure).filter(|_| same_window);
            let watched = match kept.map(|at| former.swap_remove(at)) {
                Some(mut watched) => {
                    watched.detector.judge_by(wanted.threshold);
                    watched
                }
                None => {
                    let before = figure.read(&state.metrics);
                    if before.is_none() {
                        warn!(metric = figure.metric().word(), of = figure.unit(), "This system does not tell it");
                    }
                    Watched { figure, before, detector: Detector::new(settings) }
                }
            };
            self.watched.push(watched);
        }
        self.wanted = wanted;
    }

    async fn round(&mut self, state: &Arc<State>) {
        let now = state.clock.now_ms();
        let learned = self.watched.iter().map(|watched| watched.detector.past()).min().unwrap_or_default();
        state.metrics.watch_windows.set(i64::try_from(learned).unwrap_or(i64::MAX));
        for watched in &mut self.watched {
            let verdict = watched.look(state, now);
            let figure = watched.figure;
            match verdict {
                Verdict::Began(explanation) => {
                    state.metrics.anomalies.inc();
                    warn!(
                        metric = figure.metric().word(),
                        seen = rounded(explanation.seen),
                        expected = rounded(explanation.expected),
                        score = rounded(explanation.score),
                        of = figure.unit(),
                        "Something is unusual"
                    );
                    keep(state, "began", figure, explanation).await;
                }
                Verdict::Over(explanation) => {
                    info!(
                        metric = figure.metric().word(),
                        seen = rounded(explanation.seen),
                        expected = rounded(explanation.expected),
                        of = figure.unit(),
                        "It is as usual again"
                    );
                    keep(state, "over", figure, explanation).await;
                }
                Verdict::Learning | Verdict::Usual | Verdict::Lasts(_) => {}
            }
        }
    }
}

impl Watched {
    fn look(&mut self, state: &State, now: i64) -> Verdict {
        let Some(stands) = self.figure.read(&state.metrics) else { return Verdict::Learning };
        let value = match self.figure {
            Figure::Memory => stands,
            _ => stands - self.before.unwrap_or(stands),
        };
        self.before = Some(stands);
        self.detector.note(now, value);
        self.detector.look(now)
    }
}

/// Puts it into the audit trail, of which alerts are made.
async fn keep(state: &Arc<State>, what: &'static str, figure: Figure, explanation: Explanation) {
    let metric = figure.metric().word();
    let explanation = Explanation {
        expected: rounded(explanation.expected),
        spread: rounded(explanation.spread),
        seen: rounded(explanation.seen),
        score: rounded(explanation.score),
        ..explanation
    };
    let told = Told { state: what, metric, unit: figure.unit(), explanation };
    let audit = AuditEvent {
        severity: if what == "began" { "warn" } else { "info" }.to_owned(),
        target: Some(metric.to_owned()),
        ..gateway_audit("suspicious_activity", serde_json::to_value(told).unwrap_or_default())
    };
    if let Err(error) = state.store.write(Transaction { changes: Vec::new(), audit, idempotency: None }).await {
        warn!(%error, metric, "What is unusual is not in the audit trail");
    }
}

/// To three places: more say nothing.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

//! Decides about occurrences whose time has come, and keeps the decision. Knows the store and the time, and nothing of the rest
//! of the gateway.

use openclaw_core::{
    cron::{Due, Job, Missed, Occurrence, OccurrenceState, Passed, Plan, Policy, Source, Zones, due},
    record::AuditEvent,
};
use openclaw_store::{
    Change, Error, Outcome, Store, Transaction,
    cron::{Claim, CronChange, CronOutcome},
};
use serde_json::json;
use uuid::Uuid;

use super::place;
use crate::audit::gateway_audit;

/// How often a decision is made anew when the job was changed meanwhile.
const TRIES: usize = 5;

/// Why occurrences may have passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The gateway was not there, or asleep.
    Away,
    /// The run before was still at work, or the job was held back after errors.
    Busy,
}

/// What came of a look at a job.
#[derive(Debug)]
pub(crate) enum Claimed {
    /// These are to run, oldest first; there may be none.
    Run {
        /// The job as it is now.
        job: Box<Job>,
        /// What is to run.
        run: Vec<Occurrence>,
        /// What was passed over.
        passed: Option<Box<Occurrence>>,
    },
    /// The job is gone or does not run by itself.
    Gone,
}

/// Name of an occurrence, and of the run that it begins.
pub(crate) fn run_name(job_id: Uuid, scheduled: i64) -> String {
    format!("cron:{job_id}:{scheduled}")
}

/// Claims what is due of a job. On stable storage when this returns.
pub(crate) async fn claim(
    store: &Store,
    zones: &Zones,
    policy: Policy,
    job_id: Uuid,
    now: i64,
    cause: Cause,
) -> Result<Claimed, Error> {
    for _ in 0..TRIES {
        let read = store.read(move |reader| reader.cron_job(job_id)).await?;
        let Some(job) = read.filter(|job| job.enabled) else { return Ok(Claimed::Gone) };
        let Some(due_at) = job.state.next_at else { return Ok(Claimed::Gone) };
        if job.state.due_at().is_some_and(|due_at| due_at > now) {
            return Ok(Claimed::Run { job: Box::new(job), run: Vec::new(), passed: None });
        }
        let held = job.state.held_until().is_some_and(|until| until > due_at);
        let cause = if held { Cause::Busy } else { cause };
        let decided = match Plan::new(&job.schedule, zones, place(job.id)) {
            Ok(plan) => decide(&plan, &job, due_at, now, policy, cause),
            // It could be planned once; whatever made that impossible, the job must not be asked about for ever.
            Err(error) => {
                tracing::warn!(job = %job.id, %error, "a scheduled job cannot be planned any more and is not run by itself");
                Due::default()
            }
        };
        let passed = decided.passed.map(|range| {
            let (state, why) = reason(&range, cause, held);
            (range, format!("passed:{}:{}", job.id, range.first), state, why)
        });
        let claim = Claim {
            job_id: job.id,
            revision: job.revision,
            due_at: Some(due_at),
            source: Source::Schedule,
            run: decided.run.iter().map(|time| (*time, run_name(job.id, *time))).collect(),
            passed,
            next_at: Some(decided.next),
            at: now,
        };
        let audit = audit(&job, &claim);
        let changes = vec![Change::Cron(CronChange::Claim(claim))];
        let committed = store.write(Transaction { changes, audit, idempotency: None }).await?;
        match committed.outcomes.into_iter().next() {
            Some(Outcome::Cron(CronOutcome::Claimed { run, passed, job })) => {
                return Ok(Claimed::Run { job: Box::new(job.whole()), run, passed });
            }
            // The job was changed between reading and writing.
            _ => continue,
        }
    }
    Err(Error::Busy { waiting: TRIES })
}

fn decide(plan: &Plan, job: &Job, due_at: i64, now: i64, policy: Policy, cause: Cause) -> Due {
    let policy = match cause {
        Cause::Away => policy,
        // Making up for what a long run left out would never end.
        Cause::Busy => Policy { missed: Missed::Skip, ..policy },
    };
    let decided = due(plan, due_at, now, policy);
    // After the clock was put back, times come again that were decided about: the store knows them.
    debug_assert!(decided.next.is_none_or(|next| next > now), "{:?}", job.schedule);
    decided
}

fn reason(range: &Passed, cause: Cause, held: bool) -> (OccurrenceState, String) {
    let count = match (range.count, range.exact) {
        (1, _) => "1 run".to_owned(),
        (count, true) => format!("{count} runs"),
        (count, false) => format!("at least {count} runs"),
    };
    match cause {
        Cause::Away => {
            (OccurrenceState::Missed, format!("missed {count}: the gateway was not running them at the time"))
        }
        Cause::Busy if held => (OccurrenceState::Skipped, format!("skipped {count}: held back after errors")),
        Cause::Busy => (OccurrenceState::Skipped, format!("skipped {count}: the run before was still at work")),
    }
}

fn audit(job: &Job, claim: &Claim) -> AuditEvent {
    let passed = claim
        .passed
        .as_ref()
        .map(|(range, ..)| json!({ "count": range.count, "first": range.first, "last": range.last }));
    let detail = json!({ "run": claim.run.iter().map(|(time, _)| time).collect::<Vec<_>>(), "passed": passed, "next": claim.next_at.flatten() });
    AuditEvent { target: Some(job.id.to_string()), ..gateway_audit("cron.claimed", detail) }
}

/// Jobs whose planned time is later than the next one from now: the clock was put back since.
pub(crate) async fn misplanned(store: &Store, zones: &Zones, now: i64) -> Result<Vec<Uuid>, Error> {
    let zones = zones.clone();
    store
        .read(move |reader| {
            let mut found = Vec::new();
            for (job_id, planned) in reader.cron_waiting()? {
                let Some(job) = reader.cron_job(job_id)? else { continue };
                let plan = Plan::new(&job.schedule, &zones, place(job_id)).ok();
                if plan.and_then(|plan| plan.next_after(now)).is_some_and(|next| next < planned) {
                    found.push(job_id);
                }
            }
            Ok(found)
        })
        .await
}

/// Plans a job anew after the clock was put back. Times that were decided about before are known to the store.
pub(crate) async fn replan(store: &Store, zones: &Zones, job_id: Uuid, now: i64) -> Result<Option<i64>, Error> {
    let read = store.read(move |reader| reader.cron_job(job_id)).await?;
    let Some(job) = read.filter(|job| job.enabled) else { return Ok(None) };
    let Some(planned) = job.state.next_at else { return Ok(None) };
    let next = Plan::new(&job.schedule, zones, place(job.id)).ok().and_then(|plan| plan.next_after(now));
    let next = next.map_or(planned, |next| next.min(planned));
    if next == planned {
        return Ok(job.state.due_at());
    }
    let detail = json!({ "before": planned, "next": next });
    let audit = AuditEvent { target: Some(job.id.to_string()), ..gateway_audit("cron.replanned", detail) };
    let change = CronChange::Replan { job_id, revision: job.revision, next_at: Some(next) };
    let changes = vec![Change::Cron(change)];
    store.write(Transaction { changes, audit, idempotency: None }).await?;
    Ok(Some(next))
}

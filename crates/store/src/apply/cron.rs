//! Scheduled jobs, their occurrences, and what agents are to be told.

use openclaw_core::cron::{Ended, Job, JobState, Occurrence, OccurrenceState, Source};
use openclaw_protocol::SessionKey;
use rusqlite::params;
use uuid::Uuid;

use super::{Applying, sessions};
use crate::{
    change::cron::{
        AfterEnd, Claim, CronChange, CronOutcome, End, KEPT_TRANSCRIPTS, MAX_CRON_JOB_BYTES, MAX_CRON_JOBS,
        MAX_OCCURRENCES_PER_JOB, MAX_SYSTEM_EVENT_BYTES, MAX_SYSTEM_EVENTS, MAX_SYSTEM_EVENTS_TOTAL,
        OCCURRENCE_LIFE_MS, StoredJob,
    },
    error::{Error, Fail},
    rows::{
        self,
        cron::{job_columns, occurrence, occurrence_columns},
    },
};

/// Old occurrences that one end of an occurrence removes at most.
const PRUNED_AT_ONCE: usize = 64;
/// Most bytes of an occurrence, as JSON.
const MAX_OCCURRENCE_BYTES: usize = 64 << 10;

pub(super) fn apply(at: &Applying<'_>, index: usize, change: &CronChange) -> Result<CronOutcome, Fail> {
    match change {
        CronChange::Put { job, over } => put(at, job, *over),
        CronChange::Remove { job_id } => {
            let removed = at
                .connection
                .prepare_cached("DELETE FROM cron_jobs WHERE job_id = ?1")?
                .execute([job_id.to_string()])?;
            Ok(CronOutcome::Removed(removed > 0))
        }
        CronChange::Claim(claim) => self::claim(at, claim),
        CronChange::Begin { run_id, at: when } => begin(at, run_id, *when),
        CronChange::End(end) => self::end(at, end),
        CronChange::Replan { job_id, revision, next_at } => match find(at, *job_id)? {
            Some(mut job) if job.revision == *revision && job.enabled => {
                job.state.next_at = *next_at;
                save_state(at, &job)?;
                Ok(CronOutcome::Job(StoredJob::of(&job)))
            }
            _ => Ok(CronOutcome::Stale),
        },
        CronChange::Tell { session_key, text, at: when } => tell(at, session_key, text, *when),
        CronChange::Told { ids } => {
            let mut statement = at.connection.prepare_cached("DELETE FROM system_events WHERE id = ?1")?;
            for id in ids {
                statement.execute([id])?;
            }
            Ok(CronOutcome::Done)
        }
        CronChange::Afresh { key, session_id } => afresh(at, index, key, *session_id),
    }
}

fn put(at: &Applying<'_>, job: &Job, over: Option<i64>) -> Result<CronOutcome, Fail> {
    let known = find(at, job.id)?;
    if known.as_ref().map(|known| known.revision) != over {
        return Err(Error::conflict(format!("job {} was changed meanwhile", job.id)).into());
    }
    if known.is_none() {
        let count: usize =
            at.connection.prepare_cached("SELECT count(*) FROM cron_jobs")?.query_row([], |row| row.get(0))?;
        if count >= MAX_CRON_JOBS {
            return Err(Error::Limit { what: "scheduled jobs", max: MAX_CRON_JOBS }.into());
        }
    }
    let state = JobState {
        next_at: job.state.next_at,
        activated_at: job.state.activated_at,
        ..known.map(|known| known.state).unwrap_or_default()
    };
    let job = Job { state, revision: at.seq, ..job.clone() };
    at.connection
        .prepare_cached(
            "INSERT INTO cron_jobs(job_id, name, agent, enabled, kind, next_at, last_status, updated, revision, doc, state)
             VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, sealed('cron_jobs.doc', ?1, ?10), sealed('cron_jobs.state', ?1, ?11))
             ON CONFLICT(job_id) DO UPDATE SET name = excluded.name, agent = excluded.agent, enabled = excluded.enabled,
             kind = excluded.kind, next_at = excluded.next_at, updated = excluded.updated, revision = excluded.revision,
             doc = excluded.doc, state = excluded.state",
        )?
        .execute(params![
            job.id.to_string(),
            job.name,
            job.agent_id.as_ref().map(AsRef::as_ref),
            job.enabled,
            job.schedule.kind(),
            job.state.next_at,
            job.state.last_state.and_then(OccurrenceState::status),
            job.updated_at,
            job.revision,
            rows::text(&job, "scheduled job", MAX_CRON_JOB_BYTES)?,
            state_text(&job.state)?,
        ])?;
    Ok(CronOutcome::Job(StoredJob::of(&job)))
}

fn claim(at: &Applying<'_>, claim: &Claim) -> Result<CronOutcome, Fail> {
    let Some(mut job) = find(at, claim.job_id)? else { return Ok(CronOutcome::Stale) };
    let scheduled = claim.source == Source::Schedule;
    if job.revision != claim.revision || scheduled && (!job.enabled || job.state.next_at != claim.due_at) {
        return Ok(CronOutcome::Stale);
    }
    let mut run = Vec::new();
    for (time, run_id) in &claim.run {
        let occurrence = fresh(&job, claim, *time, run_id);
        if insert(at, &occurrence)? {
            run.push(occurrence);
        }
    }
    let mut passed = None;
    if let Some((range, run_id, state, why)) = &claim.passed {
        let row = Occurrence {
            state: *state,
            ended_at: Some(claim.at),
            ended: Ended { error: Some(why.clone()), next_at: claim.next_at.flatten(), ..Ended::default() },
            passed: Some(*range),
            ..fresh(&job, claim, range.first, run_id)
        };
        if insert(at, &row)? {
            job.state.consecutive_skipped = job.state.consecutive_skipped.saturating_add(range.count);
            passed = Some(Box::new(row));
        }
        prune(at, job.id)?;
    }
    if let Some(next) = claim.next_at {
        job.state.next_at = next;
    }
    save_state(at, &job)?;
    Ok(CronOutcome::Claimed { run, passed, job: StoredJob::of(&job) })
}

fn fresh(job: &Job, claim: &Claim, scheduled: i64, run_id: &str) -> Occurrence {
    Occurrence {
        run_id: run_id.to_owned(),
        job_id: job.id,
        job_name: job.name.clone(),
        agent_id: job.agent_id.clone(),
        scheduled,
        source: claim.source,
        state: OccurrenceState::Claimed,
        claimed_at: claim.at,
        started_at: None,
        ended_at: None,
        ended: Ended::default(),
        passed: None,
    }
}

/// Keeps a new occurrence; one of the same job, source and time is not touched.
fn insert(at: &Applying<'_>, occurrence: &Occurrence) -> Result<bool, Fail> {
    let inserted = at
        .connection
        .prepare_cached(
            "INSERT INTO cron_occurrences(run_id, job_id, source, scheduled, state, agent, ended, doc)
             VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, sealed('cron_occurrences.doc', ?1, ?8)) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            occurrence.run_id,
            occurrence.job_id.to_string(),
            occurrence.source.as_str(),
            occurrence.scheduled,
            occurrence.state.as_str(),
            occurrence.agent_id.as_ref().map(AsRef::as_ref),
            occurrence.ended_at,
            rows::text(occurrence, "occurrence", MAX_OCCURRENCE_BYTES)?,
        ])?;
    Ok(inserted > 0)
}

fn begin(at: &Applying<'_>, run_id: &str, when: i64) -> Result<CronOutcome, Fail> {
    let mut occurrence = load_occurrence(at, run_id)?;
    if occurrence.state != OccurrenceState::Claimed {
        let text = format!("occurrence {run_id} is {} and cannot begin", occurrence.state.as_str());
        return Err(Error::conflict(text).into());
    }
    occurrence.state = OccurrenceState::Started;
    occurrence.started_at = Some(when);
    save(at, &occurrence)?;
    let mut job = find(at, occurrence.job_id)?;
    if let Some(job) = &mut job {
        job.state.running_at = Some(when);
        save_state(at, job)?;
    }
    Ok(CronOutcome::Begun(Box::new(occurrence), job.as_ref().map(StoredJob::of)))
}

fn end(at: &Applying<'_>, end: &End) -> Result<CronOutcome, Fail> {
    if !end.state.ended() {
        return Err(Error::invalid(format!("{} does not end an occurrence", end.state.as_str())).into());
    }
    let mut occurrence = load_occurrence(at, &end.run_id)?;
    if occurrence.state.ended() {
        let text = format!("occurrence {} has ended already ({})", end.run_id, occurrence.state.as_str());
        return Err(Error::conflict(text).into());
    }
    occurrence.state = end.state;
    occurrence.ended_at = Some(end.at);
    occurrence.ended = end.ended.clone();
    let mut job = find(at, occurrence.job_id)?;
    if let Some(job) = &mut job {
        let state = &mut job.state;
        let began = occurrence.started_at.unwrap_or(occurrence.claimed_at);
        state.running_at = None;
        state.last_run_at = Some(began);
        state.last_end_at = Some(end.at);
        state.last_state = Some(end.state);
        state.last_error.clone_from(&end.ended.error);
        state.last_duration_ms = Some(u64::try_from(end.at - began).unwrap_or(0));
        state.last_delivery = end.ended.delivery;
        match end.state.status() {
            Some("error") => state.consecutive_errors = state.consecutive_errors.saturating_add(1),
            Some("skipped") => state.consecutive_skipped = state.consecutive_skipped.saturating_add(1),
            _ => (state.consecutive_errors, state.consecutive_skipped) = (0, 0),
        }
        match end.job {
            AfterEnd::Disabled => {
                state.next_at = None;
                job.enabled = false;
            }
            AfterEnd::Stays | AfterEnd::Removed => {}
        }
        occurrence.ended.next_at = job.state.due_at();
        save_state(at, job)?;
    }
    save(at, &occurrence)?;
    if end.job == AfterEnd::Removed {
        at.connection
            .prepare_cached("DELETE FROM cron_jobs WHERE job_id = ?1")?
            .execute([occurrence.job_id.to_string()])?;
        job = None;
    }
    prune(at, occurrence.job_id)?;
    Ok(CronOutcome::Ended(Box::new(occurrence), job.as_ref().map(StoredJob::of)))
}

/// Forgets ended occurrences that are too old, and those of this job that are too many.
fn prune(at: &Applying<'_>, job_id: Uuid) -> Result<(), Fail> {
    at.connection
        .prepare_cached(
            "DELETE FROM cron_occurrences WHERE id IN
             (SELECT id FROM cron_occurrences WHERE ended IS NOT NULL AND ended < ?1 ORDER BY ended LIMIT ?2)",
        )?
        .execute(params![at.ts - OCCURRENCE_LIFE_MS, PRUNED_AT_ONCE])?;
    at.connection
        .prepare_cached(
            "DELETE FROM cron_occurrences WHERE id IN
             (SELECT id FROM cron_occurrences WHERE job_id = ?1 AND ended IS NOT NULL ORDER BY ended DESC, id DESC LIMIT ?3 OFFSET ?2)",
        )?
        .execute(params![job_id.to_string(), MAX_OCCURRENCES_PER_JOB, PRUNED_AT_ONCE])?;
    Ok(())
}

fn tell(at: &Applying<'_>, key: &SessionKey, text: &str, when: i64) -> Result<CronOutcome, Fail> {
    if text.len() > MAX_SYSTEM_EVENT_BYTES {
        return Err(Error::TooLarge { what: "system event", size: text.len(), max: MAX_SYSTEM_EVENT_BYTES }.into());
    }
    let count = |sql: &str, params: &[&dyn rusqlite::ToSql]| -> Result<usize, Fail> {
        Ok(at.connection.prepare_cached(sql)?.query_row(params, |row| row.get(0))?)
    };
    let here = count("SELECT count(*) FROM system_events WHERE session_key = ?1", &[&key.as_str()])?;
    if here >= MAX_SYSTEM_EVENTS {
        return Err(Error::Limit { what: "system events waiting in this session", max: MAX_SYSTEM_EVENTS }.into());
    }
    if count("SELECT count(*) FROM system_events", &[])? >= MAX_SYSTEM_EVENTS_TOTAL {
        return Err(Error::Limit { what: "system events waiting", max: MAX_SYSTEM_EVENTS_TOTAL }.into());
    }
    at.connection
        .prepare_cached("INSERT INTO system_events(session_key, ts, text) VALUES(?1, ?2, sealed('system_events.text', ?1 || ' ' || ?2, ?3))")?
        .execute(params![key.as_str(), when, text])?;
    Ok(CronOutcome::Done)
}

fn afresh(at: &Applying<'_>, index: usize, key: &SessionKey, session_id: Uuid) -> Result<CronOutcome, Fail> {
    let known = at.connection.prepare_cached("SELECT 1 FROM sessions WHERE key = ?1")?.exists([key.as_str()])?;
    if !known {
        return Ok(CronOutcome::Done);
    }
    sessions::reset(at, index, key, session_id)?;
    let old: Vec<i64> = at
        .connection
        .prepare_cached(
            "SELECT id FROM transcripts WHERE session_key = ?1 AND ended IS NOT NULL ORDER BY id DESC LIMIT -1 OFFSET ?2",
        )?
        .query_map(params![key.as_str(), KEPT_TRANSCRIPTS], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for transcript in old {
        at.connection.prepare_cached("DELETE FROM messages WHERE transcript = ?1")?.execute([transcript])?;
        at.connection.prepare_cached("DELETE FROM transcripts WHERE id = ?1")?.execute([transcript])?;
    }
    Ok(CronOutcome::Done)
}

fn find(at: &Applying<'_>, job_id: Uuid) -> Result<Option<Job>, Fail> {
    let sql = concat!("SELECT ", job_columns!(), " FROM cron_jobs WHERE job_id = ?1");
    Ok(rows::one(at.connection, sql, [job_id.to_string()], rows::cron::job)??)
}

fn save_state(at: &Applying<'_>, job: &Job) -> Result<(), Fail> {
    at.connection
        .prepare_cached(
            "UPDATE cron_jobs SET enabled = ?2, next_at = ?3, last_status = ?4, state = sealed('cron_jobs.state', job_id, ?5),
             doc = sealed('cron_jobs.doc', job_id, json_set(opened('cron_jobs.doc', job_id, doc), '$.enabled',
             json(iif(?2, 'true', 'false')))) WHERE job_id = ?1",
        )?
        .execute(params![
            job.id.to_string(),
            job.enabled,
            job.state.next_at,
            job.state.last_state.and_then(OccurrenceState::status),
            state_text(&job.state)?,
        ])?;
    Ok(())
}

fn state_text(state: &JobState) -> Result<String, Error> {
    rows::text(state, "state of a scheduled job", MAX_OCCURRENCE_BYTES)
}

fn load_occurrence(at: &Applying<'_>, run_id: &str) -> Result<Occurrence, Fail> {
    let sql = concat!("SELECT ", occurrence_columns!(), " FROM cron_occurrences WHERE run_id = ?1");
    let found = rows::one(at.connection, sql, [run_id], occurrence)??;
    Ok(found.ok_or_else(|| Error::not_found("occurrence", run_id))?)
}

fn save(at: &Applying<'_>, occurrence: &Occurrence) -> Result<(), Fail> {
    let delivery = occurrence.ended.delivery.map(rows::cron::delivery_word);
    at.connection
        .prepare_cached(
            "UPDATE cron_occurrences SET state = ?2, ended = ?3, delivery = ?4, doc = sealed('cron_occurrences.doc', run_id, ?5) WHERE run_id = ?1",
        )?
        .execute(params![
            occurrence.run_id,
            occurrence.state.as_str(),
            occurrence.ended_at,
            delivery,
            rows::text(occurrence, "occurrence", MAX_OCCURRENCE_BYTES)?,
        ])?;
    Ok(())
}

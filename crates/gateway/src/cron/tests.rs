//! Crashes and idleness, from the inside.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
    time::Duration,
};

use openclaw_config::{LoadRequest, load};
use openclaw_core::{
    Clock, Environment, Ids, Tasks,
    cron::{
        DeliveryStatus, Ended, Job, JobState, Missed, Occurrence, OccurrenceState, Payload, Plan, Policy, Schedule,
        Target, Wake,
    },
};
use openclaw_protocol::SessionKey;
use openclaw_store::{
    Change, Error, Reader, Settings, StateDir, Store, Transaction,
    cron::{AfterEnd, CronChange, CronOutcome, End, OccurrenceQuery},
};
use serde_json::Value;
use uuid::Uuid;

use super::{
    keeper::{self, Cause, Claimed},
    *,
};
use crate::audit::gateway_audit;

const START: i64 = 1_800_000_000_000;

/// The writer's thread of the life before keeps the claim for a moment.
fn claim(path: &Path) -> StateDir {
    (0..5_000)
        .find_map(|_| match StateDir::claim(path) {
            Err(Error::Locked { .. }) => {
                std::thread::sleep(Duration::from_millis(1));
                None
            }
            other => Some(other.unwrap()),
        })
        .expect("the folder is free within five seconds")
}

fn open(path: &Path, clock: &Clock) -> Store {
    Store::open(&claim(path), clock.clone(), Settings::default()).unwrap().store
}

fn job(id: u128, schedule: Schedule) -> Job {
    let zones = Zones::new(None);
    let id = Uuid::from_u128(id);
    let next_at = Plan::new(&schedule, &zones, place(id)).unwrap().next_after(START);
    Job {
        id,
        name: "job".to_owned(),
        display_name: None,
        description: None,
        agent_id: None,
        session_key: None,
        enabled: true,
        delete_after_run: false,
        created_at: START,
        updated_at: START,
        schedule,
        target: Target::Main,
        wake: Wake::NextHeartbeat,
        payload: Payload::SystemEvent { text: "tick".to_owned() },
        delivery: None,
        state: JobState { next_at, ..JobState::default() },
        revision: 0,
    }
}

fn transaction(changes: Vec<Change>) -> Transaction {
    Transaction { changes, audit: gateway_audit("test.changed", Value::Null), idempotency: None }
}

fn cron(changes: Vec<CronChange>) -> Transaction {
    transaction(changes.into_iter().map(Change::Cron).collect())
}

/// A random number below `below`, from the ids of the test.
fn dice(ids: &Ids, below: u64) -> u64 {
    u64::from_le_bytes(ids.bytes::<8>()) % below
}

/// What an occurrence is for, in one transaction, as `act` does it for events.
fn done(occurrence: &Occurrence, now: i64) -> Transaction {
    let session_key = SessionKey::new(format!("agent:main:{}", occurrence.run_id)).unwrap();
    let tell = CronChange::Tell { session_key, text: "tick".to_owned(), at: now };
    let ended = Ended { delivery: Some(DeliveryStatus::NotRequested), ..Ended::default() };
    let end =
        End { run_id: occurrence.run_id.clone(), state: OccurrenceState::Ok, at: now, ended, job: AfterEnd::Stays };
    cron(vec![tell, CronChange::End(Box::new(end))])
}

/// A thousand occurrences of three jobs over twenty crashes and clocks that jump: each ran exactly once, or a row says that and why
/// it did not.
async fn crashes(missed: Missed, seed: u64) {
    let folder = tempfile::tempdir().unwrap();
    let (clock, hands) = Clock::manual(START);
    let (zones, ids) = (Zones::new(None), Ids::seeded(seed));
    let policy = Policy { missed, grace_ms: 20_000, limit: 3 };
    let jobs = [
        job(1, Schedule::Every { every_ms: 60_000, anchor_ms: START }),
        job(2, Schedule::Every { every_ms: 45_000, anchor_ms: START + 7 }),
        job(
            3,
            Schedule::Cron { expr: "*/2 * * * *".to_owned(), tz: Some("Europe/Berlin".to_owned()), stagger_ms: None },
        ),
    ];
    let store = open(folder.path(), &clock);
    for job in &jobs {
        store.write(cron(vec![CronChange::Put { job: Box::new(job.clone()), over: None }])).await.unwrap();
    }
    store.close().await.unwrap();
    // The furthest that the clock ever came.
    let mut latest = START;
    // Lives that ended between a claim and its end; the others ended between two looks.
    let mut cut = 0;
    for life in 0..20 {
        let store = open(folder.path(), &clock);
        // What the life before had claimed, and may or may not have done.
        let left = store.read(Reader::cron_open).await.unwrap();
        for occurrence in left {
            store.write(done(&occurrence, clock.now_ms())).await.unwrap();
        }
        for job_id in keeper::misplanned(&store, &zones, clock.now_ms()).await.unwrap() {
            keeper::replan(&store, &zones, job_id, clock.now_ms()).await.unwrap();
        }
        let steps = 90 + dice(&ids, 40);
        let mut crashed = false;
        for _ in 0..steps {
            let now = clock.now_ms();
            latest = latest.max(now);
            for job in &jobs {
                let claim = keeper::claim(&store, &zones, policy, job.id, now, Cause::Away);
                let run = match claim.await.unwrap() {
                    Claimed::Run { run, .. } => run,
                    Claimed::Gone => panic!("no job goes"),
                };
                for occurrence in run {
                    // A crash between the claim and the work, or in the middle of writing down its end.
                    match dice(&ids, 200 * 20 / (life + 1)) {
                        0 => crashed = true,
                        1 => {
                            let _ = tokio::time::timeout(Duration::ZERO, store.write(done(&occurrence, now))).await;
                            crashed = true;
                        }
                        _ => drop(store.write(done(&occurrence, now)).await.unwrap()),
                    }
                    if crashed {
                        break;
                    }
                }
            }
            if crashed {
                break;
            }
            hands.advance_ms(5_000 + i64::try_from(dice(&ids, 30_000)).unwrap());
        }
        cut += usize::from(crashed);
        drop(store);
        // Some time without a gateway; sometimes the clock is put back meanwhile.
        match dice(&ids, 6) {
            0 => hands.advance_ms(-i64::try_from(dice(&ids, 300_000)).unwrap()),
            1 => hands.advance_ms(i64::try_from(dice(&ids, 3_600_000)).unwrap()),
            _ => hands.advance_ms(i64::try_from(dice(&ids, 90_000)).unwrap()),
        }
    }
    let store = open(folder.path(), &clock);
    for occurrence in store.read(Reader::cron_open).await.unwrap() {
        store.write(done(&occurrence, clock.now_ms())).await.unwrap();
    }
    let told: BTreeMap<String, usize> = store
        .read(Reader::system_event_counts)
        .await
        .unwrap()
        .into_iter()
        .map(|(key, count)| (key.rest().to_owned(), count))
        .collect();
    let mut ran = 0;
    for job in &jobs {
        let query =
            OccurrenceQuery { job_id: Some(job.id), limit: 1000, ascending: true, ..OccurrenceQuery::default() };
        let rows = store.read(move |reader| reader.cron_occurrences(&query)).await.unwrap();
        assert_eq!(rows.rows.len() as u64, rows.total, "all fit on one page");
        let plan = Plan::new(&job.schedule, &zones, place(job.id)).unwrap();
        // Every time of the schedule up to the last look, once.
        let mut decided: BTreeSet<i64> = BTreeSet::new();
        for row in &rows.rows {
            match row.passed {
                None => {
                    assert_eq!(row.state, OccurrenceState::Ok);
                    assert_eq!(told.get(&row.run_id), Some(&1), "{} ran once", row.run_id);
                    assert!(decided.insert(row.scheduled), "{} is decided about twice", row.scheduled);
                    ran += 1;
                }
                Some(passed) => {
                    assert_eq!(row.state, OccurrenceState::Missed);
                    assert!(row.ended.error.as_ref().is_some_and(|why| why.starts_with("missed")), "{row:?}");
                    let (mut at, mut count) = (passed.first - 1, 0);
                    while let Some(next) = plan.next_after(at).filter(|next| *next <= passed.last) {
                        // After the clock was put back some of them had been decided about before.
                        decided.insert(next);
                        at = next;
                        count += 1;
                    }
                    assert_eq!(count, passed.count);
                }
            }
        }
        let mut at = START;
        while let Some(next) = plan.next_after(at).filter(|next| *next <= latest) {
            assert!(decided.contains(&next), "{next} of {:?} is neither run nor recorded ({missed:?})", job.schedule);
            at = next;
        }
    }
    assert!(told.values().all(|count| *count == 1), "nothing is told twice");
    assert!(ran >= 1000, "{ran} ran ({missed:?})");
    assert!(cut >= 5, "{cut} crashes were in the middle of an occurrence ({missed:?})");
}

#[tokio::test(flavor = "multi_thread")]
async fn over_twenty_crashes_every_occurrence_runs_once_or_is_recorded() {
    for (missed, seed) in [(Missed::Once, 1), (Missed::Skip, 2), (Missed::All, 3)] {
        crashes(missed, seed).await;
    }
}

/// What a gateway is started with on a state directory that is there.
fn options(folder: &Path) -> crate::Options {
    let path = folder.join("openclaw.json");
    let text = r#"{ gateway: { port: 0, auth: { mode: "none" } }, metrics: { enabled: false } }"#;
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let environment: Environment = [("OLLAMA_HOST".to_owned(), "127.0.0.1:9".to_owned())].into_iter().collect();
    let clock = Clock::manual(START).0;
    let request = LoadRequest {
        config_path: Some(path),
        environment: environment.clone(),
        home: Some(folder.to_path_buf()),
        ..LoadRequest::default()
    };
    crate::Options {
        config: load(&request).unwrap(),
        load: request,
        state_dir: claim(&folder.join("state")),
        environment,
        clock: clock.clone(),
        ids: Ids::system(),
        tasks: Tasks::new(),
        log: crate::LogRing::new(clock, crate::LogFormat::Off),
        follow_logging: Arc::new(|_| {}),
        guard: None,
        host: "test".to_owned(),
    }
}

/// Ten thousand jobs that wait cost nothing: their owner does not even wake up.
#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_jobs_wait_without_a_wake_up() {
    let folder = tempfile::tempdir().unwrap();
    let (clock, _) = Clock::manual(START);
    let store = open(&folder.path().join("state"), &clock);
    let far = || Schedule::At { at: "2090-01-01T00:00:00Z".to_owned() };
    for batch in 0..50_u128 {
        let jobs =
            (0..200).map(|number| CronChange::Put { job: Box::new(job(batch * 200 + number + 1, far())), over: None });
        store.write(cron(jobs.collect())).await.unwrap();
    }
    // One more is one too many.
    let more = store.write(cron(vec![CronChange::Put { job: Box::new(job(1 << 64, far())), over: None }])).await;
    assert!(matches!(more, Err(Error::Limit { .. })));
    store.close().await.unwrap();
    let running = crate::start(options(folder.path())).await.unwrap();
    let state = Arc::clone(&running.state);
    let (jobs, next) = state.store.read(Reader::cron_count).await.unwrap();
    assert_eq!((jobs, next), (10_000, Some(3_786_912_000_000)));
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = state.metrics.cron_wakeups.get();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(state.metrics.cron_wakeups.get(), before);
    running.stop("test").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_busy_job_left_out_is_one_row_and_the_newest_still_runs() {
    let folder = tempfile::tempdir().unwrap();
    let (clock, hands) = Clock::manual(START);
    let zones = Zones::new(None);
    let store = open(folder.path(), &clock);
    let busy = job(1, Schedule::Every { every_ms: 1000, anchor_ms: START });
    store.write(cron(vec![CronChange::Put { job: Box::new(busy.clone()), over: None }])).await.unwrap();
    let policy = Policy { missed: Missed::All, grace_ms: 5_000, limit: 10 };
    hands.advance_ms(60_000);
    let claim = keeper::claim(&store, &zones, policy, busy.id, clock.now_ms(), Cause::Busy).await.unwrap();
    let Claimed::Run { run, passed, .. } = claim else { panic!() };
    assert_eq!(run.iter().map(|occurrence| occurrence.scheduled - START).collect::<Vec<_>>(), [60_000]);
    let passed = passed.unwrap();
    assert_eq!((passed.state, passed.passed.unwrap().count), (OccurrenceState::Skipped, 59));
    assert!(passed.ended.error.as_ref().unwrap().contains("still at work"), "{passed:?}");
    // After errors it is held back.
    let failed = End {
        run_id: run[0].run_id.clone(),
        state: OccurrenceState::Error,
        at: clock.now_ms(),
        ended: Ended::default(),
        job: AfterEnd::Stays,
    };
    let committed = store.write(cron(vec![CronChange::End(Box::new(failed))])).await.unwrap();
    let openclaw_store::Outcome::Cron(CronOutcome::Ended(_, Some(job))) = &committed.outcomes[0] else { panic!() };
    assert_eq!(job.clone().whole().state.due_at(), Some(clock.now_ms() + 30_000));
    hands.advance_ms(10_000);
    let held = keeper::claim(&store, &zones, policy, busy.id, clock.now_ms(), Cause::Away).await.unwrap();
    let Claimed::Run { run, passed, .. } = held else { panic!() };
    assert!(run.is_empty() && passed.is_none());
    hands.advance_ms(20_000);
    let free = keeper::claim(&store, &zones, policy, busy.id, clock.now_ms(), Cause::Away).await.unwrap();
    let Claimed::Run { run, passed, .. } = free else { panic!() };
    assert_eq!((run.len(), passed.unwrap().passed.unwrap().count), (1, 29));
}

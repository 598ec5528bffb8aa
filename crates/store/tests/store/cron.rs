use openclaw_core::cron::{
    DeliveryStatus, Ended, Job, JobState, Occurrence, OccurrenceState, Passed, Payload, Schedule, Source, Target, Wake,
};
use openclaw_store::{
    Change, Error, Outcome, Settings,
    cron::{
        AfterEnd, Claim, CronChange, CronOutcome, End, JobQuery, JobSort, KEPT_TRANSCRIPTS, MAX_OCCURRENCES_PER_JOB,
        MAX_SYSTEM_EVENTS, OCCURRENCE_LIFE_MS, OccurrenceQuery,
    },
};
use uuid::Uuid;

use crate::support::*;

fn job(number: u128, name: &str) -> Job {
    Job {
        id: Uuid::from_u128(number),
        name: name.to_owned(),
        display_name: None,
        description: None,
        agent_id: None,
        session_key: None,
        enabled: true,
        delete_after_run: false,
        created_at: START,
        updated_at: START + number as i64,
        schedule: Schedule::Every { every_ms: 60_000, anchor_ms: 0 },
        target: Target::Main,
        wake: Wake::Now,
        payload: Payload::SystemEvent { text: "tick".to_owned() },
        delivery: None,
        state: JobState { next_at: Some(START + 60_000), ..JobState::default() },
        revision: 0,
    }
}

impl World {
    async fn cron(&self, change: CronChange) -> Result<CronOutcome, Error> {
        match self.change(Change::Cron(change)).await? {
            Outcome::Cron(outcome) => Ok(outcome),
            other => panic!("{other:?}"),
        }
    }

    async fn put(&self, job: Job, over: Option<i64>) -> Job {
        match self.cron(CronChange::Put { job: Box::new(job), over }).await.unwrap() {
            CronOutcome::Job(job) => job.whole(),
            other => panic!("{other:?}"),
        }
    }

    async fn ended(&self, query: OccurrenceQuery) -> (Vec<Occurrence>, u64) {
        let page = self.store.read(move |reader| reader.cron_occurrences(&query)).await.unwrap();
        (page.rows, page.total)
    }

    async fn jobs(&self, query: JobQuery) -> Vec<String> {
        let page = self.store.read(move |reader| reader.cron_jobs(&query)).await.unwrap();
        page.rows.into_iter().map(|job| job.name).collect()
    }
}

fn claim(job: &Job, time: i64) -> Claim {
    Claim {
        job_id: job.id,
        revision: job.revision,
        due_at: job.state.next_at,
        source: Source::Schedule,
        run: vec![(time, format!("cron:{}:{time}", job.id))],
        passed: None,
        next_at: Some(Some(time + 60_000)),
        at: time,
    }
}

fn end(run_id: &str, state: OccurrenceState, at: i64, job: AfterEnd) -> CronChange {
    let ended =
        Ended { summary: Some("Said".to_owned()), delivery: Some(DeliveryStatus::NotRequested), ..Ended::default() };
    CronChange::End(Box::new(End { run_id: run_id.to_owned(), state, at, ended, job }))
}

#[tokio::test]
async fn an_occurrence_is_claimed_once_whoever_asks() {
    let world = World::new();
    let made = world.put(job(1, "a"), None).await;
    let time = START + 60_000;
    let CronOutcome::Claimed { run, passed, job } = world.cron(CronChange::Claim(claim(&made, time))).await.unwrap()
    else {
        panic!()
    };
    let after = job.whole();
    assert_eq!(
        (run.len(), run[0].state, passed, after.state.next_at),
        (1, OccurrenceState::Claimed, None, Some(time + 60_000))
    );
    // The same decision again is stale, and the same time by another decision is known.
    assert_eq!(world.cron(CronChange::Claim(claim(&made, time))).await.unwrap(), CronOutcome::Stale);
    let again = Claim { due_at: after.state.next_at, ..claim(&after, time) };
    let CronOutcome::Claimed { run, .. } = world.cron(CronChange::Claim(again)).await.unwrap() else { panic!() };
    assert!(run.is_empty());
    // One that somebody asks for is another one, even at the same time.
    let manual = Claim {
        source: Source::Manual,
        run: vec![(time, "manual:1".to_owned())],
        next_at: None,
        ..claim(&after, time)
    };
    let CronOutcome::Claimed { run, .. } = world.cron(CronChange::Claim(manual)).await.unwrap() else { panic!() };
    assert_eq!(run.len(), 1);
    assert_eq!(world.store.read(openclaw_store::Reader::cron_open).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_claim_about_another_job_than_there_is_now_changes_nothing() {
    let world = World::new();
    let made = world.put(job(1, "a"), None).await;
    let changed = world.put(Job { name: "b".to_owned(), ..made.clone() }, Some(made.revision)).await;
    assert_eq!(world.cron(CronChange::Claim(claim(&made, START + 60_000))).await.unwrap(), CronOutcome::Stale);
    let disabled = world.put(Job { enabled: false, ..changed.clone() }, Some(changed.revision)).await;
    assert_eq!(world.cron(CronChange::Claim(claim(&disabled, START + 60_000))).await.unwrap(), CronOutcome::Stale);
    assert!(matches!(
        world.change(Change::Cron(CronChange::Put { job: Box::new(changed), over: Some(made.revision) })).await,
        Err(Error::Conflict { .. })
    ));
    assert_eq!(world.cron(CronChange::Remove { job_id: made.id }).await.unwrap(), CronOutcome::Removed(true));
    assert_eq!(world.cron(CronChange::Remove { job_id: made.id }).await.unwrap(), CronOutcome::Removed(false));
    assert_eq!(world.cron(CronChange::Claim(claim(&disabled, START))).await.unwrap(), CronOutcome::Stale);
}

#[tokio::test]
async fn an_occurrence_goes_from_claimed_to_its_end_once() {
    let world = World::new();
    let made = world.put(job(1, "a"), None).await;
    let time = START + 60_000;
    let name = format!("cron:{}:{time}", made.id);
    world.cron(CronChange::Claim(claim(&made, time))).await.unwrap();
    let begin = || CronChange::Begin { run_id: name.clone(), at: time + 5 };
    let CronOutcome::Begun(occurrence, Some(running)) = world.cron(begin()).await.unwrap() else { panic!() };
    assert_eq!((occurrence.state, running.whole().state.running_at), (OccurrenceState::Started, Some(time + 5)));
    assert!(matches!(world.cron(begin()).await, Err(Error::Conflict { .. })));
    assert!(matches!(
        world.cron(end(&name, OccurrenceState::Started, time, AfterEnd::Stays)).await,
        Err(Error::Invalid { .. })
    ));
    let done = world.cron(end(&name, OccurrenceState::Error, time + 1005, AfterEnd::Stays)).await.unwrap();
    let CronOutcome::Ended(occurrence, Some(after)) = done else { panic!() };
    let state = after.whole().state;
    assert_eq!((state.last_duration_ms, state.consecutive_errors, state.running_at), (Some(1000), 1, None));
    // After an error it is held back for half a minute, which its next time respects anyway.
    assert_eq!((state.next_at, occurrence.ended.next_at), (Some(time + 60_000), Some(time + 60_000)));
    assert!(matches!(
        world.cron(end(&name, OccurrenceState::Ok, time, AfterEnd::Stays)).await,
        Err(Error::Conflict { .. })
    ));
    assert!(matches!(
        world.cron(end("nobody", OccurrenceState::Ok, time, AfterEnd::Stays)).await,
        Err(Error::NotFound { .. })
    ));
    // A change of the job keeps what came of it.
    let changed = world.put(Job { name: "new".to_owned(), ..made.clone() }, Some(made.revision)).await;
    assert_eq!(changed.state.consecutive_errors, 1);
    let (rows, total) = world.ended(OccurrenceQuery { limit: 10, ..OccurrenceQuery::default() }).await;
    assert_eq!((rows.len(), total, rows[0].job_name.as_str(), rows[0].state), (1, 1, "a", OccurrenceState::Error));
}

#[tokio::test]
async fn the_end_of_an_occurrence_may_end_its_job() {
    let world = World::new();
    for (number, after) in [(1, AfterEnd::Disabled), (2, AfterEnd::Removed)] {
        let made = world.put(job(number, "a"), None).await;
        let time = START + 60_000;
        world.cron(CronChange::Claim(claim(&made, time))).await.unwrap();
        let name = format!("cron:{}:{time}", made.id);
        let CronOutcome::Ended(_, left) = world.cron(end(&name, OccurrenceState::Ok, time, after)).await.unwrap()
        else {
            panic!()
        };
        let read = world.store.read(move |reader| reader.cron_job(made.id)).await.unwrap();
        assert_eq!(left.map(|job| job.whole()), read);
        assert_eq!(
            read.map(|job| (job.enabled, job.state.next_at)),
            (after == AfterEnd::Disabled).then_some((false, None))
        );
    }
    assert!(world.store.read(openclaw_store::Reader::cron_waiting).await.unwrap().is_empty());
    assert_eq!(world.ended(OccurrenceQuery { limit: 10, ..OccurrenceQuery::default() }).await.1, 2);
}

#[tokio::test]
async fn what_was_passed_over_is_one_row() {
    let world = World::new();
    let made = world.put(job(1, "a"), None).await;
    let range = Passed { first: START + 60_000, last: START + 600_000, count: 10, exact: true };
    let passing = Claim {
        run: Vec::new(),
        passed: Some((range, "missed:1".to_owned(), OccurrenceState::Missed, "the gateway was not running".to_owned())),
        ..claim(&made, START + 700_000)
    };
    let CronOutcome::Claimed { run, passed, job } = world.cron(CronChange::Claim(passing)).await.unwrap() else {
        panic!()
    };
    assert_eq!((run.len(), passed.unwrap().passed, job.whole().state.consecutive_skipped), (0, Some(range), 10));
    let (rows, _) = world
        .ended(OccurrenceQuery { states: vec![OccurrenceState::Missed], limit: 9, ..OccurrenceQuery::default() })
        .await;
    assert_eq!(rows.len(), 1);
}

#[tokio::test]
async fn history_is_kept_within_its_bounds() {
    let world = World::new();
    let mut made = world.put(job(1, "a"), None).await;
    let other = world.put(job(2, "b"), None).await;
    let mut time = START;
    world.cron(CronChange::Claim(claim(&other, time))).await.unwrap();
    world.cron(end(&format!("cron:{}:{time}", other.id), OccurrenceState::Ok, time, AfterEnd::Stays)).await.unwrap();
    for _ in 0..MAX_OCCURRENCES_PER_JOB + 10 {
        time += 1000;
        let changes = vec![
            Change::Cron(CronChange::Claim(Claim { next_at: Some(made.state.next_at), ..claim(&made, time) })),
            Change::Cron(end(&format!("cron:{}:{time}", made.id), OccurrenceState::Ok, time, AfterEnd::Stays)),
        ];
        world.write(changes).await.unwrap();
    }
    let of =
        |job: &Job| OccurrenceQuery { job_id: Some(job.id), limit: 1, ascending: true, ..OccurrenceQuery::default() };
    assert_eq!(world.ended(of(&made)).await.1, MAX_OCCURRENCES_PER_JOB as u64);
    assert_eq!(world.ended(of(&made)).await.0[0].scheduled, START + 11_000);
    assert_eq!(world.ended(of(&other)).await.1, 1);
    // A week later the old ones go, with the next end.
    world.clock.advance_ms(OCCURRENCE_LIFE_MS * 2);
    made = world.store.read(move |reader| reader.cron_job(made.id)).await.unwrap().unwrap();
    time += OCCURRENCE_LIFE_MS * 2;
    world.cron(CronChange::Claim(claim(&made, time))).await.unwrap();
    world.cron(end(&format!("cron:{}:{time}", made.id), OccurrenceState::Ok, time, AfterEnd::Stays)).await.unwrap();
    assert_eq!(world.ended(of(&other)).await.1, 0);
}

#[tokio::test]
async fn jobs_are_filtered_sorted_and_paged() {
    let world = World::new();
    for (number, name) in [(1, "beta"), (2, "Alpha"), (3, "gamma")] {
        world.put(job(number, name), None).await;
    }
    let off = Job {
        enabled: false,
        description: Some("The LAST one".to_owned()),
        state: JobState::default(),
        ..job(4, "delta")
    };
    world.put(off, None).await;
    let all = || JobQuery { limit: 10, ..JobQuery::default() };
    assert_eq!(world.jobs(all()).await, ["beta", "Alpha", "gamma", "delta"]);
    assert_eq!(world.jobs(JobQuery { sort: JobSort::Name, ..all() }).await, ["Alpha", "beta", "delta", "gamma"]);
    assert_eq!(world.jobs(JobQuery { sort: JobSort::Updated, descending: true, ..all() }).await[0], "delta");
    assert_eq!(world.jobs(JobQuery { enabled: Some(false), ..all() }).await, ["delta"]);
    assert_eq!(world.jobs(JobQuery { search: Some("last".to_owned()), ..all() }).await, ["delta"]);
    assert_eq!(world.jobs(JobQuery { offset: 1, limit: 2, ..JobQuery::default() }).await, ["Alpha", "gamma"]);
    assert_eq!(world.jobs(JobQuery { kind: Some("cron"), ..all() }).await.len(), 0);
    assert_eq!(world.jobs(JobQuery { last_status: Some(None), ..all() }).await.len(), 4);
    let main = openclaw_protocol::AgentId::new("main").unwrap();
    assert_eq!(world.jobs(JobQuery { agent: Some((main.clone(), true)), ..all() }).await.len(), 4);
    assert_eq!(world.jobs(JobQuery { agent: Some((main, false)), ..all() }).await.len(), 0);
    assert_eq!(world.store.read(openclaw_store::Reader::cron_count).await.unwrap(), (4, Some(START + 60_000)));
}

#[tokio::test]
async fn system_events_wait_within_their_bound_until_they_are_told() {
    let world = World::new();
    let tell = |text: &str| CronChange::Tell { session_key: key("a"), text: text.to_owned(), at: START };
    for number in 0..MAX_SYSTEM_EVENTS {
        world.cron(tell(&number.to_string())).await.unwrap();
    }
    assert!(matches!(world.cron(tell("one more")).await, Err(Error::Limit { .. })));
    let events = world.store.read(|reader| reader.system_events(&key("a"))).await.unwrap();
    assert_eq!((events.len(), events[0].text.as_str()), (MAX_SYSTEM_EVENTS, "0"));
    world.cron(CronChange::Told { ids: events[..99].iter().map(|event| event.id).collect() }).await.unwrap();
    assert_eq!(world.store.read(openclaw_store::Reader::system_event_counts).await.unwrap(), [(key("a"), 1)]);
    assert!(matches!(world.cron(tell(&"x".repeat(70_000))).await, Err(Error::TooLarge { .. })));
}

#[tokio::test]
async fn a_session_that_begins_afresh_keeps_few_old_transcripts() {
    let world = World::new();
    let afresh = |number| CronChange::Afresh { key: key("a"), session_id: Uuid::from_u128(number) };
    assert_eq!(world.cron(afresh(1)).await.unwrap(), CronOutcome::Done);
    world.create("a").await;
    for number in 10..10 + KEPT_TRANSCRIPTS as u128 + 5 {
        world.change(append("a", ["said".to_owned()])).await.unwrap();
        world.cron(afresh(number)).await.unwrap();
    }
    let archives = world.store.read(|reader| reader.archives(&key("a"))).await.unwrap();
    assert_eq!(archives.len(), KEPT_TRANSCRIPTS);
    assert_eq!(world.get("a").await.unwrap().message_count, 0);
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let world = World::new();
    let made = world.put(job(1, "a"), None).await;
    world.cron(CronChange::Claim(claim(&made, START + 60_000))).await.unwrap();
    let folder = world.closed().await;
    let (clock, _) = openclaw_core::Clock::manual(START + 1_000);
    let opened = open(folder.path(), clock, Settings::default()).unwrap();
    let (waiting, open) = opened.store.read(|reader| Ok((reader.cron_waiting()?, reader.cron_open()?))).await.unwrap();
    assert_eq!(waiting, [(made.id, START + 120_000)]);
    assert_eq!((open.len(), open[0].state), (1, OccurrenceState::Claimed));
}

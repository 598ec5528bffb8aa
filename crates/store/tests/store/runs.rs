use openclaw_core::record::RunState;
use openclaw_store::{Change, Error, Opened, Outcome, Settings};
use serde_json::json;

use crate::support::*;

fn start(name: &str) -> Change {
    Change::StartRun { run_id: run_id(name), at: START + 1 }
}

fn end(name: &str, state: RunState) -> Change {
    Change::EndRun { run_id: run_id(name), state, at: START + 2, outcome: Some(json!({ "text": "done" })) }
}

#[tokio::test]
async fn a_run_goes_from_accepted_to_its_end_once() {
    let world = World::new();
    world.create("a").await;
    assert_eq!(world.change(Change::AcceptRun { run: run("r", "a") }).await.unwrap(), Outcome::Done);
    let unfinished = world.store.read(openclaw_store::Reader::unfinished_runs).await.unwrap();
    assert_eq!(unfinished, [run("r", "a")]);
    let Outcome::Run(started) = world.change(start("r")).await.unwrap() else { panic!() };
    assert_eq!((started.state, started.started_at), (RunState::Running, Some(START + 1)));
    assert!(matches!(world.change(end("r", RunState::Running)).await, Err(Error::Invalid { .. })));
    let Outcome::Run(ended) = world.change(end("r", RunState::Final)).await.unwrap() else { panic!() };
    assert_eq!((ended.state, ended.ended_at), (RunState::Final, Some(START + 2)));
    let stored = world.store.read(|reader| reader.get_run(&run_id("r"))).await.unwrap();
    assert_eq!(stored, Some(ended));
    for (change, text) in [
        (end("r", RunState::Aborted), "run r has ended already (final)"),
        (start("r"), "run r is final and cannot start"),
        (start("x"), "run x not found"),
        (end("x", RunState::Final), "run x not found"),
    ] {
        assert_eq!(world.change(change).await.unwrap_err().to_string(), text);
    }
    assert!(world.store.read(openclaw_store::Reader::unfinished_runs).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_run_that_exists_stops_its_transaction_without_a_trace() {
    let world = World::new();
    world
        .write(vec![Change::CreateSession { session: session("a") }, Change::AcceptRun { run: run("r", "a") }])
        .await
        .unwrap();
    let retry = vec![append("a", ["again".to_owned()]), Change::AcceptRun { run: run("r", "a") }];
    let committed = world.write(retry).await.unwrap();
    assert_eq!(committed.outcomes, [Outcome::RunExists(run("r", "a"))]);
    assert_eq!(committed.seq, 1);
    assert_eq!(world.get("a").await.unwrap().message_count, 0);
    assert_eq!(world.chain().await, 1);
}

#[tokio::test]
async fn the_runs_of_a_session_come_newest_first() {
    let world = World::new();
    for (name, of) in [("r1", "a"), ("r2", "b"), ("r3", "a"), ("r4", "a")] {
        world.change(Change::AcceptRun { run: run(name, of) }).await.unwrap();
    }
    let runs = world.store.read(|reader| reader.runs_of_session(&key("a"), 2)).await.unwrap();
    assert_eq!(runs.iter().map(|run| run.run_id.as_str()).collect::<Vec<_>>(), ["r4", "r3"]);
}

#[tokio::test]
async fn runs_that_were_cut_off_are_interrupted_at_the_next_start() {
    let world = World::new();
    world.create("a").await;
    world.create("b").await;
    for name in ["waiting", "running", "done"] {
        world.change(Change::AcceptRun { run: run(name, if name == "done" { "b" } else { "a" }) }).await.unwrap();
    }
    world.write(vec![start("running"), start("done"), end("done", RunState::Final)]).await.unwrap();
    let folder = world.closed().await;
    let (clock, _) = openclaw_core::Clock::manual(START + 1_000);
    let Opened { store, recovered, chain_head } = open(folder.path(), clock.clone(), Settings::default()).unwrap();
    assert_eq!(recovered.interrupted, [run_id("waiting"), run_id("running")]);
    assert_eq!(chain_head.seq, 7);
    let (run, cut, whole, record) = store
        .read(|reader| {
            let record = reader.audit_after(6, 10)?.remove(0);
            let session = |name| Ok::<_, Error>(reader.get_session(&key(name))?.unwrap());
            Ok((reader.get_run(&run_id("running"))?.unwrap(), session("a")?, session("b")?, record))
        })
        .await
        .unwrap();
    assert_eq!((run.state, run.ended_at), (RunState::Interrupted, Some(START + 1_000)));
    assert_eq!((cut.aborted_last_run, cut.revision), (true, 7));
    assert!(!whole.aborted_last_run);
    assert_eq!(
        (record.event.event.as_str(), &record.event.detail["interruptedRuns"]),
        ("gateway.recovered", &json!(2))
    );
    store.close().await.unwrap();
    let Opened { recovered, .. } = open(folder.path(), clock, Settings::default()).unwrap();
    assert_eq!(recovered, openclaw_store::Recovery::default());
}

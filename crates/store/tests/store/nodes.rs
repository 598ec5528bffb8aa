use openclaw_core::record::{NodeAbout, NodeAsk, NodePriority, NodeState, NodeSurface, NodeTask, NodeWork};
use openclaw_protocol::NodeId;
use openclaw_store::{Change, Error, MAX_NODE_WORK, NodeChange, NodeOutcome, NodeSaid, Outcome, Review};

use crate::support::*;

fn id(name: &str) -> NodeId {
    NodeId::new(name).unwrap()
}

fn said(name: &str, commands: &[&str]) -> NodeSaid {
    let commands = commands.iter().map(ToString::to_string).collect();
    NodeSaid {
        node_id: id(name),
        about: NodeAbout { platform: Some("linux".to_owned()), ..NodeAbout::default() },
        surface: NodeSurface { commands, ..NodeSurface::default() },
        at: START,
    }
}

fn connected(name: &str, commands: &[&str], request: &str) -> Change {
    Change::Node(NodeChange::Connected {
        said: said(name, commands),
        review: Review::Owner,
        request_id: uuid(request),
        silent: true,
    })
}

fn approve(request: &str) -> Change {
    Change::Node(NodeChange::Approve { request_id: uuid(request), at: START + 1, token_hash: "hash".to_owned() })
}

async fn one(world: &World, change: Change) -> Outcome {
    world.change(change).await.unwrap()
}

/// What is kept after the change, the request that no longer waits, and whether the one that does is new.
fn state(outcome: &Outcome) -> (NodeState, Option<uuid::Uuid>, bool) {
    match outcome {
        Outcome::Node(NodeOutcome::State { state, settled, fresh }) => {
            ((**state).clone(), settled.as_ref().map(|request| request.request_id), *fresh)
        }
        other => panic!("{other:?}"),
    }
}

fn work(name: &str, task: NodeTask, priority: NodePriority, expires_at: i64) -> NodeWork {
    NodeWork { id: uuid(name), node_id: id("n"), task, priority, created_at: START, expires_at }
}

#[tokio::test]
async fn one_request_waits_for_each_node_and_an_approval_is_for_what_was_asked() {
    let test = World::new();
    let (first, _, fresh) = state(&one(&test, connected("n", &["a"], "r1")).await);
    assert!(fresh && first.request.as_ref().unwrap().request_id == uuid("r1"));
    let (same, settled, fresh) = state(&one(&test, connected("n", &["a"], "r2")).await);
    assert!(!fresh && settled.is_none() && same.request == first.request, "the same asks once");
    let (_, settled, fresh) = state(&one(&test, connected("n", &["a", "b"], "r3")).await);
    assert_eq!((settled, fresh), (Some(uuid("r1")), true));
    let gone = test.change(approve("r1")).await.unwrap_err();
    assert!(matches!(gone, Error::NotFound { .. }), "{gone}");
    let (approved, settled, _) = state(&one(&test, approve("r3")).await);
    assert_eq!(settled, Some(uuid("r3")));
    let node = approved.node.unwrap();
    assert_eq!(
        (node.approved.unwrap().surface.commands, node.token_hash),
        (vec!["a".to_owned(), "b".to_owned()], None)
    );
    // Less needs nobody; more asks again, and less again takes that back.
    assert!(state(&one(&test, connected("n", &["b"], "r4")).await).0.request.is_none());
    assert!(state(&one(&test, connected("n", &["b", "c"], "r5")).await).2);
    let (_, settled, _) = state(&one(&test, connected("n", &["b"], "r6")).await);
    assert_eq!(settled, Some(uuid("r5")));
    let folder = test.closed().await;
    let (clock, hands) = openclaw_core::Clock::manual(START);
    let store = open(folder.path(), clock, openclaw_store::Settings::default()).unwrap().store;
    let test = World { store, clock: hands, folder };
    let kept = test.store.read(openclaw_store::Reader::nodes).await.unwrap();
    assert_eq!((kept.len(), kept[0].request.is_none()), (1, true));
    state(&one(&test, Change::Node(NodeChange::Remove { node_id: id("n") })).await);
    assert!(test.store.read(openclaw_store::Reader::nodes).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_announced_node_gets_a_token_and_one_that_needs_no_review_asks_for_nothing() {
    let test = World::new();
    let announce = |request: &str| {
        Change::Node(NodeChange::Announce { said: said("phone", &[]), request_id: uuid(request), silent: false })
    };
    let (announced, _, fresh) = state(&one(&test, announce("r1")).await);
    assert!(fresh && announced.node.is_none() && announced.request.as_ref().unwrap().ask == NodeAsk::Announced);
    assert!(!state(&one(&test, announce("r2")).await).2);
    let (approved, ..) = state(&one(&test, approve("r1")).await);
    assert_eq!(approved.node.unwrap().token_hash.as_deref(), Some("hash"));
    let change = NodeChange::Connected {
        said: said("old", &["system.run"]),
        review: Review::None,
        request_id: uuid("r3"),
        silent: true,
    };
    assert!(state(&one(&test, Change::Node(change)).await).0.request.is_none());
}

#[tokio::test]
async fn work_waits_once_in_order_until_it_is_taken_or_too_old() {
    let test = World::new();
    let enqueue = |work| Change::Node(NodeChange::Enqueue { work });
    let queued = |outcome: Outcome| match outcome {
        Outcome::Node(NodeOutcome::Queued { work, fresh }) => (work.id, fresh),
        other => panic!("{other:?}"),
    };
    let later = START + 1_000_000_000;
    assert!(queued(one(&test, enqueue(work("w1", NodeTask::Location, NodePriority::Normal, later))).await).1);
    assert_eq!(
        queued(one(&test, enqueue(work("w2", NodeTask::Location, NodePriority::High, later))).await),
        (uuid("w1"), false)
    );
    one(&test, enqueue(work("w3", NodeTask::Status, NodePriority::High, later))).await;
    let command = |name: &str, key: &str| {
        let task = NodeTask::Command { command: "c".to_owned(), params_json: None, key: key.to_owned() };
        work(name, task, NodePriority::Normal, later)
    };
    one(&test, enqueue(command("c1", "k1"))).await;
    assert!(!queued(one(&test, enqueue(command("c2", "k1"))).await).1, "the same key waits once");
    one(&test, enqueue(command("c3", "k2"))).await;
    let taken = one(&test, Change::Node(NodeChange::Take { node_id: id("n"), limit: 1 })).await;
    let Outcome::Node(NodeOutcome::Taken { work: first, more }) = taken else { panic!("{taken:?}") };
    assert_eq!((first[0].id, more), (uuid("w3"), true), "the most urgent first, and no commands");
    let ids = vec![uuid("c1"), uuid("unknown")];
    let left = one(&test, Change::Node(NodeChange::Acknowledge { node_id: id("n"), ids })).await;
    assert_eq!(left, Outcome::Node(NodeOutcome::Acknowledged { remaining: 1 }));
    for number in 0..MAX_NODE_WORK {
        let full = test.change(enqueue(command(&format!("x{number}"), &format!("x{number}")))).await;
        assert_eq!(full.is_ok(), number < MAX_NODE_WORK - 2, "{number}");
    }
    let reader_sees = |node: NodeId| test.store.read(move |reader| reader.node_work(&node));
    assert_eq!(reader_sees(id("n")).await.unwrap().len(), MAX_NODE_WORK);
    one(&test, enqueue(NodeWork { node_id: id("other"), ..work("o", NodeTask::Status, NodePriority::High, 1) })).await;
    assert!(reader_sees(id("other")).await.unwrap().is_empty(), "it was too old when it came");
}

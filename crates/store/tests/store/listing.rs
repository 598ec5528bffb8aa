use openclaw_core::record::Session;
use openclaw_store::{Change, MAX_SCAN, MessageQuery, SessionPage, SessionPatch, SessionQuery};
use serde_json::json;

use crate::support::*;

async fn fill(world: &World, count: usize) {
    let mut writes = tokio::task::JoinSet::new();
    for n in 0..count {
        let agent_id = agent(if n % 4 == 0 { "helper" } else { "main" });
        let session = Session { agent_id, ..labelled(&format!("s{n}"), &format!("Label {n}")) };
        let store = world.store.clone();
        writes.spawn(async move { store.write(transaction(vec![Change::CreateSession { session }])).await });
        // Fewer than the queue holds.
        if writes.len() >= 1_000 {
            while let Some(written) = writes.join_next().await {
                written.unwrap().unwrap();
            }
        }
    }
    while let Some(written) = writes.join_next().await {
        written.unwrap().unwrap();
    }
}

async fn list(world: &World, query: SessionQuery) -> SessionPage {
    world.store.read(move |reader| reader.list_sessions(&query)).await.unwrap()
}

async fn all_pages(world: &World, query: SessionQuery) -> Vec<Session> {
    let mut sessions = Vec::new();
    let mut query = query;
    loop {
        let page = list(world, query.clone()).await;
        sessions.extend(page.sessions);
        match page.next {
            Some(next) => query.before_revision = Some(next),
            None => return sessions,
        }
    }
}

#[tokio::test]
async fn pages_of_thousands_hold_every_session_once_newest_first() {
    let world = World::new();
    fill(&world, 3_000).await;
    // Moves one to the front.
    let patch = SessionPatch { pinned: Some(true), ..SessionPatch::default() };
    world.change(Change::PatchSession { key: key("s7"), patch, create: None }).await.unwrap();
    let first = list(&world, SessionQuery { limit: 20, ..SessionQuery::default() }).await;
    assert_eq!((first.sessions.len(), first.total), (20, 3_000));
    assert_eq!(first.sessions[0].key, key("s7"));
    let all = all_pages(&world, SessionQuery { limit: 97, ..SessionQuery::default() }).await;
    assert_eq!(all.len(), 3_000);
    assert!(all.windows(2).all(|pair| pair[0].revision > pair[1].revision));

    let of_agent = SessionQuery { agent: Some(agent("helper")), limit: 97, ..SessionQuery::default() };
    let page = list(&world, of_agent.clone()).await;
    assert_eq!((page.total, page.sessions.len()), (750, 97));
    let all = all_pages(&world, of_agent).await;
    assert!(all.len() == 750 && all.iter().all(|session| session.agent_id == agent("helper")));
    let nobody = list(&world, SessionQuery { agent: Some(agent("nobody")), ..SessionQuery::default() }).await;
    assert_eq!(nobody, SessionPage { sessions: Vec::new(), next: None, total: 0 });
}

#[tokio::test]
async fn searches_look_at_a_bounded_number_and_go_on_from_there() {
    let world = World::new();
    fill(&world, MAX_SCAN + 500).await;
    let query = SessionQuery { search: Some("LABEL 3".to_owned()), ..SessionQuery::default() };
    let page = list(&world, query.clone()).await;
    assert_eq!(page.sessions.len(), 100);
    let expected = (0..MAX_SCAN + 500).filter(|n| n.to_string().starts_with('3')).count();
    assert_eq!(all_pages(&world, query).await.len(), expected);
    let rare = SessionQuery { search: Some("s17".to_owned()), ..SessionQuery::default() };
    let none = SessionQuery { search: Some("nowhere".to_owned()), ..SessionQuery::default() };
    let page = list(&world, none.clone()).await;
    assert!(page.sessions.is_empty() && page.next == Some(501), "{:?}", page.next);
    assert!(all_pages(&world, none).await.is_empty());
    assert!(all_pages(&world, rare).await.iter().any(|session| session.key == key("s17")));
}

#[tokio::test]
async fn conditions_add_up_and_counters_follow() {
    let world = World::new();
    fill(&world, 8).await;
    world.clock.advance_ms(10);
    let archive = |name: &str, archived| {
        let patch = SessionPatch { archived: Some(archived), ..SessionPatch::default() };
        Change::PatchSession { key: key(name), patch, create: None }
    };
    world
        .write(vec![archive("s0", true), archive("s1", true), archive("s2", true), archive("s2", false)])
        .await
        .unwrap();
    world.change(Change::DeleteSession { key: key("s1"), keep_transcript: false }).await.unwrap();
    let count = |agent_name: Option<&str>, archived| {
        let agent = agent_name.map(agent);
        world.store.read(move |reader| reader.count_sessions(agent.as_ref(), archived))
    };
    assert_eq!(count(None, None).await.unwrap(), 7);
    assert_eq!(count(None, Some(true)).await.unwrap(), 1);
    assert_eq!(count(Some("helper"), Some(false)).await.unwrap(), 1);
    let names =
        |page: SessionPage| page.sessions.iter().map(|session| session.key.rest().to_owned()).collect::<Vec<_>>();
    let archived = SessionQuery { archived: Some(true), ..SessionQuery::default() };
    assert_eq!(names(list(&world, archived.clone()).await), ["s0"]);
    let recent = SessionQuery { updated_after: Some(START), ..SessionQuery::default() };
    assert_eq!(names(list(&world, recent).await).len(), 2);
    let label = SessionQuery { label: Some("Label 0".to_owned()), ..archived };
    assert_eq!(names(list(&world, label.clone()).await), ["s0"]);
    assert!(names(list(&world, SessionQuery { archived: Some(false), ..label }).await).is_empty());
}

#[tokio::test]
async fn sessions_of_one_transaction_are_never_split_by_a_page() {
    let world = World::new();
    let make = |name: String| Change::CreateSession { session: session(&name) };
    for group in 0..5 {
        world.write((0..7).map(|n| make(format!("{group}-{n}"))).collect()).await.unwrap();
    }
    let query = SessionQuery { limit: 3, ..SessionQuery::default() };
    assert_eq!(list(&world, query.clone()).await.sessions.len(), 7);
    assert_eq!(all_pages(&world, query).await.len(), 35);
}

#[tokio::test]
async fn transcripts_are_read_in_pages_both_ways() {
    let world = World::new();
    world.create("a").await;
    for first in [1, 1_001] {
        world.change(append("a", (first..first + 1_000).map(|n: usize| n.to_string()))).await.unwrap();
    }
    let page = |limit, before_seq, after_seq| {
        let query = MessageQuery { limit, before_seq, after_seq };
        let world = &world;
        async move {
            let lines = world.store.read(move |reader| reader.messages(&key("a"), &query)).await.unwrap();
            lines.iter().map(|line| line.seq).collect::<Vec<_>>()
        }
    };
    assert_eq!(page(3, None, None).await, [1_998, 1_999, 2_000]);
    assert_eq!(page(2, Some(1_998), None).await, [1_996, 1_997]);
    assert_eq!(page(2, None, Some(5)).await, [6, 7]);
    assert_eq!(page(9, Some(8), Some(5)).await, [6, 7]);
    assert!(page(9, Some(1), None).await.is_empty());
    assert_eq!(page(usize::MAX, None, None).await.len(), 1_000);
    let mut before = None;
    let mut seen = 0;
    loop {
        let seqs = page(999, before, None).await;
        let Some(first) = seqs.first() else { break };
        seen += seqs.len();
        before = Some(*first);
    }
    assert_eq!(seen, 2_000);
}

#[tokio::test]
async fn a_page_of_large_messages_stops_at_its_size() {
    let world = World::new();
    world.create("a").await;
    let big = || openclaw_store::NewMessage { body: json!("x".repeat(6 << 20)), ..message("big") };
    for _ in 0..4 {
        let change = Change::AppendMessages {
            key: key("a"),
            messages: vec![big()],
            totals_add: openclaw_core::record::Totals::default(),
            aborted_last_run: None,
        };
        world.change(change).await.unwrap();
    }
    let lines = world.store.read(|reader| reader.messages(&key("a"), &MessageQuery::default())).await.unwrap();
    assert_eq!(lines.iter().map(|line| line.seq).collect::<Vec<_>>(), [3, 4]);
}

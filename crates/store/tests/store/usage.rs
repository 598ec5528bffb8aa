//! What turns used, in sums that stay true by any midnight.

use openclaw_core::usage::{Used, UsedTurn};
use openclaw_protocol::{AgentId, SessionKey};
use openclaw_store::{Change, UsageQuery};

use crate::support::*;

const DAY_MS: i64 = 86_400_000;

fn turn(key: &str, ts: i64, model: &str, total: u64) -> Change {
    let used = Used {
        runs: 1,
        input: total - 1,
        output: 1,
        total,
        cost: 0.5,
        duration_ms: total,
        longest_ms: total,
        shortest_ms: total,
        asked: 1,
        answered: 1,
        ..Used::default()
    };
    let agent_id = AgentId::new(key.split(':').nth(1).unwrap()).unwrap();
    let session_key = SessionKey::new(key).unwrap();
    Change::Used(Box::new(UsedTurn {
        ts,
        session_key,
        agent_id,
        provider: "p".into(),
        model: model.into(),
        sums: used,
    }))
}

fn query(first_day: i64, last_day: i64, offset_ms: i64) -> UsageQuery {
    UsageQuery { agent: None, first_day, last_day, offset_ms }
}

#[tokio::test]
async fn days_begin_at_anybodys_midnight() {
    let world = World::new();
    let midnight = START.div_euclid(DAY_MS) * DAY_MS;
    let day = midnight / DAY_MS;
    // A quarter past eleven, and a minute past midnight.
    for (ts, total) in [(midnight - 45 * 60_000, 10), (midnight + 60_000, 20), (midnight + 61_000, 30)] {
        world.change(turn("agent:main:a", ts, "m", total)).await.unwrap();
    }
    world.change(turn("agent:other:b", midnight, "n", 100)).await.unwrap();
    let days = |offset_ms: i64| {
        let store = world.store.clone();
        async move {
            let days = store.read(move |reader| reader.usage_days(&query(day - 2, day + 1, offset_ms))).await.unwrap();
            days.into_iter().map(|row| (row.day - day, row.agent, row.model, row.used.total)).collect::<Vec<_>>()
        }
    };
    let named = |agent: &str, model: &str| (agent.to_owned(), model.to_owned());
    let row = |at: i64, (agent, model): (String, String), total: u64| (at, agent, model, total);
    assert_eq!(
        days(0).await,
        [row(-1, named("main", "m"), 10), row(0, named("main", "m"), 50), row(0, named("other", "n"), 100)]
    );
    // An hour ahead of UTC, all of it was on one day; an hour behind, on the day before.
    for (offset, at) in [(3_600_000, 0), (-3_600_000, -1)] {
        assert_eq!(
            days(offset).await,
            [row(at, named("main", "m"), 60), row(at, named("other", "n"), 100)],
            "{offset}"
        );
    }
}

#[tokio::test]
async fn sessions_turns_and_durations_are_told_for_themselves() {
    let world = World::new();
    world.create("a").await;
    let day = START.div_euclid(DAY_MS);
    for (at, total) in [(0, 10), (1, 30), (2, 20)] {
        world.change(turn("agent:main:a", START + at, "m", total)).await.unwrap();
    }
    world.change(turn("agent:other:b", START + 9, "n", 5)).await.unwrap();
    let (sessions, one, points, durations, others) = world
        .store
        .read(move |reader| {
            let all = query(day, day, 0);
            let main = UsageQuery { agent: Some(agent("main")), ..all.clone() };
            Ok((
                reader.usage_sessions(&all, None, 10)?,
                reader.usage_sessions(&all, Some(&key("a")), 10)?,
                reader.usage_points(&key("a"), 2)?,
                reader.usage_durations(&main, day)?,
                reader.usage_sessions(&UsageQuery { agent: Some(agent("nobody")), ..all }, None, 10)?,
            ))
        })
        .await
        .unwrap();
    let shown: Vec<_> = sessions.iter().map(|session| (session.key.as_str(), session.used.total)).collect();
    assert_eq!(shown, [("agent:other:b", 5), ("agent:main:a", 60)], "the last active first");
    assert_eq!((one.len(), one[0].session_id.as_str()), (1, uuid("a").to_string().as_str()));
    assert_eq!((one[0].first_at, one[0].last_at, one[0].used.runs), (START, START + 2, 3));
    assert_eq!(points.iter().map(|point| point.used.total).collect::<Vec<_>>(), [30, 20], "the newest, oldest first");
    assert_eq!(durations, [10, 20, 30]);
    assert_eq!(others, []);
}

#[tokio::test]
async fn what_is_used_stays_when_its_session_goes() {
    let world = World::new();
    world.create("a").await;
    world.change(turn("agent:main:a", START, "m", 10)).await.unwrap();
    world.change(Change::DeleteSession { key: key("a"), keep_transcript: false }).await.unwrap();
    let day = START.div_euclid(DAY_MS);
    let used = world.store.read(move |reader| reader.usage_of_session(&query(day, day, 0), &key("a"))).await.unwrap();
    assert_eq!(used[0].used.total, 10);
}

#[tokio::test]
async fn a_session_that_is_another_one_meanwhile_is_left_alone() {
    let world = World::new();
    world.create("a").await;
    let require =
        |name: &str, archived| Change::RequireSession { key: key("a"), session_id: Some(uuid(name)), archived };
    let delete = || Change::DeleteSession { key: key("a"), keep_transcript: false };
    for (name, archived) in [("other", None), ("a", Some(true))] {
        let refused = world.write(vec![require(name, archived), delete()]).await.unwrap_err();
        assert!(matches!(refused, openclaw_store::Error::Conflict { .. }), "{refused}");
    }
    assert!(world.get("a").await.is_some());
    world.write(vec![require("a", Some(false)), delete()]).await.unwrap();
    let gone = world.write(vec![require("a", None), delete()]).await.unwrap_err();
    assert!(matches!(gone, openclaw_store::Error::NotFound { .. }), "{gone}");
}

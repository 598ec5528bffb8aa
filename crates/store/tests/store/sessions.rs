use openclaw_core::record::{Session, Totals};
use openclaw_store::{Change, Error, ExtraIf, MessageQuery, Outcome, SessionPatch};
use serde_json::json;

use crate::support::*;

fn patch(name: &str, patch: SessionPatch) -> Change {
    Change::PatchSession { key: key(name), patch, create: None }
}

fn some(text: &str) -> Option<Option<String>> {
    Some(Some(text.to_owned()))
}

#[tokio::test]
async fn a_session_is_made_once_and_carries_its_revision() {
    let world = World::new();
    let made = world.create("a").await;
    assert_eq!(made, Session { revision: 1, ..session("a") });
    assert_eq!(world.get("a").await, Some(made.clone()));
    let by_id = made.session_id;
    assert_eq!(world.store.read(move |reader| reader.session_by_id(by_id)).await.unwrap(), Some(made));
    let again = world.change(Change::CreateSession { session: session("a") }).await.unwrap_err();
    assert_eq!(again.to_string(), "session agent:main:a exists already");
    assert_eq!(world.get("b").await, None);
}

#[tokio::test]
async fn ensuring_leaves_a_session_that_exists_as_it_is() {
    let world = World::new();
    let made = world.create("a").await;
    let other = Session { session_id: uuid("other"), ..labelled("a", "new") };
    assert_eq!(world.change(Change::EnsureSession { session: other }).await.unwrap(), Outcome::Session(made));
    let Outcome::Session(fresh) = world.change(Change::EnsureSession { session: session("b") }).await.unwrap() else {
        panic!()
    };
    assert_eq!(fresh.revision, 3);
}

#[tokio::test]
async fn labels_are_unique_and_can_be_cleared() {
    let world = World::new();
    world.change(Change::CreateSession { session: labelled("a", "Work") }).await.unwrap();
    world.create("b").await;
    let taken = SessionPatch { label: some("Work"), ..SessionPatch::default() };
    for change in [Change::CreateSession { session: labelled("c", "Work") }, patch("b", taken.clone())] {
        let error = world.change(change).await.unwrap_err();
        assert!(matches!(&error, Error::Conflict { what } if what == "label already in use: Work"), "{error}");
    }
    // A session may be given the label that it has.
    world.change(patch("a", taken.clone())).await.unwrap();
    world.change(patch("a", SessionPatch { label: Some(None), ..SessionPatch::default() })).await.unwrap();
    world.change(patch("b", taken)).await.unwrap();
    let found = world.store.read(|reader| reader.session_by_label("Work")).await.unwrap().unwrap();
    assert_eq!(found.key, key("b"));
    let long = SessionPatch { label: some(&"x".repeat(513)), ..SessionPatch::default() };
    assert!(matches!(
        world.change(patch("a", long)).await,
        Err(Error::TooLarge { what: "label", size: 513, max: 512 })
    ));
}

#[tokio::test]
async fn a_patch_sets_what_it_names_and_nothing_else() {
    let world = World::new();
    world.create("a").await;
    world.clock.advance_ms(5);
    let first = SessionPatch {
        model: some("demo/echo"),
        thinking_level: some("high"),
        pinned: Some(true),
        extra: json!({ "icon": "star", "color": "red" }).as_object().unwrap().clone(),
        ..SessionPatch::default()
    };
    world.change(patch("a", first)).await.unwrap();
    let second = SessionPatch {
        thinking_level: Some(None),
        aborted_last_run: Some(true),
        extra: json!({ "icon": null }).as_object().unwrap().clone(),
        ..SessionPatch::default()
    };
    let Outcome::Session(after) = world.change(patch("a", second)).await.unwrap() else { panic!() };
    assert_eq!(after.settings.model.as_deref(), Some("demo/echo"));
    assert_eq!(after.settings.thinking_level, None);
    assert!(after.settings.pinned && after.aborted_last_run);
    assert_eq!(serde_json::Value::Object(after.settings.extra.clone()), json!({ "color": "red" }));
    assert_eq!((after.updated_at, after.created_at, after.revision), (START + 5, START, 3));
    assert_eq!(world.get("a").await, Some(after));
}

#[tokio::test]
async fn a_mark_is_taken_away_only_while_it_is_the_one_that_was_seen() {
    let world = World::new();
    world.create("a").await;
    let map = |value: serde_json::Value| value.as_object().unwrap().clone();
    let read_at = |seen: serde_json::Value| SessionPatch {
        pinned: Some(true),
        extra_if: Some(ExtraIf {
            name: "markedUnreadAt",
            is: seen,
            then: map(json!({ "markedUnreadAt": null, "unread": false })),
        }),
        ..SessionPatch::default()
    };
    let extra = async |patched: SessionPatch| match world.change(patch("a", patched)).await.unwrap() {
        Outcome::Session(session) => (session.settings.pinned, serde_json::Value::Object(session.settings.extra)),
        other => panic!("{other:?}"),
    };
    let marked = map(json!({ "markedUnreadAt": 7, "unread": true }));
    extra(SessionPatch { extra: marked, ..SessionPatch::default() }).await;
    let stands = json!({ "markedUnreadAt": 7, "unread": true });
    assert_eq!(extra(read_at(json!(6))).await, (true, stands.clone()), "the rest of the patch holds");
    assert_eq!(extra(read_at(json!(null))).await.1, stands);
    assert_eq!(extra(read_at(json!(7))).await.1, json!({ "unread": false }));
    assert_eq!(extra(read_at(json!(null))).await.1, json!({ "unread": false }), "none was seen, and there is none");
}

#[tokio::test]
async fn a_patch_makes_a_session_only_when_it_may() {
    let world = World::new();
    let set = SessionPatch { model: some("demo/echo"), ..SessionPatch::default() };
    let error = world.change(patch("a", set.clone())).await.unwrap_err();
    assert_eq!(error.to_string(), "session agent:main:a not found");
    let make = |create| Change::PatchSession { key: key("a"), patch: set.clone(), create: Some(create) };
    let Outcome::Session(made) = world.change(make(session("a"))).await.unwrap() else { panic!() };
    assert_eq!(made.settings.model.as_deref(), Some("demo/echo"));
    world.write(vec![Change::DeleteSession { key: key("a"), keep_transcript: false }]).await.unwrap();
    assert!(matches!(world.change(make(session("b"))).await, Err(Error::Invalid { .. })));
}

#[tokio::test]
async fn further_settings_are_bounded() {
    let world = World::new();
    world.create("a").await;
    let big = json!({ "icon": "x".repeat(4096) }).as_object().unwrap().clone();
    let error = world.change(patch("a", SessionPatch { extra: big, ..SessionPatch::default() })).await.unwrap_err();
    assert!(matches!(error, Error::TooLarge { what: "session setting", .. }));
    let many = (0..65).map(|n| (n.to_string(), json!(n))).collect();
    let error = world.change(patch("a", SessionPatch { extra: many, ..SessionPatch::default() })).await.unwrap_err();
    assert!(matches!(error, Error::TooLarge { what: "session settings", size: 65, max: 64 }));
}

#[tokio::test]
async fn appended_messages_are_numbered_and_usage_adds_up() {
    let world = World::new();
    world.create("a").await;
    let usage = |context_tokens| Totals {
        input: 10,
        output: 2,
        total_tokens: 12,
        context_tokens,
        cost: 0.5,
        ..Totals::default()
    };
    let say = |texts: &[&str], totals_add| Change::AppendMessages {
        key: key("a"),
        messages: texts.iter().map(|text| message(text)).collect(),
        totals_add,
        aborted_last_run: Some(true),
    };
    assert_eq!(
        world.change(say(&["one", "two"], usage(7))).await.unwrap(),
        Outcome::Messages { first_seq: 1, last_seq: 2 }
    );
    assert_eq!(world.change(say(&["three"], usage(9))).await.unwrap(), Outcome::Messages { first_seq: 3, last_seq: 3 });
    assert_eq!(world.change(say(&[], usage(0))).await.unwrap(), Outcome::Messages { first_seq: 4, last_seq: 3 });
    let session = world.get("a").await.unwrap();
    assert_eq!((session.message_count, session.revision, session.aborted_last_run), (3, 4, true));
    let expected = Totals { input: 30, output: 6, total_tokens: 36, context_tokens: 9, cost: 1.5, ..Totals::default() };
    assert_eq!(session.totals, expected);
    let lines = world.store.read(|reader| reader.messages(&key("a"), &MessageQuery::default())).await.unwrap();
    assert_eq!(lines.iter().map(|line| line.seq).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(lines[1].body, json!({ "role": "user", "content": "two" }));
    assert_eq!(lines[1].id, uuid("two"));
    let error = world.change(append("nobody", ["x".to_owned()])).await.unwrap_err();
    assert_eq!(error.to_string(), "session agent:main:nobody not found");
}

#[tokio::test]
async fn a_reset_begins_a_new_transcript_and_keeps_the_old_one() {
    let world = World::new();
    world.create("a").await;
    world.change(append("a", ["one".to_owned(), "two".to_owned()])).await.unwrap();
    let reset = Change::ResetSession { key: key("a"), new_session_id: uuid("second") };
    let Outcome::Session(after) = world.change(reset).await.unwrap() else { panic!() };
    assert_eq!((after.session_id, after.message_count, after.totals), (uuid("second"), 0, Totals::default()));
    assert_eq!(world.get("a").await, Some(after));
    assert_eq!(
        world.change(append("a", ["three".to_owned()])).await.unwrap(),
        Outcome::Messages { first_seq: 1, last_seq: 1 }
    );
    let (archive, old) = world
        .store
        .read(|reader| {
            let archive = reader.archives(&key("a"))?.remove(0);
            let old = reader.archived_messages(&archive, &MessageQuery::default())?;
            Ok((archive, old))
        })
        .await
        .unwrap();
    assert_eq!((archive.session_id, archive.why.as_str(), archive.messages), (uuid("a"), "reset", 2));
    assert_eq!(old[0].body["content"], "one");
    let missing = Change::ResetSession { key: key("b"), new_session_id: uuid("x") };
    assert!(matches!(world.change(missing).await, Err(Error::NotFound { .. })));
}

#[tokio::test]
async fn a_compaction_sets_the_oldest_lines_aside() {
    let world = World::new();
    world.create("a").await;
    world.change(append("a", (1..=10).map(|n| n.to_string()))).await.unwrap();
    let compact = |keep_last| Change::CompactSession { key: key("a"), keep_last };
    let Outcome::Compacted { archived, session } = world.change(compact(3)).await.unwrap() else { panic!() };
    assert_eq!((archived, session.message_count), (7, 3));
    let Outcome::Compacted { archived, .. } = world.change(compact(3)).await.unwrap() else { panic!() };
    assert_eq!(archived, 0);
    assert_eq!(
        world.change(append("a", ["11".to_owned()])).await.unwrap(),
        Outcome::Messages { first_seq: 11, last_seq: 11 }
    );
    let (kept, old) = world
        .store
        .read(|reader| {
            let archives = reader.archives(&key("a"))?;
            assert_eq!(archives.len(), 1);
            let old = reader.archived_messages(&archives[0], &MessageQuery::default())?;
            Ok((reader.messages(&key("a"), &MessageQuery::default())?, old))
        })
        .await
        .unwrap();
    assert_eq!(kept.iter().map(|line| line.seq).collect::<Vec<_>>(), [8, 9, 10, 11]);
    assert_eq!(old.iter().map(|line| line.seq).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7]);
}

#[tokio::test]
async fn a_deletion_keeps_the_transcript_or_leaves_nothing() {
    for keep_transcript in [true, false] {
        let world = World::new();
        world.change(Change::CreateSession { session: labelled("a", "Work") }).await.unwrap();
        world.change(append("a", ["one".to_owned()])).await.unwrap();
        let reset = Change::ResetSession { key: key("a"), new_session_id: uuid("second") };
        world.write(vec![reset, append("a", ["two".to_owned()])]).await.unwrap();
        let delete = || Change::DeleteSession { key: key("a"), keep_transcript };
        assert_eq!(world.change(delete()).await.unwrap(), Outcome::Deleted(true));
        assert_eq!(world.change(delete()).await.unwrap(), Outcome::Deleted(false));
        assert_eq!(world.get("a").await, None);
        let archives = world.store.read(|reader| reader.archives(&key("a"))).await.unwrap();
        assert_eq!(archives.len(), if keep_transcript { 2 } else { 0 });
        // The label is free again, and a new session with the key begins empty.
        world.change(Change::CreateSession { session: labelled("a", "Work") }).await.unwrap();
        assert!(
            world.store.read(|reader| reader.messages(&key("a"), &MessageQuery::default())).await.unwrap().is_empty()
        );
    }
}

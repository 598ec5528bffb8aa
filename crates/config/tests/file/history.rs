//! What is kept, shown, compared, taken back and forgotten.

use openclaw_config::{Attempt, Cause, ChangeError, Edit, HistoryError, HistoryLimits, Outcome, REDACTED};
use openclaw_core::Secret;
use serde_json::json;

use crate::support::*;

fn named<'a>(who: &'a str, note: &'a str, now_ms: i64) -> Attempt<'a> {
    Attempt { who, note: Some(note), now_ms, ..attempt() }
}

#[test]
fn every_change_is_kept_with_who_when_and_what() {
    let home = Home::new(TEXT);
    let first = home.file().change(&[set("gateway.port", 1)], &named("ann", "try\nthis", NOW)).unwrap();
    let second = home.file().change(&[set("logging.level", "warn")], &named("bob", "", NOW + 5)).unwrap();
    let kept = home.file().history(10).unwrap();
    assert_eq!(kept.iter().map(|entry| entry.cause).collect::<Vec<_>>(), [Cause::Edit, Cause::Edit, Cause::Found]);
    assert_eq!(
        (&kept[0].id, kept[0].who.as_str(), kept[0].note.as_deref(), kept[0].time_ms),
        (second.id.as_ref().unwrap(), "bob", None, NOW + 5)
    );
    assert_eq!(
        (kept[1].note.as_deref(), kept[1].paths.as_slice()),
        (Some("trythis"), ["gateway.port".to_owned()].as_slice())
    );
    assert_eq!(kept[0].parent.as_ref(), Some(&kept[1].hash));
    assert_eq!((kept[1].parent.as_ref(), &kept[1].hash), (Some(&kept[2].hash), &first.after_hash));
    assert_eq!(home.file().history(1).unwrap().len(), 1);
    assert_eq!((mode(&home.state().join("config-history")), mode(&home.state())), (0o700, 0o700));
    for entry in std::fs::read_dir(home.state().join("config-history")).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
}

#[test]
fn an_entry_is_found_by_the_beginning_of_its_id_and_shown_without_secrets() {
    let home = Home::new(TEXT);
    let changed = home.file().change(&[set("gateway.token", "new-secret-0123456789abcdefghij")], &attempt()).unwrap();
    let id = changed.id.unwrap();
    let shown = home.file().show(&id.as_str()[..6]).unwrap();
    assert_eq!((&shown.entry.id, shown.document["gateway"]["token"].as_str()), (&id, Some(REDACTED)));
    assert!(shown.raw.unwrap().contains("// the port"));
    let found = &home.file().history(10).unwrap()[1].id;
    let differences = home.file().diff(found.as_str(), Some(id.as_str())).unwrap();
    assert_eq!(differences.len(), 1);
    assert_eq!((differences[0].path.as_str(), &differences[0].after), ("gateway.token", &Some(json!(REDACTED))));
    assert_eq!(home.file().diff(id.as_str(), None).unwrap(), []);
    assert!(matches!(home.file().show("zz"), Err(HistoryError::NoEntry { .. })));
    assert!(matches!(home.file().show(""), Err(HistoryError::NoEntry { .. })));
    for number in 0..20 {
        home.file().change(&[set("gateway.port", number)], &attempt()).unwrap();
    }
    let ambiguous = ('0'..='9').chain('a'..='f').find_map(|digit| match home.file().show(&digit.to_string()) {
        Err(HistoryError::Ambiguous { candidates, .. }) => Some(candidates),
        _ => None,
    });
    assert!(ambiguous.unwrap().len() >= 2, "22 ids share 16 first digits");
}

#[test]
fn undo_goes_back_and_can_be_undone() {
    let home = Home::new(TEXT);
    assert!(matches!(home.file().undo(None, &attempt()), Err(ChangeError::History(HistoryError::NothingBefore))));
    home.file().change(&[set("gateway.port", 1)], &attempt()).unwrap();
    let second = home.file().change(&[set("gateway.port", 2)], &attempt()).unwrap();
    let undone = home.file().undo(None, &attempt()).unwrap();
    assert_eq!((undone.outcome, home.text()), (Outcome::Written, TEXT.replace("18789", "1")));
    home.file().undo(None, &attempt()).unwrap();
    assert_eq!(home.text(), TEXT.replace("18789", "2"));
    let oldest = home.file().history(10).unwrap().pop().unwrap();
    home.file().undo(Some(oldest.id.as_str()), &attempt()).unwrap();
    assert_eq!(home.text(), TEXT);
    assert_eq!(home.file().undo(Some(oldest.id.as_str()), &attempt()).unwrap().outcome, Outcome::Unchanged);
    assert!(matches!(
        home.file().undo(None, &Attempt { base_hash: Some(&second.after_hash), ..attempt() }),
        Err(ChangeError::Conflict { .. })
    ));
    assert_eq!(home.file().history(10).unwrap()[0].cause, Cause::Undo);
}

#[test]
fn what_somebody_wrote_by_hand_is_kept_and_can_be_gone_back_to() {
    let home = Home::new(TEXT);
    let loaded = home.file().load().unwrap();
    assert!(home.file().record(&loaded, NOW).unwrap().is_some());
    assert!(home.file().record(&loaded, NOW).unwrap().is_none(), "the same again is nothing new");
    let by_hand = TEXT.replace("18789", "7");
    write(&home.config, &by_hand);
    // A change over an edit that nobody loaded: that is kept first.
    home.file().change(&[set("gateway.port", 8)], &attempt()).unwrap();
    assert_eq!(
        home.file().history(10).unwrap().iter().map(|entry| entry.cause).collect::<Vec<_>>(),
        [Cause::Edit, Cause::Found, Cause::Found]
    );
    home.file().undo(None, &attempt()).unwrap();
    assert_eq!(home.text(), by_hand);
    // An edit by hand is undone as well, even one that makes no sense.
    write(&home.config, "nonsense");
    home.file().undo(None, &attempt()).unwrap();
    assert_eq!(home.text(), by_hand);
}

#[test]
fn the_last_configuration_that_worked_is_there_when_the_file_is_nonsense() {
    let home = Home::new(TEXT);
    assert!(home.file().last_known_good().unwrap().is_none());
    home.file().record(&home.file().load().unwrap(), NOW).unwrap();
    write(&home.config, "{ gateway: ");
    assert!(home.file().load().is_err());
    let good = home.file().last_known_good().unwrap().unwrap();
    assert_eq!((good.config.gateway.port, good.raw.as_deref()), (18789, Some(TEXT)));
    // A change that no gateway has loaded yet is not known to be good.
    write(&home.config, TEXT);
    home.file().change(&[set("gateway.port", 1)], &attempt()).unwrap();
    assert_eq!(home.file().last_known_good().unwrap().unwrap().config.gateway.port, 18789);
}

#[test]
fn the_history_is_bounded() {
    let home = Home::new(TEXT);
    let few = home.file().limited(&home.state(), HistoryLimits { entries: 3, ..HistoryLimits::default() });
    for number in 1..10 {
        few.change(&[set("gateway.port", number)], &attempt()).unwrap();
    }
    assert_eq!(few.history(100).unwrap().len(), 3);
    let small = home.file().limited(&home.state(), HistoryLimits { entries: 100, bytes: 10 });
    small.change(&[set("gateway.port", 99)], &attempt()).unwrap();
    assert_eq!(small.history(100).unwrap().len(), 1, "the newest always stays");
    assert!(matches!(small.undo(None, &attempt()), Err(ChangeError::History(HistoryError::NothingBefore))));
}

#[test]
fn a_secret_that_was_replaced_can_be_forgotten() {
    let escaped = format!("{{ gateway: {{ token: '{SECRET}\\u0078' }} }} // once {SECRET}x");
    let home = Home::new(&escaped);
    let old = format!("{SECRET}x");
    home.file().record(&home.file().load().unwrap(), NOW).unwrap();
    let found = home.file().history(1).unwrap()[0].id.clone();
    home.file()
        .change(
            &[Edit::Replace { text: "{ gateway: { token: 'new-secret-0123456789abcdefghij' } }".into() }],
            &attempt(),
        )
        .unwrap();
    assert!(home.everything().contains(SECRET));
    assert_eq!(home.file().scrub(&Secret::new(old.clone())).unwrap(), 2, "the entry and the last known good");
    let everything = home.everything();
    assert!(!everything.contains(&old) && !everything.contains(SECRET), "{everything}");
    assert_eq!(home.file().scrub(&Secret::new(old)).unwrap(), 0);
    // Going back keeps the secret that is there now.
    home.file().undo(Some(found.as_str()), &attempt()).unwrap();
    assert_eq!(home.file().load().unwrap().parsed["gateway"]["token"], "new-secret-0123456789abcdefghij");
}

//! Pictures of conversations.

use insta::assert_snapshot;
use ratatui::{Terminal, backend::TestBackend};

use super::*;
use crate::{
    commands::chat::wire::{Cost, Heard},
    full_screen::plain,
};

const NOW: i64 = 100_000;

fn drawn(screen: &Screen, width: u16, height: u16) -> String {
    drawn_and_seen(screen, width, height).0
}

fn drawn_and_seen(screen: &Screen, width: u16, height: u16) -> (String, Seen) {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let mut seen = Seen::default();
    terminal.draw(|frame| seen = draw(frame, screen, Paint { coloured: true }, NOW)).unwrap();
    (plain(terminal.backend().buffer()), seen)
}

fn approval() -> Approval {
    Approval {
        id: "5f3a".into(),
        kind: "exec".into(),
        what: "rm -rf build && echo \u{202e}gone\nls\u{1b}[2J".into(),
        place: Some("gateway:/srv/a-folder".into()),
        warning: Some("rm can destroy what cannot be brought back.".into()),
        offered: ["allow-once", "allow-always", "deny"].map(str::to_owned).into(),
        expires_at_ms: NOW + 1_790_000,
    }
}

fn talk() -> Screen {
    let mut screen = Screen::new("agent:main:main");
    let talk = &mut screen.talk;
    talk.model = "house/big-model-2026".into();
    talk.say("r1", "What is in the folder, and what of it can go? I would like to keep 日本.");
    let used = Used { input: 1200, output: 80, cache_read: 900, cost: Cost { total: 0.0042 }, ..Used::default() };
    let text = "Two things:\n\n- `build`, which can go\n- 日本, which stays \u{9b}31m";
    talk.hear(Heard::Tool { run: "r1".into(), name: "list".into(), over: false }, NOW);
    talk.hear(Heard::Tool { run: "r1".into(), name: "list".into(), over: true }, NOW);
    talk.hear(Heard::Ended { run: "r1".into(), end: End::Final, text: Some(text.into()), used }, NOW);
    screen
}

#[test]
fn a_reply_stands_with_what_it_cost() {
    assert_snapshot!(drawn(&talk(), 72, 16));
}

#[test]
fn what_is_asked_is_shown_whole_with_its_keys_in_forty_columns() {
    let mut screen = talk();
    screen.talk.hear(Heard::Began { run: "r2".into() }, NOW - 12_000);
    screen.talk.hear(Heard::Waits(approval()), NOW);
    assert_snapshot!(drawn(&screen, 40, 24));
    // A reply that goes on pushes it nowhere.
    screen.talk.hear(Heard::Text { run: "r2".into(), text: "word\n".repeat(90) }, NOW);
    let below = drawn(&screen, 40, 24);
    assert!(below.contains("word\n\n! exec waits for you, 29m 50s left\n| rm -rf build"), "{below}");
    let (seen, glimpse) = drawn_and_seen(&screen, 40, 24);
    assert!(glimpse.asked.is_some_and(|asked| asked.rows == (0..asked.all)), "{seen}");
    screen.talk.hear(Heard::Text { run: "r2".into(), text: String::new() }, NOW);
    screen.line.insert("no");
    let busy = drawn(&screen, 40, 24);
    assert!(busy.ends_with("> no\nSomething waits for you: empty the line…"), "{busy}");
    screen.talk.hear(Heard::Decided { id: "5f3a".into(), how: "deny".into() }, NOW);
    let over = drawn(&screen, 60, 24);
    assert!(over.contains("! exec deny") && !over.contains("a allow once"), "{over}");
}

#[test]
fn what_is_asked_has_pages_where_it_is_longer_than_the_screen() {
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
    let mut screen = talk();
    let what = (0..20).map(|number| format!("step {number}")).collect::<Vec<_>>().join("\n");
    screen.talk.hear(Heard::Waits(Approval { what, ..approval() }), NOW);
    screen.talk.hear(Heard::Waits(Approval { id: "other".into(), what: "hidden".into(), ..approval() }), NOW);
    let mut pages = Vec::new();
    for _ in 0..3 {
        let (page, seen) = drawn_and_seen(&screen, 60, 14);
        screen.saw(seen, NOW);
        screen.key(KeyEvent::new(KeyCode::PageDown, KeyModifiers::NONE), NOW);
        pages.push(page);
    }
    assert!(pages[0].contains("! exec waits for you, 1 of 2") && pages[0].contains("step 8\n"), "{}", pages[0]);
    assert!(pages[0].ends_with("PgDn shows more of it, then decide"), "{}", pages[0]);
    assert!(pages[1].contains("step 9\n") && !pages[1].contains("a allow once"), "{}", pages[1]);
    assert!(pages[2].contains("step 19\n") && pages[2].ends_with("a allow once   A always   d deny"), "{}", pages[2]);
    assert!(pages.iter().all(|page| !page.contains("hidden")), "one thing is asked at a time");
}

#[test]
fn a_reply_is_seen_as_it_comes_and_a_long_one_from_its_end() {
    let mut screen = talk();
    screen.talk.say("r2", "Go on");
    screen.talk.say("r3", "And on");
    let text: String = (0..40).map(|number| format!("line {number}\n")).collect();
    screen.talk.hear(Heard::Text { run: "r2".into(), text }, NOW);
    assert_snapshot!(drawn(&screen, 40, 10));
    screen.scrolled = 10;
    assert!(drawn(&screen, 40, 10).contains("line 29"), "{}", drawn(&screen, 40, 10));
    screen.scrolled = 100_000;
    let (top, seen) = drawn_and_seen(&screen, 40, 10);
    assert!(top.contains("> What is in") && seen.scrolled < 100, "{} {top}", seen.scrolled);
}

#[test]
fn where_the_connection_stands_is_seen() {
    let mut screen = talk();
    screen.talk.link = Link::Away { why: "the gateway stopped".into(), attempt: 3 };
    let away = drawn(&screen, 60, 12);
    assert!(away.contains("reconnecting (3)") && away.contains("reconnecting: the gateway stopped"), "{away}");
    screen.talk.link = Link::Gone { why: "this device was removed".into() };
    let gone = drawn(&screen, 60, 12);
    assert!(gone.contains("disconnected") && gone.contains("this device was removed"), "{gone}");
}

#[test]
fn lists_and_help_lie_over_the_conversation() {
    let mut screen = talk();
    screen.choose_session((0..30).map(|at| (format!("k{at}"), format!("agent:main:k{at}  3m ago"))).collect());
    if let Some(choice) = &mut screen.choice {
        choice.at = 20;
    }
    assert_snapshot!(drawn(&screen, 40, 10));
    screen.choice = None;
    screen.help = true;
    assert_snapshot!(drawn(&screen, 60, 22));
}

#[test]
fn what_is_written_is_seen_where_it_is_written() {
    let mut screen = Screen::new("k");
    screen.line.insert(&"word ".repeat(60));
    screen.line.insert("\n\u{202e}end");
    assert_snapshot!(drawn(&screen, 40, 12));
}

#[test]
fn no_size_is_too_small_to_draw() {
    let mut screen = talk();
    screen.talk.hear(Heard::Waits(approval()), NOW);
    screen.line.insert("日本 and more\nthan one");
    for (width, height) in [(1, 1), (2, 2), (3, 5), (10, 4), (39, 7), (300, 3), (5, 100)] {
        for (choice, help) in [(false, false), (true, false), (false, true)] {
            screen.help = help;
            if choice {
                screen.choose_model(vec![("a/b".into(), "a/b".into())]);
            } else {
                screen.choice = None;
            }
            drawn(&screen, width, height);
        }
    }
}

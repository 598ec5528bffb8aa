//! Somebody looks at what a gateway is doing.

use crate::{home::Home, seat::Seat};

#[test]
fn one_picture_is_printed_where_nobody_looks() {
    let home = Home::new();
    let _gateway = home.gateway(&[]);
    home.run(&["agent", "-m", "Hello", "--session-key", "trip"]);
    let ran = home.run(&["top", "--sort", "tokens"]);
    assert_eq!(ran.code, Some(0), "{}", ran.told());
    for part in ["Connections", "Runs", "0 at work, 0 waiting", "Memory", "Today", "none waits", "agent:main:trip"] {
        assert!(ran.out.contains(part), "{part}: {}", ran.told());
    }
    let facts = home.run(&["top", "--json"]).json();
    assert_eq!(facts["conversations"][0]["key"], "agent:main:trip", "{facts}");
    assert!(facts["connections"].as_u64().is_some_and(|count| count >= 1), "{facts}");
    assert!(facts["residentBytes"].as_u64().is_some_and(|bytes| bytes > 1 << 20), "{facts}");
    assert!(facts["frames"]["received"].as_u64().is_some_and(|frames| frames > 0), "{facts}");
    let nobody = Home::new().run(&["top", "--once", "--url", "ws://127.0.0.1:1"]);
    assert_eq!(nobody.code, Some(3), "{}", nobody.told());
}

#[test]
fn at_a_terminal_it_looks_on_until_somebody_leaves() {
    let home = Home::new();
    let mut gateway = home.gateway(&[]);
    home.run(&["agent", "-m", "Hello", "--session-key", "trip"]);
    let mut seat = Seat::take(&home, 80, &["top", "--interval", "1"]);
    seat.reads("agent:main:trip");
    seat.reads("a second");
    seat.press("s");
    seat.reads("sorted by tokens");
    seat.press("3");
    seat.reads("nothing waits for people");
    seat.press("?");
    seat.reads("any key goes back");
    seat.press("x");
    seat.resize(40, 16);
    seat.until(|seen| seen.lines().all(|line| line.chars().count() <= 40) && seen.contains("1 Conve"));
    gateway.kill();
    seat.reads("away:");
    seat.press("q");
    assert_eq!(seat.leaves(), Some(0));
    seat.is_given_back();
}

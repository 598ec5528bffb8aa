use openclaw_core::Secret;

use super::*;

const SECOND: i64 = 1_000;

fn spot(key: &str, model: &str) -> Place {
    Place::provider("p", "http://here").with_key(Some(&Secret::new(key))).with_model(model)
}

fn until(cooldowns: &Cooldowns, key: &str, model: &str, now: i64) -> Option<i64> {
    cooldowns.blocked(&spot(key, model), now).map(|blocked| blocked.until)
}

#[test]
fn a_failure_keeps_away_from_what_it_is_about_and_from_nothing_else() {
    for (reason, others) in [
        // Other model, other key, other key and model.
        (Reason::Auth, [true, false, false]),
        (Reason::RateLimit, [false, false, false]),
        (Reason::Overloaded, [false, true, false]),
        (Reason::Network, [true, true, true]),
        (Reason::Format, [false, false, false]),
    ] {
        let mut cooldowns = Cooldowns::default();
        let told = cooldowns.failed(&spot("one", "m"), reason, None, 0);
        assert_eq!(until(&cooldowns, "one", "m", 0), told, "{reason}");
        let seen =
            [("one", "n"), ("two", "m"), ("two", "n")].map(|(key, model)| until(&cooldowns, key, model, 0).is_some());
        assert_eq!(seen, others, "{reason}");
        let elsewhere = Place::provider("p", "http://there").with_key(Some(&Secret::new("one"))).with_model("m");
        assert_eq!(cooldowns.blocked(&elsewhere, 0), None, "another address starts afresh");
    }
}

#[test]
fn it_grows_to_its_longest_and_starts_over_after_success_or_a_long_time() {
    let mut cooldowns = Cooldowns::default();
    let mut now = 0;
    let mut lengths = Vec::new();
    for _ in 0..7 {
        let until = cooldowns.failed(&spot("k", "m"), Reason::ServerError, None, now).unwrap();
        lengths.push((until - now) / SECOND);
        now = until;
    }
    assert_eq!(lengths, [5, 10, 20, 40, 80, 120, 120]);
    assert_eq!(until(&cooldowns, "k", "m", now), None);
    cooldowns.succeeded(&spot("k", "m"));
    assert_eq!(cooldowns.failed(&spot("k", "m"), Reason::ServerError, None, now), Some(now + 5 * SECOND));
    assert_eq!(cooldowns.failed(&spot("k", "m"), Reason::ServerError, None, now), Some(now + 10 * SECOND));
    now += FORGET_MS + 11 * SECOND;
    assert_eq!(cooldowns.failed(&spot("k", "m"), Reason::ServerError, None, now), Some(now + 5 * SECOND));
}

#[test]
fn what_the_provider_asks_for_is_what_it_gets_between_a_second_and_a_day() {
    let mut cooldowns = Cooldowns::default();
    for (asked, given) in [(7, 7), (0, 1), (10 * 24 * 3600, 24 * 3600)] {
        let until = cooldowns.failed(&spot("k", "m"), Reason::RateLimit, Some(Duration::from_secs(asked)), 0);
        assert_eq!(until, Some(given * SECOND));
    }
    assert!(cooldowns.blocked(&spot("k", "m"), 0).unwrap().ordered);
}

#[test]
fn the_first_after_a_cooldown_tries_alone_and_not_for_ever() {
    let mut cooldowns = Cooldowns::default();
    let end = cooldowns.failed(&spot("k", "m"), Reason::Overloaded, None, 0).unwrap();
    assert_eq!(until(&cooldowns, "k", "m", end), None);
    cooldowns.begin(&spot("k", "m"), end);
    assert_eq!(until(&cooldowns, "k", "m", end), Some(end + TRIAL_MS));
    assert!(!cooldowns.blocked(&spot("k", "m"), end).unwrap().ordered);
    assert_eq!(until(&cooldowns, "k", "m", end + TRIAL_MS), None, "whoever tried may have gone away");
    cooldowns.begin(&spot("k", "m"), end);
    cooldowns.succeeded(&spot("k", "m"));
    assert_eq!(until(&cooldowns, "k", "m", end), None);
}

#[test]
fn a_clock_that_is_set_back_leaves_nobody_waiting() {
    let mut cooldowns = Cooldowns::default();
    cooldowns.failed(&spot("k", "m"), Reason::Billing, None, 1_000_000 * SECOND);
    assert_eq!(until(&cooldowns, "k", "m", 5), None);
}

#[test]
fn the_memory_is_bounded() {
    let mut cooldowns = Cooldowns::default();
    cooldowns.failed(&spot("first", "m"), Reason::Billing, None, 0);
    for at in 0..2 * MOST_PLACES {
        cooldowns.failed(&spot(&format!("k{at}"), "m"), Reason::RateLimit, None, 0);
    }
    assert_eq!(cooldowns.places.len(), MOST_PLACES);
    assert!(cooldowns.blocked(&spot("first", "m"), 0).is_some(), "what lasts longest is kept");
}

#[test]
fn nothing_of_a_key_is_printed() {
    let shown = format!("{:?}", spot("very-secret", "m"));
    assert_eq!(shown, "p[…]/m");
}

use openclaw_core::Secret;
use proptest::prelude::*;

use super::*;

const SECOND: i64 = 1_000;

/// `p1/m: k1 k2` as places.
fn places(provider: &str, model: &str, keys: &[&str]) -> Vec<Place> {
    let place = Place::provider(provider, "http://here").with_model(model);
    keys.iter().map(|key| place.with_key(Some(&Secret::new(*key)))).collect()
}

/// Two keys of one provider, then another provider.
fn two_models() -> Route {
    Route::new(vec![places("p", "m", &["one", "two"]), places("q", "n", &["three"])], 0)
}

/// What a run does when each attempt fails with the next of these reasons, written as `candidate.key`.
fn way(route: &mut Route, book: &mut Book, failures: &[(Reason, Option<u64>)], mut now: i64) -> Vec<String> {
    let mut way = Vec::new();
    let mut failures = failures.iter();
    loop {
        match route.next(book, now) {
            Move::Ask { candidate, key, .. } => {
                way.push(format!("{candidate}.{key}"));
                let Some((reason, wait)) = failures.next() else {
                    route.succeeded(book);
                    return way;
                };
                route.failed(book, *reason, wait.map(Duration::from_secs), Seen::Nothing, now);
            }
            Move::Wait(wait) => {
                way.push(format!("wait {}", wait.as_secs()));
                now += i64::try_from(wait.as_millis()).unwrap();
            }
            Move::GiveUp(why) => {
                way.push(format!("{why:?}"));
                return way;
            }
        }
    }
}

#[test]
fn where_a_run_goes_after_a_failure() {
    use Reason::*;
    for (failures, wanted) in [
        (vec![], vec!["0.0"]),
        (vec![(Auth, None)], vec!["0.0", "0.1"]),
        (vec![(Auth, None), (Billing, None)], vec!["0.0", "0.1", "1.0"]),
        (vec![(RateLimit, Some(60))], vec!["0.0", "0.1"]),
        (vec![(RateLimit, Some(60)), (RateLimit, None)], vec!["0.0", "0.1", "1.0"]),
        (vec![(ModelNotFound, None), (Forbidden, None)], vec!["0.0", "0.1", "1.0"]),
        // What is not the key's fault is not asked of another key.
        (vec![(Timeout, None)], vec!["0.0", "1.0"]),
        (vec![(Format, None)], vec!["0.0", "1.0"]),
        (vec![(InvalidAnswer, None)], vec!["0.0", "1.0"]),
        // Once more before going on.
        (vec![(ServerError, None)], vec!["0.0", "0.0"]),
        (vec![(ServerError, None), (ServerError, None)], vec!["0.0", "0.0", "1.0"]),
        (vec![(Overloaded, Some(60))], vec!["0.0", "1.0"]),
        (vec![(Network, None), (Network, None)], vec!["0.0", "0.0", "1.0"]),
        // What one refuses, nobody else is asked for.
        (vec![(Refusal, None)], vec!["0.0", "Final"]),
        (vec![(Auth, None), (Auth, None), (Timeout, None)], vec!["0.0", "0.1", "1.0", "NobodyLeft { free_at: None }"]),
        // Whoever asked to be left alone for a short time is waited for.
        (
            vec![(RateLimit, Some(30)), (RateLimit, Some(3)), (Timeout, None)],
            vec!["0.0", "0.1", "1.0", "wait 3", "0.1"],
        ),
        (
            vec![(RateLimit, Some(30)), (RateLimit, Some(50)), (Timeout, None)],
            vec!["0.0", "0.1", "1.0", "NobodyLeft { free_at: Some(30000) }"],
        ),
        (
            vec![
                (RateLimit, Some(9)),
                (RateLimit, Some(9)),
                (Auth, None),
                (RateLimit, Some(30)),
                (RateLimit, Some(30)),
            ],
            vec!["0.0", "0.1", "1.0", "wait 9", "0.0", "0.1", "NobodyLeft { free_at: Some(39000) }"],
        ),
    ] {
        assert_eq!(way(&mut two_models(), &mut Book::new(0), &failures, 0), wanted, "{failures:?}");
    }
}

#[test]
fn a_second_run_begins_with_what_is_not_cooling_down_and_comes_back_later() {
    let mut book = Book::new(0);
    way(&mut two_models(), &mut book, &[(Reason::RateLimit, Some(60))], 0);
    assert_eq!(way(&mut two_models(), &mut book, &[], 0), ["0.1"]);
    assert_eq!(way(&mut two_models(), &mut book, &[], 60 * SECOND), ["0.0"]);
}

#[test]
fn what_is_told_when_another_model_is_asked() {
    let mut book = Book::new(0);
    let mut route = two_models();
    let left = |route: &mut Route, book: &mut Book| match route.next(book, 0) {
        Move::Ask { instead, .. } => instead,
        other => panic!("{other:?}"),
    };
    assert_eq!(left(&mut route, &mut book), None);
    let until = route.failed(&mut book, Reason::Timeout, None, Seen::Nothing, 0);
    assert_eq!(until, Some(15 * SECOND));
    let wanted = Some(Left { candidate: 0, reason: Reason::Timeout, until });
    assert_eq!(left(&mut route, &mut book), wanted);
    // A run that never asks the first model says why it did not.
    assert_eq!(left(&mut two_models(), &mut book), wanted);
    let mut route = Route::new(vec![vec![], places("q", "n", &["k"])], 0);
    assert_eq!(left(&mut route, &mut book), Some(Left { candidate: 0, reason: Reason::Settings, until: None }));
}

#[test]
fn after_something_was_seen_nobody_else_is_asked() {
    let mut book = Book::new(0);
    let mut route = two_models();
    route.next(&mut book, 0);
    route.failed(&mut book, Reason::Network, None, Seen::Something, 0);
    assert_eq!(route.next(&mut book, 0), Move::GiveUp(GaveUp::Final));
}

#[test]
fn a_lonely_key_is_tried_although_it_failed_before_but_not_before_the_time_that_it_asked_for() {
    let alone = || Route::new(vec![places("p", "m", &["k"])], 0);
    let mut book = Book::new(0);
    assert_eq!(way(&mut alone(), &mut book, &[(Reason::Auth, None)], 0)[0], "0.0");
    assert_eq!(way(&mut alone(), &mut book, &[], SECOND), ["0.0"], "somebody may have mended it");
    way(&mut alone(), &mut book, &[(Reason::RateLimit, Some(100))], 0);
    assert_eq!(way(&mut alone(), &mut book, &[], SECOND), ["NobodyLeft { free_at: Some(100000) }"]);
    assert_eq!(way(&mut alone(), &mut book, &[], 85 * SECOND), ["wait 15", "0.0"]);
}

#[test]
fn an_outage_is_no_storm() {
    let mut book = Book::new(0);
    let mut asked = 0;
    for _ in 0..1_000 {
        let mut route = Route::new(vec![places("p", "m", &["k"])], 0);
        asked += way(&mut route, &mut book, &[(Reason::ServerError, None); 9], 0).len() - 1;
    }
    assert_eq!(asked, 31, "the first, and what the budget allows");
    let mut route = Route::new(vec![places("p", "m", &["k"])], 0);
    assert_eq!(way(&mut route, &mut book, &[], 0), ["Storm"]);
    // A model that nothing is known against costs nothing.
    assert_eq!(way(&mut two_models(), &mut book, &[], 0), ["1.0"]);
}

#[test]
fn conversations_are_spread_over_keys_and_stay_with_theirs() {
    let keys = ["one", "two", "three"];
    let first = |sticky| match Route::new(vec![places("p", "m", &keys)], sticky).next(&mut Book::new(0), 0) {
        Move::Ask { key, .. } => key,
        other => panic!("{other:?}"),
    };
    assert_eq!([0, 1, 2, 3, u64::MAX].map(first), [0, 1, 2, 0, 0]);
}

prop_compose! {
    fn candidates()(
        shapes in prop::collection::vec((0..3_usize, 0..3_usize, 0..4_usize), 1..5),
    ) -> Vec<Vec<Place>> {
        let keys = ["a", "b", "c"];
        shapes.iter().map(|(p, m, n)| places(&format!("p{p}"), &format!("m{m}"), &keys[..*n])).collect()
    }
}

fn failure() -> impl Strategy<Value = Option<(Reason, Option<Duration>)>> {
    let wait = prop::option::weighted(0.3, (0..100_u64).prop_map(Duration::from_secs));
    prop::option::weighted(0.8, (prop::sample::select(Reason::ALL.to_vec()), wait))
}

proptest! {
    #[test]
    fn whatever_happens_the_rules_of_the_route_hold(
        candidates in candidates(),
        sticky in any::<u64>(),
        outcomes in prop::collection::vec(failure(), 200),
        steps in prop::collection::vec(0..40_000_i64, 30),
    ) {
        let (mut book, mut now, mut outcomes) = (Book::new(0), 0, outcomes.into_iter());
        for step in steps {
            now += step;
            let mut route = Route::new(candidates.clone(), sticky);
            let (mut attempts, mut waited) = (0, Duration::ZERO);
            let mut last: Option<Place> = None;
            loop {
                let (known, before) = (book.clone(), route.clone());
                match route.next(&mut book, now) {
                    Move::Ask { candidate, key, pause, .. } => {
                        attempts += 1;
                        prop_assert!(attempts <= MOST_ATTEMPTS);
                        let place = &candidates[candidate][key];
                        let blocked = |place: &Place| known.cooldowns.blocked(place, now);
                        let spoiled = |place: &Place| before.spoiled.iter().any(|spoiled| spoiled.contains(place));
                        let free = |place: &&Place| blocked(place).is_none() && !spoiled(place);
                        if pause > Duration::ZERO {
                            prop_assert_eq!(last.as_ref(), Some(place), "again is the same");
                        } else {
                            prop_assert!(!spoiled(place));
                            let better = candidates[..candidate].iter().flatten().find(free);
                            prop_assert_eq!(better, None, "the order is kept");
                            if let Some(blocked) = blocked(place) {
                                let anybody = candidates.iter().flatten().find(free);
                                prop_assert_eq!(anybody, None, "nobody who is left alone while somebody is free");
                                prop_assert!(!blocked.ordered, "a wait that was asked for is kept");
                            }
                        }
                        last = Some(place.clone());
                        let Some(Some((reason, wait))) = outcomes.next() else {
                            route.succeeded(&mut book);
                            prop_assert_eq!(book.cooldowns.blocked(place, now), None);
                            break;
                        };
                        route.failed(&mut book, reason, wait, Seen::Nothing, now);
                    }
                    Move::Wait(wait) => {
                        waited += wait;
                        prop_assert!(waited <= LONGEST_WAIT);
                        now += i64::try_from(wait.as_millis()).unwrap();
                    }
                    Move::GiveUp(_) => break,
                }
            }
        }
    }
}

use super::*;

const RATE: Rate = Rate { window_ms: 10_000, max_requests: 5, skip_successful: false, skip_failed: false };

fn user(name: &str, cost: u32) -> Charge {
    Charge { key: Key::User(Key::name(name)), rate: RATE, cost }
}

#[test]
fn a_full_window_may_be_used_at_once_and_then_refills_evenly() {
    let mut limiter = Limiter::new();
    for _ in 0..5 {
        assert_eq!(limiter.take(&[user("a", 1)], 1000).map(drop), Ok(()));
    }
    assert_eq!(limiter.take(&[user("a", 1)], 1000), Err(TooMany { at: 0, retry_after_ms: 2000 }));
    assert_eq!(limiter.take(&[user("a", 1)], 2999), Err(TooMany { at: 0, retry_after_ms: 1 }));
    assert_eq!(limiter.take(&[user("a", 1)], 3000).map(drop), Ok(()));
    assert_eq!(limiter.take(&[user("b", 5)], 3000).map(drop), Ok(()), "another's count is its own");
    assert_eq!(limiter.take(&[user("a", 5)], 13_000).map(drop), Ok(()));
}

#[test]
fn a_window_may_be_a_day_and_one_without_an_end_is_still_bounded() {
    let mut limiter = Limiter::new();
    let day = Charge { rate: Rate { window_ms: 86_400_000, ..RATE }, ..user("a", 5) };
    assert_eq!(limiter.take(std::slice::from_ref(&day), 0).map(drop), Ok(()));
    assert_eq!(limiter.take(&[day], 1000), Err(TooMany { at: 0, retry_after_ms: 86_399_000 }));
    let endless = Charge { rate: Rate { window_ms: u64::MAX, ..RATE }, ..user("b", 5) };
    assert_eq!(limiter.take(std::slice::from_ref(&endless), 0).map(drop), Ok(()));
    assert!(limiter.take(&[endless], 1_000_000).is_err());
    let none = Charge { rate: Rate { window_ms: 0, ..RATE }, ..user("c", 5) };
    assert_eq!(limiter.take(std::slice::from_ref(&none), 0).map(drop), Ok(()));
    assert_eq!(limiter.take(&[none], 1).map(drop), Ok(()), "a window has a millisecond at least");
}

#[test]
fn a_request_counts_against_all_of_its_limits_or_none() {
    let mut limiter = Limiter::new();
    let global = |cost| Charge { key: Key::Global, rate: Rate { max_requests: 6, ..RATE }, cost };
    assert_eq!(limiter.take(&[global(5), user("a", 5)], 0).map(drop), Ok(()));
    assert_eq!(limiter.take(&[global(1), user("a", 1)], 0), Err(TooMany { at: 1, retry_after_ms: 2000 }));
    assert_eq!(limiter.take(&[global(1), user("b", 1)], 0).map(drop), Ok(()), "the refused one did not count");
    assert!(limiter.take(&[global(1), user("c", 1)], 0).is_err());
}

#[test]
fn of_several_limits_the_one_that_takes_longest_is_told() {
    let mut limiter = Limiter::new();
    let of = |name, max_requests, cost| Charge { rate: Rate { max_requests, ..RATE }, ..user(name, cost) };
    for (name, max_requests) in [("quick", 10), ("slow", 2), ("same", 2)] {
        limiter.take(&[of(name, max_requests, max_requests)], 0).unwrap();
    }
    let told = |limiter: &mut Limiter, charges: &[Charge]| limiter.take(charges, 0).unwrap_err();
    let (quick, slow, same) = (of("quick", 10, 1), of("slow", 2, 1), of("same", 2, 1));
    let longest = |at| TooMany { at, retry_after_ms: 5000 };
    assert_eq!(told(&mut limiter, &[quick.clone(), slow.clone()]), longest(1));
    assert_eq!(told(&mut limiter, &[slow.clone(), quick]), longest(0));
    assert_eq!(told(&mut limiter, &[slow, same]), longest(0), "the first of equals");
}

#[test]
fn what_does_not_count_is_given_back() {
    let mut limiter = Limiter::new();
    for _ in 0..50 {
        let ends = limiter.take(&[user("a", 3)], 0).unwrap();
        limiter.give_back(&user("a", 3), ends[0], 0);
    }
    limiter.give_back(&user("stranger", 3), 10_000_000_000, 0);
    assert_eq!(limiter.take(&[user("a", 5)], 0).map(drop), Ok(()));
    assert!(limiter.take(&[user("a", 1)], 0).is_err(), "giving back never makes more than the limit");
}

#[test]
fn what_time_has_taken_back_is_not_given_back_again() {
    let mut limiter = Limiter::new();
    let first = limiter.take(&[user("a", 1)], 0).unwrap()[0];
    // A fifth of the window later nothing is left of the first, and everything of the others.
    let later = limiter.take(&[user("a", 5)], 2000).unwrap()[0];
    limiter.give_back(&user("a", 1), first, 2000);
    assert!(limiter.take(&[user("a", 1)], 2000).is_err(), "the count of the others stays");
    limiter.give_back(&user("a", 5), later, 7000);
    assert_eq!(limiter.take(&[user("a", 5)], 7000).map(drop), Ok(()), "half of it was left, and is given back");
    assert!(limiter.take(&[user("a", 1)], 7000).is_err(), "and no more than that");

    // What waits behind others is there whole until their time is over.
    limiter.take(&[user("b", 4)], 0).unwrap();
    let last = limiter.take(&[user("b", 1)], 0).unwrap()[0];
    limiter.give_back(&user("b", 1), last, 3000);
    assert_eq!(limiter.take(&[user("b", 2)], 3000).map(drop), Ok(()));
    assert!(limiter.take(&[user("b", 1)], 3000).is_err());
}

#[test]
fn a_cost_above_the_limit_is_the_limit() {
    let mut limiter = Limiter::new();
    assert_eq!(limiter.take(&[user("a", 50)], 0).map(drop), Ok(()));
    assert_eq!(limiter.take(&[user("a", 50)], 0), Err(TooMany { at: 0, retry_after_ms: 10_000 }));
}

#[test]
fn a_clock_that_was_put_back_locks_nobody_out_for_longer_than_the_window() {
    let mut limiter = Limiter::new();
    assert_eq!(limiter.take(&[user("a", 5)], 1_000_000_000).map(drop), Ok(()));
    assert_eq!(limiter.take(&[user("a", 1)], 0), Err(TooMany { at: 0, retry_after_ms: 2000 }));
    assert!(limiter.take(&[user("a", 1)], i64::MAX).is_ok() || limiter.take(&[user("a", 1)], i64::MIN).is_ok());
}

#[test]
fn where_nobody_is_over_an_eighth_goes_at_once_and_where_all_are_all_go() {
    let filled = |now: fn(usize) -> i64| {
        let mut limiter = Limiter::new();
        assert!(limiter.is_empty());
        for number in 0..MAX_KEYS {
            limiter.take(&[user(&number.to_string(), 1)], now(number)).unwrap();
        }
        assert_eq!((limiter.len(), limiter.is_empty()), (MAX_KEYS, false));
        limiter
    };
    // Each is remembered for two seconds.
    let mut limiter = filled(|number| i64::try_from(number / 10).unwrap());
    limiter.take(&[user("one more", 1)], 1500).unwrap();
    assert_eq!(limiter.len(), MAX_KEYS - MAX_KEYS / 8 + 1);
    let mut limiter = filled(|_| 0);
    limiter.take(&[user("one more", 1)], 2000).unwrap();
    assert_eq!(limiter.len(), 1, "they have just been forgotten");
}

#[test]
fn a_million_names_are_ten_thousand_entries_and_the_busiest_stays() {
    let mut limiter = Limiter::new();
    assert_eq!(limiter.take(&[user("busy", 5)], 0).map(drop), Ok(()));
    for number in 0..1_000_000_u32 {
        assert_eq!(limiter.take(&[user(&number.to_string(), 1)], 0).map(drop), Ok(()));
        assert!(limiter.len() <= MAX_KEYS);
    }
    assert!(limiter.take(&[user("busy", 1)], 0).is_err());
    assert_eq!(Key::name(&"ä".repeat(300)).len(), NAME_BYTES);
    // Keys, clipped names and times: far below the 20 MiB of T10.
    assert!(MAX_KEYS * (size_of::<(Key, i64)>() * 2 + 2 * NAME_BYTES) < 20 * 1024 * 1024);
}

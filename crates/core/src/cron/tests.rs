use proptest::prelude::*;

use super::*;

fn zones() -> Zones {
    Zones::new(None)
}

fn ms(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
}

fn iso(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).unwrap().to_string()
}

fn cron(expr: &str, tz: &str) -> Schedule {
    Schedule::Cron { expr: expr.to_owned(), tz: Some(tz.to_owned()), stagger_ms: None }
}

fn plan(expr: &str, tz: &str) -> Plan {
    Plan::new(&cron(expr, tz), &zones(), 0).unwrap()
}

/// The occurrences between two moments.
fn between(plan: &Plan, after: &str, until: &str) -> Vec<String> {
    let (mut at, until) = (ms(after), ms(until));
    let mut found = Vec::new();
    while let Some(next) = plan.next_after(at).filter(|next| *next <= until) {
        found.push(iso(next));
        at = next;
    }
    found
}

#[test]
fn intervals_are_counted_from_their_anchor() {
    let every = |every_ms, anchor_ms| Plan::new(&Schedule::Every { every_ms, anchor_ms }, &zones(), 0);
    let plan = every(60_000, 1_000).unwrap();
    assert_eq!(plan.next_after(0), Some(1_000));
    assert_eq!(plan.next_after(1_000), Some(61_000));
    assert_eq!(plan.next_after(61_001), Some(121_000));
    for (bad, field) in [
        ((0, 0), "everyMs"),
        ((999, 0), "everyMs"),
        ((i64::MAX, 0), "everyMs"),
        ((-5, 0), "everyMs"),
        ((1000, -1), "anchorMs"),
        ((1000, i64::MAX), "anchorMs"),
    ] {
        assert_eq!(every(bad.0, bad.1).unwrap_err().field, field, "{bad:?}");
    }
}

#[test]
fn a_moment_is_read_with_and_without_an_offset() {
    let moment = |text| Schedule::moment(text, &zones(), None);
    assert_eq!(moment("2026-11-20T11:13:14.163Z"), Ok(1_795_173_194_163));
    assert_eq!(moment("2026-11-20T12:13:14.163+01:00"), Ok(1_795_173_194_163));
    assert_eq!(moment("2026-11-20T11:13:14.163"), Ok(1_795_173_194_163));
    assert_eq!(Schedule::moment("2026-11-20T12:13:14.163", &zones(), Some("Europe/Berlin")), Ok(1_795_173_194_163));
    for bad in [
        "",
        "tomorrow",
        "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "1969-12-31T00:00:00Z",
        "9999-06-01T00:00:00Z",
        "2026-11-20T25:00:00Z",
        "1795173194163",
    ] {
        assert_eq!(moment(bad).unwrap_err().field, "at", "{bad}");
    }
}

#[test]
fn once_is_once() {
    let plan = Plan::new(&Schedule::At { at: "2027-01-01T00:00:00Z".to_owned() }, &zones(), 0).unwrap();
    let at = ms("2027-01-01T00:00:00Z");
    assert_eq!((plan.next_after(0), plan.next_after(at - 1), plan.next_after(at)), (Some(at), Some(at), None));
}

/// On 2026-03-29 clocks in Berlin go from 02:00 to 03:00.
#[test]
fn a_fixed_time_that_is_skipped_comes_right_after_the_gap() {
    let daily = plan("30 2 * * *", "Europe/Berlin");
    assert_eq!(
        between(&daily, "2026-03-27T12:00:00Z", "2026-03-30T12:00:00Z"),
        ["2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"]
    );
}

#[test]
fn times_that_repeat_within_the_day_leave_out_the_gap() {
    let half_hourly = plan("*/30 * * * *", "Europe/Berlin");
    assert_eq!(
        between(&half_hourly, "2026-03-29T00:00:00Z", "2026-03-29T02:00:00Z"),
        ["2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z", "2026-03-29T02:00:00Z"]
    );
}

/// On 2026-10-25 clocks in Berlin go from 03:00 back to 02:00.
#[test]
fn a_fixed_time_that_is_repeated_comes_once_and_the_first_time() {
    let daily = plan("30 2 * * *", "Europe/Berlin");
    assert_eq!(
        between(&daily, "2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z"),
        ["2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"]
    );
}

#[test]
fn times_that_repeat_within_the_day_come_in_both_hours() {
    let half_hourly = plan("*/30 * * * *", "Europe/Berlin");
    assert_eq!(between(&half_hourly, "2026-10-24T23:30:00Z", "2026-10-25T02:30:00Z").len(), 6);
    // A zone whose clock moves by half an hour: a quarter past two is left out.
    let lord_howe = plan("15 * * * *", "Australia/Lord_Howe");
    let times = between(&lord_howe, "2026-10-03T12:00:00Z", "2026-10-03T18:00:00Z");
    assert_eq!(times.len(), 5, "{times:?}");
}

#[test]
fn both_day_fields_mean_either_and_a_plus_means_both() {
    let either = plan("0 9 15 * 1", "UTC");
    let both = plan("0 9 15 * +1", "UTC");
    let year = |plan: &Plan| between(plan, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z").len();
    assert_eq!((year(&either), year(&both)), (52 + 12 - 1, 1));
}

#[test]
fn bad_expressions_are_refused_with_the_reason() {
    for (expr, part) in [
        ("", "must not be empty"),
        ("* * *", "has 3 fields"),
        ("* * * * * * *", "has 7 fields"),
        ("61 * * * *", "cannot be read"),
        ("a b c d e", "cannot be read"),
        ("0 0 30 2 *", "never comes"),
        ("0 0 31 2,4,6,9,11 *", "never comes"),
        ("0 0 30 2 +1", "never comes"),
        ("*/0 * * * *", "cannot be read"),
        ("5-1 * * * *", "cannot be read"),
        ("ünïcode * * * *", "plain letters"),
        ("@reboot", "cannot be read"),
        ("* * * * *\n", ""),
    ] {
        let read = Plan::new(&cron(expr, "UTC"), &zones(), 0);
        match read {
            Ok(_) => assert_eq!(part, "", "{expr}"),
            Err(error) => {
                assert_eq!(error.field, "expr");
                assert!(!part.is_empty() && error.what.contains(part), "{expr}: {}", error.what);
            }
        }
    }
    assert!(Plan::new(&cron(&"1,".repeat(200), "UTC"), &zones(), 0).unwrap_err().what.contains("256 bytes"));
}

#[test]
fn zones_that_do_not_exist_are_refused_with_a_suggestion() {
    for (name, suggestion) in [
        ("Europe/Berln", Some("Europe/Berlin")),
        ("Berlin", Some("Europe/Berlin")),
        ("new york", Some("America/New_York")),
        ("Mars/Olympus", None),
        ("", None),
        ("../../etc/passwd", None),
        ("+02:00", None),
    ] {
        let error = zones().find(name).unwrap_err();
        assert_eq!(error.suggestion.as_deref(), suggestion, "{name}");
    }
    assert_eq!(
        zones().find("Europe/Berln").unwrap_err().to_string(),
        "there is no time zone \"Europe/Berln\", did you mean \"Europe/Berlin\"?; use an IANA name such as \"Europe/Berlin\" or \"UTC\""
    );
    assert!(zones().find(&"x".repeat(10_000)).unwrap_err().name.len() == 64);
    assert_eq!(zones().find("europe/berlin").unwrap().iana_name(), Some("Europe/Berlin"));
    assert_eq!(Zones::new(Some("Asia/Tokyo")).local_name(), "Asia/Tokyo");
    assert_eq!(Zones::new(Some("Nowhere")).local_name(), "UTC");
}

#[test]
fn a_stagger_gives_each_job_its_fixed_place() {
    let at = |place| {
        let schedule =
            Schedule::Cron { expr: "0 * * * *".to_owned(), tz: Some("UTC".to_owned()), stagger_ms: Some(60_000) };
        Plan::new(&schedule, &zones(), place).unwrap().next_after(ms("2026-01-01T00:30:00Z")).unwrap()
    };
    assert_eq!(iso(at(0)), "2026-01-01T01:00:00Z");
    assert_eq!(iso(at(61_500)), "2026-01-01T01:00:01.5Z");
    assert_eq!(at(7), at(7));
    let too_far = Schedule::Cron { expr: "0 * * * *".to_owned(), tz: None, stagger_ms: Some(86_400_001) };
    assert_eq!(Plan::new(&too_far, &zones(), 0).unwrap_err().field, "staggerMs");
}

#[test]
fn schedules_are_told_in_plain_words() {
    let zones = Zones::new(Some("Europe/Berlin"));
    for (expr, words) in [
        ("0 9 * * *", "every day at 09:00 Europe/Berlin"),
        ("30 7 * * 1-5", "every weekday at 07:30 Europe/Berlin"),
        ("0 9 * * 1", "every Monday at 09:00 Europe/Berlin"),
        ("0 9 * * sun", "every Sunday at 09:00 Europe/Berlin"),
        ("0 9 1 * *", "on day 1 of every month at 09:00 Europe/Berlin"),
        ("*/15 * * * *", "every 15 minutes"),
        ("*/7 * * * *", "cron \"*/7 * * * *\" Europe/Berlin"),
        ("* * * * *", "every minute"),
        ("5 * * * *", "every hour at minute 5"),
        ("0 */6 * * *", "every 6 hours at minute 0 Europe/Berlin"),
        ("0 9 15 * 1", "cron \"0 9 15 * 1\" Europe/Berlin"),
        ("0 9 * 1 *", "cron \"0 9 * 1 *\" Europe/Berlin"),
    ] {
        let schedule = Schedule::Cron { expr: expr.to_owned(), tz: None, stagger_ms: None };
        assert_eq!(spoken(&schedule, &zones), words);
    }
    assert_eq!(spoken(&Schedule::Every { every_ms: 5_400_000, anchor_ms: 0 }, &zones), "every 1 h 30 m");
    assert_eq!(
        spoken(&Schedule::At { at: "2027-01-01T09:00:00+01:00".to_owned() }, &zones),
        "once at 2027-01-01 08:00 UTC"
    );
}

fn policy(missed: Missed, limit: usize) -> Policy {
    Policy { missed, grace_ms: 30_000, limit }
}

#[test]
fn what_was_missed_is_treated_as_the_policy_says() {
    let minutely = plan("* * * * *", "UTC");
    let (next, now) = (ms("2026-01-01T00:00:00Z"), ms("2026-01-01T00:10:40Z"));
    let of = |missed| {
        let due = due(&minutely, next, now, policy(missed, 3));
        (
            due.run.iter().map(|at| iso(*at)).collect::<Vec<_>>(),
            due.passed.map(|passed| (iso(passed.first), iso(passed.last), passed.count)),
        )
    };
    let text = str::to_owned;
    assert_eq!(of(Missed::Skip), (vec![], Some((text("2026-01-01T00:00:00Z"), text("2026-01-01T00:10:00Z"), 11))));
    assert_eq!(
        of(Missed::Once),
        (vec![text("2026-01-01T00:10:00Z")], Some((text("2026-01-01T00:00:00Z"), text("2026-01-01T00:09:00Z"), 10)))
    );
    assert_eq!(of(Missed::All).0.len(), 3);
    assert_eq!(of(Missed::All).1.unwrap().2, 8);
    // Late by less than the grace counts as on time.
    let soon = due(&minutely, next, next + 29_000, policy(Missed::Skip, 3));
    assert_eq!((soon.run, soon.passed), (vec![next], None));
    let early = due(&minutely, next, next - 1, policy(Missed::All, 3));
    assert_eq!((early.run.len(), early.passed, early.next), (0, None, Some(next)));
}

#[test]
fn what_comes_once_is_never_passed_over() {
    let once = Plan::new(&Schedule::At { at: "2027-01-01T00:00:00Z".to_owned() }, &zones(), 0).unwrap();
    let at = ms("2027-01-01T00:00:00Z");
    let late = due(&once, at, at + 86_400_000 * 30, policy(Missed::Skip, 1));
    assert_eq!((late.run, late.passed, late.next), (vec![at], None, None));
}

#[test]
fn a_jump_of_a_century_makes_one_run_and_ends_soon() {
    for expr in ["* * * * * *", "*/5 * * * *", "0 0 29 2 *"] {
        let plan = plan(expr, "UTC");
        let next = plan.next_after(ms("2026-01-01T00:00:00Z")).unwrap();
        let far = due(&plan, next, next + 100 * 365 * 86_400_000, policy(Missed::Once, 3));
        assert_eq!(far.run.len(), 1, "{expr}");
        assert!(far.passed.unwrap().count <= 10_000, "{expr}");
    }
    let every = Plan::new(&Schedule::Every { every_ms: 1000, anchor_ms: 0 }, &zones(), 0).unwrap();
    let far = due(&every, 1000, 1000 * 1_000_000_000, policy(Missed::Once, 3));
    assert_eq!(far.passed, Some(Passed { first: 1000, last: 999_999_999_000, count: 999_999_999, exact: true }));
}

fn any_plan() -> impl Strategy<Value = Plan> {
    let exprs = prop::sample::select(vec![
        "* * * * *",
        "*/7 * * * *",
        "30 2 * * *",
        "0 */3 * * *",
        "15 1,2,3 * * *",
        "0 0 1 * *",
        "0 3 * * 0",
        "*/20 * * * * *",
        "59 59 23 31 12 *",
        "0 12 L * *",
    ]);
    let zones_named = prop::sample::select(vec![
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
        "Pacific/Apia",
        "America/Sao_Paulo",
    ]);
    prop_oneof![
        3 => (exprs, zones_named).prop_map(|(expr, zone)| plan(expr, zone)),
        1 => (1000i64..10_000_000, 0i64..2_000_000_000_000).prop_map(|(every_ms, anchor_ms)| {
            Plan::new(&Schedule::Every { every_ms, anchor_ms }, &zones(), 0).unwrap()
        }),
    ]
}

proptest! {
    /// Times only grow, and asking from any moment in between gives the same one.
    #[test]
    fn the_next_time_is_later_and_the_nearest(plan in any_plan(), from in 0i64..4_000_000_000_000, within in 0.0f64..1.0) {
        let first = plan.next_after(from).unwrap();
        prop_assert!(first > from);
        let second = plan.next_after(first).unwrap();
        prop_assert!(second > first);
        let between = from + ((first - from - 1) as f64 * within) as i64;
        prop_assert_eq!(plan.next_after(between), Some(first), "from {} and {}", iso(from), iso(between));
    }

    /// However often and late somebody looks, every occurrence is decided about exactly once, in order.
    #[test]
    fn every_occurrence_is_decided_about_once(
        plan in any_plan(),
        start in 1_700_000_000_000i64..1_900_000_000_000,
        looks in prop::collection::vec(0i64..40_000_000, 1..25),
        missed in prop::sample::select(vec![Missed::Skip, Missed::Once, Missed::All]),
        limit in 1usize..5,
    ) {
        let policy = policy(missed, limit);
        let (mut now, mut next) = (start, plan.next_after(start));
        let mut decided: Vec<(i64, i64, u64)> = Vec::new();
        for wait in looks {
            now += wait;
            let Some(from) = next else { break };
            let due = due(&plan, from, now, policy);
            if let Some(passed) = due.passed {
                prop_assert!(passed.exact || passed.count >= 10_000);
                decided.push((passed.first, passed.last, passed.count));
            }
            decided.extend(due.run.iter().map(|at| (*at, *at, 1)));
            prop_assert!(due.run.len() <= limit.max(1));
            next = due.next;
            prop_assert!(next.is_none_or(|next| next > now));
        }
        // Walk the times: each is the first of an entry or inside a range.
        let mut at = start;
        for (first, last, count) in decided {
            prop_assert_eq!(plan.next_after(at), Some(first));
            let mut seen = 1;
            at = first;
            while at < last {
                at = plan.next_after(at).unwrap();
                seen += 1;
            }
            prop_assert_eq!(at, last);
            prop_assert!(count == seen || count >= 10_000);
        }
        prop_assert_eq!(plan.next_after(at), next);
    }

    /// Nothing that can be typed panics or takes long.
    #[test]
    fn any_text_is_read_or_refused(expr in "[0-9*,/LW#+?@a-zA-Z -]{0,40}") {
        let _ = Plan::new(&cron(&expr, "Europe/Berlin"), &zones(), 0);
    }
}

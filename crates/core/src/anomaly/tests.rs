use proptest::prelude::*;

use super::*;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

fn counted() -> Detector {
    Detector::new(Settings {
        window_ms: HOUR,
        threshold: 0.8,
        together: Together::Sum,
        least_spread: 2.5,
        least_share: 0.0,
    })
}

/// Lets the hours pass in minutes, in each of which something happens so often, and tells what was not as usual.
fn hours(detector: &mut Detector, from: i64, hours: i64, each_hour: impl Fn(i64) -> i64) -> Vec<(i64, Verdict)> {
    let mut told = Vec::new();
    for minute in 0..hours * 60 {
        let now = (from * 60 + minute) * MINUTE;
        let of_hour = each_hour(minute / 60);
        // Spread over the hour, to the last one.
        let happened = of_hour * (minute % 60 + 1) / 60 - of_hour * (minute % 60) / 60;
        detector.note(now, f64::from(i32::try_from(happened).unwrap()));
        match detector.look(now) {
            Verdict::Learning | Verdict::Usual | Verdict::Lasts(_) => {}
            verdict => told.push((minute / 60, verdict)),
        }
    }
    told
}

#[test]
fn nothing_is_unusual_while_nothing_is_known() {
    let mut detector = counted();
    assert_eq!(detector.look(0), Verdict::Learning);
    detector.note(MINUTE, 1e9);
    assert_eq!(detector.look(MINUTE), Verdict::Learning);
    assert_eq!(hours(&mut detector, 1, 2, |_| 1_000_000), []);
}

#[test]
fn one_spike_is_one_alarm_with_its_figures_and_one_end() {
    let mut detector = counted();
    let told = hours(&mut detector, 0, 24, |hour| if hour == 12 { 500 } else { 20 + hour % 3 });
    let [(at, Verdict::Began(explained)), (_, Verdict::Over(after))] = &told[..] else { panic!("{told:?}") };
    assert_eq!(*at, 12, "within the hour in which it happens");
    assert!((20.0..=22.0).contains(&explained.expected), "{explained:?}");
    assert!(explained.seen > explained.expected && explained.score >= 0.8, "{explained:?}");
    assert_eq!((explained.window_ms, explained.past), (HOUR, 12));
    assert!(after.score < 0.8, "{after:?}");
}

#[test]
fn two_spikes_apart_are_two_and_a_flickering_one_is_one() {
    let mut detector = counted();
    let apart = hours(&mut detector, 0, 48, |hour| if hour == 12 || hour == 30 { 300 } else { 10 });
    assert_eq!(apart.iter().filter(|(_, verdict)| matches!(verdict, Verdict::Began(_))).count(), 2, "{apart:?}");
    let mut detector = counted();
    hours(&mut detector, 0, 12, |_| 10);
    let flickering = (0..240).filter(|minute| {
        let now = 12 * HOUR + minute * MINUTE;
        detector.note(now, if minute % 40 < 5 { 40.0 } else { 0.0 });
        matches!(detector.look(now), Verdict::Began(_))
    });
    assert_eq!(flickering.count(), 1);
}

#[test]
fn what_grows_slowly_is_not_unusual() {
    let mut detector = counted();
    assert_eq!(hours(&mut detector, 0, 300, |hour| 100 + hour * 2), []);
}

#[test]
fn what_stays_at_another_level_becomes_usual() {
    let mut detector = counted();
    let told = hours(&mut detector, 0, 400, |hour| if hour < 40 { 20 } else { 200 });
    assert!(matches!(told[..], [(40, Verdict::Began(_)), (_, Verdict::Over(_))]), "{told:?}");
}

#[test]
fn a_few_of_what_never_happens_say_nothing_and_many_do() {
    let mut detector = counted();
    assert_eq!(hours(&mut detector, 0, 24, |hour| if hour > 10 { 5 } else { 0 }), []);
    assert!(matches!(hours(&mut detector, 24, 1, |_| 30)[..], [(0, Verdict::Began(_))]));
}

#[test]
fn less_than_usual_is_not_unusual() {
    let mut detector = counted();
    assert_eq!(hours(&mut detector, 0, 40, |hour| if hour < 30 { 1000 } else { 0 }), []);
}

#[test]
fn how_big_something_is_counts_by_its_highest() {
    let settings =
        Settings { window_ms: HOUR, threshold: 0.8, together: Together::Highest, least_spread: 64.0, least_share: 0.1 };
    let mut detector = Detector::new(settings);
    for minute in 0..12 * 60 {
        detector.note(minute * MINUTE, 300.0 + f64::from(i32::try_from(minute % 7).unwrap()));
        assert!(matches!(detector.look(minute * MINUTE), Verdict::Learning | Verdict::Usual));
    }
    detector.note(12 * HOUR, 900.0);
    let Verdict::Began(explained) = detector.look(12 * HOUR) else { panic!() };
    assert_eq!((explained.seen, explained.expected), (900.0, 306.0));
}

#[test]
fn a_clock_that_is_put_back_or_a_machine_that_slept_is_no_alarm() {
    let mut detector = counted();
    hours(&mut detector, 0, 24, |_| 50);
    detector.note(5 * HOUR, 1.0);
    assert!(matches!(detector.look(5 * HOUR), Verdict::Usual));
    let past = detector.past();
    assert_eq!(hours(&mut detector, 1000, 24, |_| 50), []);
    assert!(detector.past() <= past + 25, "time in which nothing was counted is not known");
}

#[test]
fn a_threshold_of_one_takes_a_hundred_spreads() {
    let mut detector = Detector::new(Settings { threshold: 1.0, ..*counted().settings() });
    hours(&mut detector, 0, 12, |_| 0);
    assert_eq!(hours(&mut detector, 12, 1, |_| 240), []);
    assert!(matches!(hours(&mut detector, 14, 1, |_| 300)[..], [(0, Verdict::Began(_))]));
}

proptest! {
    #[test]
    fn whatever_is_told_it_stays_bounded_and_in_its_range(
        told in prop::collection::vec((any::<i64>(), any::<f64>()), 0..200), window in any::<i64>(), threshold in any::<f64>(),
    ) {
        let settings = Settings { window_ms: window, threshold, ..*counted().settings() };
        let mut detector = Detector::new(settings);
        for (now, value) in told {
            // A thousand years on either side of today.
            let now = now % 63_000_000_000_000;
            detector.note(now, value);
            if let Verdict::Began(explained) | Verdict::Lasts(explained) | Verdict::Over(explained) = detector.look(now) {
                prop_assert!((0.0..=1.0).contains(&explained.score), "{:?}", explained);
            }
            prop_assert!(detector.past() <= REMEMBERED && detector.slices.len() <= 2 * SLICES as usize);
        }
    }
}

//! Any schedule, as anybody writes it.
//!
//! The input is an expression, a zone and a moment, a line each. Never panics or hangs; what is taken comes after the
//! moment that was asked about, again after that, never twice at once; and can be said in words.
#![no_main]

use libfuzzer_sys::fuzz_target;
use openclaw_core::cron::{MIN_EVERY_MS, Plan, Schedule, Zones, spoken};

fuzz_target!(|text: &str| {
    let mut lines = text.split('\n');
    let mut next = || lines.next().unwrap_or_default();
    let (word, zone, moment) = (next(), next(), next());
    let from = moment.parse::<i64>().unwrap_or_default().clamp(0, 253_370_764_799_999);
    let zones = Zones::new(Some("UTC"));
    let number = word.parse::<i64>().unwrap_or_default();
    for schedule in [
        Schedule::At { at: word.to_owned() },
        Schedule::Every { every_ms: number, anchor_ms: from / 2 },
        Schedule::Cron {
            expr: word.to_owned(),
            tz: (!zone.is_empty()).then(|| zone.to_owned()),
            stagger_ms: Some(59_999),
        },
    ] {
        let Ok(plan) = Plan::new(&schedule, &zones, 7) else { continue };
        assert!(!spoken(&schedule, &zones).is_empty());
        let mut after = from;
        for _ in 0..4 {
            let Some(next) = plan.next_after(after) else { break };
            assert!(next > after, "{schedule:?} after {after} is {next}");
            if let Schedule::Every { every_ms, .. } = schedule {
                assert!(every_ms >= MIN_EVERY_MS);
            }
            after = next;
        }
    }
});

//! What the gateway promises of its own speed and size, held against a run.

use super::{Row, table::number};
use crate::{figures::Figures, server::Target};

/// How a figure is compared.
#[derive(Clone, Copy)]
enum Measure {
    /// The gateway's own figure, divided by this.
    Own(f64),
    /// Relative to the bare server.
    Ratio,
}

struct Promise {
    what: &'static str,
    case: &'static str,
    /// Index of the line among those of the case.
    line: usize,
    pick: fn(&Figures) -> Option<f64>,
    measure: Measure,
    most: f64,
    unit: &'static str,
}

const fn own(
    what: &'static str,
    case: &'static str,
    line: usize,
    pick: fn(&Figures) -> Option<f64>,
    per: f64,
    most: f64,
    unit: &'static str,
) -> Promise {
    Promise { what, case, line, pick, measure: Measure::Own(per), most, unit }
}

const fn cpu(what: &'static str, case: &'static str, most: f64) -> Promise {
    Promise {
        what,
        case,
        line: 0,
        pick: |figures| figures.cpu_ms_per_1000,
        measure: Measure::Ratio,
        most,
        unit: "× limit",
    }
}

/// The promises, in the order they are shown.
const PROMISES: &[Promise] = &[
    own("cold start to first hello", "start", 0, |figures| figures.p50_ms, 1.0, 50.0, "ms"),
    own("memory at rest (RSS)", "idle", 0, |figures| figures.rss_kib, 1024.0, 15.0, "MiB"),
    own("memory of an idle connection", "connections", 0, |figures| figures.bytes_each, 1024.0, 8.0, "KiB"),
    cpu("CPU of the cheapest call", "ping", 2.0),
    cpu("CPU of the cheapest call, 16 at a time", "ping-depth-16", 2.0),
    cpu("CPU of health", "health", 3.0),
    cpu("CPU of a signed handshake, device token", "handshake-device-token", 3.0),
    cpu("CPU of a signed handshake, shared secret", "handshake-known-device", 3.0),
    own("first delta after the model's", "chat", 0, |figures| figures.p50_ms, 1.0, 2.0, "ms"),
    own("final after the model's", "chat", 1, |figures| figures.p50_ms, 1.0, 5.0, "ms"),
    own("first delta after the model's, 5 ms pace", "chat-paced", 0, |figures| figures.p50_ms, 1.0, 2.0, "ms"),
    own("final after the model's, 5 ms pace", "chat-paced", 1, |figures| figures.p50_ms, 1.0, 5.0, "ms"),
];

/// One line for each promise that the run can judge.
pub(super) fn table(rows: &[Row]) -> Vec<Vec<String>> {
    let head = ["promise", "at most", "measured", "verdict"].map(str::to_owned).to_vec();
    let lines = PROMISES.iter().filter_map(|promise| {
        let row = rows.iter().filter(|row| row.case == promise.case).nth(promise.line)?;
        let measured = match promise.measure {
            Measure::Own(per) => row.figure(Target::Gateway, promise.pick)? / per,
            Measure::Ratio => row.ratio(promise.pick)?,
        };
        let verdict = if measured <= promise.most {
            "met".to_owned()
        } else {
            format!("missed by {} %", number((measured / promise.most - 1.0) * 100.0))
        };
        let show = |value: f64| format!("{} {}", number(value), promise.unit);
        Some(vec![promise.what.to_owned(), show(promise.most), show(measured), verdict])
    });
    std::iter::once(head).chain(lines).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::Case;
    use clap::ValueEnum;

    fn row(case: &str, gateway: Figures, limit: Figures) -> Row {
        let figures = [(Target::Gateway, gateway), (Target::Limit, limit)].into_iter().collect();
        Row { case: case.to_owned(), what: "x", figures }
    }

    #[test]
    fn a_promise_is_met_or_missed_by_how_much() {
        let cpu = |ms| Figures { cpu_ms_per_1000: Some(ms), ..Figures::default() };
        let start = |ms| Figures { p50_ms: Some(ms), ..Figures::default() };
        let rows = [
            row("start", start(20.0), start(1.0)),
            row("ping", cpu(10.0), cpu(4.0)),
            row("health", cpu(1.0), cpu(0.0)),
        ];
        let lines = table(&rows);
        assert_eq!(lines.len(), 3, "health cannot be judged without a bound: {lines:?}");
        assert_eq!(lines[1][1..], ["50.0 ms", "20.0 ms", "met"]);
        assert_eq!(lines[2][1..], ["2.00 × limit", "2.50 × limit", "missed by 25.0 %"]);
    }

    #[test]
    fn every_promise_names_a_case() {
        let names: Vec<String> = Case::value_variants().iter().map(|case| case.name()).collect();
        for promise in PROMISES {
            assert!(names.iter().any(|name| name == promise.case), "{} is no case", promise.case);
        }
    }
}

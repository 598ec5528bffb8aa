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
    /// Relative to another line of the same case: the figure there is the one that may be exceeded so many times.
    Beside(&'static str),
}

struct Promise {
    what: &'static str,
    case: &'static str,
    /// The line among those of the case.
    line: &'static str,
    pick: fn(&Figures) -> Option<f64>,
    measure: Measure,
    bound: Bound,
    unit: &'static str,
}

/// On which side of it a figure should lie.
#[derive(Clone, Copy)]
enum Bound {
    Most(f64),
    Least(f64),
}

/// Milliseconds of the median.
const P50: fn(&Figures) -> Option<f64> = |figures| figures.p50_ms;

const fn own(
    what: &'static str,
    (case, line): (&'static str, &'static str),
    pick: fn(&Figures) -> Option<f64>,
    per: f64,
    most: f64,
    unit: &'static str,
) -> Promise {
    Promise { what, case, line, pick, measure: Measure::Own(per), bound: Bound::Most(most), unit }
}

const fn time(what: &'static str, at: (&'static str, &'static str), most: f64) -> Promise {
    own(what, at, P50, 1.0, most, "ms")
}

const fn cpu(what: &'static str, (case, line): (&'static str, &'static str), most: f64) -> Promise {
    Promise {
        what,
        case,
        line,
        pick: |figures| figures.cpu_ms_per_1000,
        measure: Measure::Ratio,
        bound: Bound::Most(most),
        unit: "× limit",
    }
}

/// The promises, in the order they are shown.
const PROMISES: &[Promise] = &[
    time("cold start to first hello", ("start", "start to hello"), 25.0),
    own("memory at rest (RSS)", ("idle", "at rest"), |figures| figures.rss_kib, 1024.0, 12.0, "MiB"),
    own(
        "memory of an idle connection",
        ("connections", "open and hold"),
        |figures| figures.bytes_each,
        1024.0,
        6.0,
        "KiB",
    ),
    cpu("CPU of the cheapest call", ("ping", "cheapest call"), 1.5),
    cpu("CPU of the cheapest call, 16 at a time", ("ping-depth-16", "cheapest call"), 1.5),
    cpu("CPU of health", ("health", "health"), 2.0),
    Promise {
        what: "CPU of a list among 1,000,000 sessions",
        case: "sessions-list",
        line: "newest 20 of 1,000,000",
        pick: |figures| figures.cpu_ms_per_1000,
        measure: Measure::Beside("newest 20 of 100"),
        bound: Bound::Most(1.25),
        unit: "× that among 100",
    },
    Promise {
        what: "durable changes, 64 connections",
        case: "writes",
        line: "64 connections",
        pick: |figures| figures.per_second,
        measure: Measure::Own(1.0),
        bound: Bound::Least(10_000.0),
        unit: "per second",
    },
    Promise {
        what: "durable changes with the audit file, 64 connections",
        case: "writes",
        line: "64 connections",
        pick: |figures| figures.per_second,
        measure: Measure::Beside("64 connections, no audit file"),
        bound: Bound::Least(0.9),
        unit: "× without",
    },
    cpu("CPU of a signed handshake, device token", ("handshake-device-token", "signed and device token"), 3.0),
    cpu("CPU of a signed handshake, shared secret", ("handshake-known-device", "signed and shared secret"), 3.0),
    cpu("CPU of a delivery to 100, single events", ("fan-out-100", "delivery"), 1.1),
    cpu("CPU of a delivery to 500, single events", ("fan-out-500", "delivery"), 1.1),
    own(
        "CPU of a delivery to 500, bursts",
        ("burst-500", "delivery"),
        |figures| figures.cpu_ms_per_1000,
        1.0,
        1.2,
        "µs",
    ),
    time("200 pages that show everything are open", ("dashboards", "open all"), 500.0),
    own(
        "memory beside a reader that never reads",
        ("slow-reader", "beside one that never reads"),
        |figures| figures.rss_kib,
        1024.0,
        150.0,
        "MiB",
    ),
    Promise {
        what: "p99 of the other readers meanwhile",
        case: "slow-reader",
        line: "beside one that never reads",
        pick: |figures| figures.p99_ms,
        measure: Measure::Beside("readers by themselves"),
        bound: Bound::Most(1.25),
        unit: "× that without it",
    },
    time("first delta after the model's", ("chat", "first delta after the model's"), 2.0),
    time("final after the model's", ("chat", "final after the model's"), 5.0),
    time("first delta after the model's, 5 ms pace", ("chat-paced", "first delta after the model's"), 2.0),
    time("final after the model's, 5 ms pace", ("chat-paced", "final after the model's"), 5.0),
    time("command line, `gateway call`", ("command-line", "gateway call"), 30.0),
    time("command line, `health`", ("command-line", "health"), 30.0),
    own(
        "longest reply while the configuration changes, 10,000 connections",
        ("reload", "10,000 call, edited meanwhile"),
        |figures| figures.worst_ms,
        1.0,
        50.0,
        "ms",
    ),
];

/// One line for each promise that the run can judge.
pub(super) fn table(rows: &[Row]) -> Vec<Vec<String>> {
    let head = ["promise", "bound", "measured", "verdict"].map(str::to_owned).to_vec();
    let lines = PROMISES.iter().filter_map(|promise| {
        let measured = promise.measured(rows)?;
        let (side, bound, over) = match promise.bound {
            Bound::Most(most) => ("≤", most, measured / most),
            Bound::Least(least) => ("≥", least, least / measured.max(f64::MIN_POSITIVE)),
        };
        let verdict =
            if over <= 1.0 { "met".to_owned() } else { format!("missed by {} %", number((over - 1.0) * 100.0)) };
        let show = |value: f64| format!("{} {}", number(value), promise.unit);
        Some(vec![promise.what.to_owned(), format!("{side} {}", show(bound)), show(measured), verdict])
    });
    std::iter::once(head).chain(lines).collect()
}

impl Promise {
    fn measured(&self, rows: &[Row]) -> Option<f64> {
        let line = |what: &str| rows.iter().find(|row| row.case == self.case && row.what == what);
        let row = line(self.line)?;
        match self.measure {
            Measure::Own(per) => Some(row.figure(Target::Gateway, self.pick)? / per),
            Measure::Ratio => row.ratio(self.pick),
            Measure::Beside(other) => {
                let other = line(other)?.figure(Target::Gateway, self.pick).filter(|value| *value > 0.0)?;
                Some(row.figure(Target::Gateway, self.pick)? / other)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::Case;
    use clap::ValueEnum;

    fn row(case: &str, what: &'static str, gateway: Figures, limit: Figures) -> Row {
        let figures = [(Target::Gateway, gateway), (Target::Limit, limit)].into_iter().collect();
        Row { case: case.to_owned(), what, figures }
    }

    #[test]
    fn a_promise_is_met_or_missed_by_how_much() {
        let cpu = |ms| Figures { cpu_ms_per_1000: Some(ms), ..Figures::default() };
        let start = |ms| Figures { p50_ms: Some(ms), ..Figures::default() };
        let rate = |per_second| Figures { per_second: Some(per_second), ..Figures::default() };
        let p99 = |ms| Figures { p99_ms: Some(ms), ..Figures::default() };
        let rows = [
            row("start", "start to hello", start(20.0), start(1.0)),
            row("ping", "cheapest call", cpu(10.0), cpu(4.0)),
            row("health", "health", cpu(1.0), cpu(0.0)),
            row("writes", "64 connections", rate(8_000.0), rate(1.0)),
            row("slow-reader", "readers by themselves", p99(2.0), p99(1.0)),
            row("slow-reader", "beside one that never reads", p99(2.0), p99(1.0)),
        ];
        let lines = table(&rows);
        assert_eq!(lines.len(), 5, "health cannot be judged without a bound: {lines:?}");
        assert_eq!(lines[1][1..], ["≤ 25.0 ms", "20.0 ms", "met"]);
        assert_eq!(lines[2][1..], ["≤ 1.50 × limit", "2.50 × limit", "missed by 66.7 %"]);
        assert_eq!(lines[3][1..], ["≥ 10000 per second", "8000 per second", "missed by 25.0 %"]);
        assert_eq!(lines[4][2..], ["1.00 × that without it", "met"]);
    }

    #[test]
    fn every_promise_names_a_case() {
        let names: Vec<String> = Case::value_variants().iter().map(|case| case.name()).collect();
        for promise in PROMISES {
            assert!(names.iter().any(|name| name == promise.case), "{} is no case", promise.case);
        }
    }
}

//! `openclaw metrics`

use clap::Args;
use openclaw_client::Connection;
use serde::{Deserialize, Serialize};

use super::{Patient, cron::period};
use crate::{
    app::Context,
    ask::{Answer, ask},
    failure::{Done, Failure},
    output::{Column, Output, Table, Text},
    show,
    watch::{Picture, Watch},
};
/// Columns of a chart.
const WIDTH: usize = 40;
/// Heights of a bar.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// What is kept at most.
const DAY_MS: i64 = 86_400_000;

/// Show how busy a gateway was over the last hour or day
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw metrics
  openclaw metrics --since 24h
  openclaw metrics --since 10m --watch 10
  openclaw metrics --json

Figures are kept for a day, in memory: a gateway that was started anew begins anew. For longer ones let Prometheus read
http://localhost:9090/metrics.")]
pub(crate) struct Metrics {
    #[command(flatten)]
    patient: Patient,
    #[command(flatten)]
    watch: Watch,
    /// How far back, such as 10m, 1h or 24h
    #[arg(long, value_name = "PERIOD", value_parser = since, default_value = "1h")]
    since: i64,
}

fn since(text: &str) -> Result<i64, String> {
    match period(text) {
        Some(ms @ 60_000..=DAY_MS) => Ok(ms),
        Some(_) => Err("figures are kept for a day; expected 1m to 24h".to_owned()),
        None => Err("expected a number and m or h, such as 10m or 24h".to_owned()),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Wanted {
    last_ms: i64,
}

/// The reply of `metrics.history`, as far as it is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Reply {
    ts: i64,
    started_at: i64,
    since: i64,
    samples: Samples,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Samples {
    at: Vec<i64>,
    span_ms: Vec<f64>,
    connections: Vec<f64>,
    requests: Vec<f64>,
    errors: Vec<f64>,
    events: Vec<f64>,
    p50_ms: Vec<Option<f64>>,
    p99_ms: Vec<Option<f64>>,
    lag_ms: Vec<f64>,
    memory_bytes: Vec<Option<f64>>,
    tokens_read: Vec<f64>,
    tokens_written: Vec<f64>,
    cost: Vec<f64>,
    runs: Vec<f64>,
    runs_active: Vec<f64>,
}

/// The command, and what it asks for.
struct Asked {
    back: i64,
}

impl Metrics {
    pub(crate) async fn run(self, context: &mut Context) -> Done {
        let Patient { target, timeout } = self.patient;
        self.watch.run(context, &target, Some(timeout), Asked { back: self.since }).await
    }
}

impl Picture for Asked {
    type Facts = Answer<Reply>;

    async fn ask(&self, gateway: &Connection) -> Result<Answer<Reply>, Failure> {
        ask(gateway, "metrics.history", Wanted { last_ms: self.back }).await
    }

    fn show(&self, output: &mut Output, answer: &Answer<Reply>) -> Done {
        answer.show(output, |output, reply| {
            let running = show::span(reply.ts.saturating_sub(reply.started_at));
            if reply.samples.at.is_empty() {
                return output.paragraph(format!(
                    "nothing is measured yet: the gateway runs for {running}, and the first figures come after ten seconds"
                ));
            }
            let all = reply.ts.saturating_sub(reply.since);
            let each = all / i64::try_from(WIDTH).unwrap_or(1);
            output.paragraph(format!("the last {}, {} a column; running for {running}", show::span(all), show::span(each)))?;
            output.line("")?;
            output.table(&table(reply))
        })
    }
}

/// What comes together in one column of a chart.
#[derive(Clone, Copy)]
enum Together {
    /// How much of it there was each second.
    ASecond,
    /// All of it.
    Sum,
    /// The most of it.
    Most,
}

/// How a figure is written.
type Shown<'a> = &'a dyn Fn(f64) -> String;

fn table(reply: &Reply) -> Table {
    let samples = &reply.samples;
    let known = |values: &[f64]| values.iter().copied().map(Some).collect::<Vec<_>>();
    let ms = |value: f64| if value < 10.0 { format!("{value:.2} ms") } else { format!("{value:.0} ms") };
    let rate = |value: f64| if value < 10.0 { format!("{value:.1}") } else { format!("{value:.0}") };
    let whole = |value: f64| format!("{value:.0}");
    let mib = |value: f64| format!("{:.1} MiB", value / 1_048_576.0);
    let dollars = |value: f64| format!("${value:.4}");
    let rows: [(&str, Vec<Option<f64>>, Together, Shown<'_>); 13] = [
        ("Connections", known(&samples.connections), Together::Most, &whole),
        ("Requests a second", known(&samples.requests), Together::ASecond, &rate),
        ("Errors a second", known(&samples.errors), Together::ASecond, &rate),
        ("Events a second", known(&samples.events), Together::ASecond, &rate),
        ("Half of the answers within", samples.p50_ms.clone(), Together::Most, &ms),
        ("99 of 100 within", samples.p99_ms.clone(), Together::Most, &ms),
        ("Alarm late by", known(&samples.lag_ms), Together::Most, &ms),
        ("Memory", samples.memory_bytes.clone(), Together::Most, &mib),
        ("Runs at work", known(&samples.runs_active), Together::Most, &whole),
        ("Runs ended", known(&samples.runs), Together::Sum, &whole),
        ("Tokens read", known(&samples.tokens_read), Together::Sum, &whole),
        ("Tokens written", known(&samples.tokens_written), Together::Sum, &whole),
        ("Cost", known(&samples.cost), Together::Sum, &dollars),
    ];
    let mut table = Table::new([
        Column::words("WHAT"),
        Column::whole("OVER TIME"),
        Column::number("NOW"),
        Column::number("MOST"),
        Column::number("IN ALL"),
    ]);
    for (name, values, together, shown) in rows {
        let columns = columns(reply, &values, together);
        let tallest = columns.iter().flatten().copied().fold(0.0, f64::max);
        let each = values.iter().zip(&samples.span_ms).map(|(value, span)| match together {
            Together::ASecond => value.map(|value| value / (span / 1000.0)),
            Together::Sum | Together::Most => *value,
        });
        let now = each.clone().next_back().flatten();
        let most = each.flatten().reduce(f64::max);
        let all = matches!(together, Together::Sum).then(|| values.iter().flatten().sum::<f64>());
        let text = |value: Option<f64>| {
            value.filter(|value| value.is_finite()).map_or_else(|| "-".into(), |value| Text::from(shown(value)))
        };
        table.row([name.into(), chart(&columns, tallest).into(), text(now), text(most), text(all)]);
    }
    table
}

/// The values in as many columns as a chart has; `None` where nobody measured.
fn columns(reply: &Reply, values: &[Option<f64>], together: Together) -> Vec<Option<f64>> {
    let samples = &reply.samples;
    let all = (i128::from(reply.ts) - i128::from(reply.since)).max(1);
    let mut columns = vec![None; WIDTH];
    let mut seconds = vec![0.0; WIDTH];
    for ((at, span), value) in samples.at.iter().zip(&samples.span_ms).zip(values) {
        // Whatever a gateway says of its clock, in numbers that hold it.
        let place = (i128::from(*at) - i128::from(reply.since) - 1) * i128::try_from(WIDTH).unwrap_or(1) / all;
        let Some(place) = usize::try_from(place).ok().filter(|place| *place < WIDTH) else { continue };
        let Some(value) = value else { continue };
        seconds[place] += span / 1000.0;
        let before: &mut Option<f64> = &mut columns[place];
        *before = Some(match (together, *before) {
            (Together::Most, Some(before)) => before.max(*value),
            (_, before) => before.unwrap_or(0.0) + value,
        });
    }
    // Columns hold different times, so heights are of how much it was each second.
    if !matches!(together, Together::Most) {
        for (column, seconds) in columns.iter_mut().zip(&seconds) {
            *column = column.map(|sum| sum / seconds.max(0.001));
        }
    }
    columns
}

/// One bar for each column; nothing where nobody measured.
fn chart(columns: &[Option<f64>], most: f64) -> String {
    let last = BARS.len() - 1;
    let bar = |value: &Option<f64>| match value {
        None => ' ',
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of seven")]
        Some(value) if *value > 0.0 => BARS[((value / most * 7.0).ceil() as usize).min(last)],
        Some(_) => BARS[0],
    };
    columns.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use serde_json::json;

    use super::*;
    use crate::output::Colour;

    #[test]
    fn figures_are_shown_over_time_with_gaps_where_nobody_measured() {
        let steps: Vec<i64> = (1..=60).filter(|step| !(20..30).contains(step)).collect();
        let of = |value: &dyn Fn(i64) -> f64| steps.iter().map(|step| value(*step)).collect::<Vec<_>>();
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let step = |step: i64| step as f64;
        let reply: Reply = serde_json::from_value(json!({
            "ts": 600_000, "startedAt": 0, "since": 0,
            "samples": {
                "at": steps.iter().map(|n| n * 10_000).collect::<Vec<_>>(),
                "spanMs": of(&|_| 10_000.0), "connections": of(&|n| step(n % 7)), "requests": of(&|n| step(n)),
                "errors": of(&|_| 0.0), "events": of(&|n| step(n * 30)), "p50Ms": steps.iter().map(|n| (*n > 50).then_some(0.25)).collect::<Vec<_>>(),
                "p99Ms": of(&|n| step(n)), "lagMs": of(&|_| 0.5), "memoryBytes": of(&|n| 14e6 + step(n) * 1e4),
                "tokensRead": of(&|n| step(n * 100)), "tokensWritten": of(&|n| step(n)), "cost": of(&|_| 0.001), "runs": of(&|n| step(n % 2)),
                "runsActive": of(&|_| 1.0),
            }
        })).unwrap();
        let lines = table(&reply).lines(None).into_iter().map(|line| {
            let mut bytes = Vec::new();
            line.render(Colour::No, &mut bytes);
            String::from_utf8(bytes).unwrap()
        });
        assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @r"
        WHAT                        OVER TIME                                      NOW      MOST   IN ALL
        Connections                 ▃▅▆█▁▄▅▇█▃▄▆▇      ▄▅▇█▃▄▆▇█▃▅▆█▁▄▅▇█▃▄▆         4         6        -
        Requests a second           ▂▂▂▂▂▂▃▃▃▃▃▄▄      ▅▅▅▅▆▆▆▆▆▇▇▇▇▇▇██████       6.0       6.0        -
        Errors a second             ▁▁▁▁▁▁▁▁▁▁▁▁▁      ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁       0.0       0.0        -
        Events a second             ▂▂▂▂▂▂▃▃▃▃▃▄▄      ▅▅▅▅▆▆▆▆▆▇▇▇▇▇▇██████       180       180        -
        Half of the answers within                                   ███████   0.25 ms   0.25 ms        -
        99 of 100 within            ▂▂▂▂▂▃▃▃▃▃▃▄▄      ▅▅▅▅▆▆▆▆▆▇▇▇▇▇▇██████     60 ms     60 ms        -
        Alarm late by               █████████████      █████████████████████   0.50 ms   0.50 ms        -
        Memory                      █████████████      █████████████████████  13.9 MiB  13.9 MiB        -
        Runs at work                █████████████      █████████████████████         1         1        -
        Runs ended                  █▅▁▅█▅▁▅█▅▁▅█      ▁█▅▁▅█▅▁▅█▅▁▅█▅▁▅█▅▁▅         0         1       25
        Tokens read                 ▂▂▂▂▂▂▃▃▃▃▃▄▄      ▅▅▅▅▆▆▆▆▆▇▇▇▇▇▇██████      6000      6000   158500
        Tokens written              ▂▂▂▂▂▂▃▃▃▃▃▄▄      ▅▅▅▅▆▆▆▆▆▇▇▇▇▇▇██████        60        60     1585
        Cost                        █████████████      █████████████████████   $0.0010   $0.0010  $0.0500
        ");
    }

    #[test]
    fn a_period_is_a_minute_to_a_day() {
        assert_eq!((since("10m"), since("24h")), (Ok(600_000), Ok(DAY_MS)));
        for wrong in ["", "hour", "5", "1s", "2d", "99999999999d"] {
            assert!(since(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_answer_of_nothing_is_no_chart() {
        assert_eq!(columns(&Reply::default(), &[Some(1.0)], Together::Sum), vec![None; WIDTH]);
        let samples = Samples { at: vec![i64::MIN, i64::MAX], span_ms: vec![1.0; 2], ..Samples::default() };
        let odd = Reply { ts: i64::MAX, since: i64::MIN, samples, ..Reply::default() };
        assert_eq!(columns(&odd, &[Some(1.0); 2], Together::Most).last(), Some(&Some(1.0)));
        assert_eq!(chart(&[None, Some(0.0), Some(1.0), Some(8.0)], 8.0), " ▁▂█");
    }
}

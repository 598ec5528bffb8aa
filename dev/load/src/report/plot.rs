//! A picture of the run: what an operation costs the server, on a scale where each step is ten times the one before.

use std::fmt::Write;

use super::{Row, table::number};
use crate::server::Target;

/// Widths and heights, in pixels.
const LABELS: f64 = 340.0;
const CHART: f64 = 560.0;
const RIGHT: f64 = 80.0;
const BAR: f64 = 9.0;
const GAP: f64 = 9.0;
const TOP: f64 = 44.0;

/// The servers from the cheapest to the dearest, with the colours of their bars. Both are legible on white and on black.
const SERVERS: [(Target, &str); 3] =
    [(Target::Limit, "#8a919c"), (Target::Gateway, "#2f8f5b"), (Target::Reference, "#c9722b")];

/// An SVG image of all rows that have a cost; empty when none has.
pub(super) fn svg(rows: &[Row]) -> String {
    let cost = |row: &Row, target: Target| row.figure(target, |figures| figures.cpu_ms_per_1000).filter(|ms| *ms > 0.0);
    let rows: Vec<&Row> = rows.iter().filter(|row| cost(row, Target::Gateway).is_some()).collect();
    let costs = || rows.iter().flat_map(|row| SERVERS.iter().filter_map(|(target, _)| cost(row, *target)));
    let (Some(least), Some(most)) = (costs().reduce(f64::min), costs().reduce(f64::max)) else {
        return String::new();
    };
    // Whole powers of ten around everything, at least one apart.
    let (low, high) = (least.log10().floor(), most.log10().ceil().max(least.log10().floor() + 1.0));
    let x = |ms: f64| LABELS + (ms.log10() - low) / (high - low) * CHART;
    let block = |row: &Row| SERVERS.iter().filter(|(target, _)| cost(row, *target).is_some()).count();
    let height_of = |row: &Row| f64::from(u32::try_from(block(row)).unwrap_or(0)) * BAR + GAP;
    let (width, height) = (LABELS + CHART + RIGHT, TOP + rows.iter().map(|row| height_of(row)).sum::<f64>() + 8.0);
    let mut out = String::new();
    // Writing into a string cannot fail.
    let _ = writeln!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0} {height:.0}" font-family="system-ui, sans-serif" font-size="11" role="img" aria-label="Server CPU of an operation">
<style>text{{fill:#57606a}}line{{stroke:#8a919c;stroke-opacity:.35}}@media (prefers-color-scheme:dark){{text{{fill:#b6bec8}}}}</style>"#
    );
    legend(&mut out);
    let mut power = low;
    while power <= high {
        let at = x(10_f64.powf(power));
        let _ = writeln!(
            out,
            r#"<line x1="{at:.1}" y1="{TOP}" x2="{at:.1}" y2="{height:.0}"/><text x="{at:.1}" y="{:.0}" text-anchor="middle">{}</text>"#,
            TOP - 6.0,
            scale(10_f64.powf(power))
        );
        power += 1.0;
    }
    let mut y = TOP + GAP / 2.0;
    for row in rows {
        let middle = y + (height_of(row) - GAP) / 2.0 + 4.0;
        let _ = writeln!(
            out,
            r#"<text x="{:.0}" y="{middle:.1}" text-anchor="end">{}</text>"#,
            LABELS - 8.0,
            escaped(&label(row))
        );
        for (target, colour) in SERVERS {
            let Some(ms) = cost(row, target) else { continue };
            let end = x(ms);
            let _ = writeln!(
                out,
                r#"<rect x="{LABELS}" y="{y:.1}" width="{:.1}" height="{:.1}" fill="{colour}"/><text x="{:.1}" y="{:.1}" font-size="9">{}</text>"#,
                (end - LABELS).max(1.0),
                BAR - 1.0,
                end + 4.0,
                y + BAR - 2.0,
                scale(ms)
            );
            y += BAR;
        }
        y += GAP;
    }
    out.push_str("</svg>\n");
    out
}

fn legend(out: &mut String) {
    let mut at = LABELS;
    for (target, colour) in SERVERS {
        let _ = writeln!(
            out,
            r#"<rect x="{at:.0}" y="8" width="10" height="10" fill="{colour}"/><text x="{:.0}" y="17">{}</text>"#,
            at + 14.0,
            target.name()
        );
        at += 90.0;
    }
    let _ =
        writeln!(out, r#"<text x="{:.0}" y="17" text-anchor="end">server CPU of one operation</text>"#, LABELS - 8.0);
}

/// Milliseconds per 1,000 operations are microseconds per operation.
fn scale(us: f64) -> String {
    match us {
        us if us >= 1e6 => format!("{} s", number(us / 1e6)),
        us if us >= 1e3 => format!("{} ms", number(us / 1e3)),
        us => format!("{} µs", number(us)),
    }
}

fn label(row: &Row) -> String {
    if row.case == row.what { row.case.clone() } else { format!("{}: {}", row.case, row.what) }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::Figures;

    fn row(costs: &[(Target, f64)]) -> Row {
        let figures = |ms| Figures { cpu_ms_per_1000: Some(ms), ..Figures::default() };
        Row {
            case: "a<b".to_owned(),
            what: "ping",
            figures: costs.iter().map(|(target, ms)| (*target, figures(*ms))).collect(),
        }
    }

    #[test]
    fn every_server_has_a_bar_and_dearer_ones_are_longer() {
        let picture = svg(&[row(&[(Target::Limit, 5.0), (Target::Gateway, 9.0), (Target::Reference, 900.0)])]);
        let widths: Vec<f64> = picture
            .lines()
            // The squares of the legend stand above the chart.
            .filter(|line| line.starts_with(&format!("<rect x=\"{LABELS}\"")) && !line.contains("y=\"8\""))
            .filter_map(|line| line.split("width=\"").nth(1)?.split('"').next()?.parse().ok())
            .collect();
        assert_eq!(widths.len(), 3, "{picture}");
        assert!(widths.is_sorted() && widths[2] <= CHART);
        assert!(picture.contains("a&lt;b: ping") && picture.contains("900 µs") && picture.ends_with("</svg>\n"));
    }

    #[test]
    fn without_costs_there_is_no_picture() {
        assert_eq!(svg(&[]), "");
        assert_eq!(svg(&[row(&[(Target::Limit, 5.0)])]), "");
        assert!(!svg(&[row(&[(Target::Gateway, 5.0)])]).is_empty());
    }
}

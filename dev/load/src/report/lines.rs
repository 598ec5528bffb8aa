//! The table of figures: a line for each server, and under them how they compare.

use super::{Row, table::number};
use crate::{figures::Figures, server::Target};

/// A column: its head, its figure, and by how much that is divided to be shown.
struct Column {
    head: &'static str,
    pick: fn(&Figures) -> Option<f64>,
    per: f64,
    /// Whether a ratio of it says something.
    compares: bool,
}

const fn column(head: &'static str, pick: fn(&Figures) -> Option<f64>) -> Column {
    Column { head, pick, per: 1.0, compares: true }
}

const COLUMNS: [Column; 11] = [
    Column { compares: false, ..column("operations", |figures| figures.operations) },
    column("p50 ms", |figures| figures.p50_ms),
    column("p99 ms", |figures| figures.p99_ms),
    column("worst ms", |figures| figures.worst_ms),
    column("per second", |figures| figures.per_second),
    column("CPU ms/1,000", |figures| figures.cpu_ms_per_1000),
    Column { per: 1024.0, ..column("RSS MiB", |figures| figures.rss_kib) },
    Column { per: 1024.0, ..column("PSS MiB", |figures| figures.pss_kib) },
    column("B each", |figures| figures.bytes_each),
    Column { compares: false, ..column("per hour", |figures| figures.per_hour) },
    Column { compares: false, ..column("± error", |figures| figures.per_hour_error) },
];

/// Which servers are held against each other, and what the line is called.
const COMPARED: [(Target, Target, &str); 2] =
    [(Target::Gateway, Target::Limit, "gateway/limit"), (Target::Reference, Target::Gateway, "reference/gateway")];

/// The head, then the lines. A column that nobody fills is left out.
pub(super) fn lines(rows: &[Row]) -> Vec<Vec<String>> {
    let all = || rows.iter().flat_map(|row| row.figures.values());
    let columns: Vec<&Column> =
        COLUMNS.iter().filter(|column| all().any(|figures| (column.pick)(figures).is_some())).collect();
    let mut lines = vec![];
    lines.push(
        ["case", "what", "server"]
            .into_iter()
            .chain(columns.iter().map(|column| column.head))
            .map(str::to_owned)
            .collect(),
    );
    for row in rows {
        let line = |name: &str, cell: &dyn Fn(&Column) -> Option<String>| -> Vec<String> {
            let names = [row.case.as_str(), row.what, name].map(str::to_owned).into_iter();
            names.chain(columns.iter().map(|column| cell(column).unwrap_or_else(|| "–".to_owned()))).collect()
        };
        for (target, figures) in &row.figures {
            if *figures != Figures::default() {
                lines.push(line(target.name(), &|column| {
                    (column.pick)(figures).map(|value| number(value / column.per))
                }));
            }
        }
        for (first, second, name) in COMPARED {
            let (Some(first), Some(second)) = (row.figures.get(&first), row.figures.get(&second)) else { continue };
            let ratios = first.over(second);
            let cell =
                |column: &Column| (column.pick)(&ratios).filter(|_| column.compares).map(|ratio| number(ratio) + "×");
            if columns.iter().any(|column| cell(column).is_some()) {
                lines.push(line(name, &cell));
            }
        }
    }
    lines
}

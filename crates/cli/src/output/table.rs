//! Rows in columns, for people.
//!
//! What identifies a row is never cut, because people copy it; texts are cut where the terminal is too narrow, and where
//! even that does not help every row becomes a block of its own, so that nothing is hidden. No crate for tables that was
//! looked at can stack, and all of them are larger than this.

use super::text::{Text, Tone};

/// Columns between two columns.
const GAP: usize = 2;
/// Least width that a text is cut to.
const LEAST: usize = 10;

/// A column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    heading: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Whole,
    Words,
    Number,
}

impl Column {
    /// Never cut: identifiers, times, states.
    pub(crate) const fn whole(heading: &'static str) -> Self {
        Self { heading, kind: Kind::Whole }
    }

    /// May be cut: names and other texts.
    pub(crate) const fn words(heading: &'static str) -> Self {
        Self { heading, kind: Kind::Words }
    }

    /// Never cut, and to the right.
    pub(crate) const fn number(heading: &'static str) -> Self {
        Self { heading, kind: Kind::Number }
    }
}

/// Rows in columns.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Text>>,
}

impl Table {
    pub(crate) fn new(columns: impl IntoIterator<Item = Column>) -> Self {
        Self { columns: columns.into_iter().collect(), rows: Vec::new() }
    }

    /// Adds a row: one text for each column.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = Text>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// The lines, within so many columns of a terminal, or as wide as they are.
    pub(crate) fn lines(&self, width: Option<usize>) -> Vec<Text> {
        let wanted: Vec<usize> = self.columns.iter().enumerate().map(|(at, column)| self.width(at, *column)).collect();
        let Some(width) = width else { return self.side_by_side(&wanted) };
        self.fit(wanted, width).map_or_else(|| self.stacked(width), |widths| self.side_by_side(&widths))
    }

    fn width(&self, at: usize, column: Column) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(at)).map(Text::width);
        cells.max().unwrap_or(0).max(column.heading.len())
    }

    /// Narrows the widest texts first. `None` when even the narrowest do not fit.
    fn fit(&self, mut widths: Vec<usize>, width: usize) -> Option<Vec<usize>> {
        let gaps = GAP * widths.len().saturating_sub(1);
        while widths.iter().sum::<usize>() + gaps > width {
            let narrowed = self.columns.iter().zip(&mut widths).filter(|(column, _)| column.kind == Kind::Words);
            let (_, widest) = narrowed.max_by_key(|(_, width)| **width)?;
            if *widest <= LEAST {
                return None;
            }
            *widest -= 1;
        }
        Some(widths)
    }

    fn side_by_side(&self, widths: &[usize]) -> Vec<Text> {
        let heading: Vec<Text> = self.columns.iter().map(|column| Text::toned(Tone::Faint, column.heading)).collect();
        std::iter::once(&heading)
            .chain(&self.rows)
            .map(|row| {
                let mut line = Text::default();
                for ((cell, column), width) in row.iter().zip(&self.columns).zip(widths) {
                    let cell = cell.elided(*width);
                    let room = width.saturating_sub(cell.width());
                    line = match column.kind {
                        Kind::Number => line.spaces(room).then(cell).spaces(GAP),
                        Kind::Whole | Kind::Words => line.then(cell).spaces(room + GAP),
                    };
                }
                line
            })
            .collect()
    }

    /// Every row as a block: what identifies it, then its other cells with their headings.
    fn stacked(&self, width: usize) -> Vec<Text> {
        let names = self.columns.iter().skip(1).map(|column| column.heading.len()).max().unwrap_or(0);
        let mut lines = Vec::new();
        for row in &self.rows {
            lines.extend(row.first().map(|title| title.clone().retoned(Tone::Strong)));
            for (cell, column) in row.iter().zip(&self.columns).skip(1).filter(|(cell, _)| !cell.is_absent()) {
                let heading = format!("  {:names$}", column.heading.to_lowercase());
                lines.extend(hanging(&heading, cell, width));
            }
        }
        lines
    }
}

/// A name and its value, whose further lines stand under its first.
pub(crate) fn hanging(name: &str, value: &Text, width: usize) -> Vec<Text> {
    let margin = name.len() + GAP;
    let lines = value.wrapped(width.saturating_sub(margin).max(LEAST));
    let first = |at| if at == 0 { Text::toned(Tone::Faint, name).spaces(GAP) } else { Text::default().spaces(margin) };
    lines.into_iter().enumerate().map(|(at, line)| first(at).then(line)).collect()
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::output::text::Colour;

    fn sessions() -> Table {
        let mut table = Table::new([
            Column::whole("KEY"),
            Column::words("NAME"),
            Column::words("MODEL"),
            Column::number("TOKENS"),
            Column::whole("UPDATED"),
        ]);
        table.row(
            ["agent:main:main", "Plan the trip to 日本 with everybody", "house/big-model-2026", "14k", "5s ago"]
                .map(Text::from),
        );
        table.row(["agent:main:other", "-", "demo/demo", "9", "3d 4h ago"].map(Text::from));
        table
    }

    fn shown(width: Option<usize>) -> String {
        let mut bytes = Vec::new();
        for line in sessions().lines(width) {
            assert!(width.is_none_or(|width| line.width() <= width + GAP), "{line:?}");
            line.render(Colour::No, &mut bytes);
            bytes.push(b'\n');
        }
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_table_is_as_wide_as_it_is_where_nobody_looks() {
        assert_snapshot!(shown(None), @r#"
        KEY               NAME                                  MODEL                 TOKENS  UPDATED
        agent:main:main   Plan the trip to 日本 with everybody  house/big-model-2026     14k  5s ago
        agent:main:other  -                                     demo/demo                  9  3d 4h ago
        "#);
    }

    #[test]
    fn texts_are_cut_to_the_width_of_the_terminal_and_identifiers_are_not() {
        assert_snapshot!(shown(Some(80)), @r#"
        KEY               NAME                   MODEL                 TOKENS  UPDATED
        agent:main:main   Plan the trip to 日…   house/big-model-2026     14k  5s ago
        agent:main:other  -                      demo/demo                  9  3d 4h ago
        "#);
    }

    #[test]
    fn forty_columns_are_enough() {
        assert_snapshot!(shown(Some(40)), @r#"
        agent:main:main
          name     Plan the trip to 日本 with
                   everybody
          model    house/big-model-2026
          tokens   14k
          updated  5s ago
        agent:main:other
          model    demo/demo
          tokens   9
          updated  3d 4h ago
        "#);
    }
}

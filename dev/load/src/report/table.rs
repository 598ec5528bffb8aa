//! Tables of text cells; the first line is the head.

use std::fmt::Write;

/// Aligned columns: words to the left, numbers to the right.
pub(super) fn text(lines: &[Vec<String>]) -> String {
    let columns = lines.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let mut out = String::new();
    for line in lines {
        for (column, (cell, width)) in line.iter().zip(&widths).enumerate() {
            let padding = " ".repeat(width - cell.chars().count());
            let right = lines.get(1).and_then(|first| first.get(column)).is_some_and(|cell| is_number(cell));
            let _ = if right { write!(out, "{padding}{cell}  ") } else { write!(out, "{cell}{padding}  ") };
        }
        out.truncate(out.trim_end().len());
        out.push('\n');
    }
    out
}

/// A Markdown table.
pub(super) fn markdown(lines: &[Vec<String>]) -> String {
    let mut out = String::new();
    for (index, line) in lines.iter().enumerate() {
        let _ = writeln!(out, "| {} |", line.join(" | "));
        if index == 0 {
            let _ = writeln!(out, "|{}", "---|".repeat(line.len()));
        }
    }
    out
}

fn is_number(cell: &str) -> bool {
    cell.starts_with(|first: char| first.is_ascii_digit() || first == '–')
}

/// Three digits that matter.
pub(super) fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines() -> Vec<Vec<String>> {
        vec![vec!["name".into(), "n".into()], vec!["a".into(), "10".into()], vec!["bb".into(), "–".into()]]
    }

    #[test]
    fn columns_are_aligned() {
        assert_eq!(text(&lines()), "name   n\na     10\nbb     –\n");
        assert_eq!(markdown(&lines()), "| name | n |\n|---|---|\n| a | 10 |\n| bb | – |\n");
        assert_eq!(text(&[]), "");
    }

    #[test]
    fn numbers_keep_three_digits() {
        let shown = [123_456.7, 45.67, 1.234, 0.000_4].map(number);
        assert_eq!(shown, ["123457", "45.7", "1.23", "0.000"]);
    }
}

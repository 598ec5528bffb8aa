//! The whole terminal for one program: taken at its beginning and given back at its end, however that comes.

use std::io::{self, IsTerminal, Stdout};

use crossterm::{
    event::{DisableBracketedPaste, EnableBracketedPaste},
    execute,
    terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode},
};
use ratatui::{
    Frame, Terminal,
    backend::CrosstermBackend,
    layout::Rect,
    style::{Color, Modifier, Style},
    text::{Line, Span, Text as Lines},
};
use tokio::signal::unix::{Signal, SignalKind, signal};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::{
    app::Context,
    output::{Text, Tone, escape},
};

/// Columns and rows without which no picture is to be read.
const SMALLEST: (u16, u16) = (20, 8);

/// A terminal that shows one program alone. Dropping it gives the terminal back.
pub(crate) struct FullScreen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
    _giving_back: GivingBack,
}

impl FullScreen {
    /// Whether somebody sits at a terminal that can be taken, and wants to.
    pub(crate) fn is_offered(context: &Context) -> bool {
        let dumb = context.local.environment.get("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
        context.output.live && io::stdin().is_terminal() && !dumb && !context.output.json
    }

    /// Whether a picture can be read in this room.
    fn fits(area: Rect) -> bool {
        let (columns, rows) = SMALLEST;
        area.width >= columns && area.height >= rows
    }

    /// Takes the terminal.
    pub(crate) fn take() -> io::Result<Self> {
        enable_raw_mode()?;
        // From here on leaving undoes it, whatever of it was done.
        let giving_back = GivingBack;
        execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste)?;
        let terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
        Ok(Self { terminal, _giving_back: giving_back })
    }

    /// Draws what has changed since the last time, for the size that the terminal has now. Where that is too small the
    /// picture is not made.
    pub(crate) fn draw(&mut self, picture: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.terminal.draw(|frame| fitted(frame, picture)).map(|_| ())
    }

    /// Draws everything anew, because something else wrote on the terminal.
    pub(crate) fn redraw(&mut self) -> io::Result<()> {
        self.terminal.clear()
    }
}

/// A picture where there is room for it, else word of how much it needs.
fn fitted(frame: &mut Frame<'_>, picture: impl FnOnce(&mut Frame<'_>)) {
    let area = frame.area();
    if FullScreen::fits(area) {
        return picture(frame);
    }
    let (columns, rows) = SMALLEST;
    let text = format!("Too small: make it {columns} columns by {rows} rows at least.");
    frame.render_widget(Lines::from_iter(wrapped(&text, usize::from(area.width).max(1))), area);
}

/// What gives the terminal back.
struct GivingBack;

impl Drop for GivingBack {
    fn drop(&mut self) {
        // A terminal that is gone takes nothing back.
        let _ = execute!(io::stdout(), DisableBracketedPaste, LeaveAlternateScreen, crossterm::cursor::Show);
        let _ = disable_raw_mode();
    }
}

/// The signals that end a program which holds the terminal: it has to give it back first.
pub(crate) struct Ended([Signal; 3]);

impl Ended {
    pub(crate) fn new() -> io::Result<Self> {
        let kinds = [SignalKind::terminate(), SignalKind::hangup(), SignalKind::interrupt()];
        let [terminated, hung_up, interrupted] = kinds.map(signal);
        Ok(Self([terminated?, hung_up?, interrupted?]))
    }

    pub(crate) async fn recv(&mut self) {
        let [terminated, hung_up, interrupted] = &mut self.0;
        tokio::select! {
            _ = terminated.recv() => {}
            _ = hung_up.recv() => {}
            _ = interrupted.recv() => {}
        }
    }
}

/// Colours, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Paint {
    pub(crate) coloured: bool,
}

impl Paint {
    pub(crate) fn style(self, tone: Tone) -> Style {
        let coloured = |colour| if self.coloured { Style::new().fg(colour) } else { Style::new() };
        match tone {
            Tone::Plain => Style::new(),
            Tone::Good => coloured(Color::Green),
            Tone::Bad => coloured(Color::Red),
            Tone::Warning => coloured(Color::Yellow),
            Tone::Faint => Style::new().add_modifier(Modifier::DIM),
            Tone::Strong => Style::new().add_modifier(Modifier::BOLD),
        }
    }

    /// A piece of one line. Whatever it is made from, it steers nothing.
    pub(crate) fn span(self, tone: Tone, text: impl AsRef<str>) -> Span<'static> {
        Span::styled(escape::line(text.as_ref()).into_owned(), self.style(tone))
    }

    /// A line as it is printed elsewhere.
    pub(crate) fn line(self, text: &Text) -> Line<'static> {
        Line::from_iter(text.pieces().map(|(tone, piece)| Span::styled(piece.to_owned(), self.style(tone))))
    }

    /// Text of any number of lines, broken into rows of this width, each behind a mark. Whatever it is made from, it steers
    /// nothing.
    pub(crate) fn rows(self, tone: Tone, text: &str, marks: [&str; 2], width: usize) -> Vec<Line<'static>> {
        let room = width.saturating_sub(marks[0].width().max(marks[1].width())).max(1);
        let style = self.style(tone);
        let text = escape::block(text).replace('\t', "    ");
        let rows = text.trim_end_matches('\n').split('\n').flat_map(|line| wrapped(line, room));
        rows.enumerate()
            .map(|(number, row)| {
                let mark = marks[usize::from(number > 0)].to_owned();
                Line::from(vec![Span::styled(mark, self.style(Tone::Faint)), Span::styled(row, style)])
            })
            .collect()
    }
}

/// Breaks a line between words; a word that is too long for a row is broken where the row ends.
pub(crate) fn wrapped(line: &str, width: usize) -> Vec<String> {
    let (mut rows, mut row, mut used) = (Vec::new(), String::new(), 0);
    for word in line.split_inclusive(' ') {
        let solid = word.trim_end_matches(' ').width();
        if used > 0 && used + solid > width {
            rows.push(std::mem::take(&mut row));
            used = 0;
        }
        for letter in word.graphemes(true) {
            let columns = letter.width();
            if used + columns > width {
                // A space at the end of a row is the break itself.
                if letter == " " {
                    continue;
                }
                if used > 0 {
                    rows.push(std::mem::take(&mut row));
                    used = 0;
                }
            }
            row.push_str(letter);
            used += columns;
        }
    }
    rows.push(row);
    rows
}

/// What stands in a picture, without colours and without the spaces at the ends of its rows.
#[cfg(test)]
pub(crate) fn plain(buffer: &ratatui::buffer::Buffer) -> String {
    let area = buffer.area;
    let row = |y| {
        let mut text = String::new();
        let mut skip = 0_usize;
        for x in 0..area.width {
            let symbol = buffer.cell((x, y)).map_or(" ", ratatui::buffer::Cell::symbol);
            if skip > 0 {
                skip -= 1;
                continue;
            }
            skip = symbol.width().saturating_sub(1);
            text.push_str(symbol);
        }
        text.trim_end().to_owned()
    };
    let rows: Vec<String> = (0..area.height).map(row).collect();
    rows.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_break_between_words_and_long_words_where_they_must() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("abcdefghij k", 4), ["abcd", "efgh", "ij k"]);
        assert_eq!(wrapped("日本語 a", 4), ["日本", "語 a"]);
        assert_eq!(wrapped("", 4), [""]);
        assert_eq!(wrapped("日", 1), ["日"]);
        assert_eq!(wrapped("  indented", 20), ["  indented"]);
        for width in 1..12 {
            for row in wrapped("a 日本 👩\u{200d}💻 word wörd  x", width) {
                assert!(row.trim_end().width() <= width.max(2), "{width}: {row:?}");
            }
        }
    }

    #[test]
    fn no_picture_is_made_where_it_could_not_be_read() {
        use ratatui::backend::TestBackend;
        let drawn = |width, height| {
            let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
            terminal.draw(|frame| fitted(frame, |frame| frame.render_widget("picture", frame.area()))).unwrap();
            plain(terminal.backend().buffer())
        };
        assert_eq!(drawn(20, 8).trim_end(), "picture");
        assert_eq!(drawn(19, 8).trim_end(), "Too small: make it\n20 columns by 8\nrows at least.");
        assert!(drawn(80, 7).starts_with("Too small: make it 20 columns by 8 rows at least."));
        drawn(1, 1);
    }

    #[test]
    fn nothing_in_a_row_steers_the_terminal() {
        let paint = Paint { coloured: true };
        let rows = paint.rows(Tone::Plain, "a\u{1b}[2Jb\n\u{202e}c\td\r", ["> ", "  "], 40);
        let shown: Vec<String> = rows.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["> a\\u{1b}[2Jb", "  \\u{202e}c    d\\u{d}"]);
        assert_eq!(paint.span(Tone::Bad, "x\n\u{9b}").content, "x \\u{9b}");
    }
}

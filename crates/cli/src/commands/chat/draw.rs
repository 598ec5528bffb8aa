//! The picture of a conversation, made from what stands on the screen and from nothing else.

use ratatui::{
    Frame,
    layout::{Constraint, Layout, Position, Rect},
    style::Modifier,
    text::{Line, Span, Text},
    widgets::Clear,
};
use unicode_width::UnicodeWidthStr;

use super::{
    conversation::{Entry, Link},
    screen::{COMMANDS, Choice, Glimpse, Screen, Seen},
    wire::{Approval, End, Used},
};
use crate::{
    full_screen::{Paint, wrapped},
    output::Tone,
    show,
};

/// Most rows of the line that is being written.
const WRITING: usize = 6;
/// Before the rows that say what is asked, and before what it is about.
const MARK: [&str; 2] = ["! ", "  "];
const BAR: [&str; 2] = ["| ", "| "];
/// Pictures of something that goes on.
const PICTURES: [&str; 4] = ["|", "/", "-", "\\"];
/// How long each of them stands, milliseconds.
const PICTURE_MS: i64 = 150;

/// Draws the whole screen, and tells what of it keys are understood by.
pub(super) fn draw(frame: &mut Frame<'_>, screen: &Screen, paint: Paint, now_ms: i64) -> Seen {
    let area = frame.area();
    let width = usize::from(area.width);
    let (writing, cursor) = writing(screen, paint, width);
    let rows = u16::try_from(writing.len()).unwrap_or(1);
    let rows = rows.min(area.height.saturating_sub(4)).max(1);
    let [head, talk, state, line, keys] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(0),
        Constraint::Length(1),
        Constraint::Length(rows),
        Constraint::Length(1),
    ])
    .areas(area);
    frame.render_widget(header(screen, paint, width), head);
    let below = usize::from(rows).saturating_sub(1);
    let hidden = cursor.1.saturating_sub(below);
    let (shown, seen) = conversation(screen, paint, talk, now_ms);
    frame.render_widget(Text::from(shown), talk);
    frame.render_widget(doing(screen, paint, width, now_ms), state);
    frame.render_widget(Text::from(writing.into_iter().skip(hidden).collect::<Vec<_>>()), line);
    frame.render_widget(footer(screen, seen.asked.as_ref(), paint, width), keys);
    if let Some(choice) = &screen.choice {
        choices(frame, talk, choice, paint);
    } else if screen.help {
        help(frame, talk, paint);
    } else {
        let x = line.x + u16::try_from(cursor.0).unwrap_or(0).min(line.width.saturating_sub(1));
        let y = line.y + u16::try_from(cursor.1 - hidden).unwrap_or(0).min(rows - 1);
        frame.set_cursor_position(Position::new(x, y));
    }
    seen
}

/// Which conversation, who answers, and whether the gateway is there.
fn header(screen: &Screen, paint: Paint, width: usize) -> Line<'static> {
    let talk = &screen.talk;
    let link = match &talk.link {
        Link::Up => paint.span(Tone::Good, "connected"),
        Link::Away { attempt, .. } => paint.span(Tone::Warning, format!("reconnecting ({attempt})")),
        Link::Gone { .. } => paint.span(Tone::Bad, "disconnected"),
    };
    let room = width.saturating_sub(link.width() + 1);
    let key = cut(&talk.key, room);
    let left = room.saturating_sub(key.width() + 2);
    let model = if left >= 8 { format!("  {}", cut(&talk.model, left)) } else { String::new() };
    let (key, model) = (paint.span(Tone::Strong, key), paint.span(Tone::Faint, model));
    let gap = width.saturating_sub(key.width() + model.width() + link.width());
    Line::from(vec![key, model, Span::raw(" ".repeat(gap)), link])
}

/// What was said, and below it what is asked, if anything is.
fn conversation(screen: &Screen, paint: Paint, area: Rect, now_ms: i64) -> (Vec<Line<'static>>, Seen) {
    let (width, height) = (usize::from(area.width), usize::from(area.height));
    let Some(approval) = screen.asked() else {
        let (shown, scrolled) = said(screen, paint, width, height);
        return (shown, Seen { scrolled, asked: None });
    };
    let asked = question(approval, screen.talk.waiting().count(), paint, width, now_ms);
    let all = asked.len();
    let first = screen.first_of(approval).min(all.saturating_sub(height));
    let rows = first..all.min(first + height);
    let room = height - rows.len();
    let (mut shown, scrolled) = said(screen, paint, width, room.saturating_sub(1));
    if room > 0 {
        shown.push(Line::default());
    }
    shown.extend(asked.into_iter().skip(first).take(rows.len()));
    (shown, Seen { scrolled, asked: Some(Glimpse { approval: approval.clone(), width, rows, all }) })
}

/// The end of what was said, or what was turned back to, and how far that is from the end.
fn said(screen: &Screen, paint: Paint, width: usize, height: usize) -> (Vec<Line<'static>>, usize) {
    let talk = &screen.talk;
    let mut back: Vec<Line<'static>> = Vec::new();
    let most = height + screen.scrolled;
    let take = |back: &mut Vec<Line<'static>>, rows: Vec<Line<'static>>| {
        back.extend(rows.into_iter().rev());
        back.push(Line::default());
    };
    if let Some(running) = talk.running.as_ref().filter(|running| !running.text.is_empty()) {
        take(&mut back, paint.rows(Tone::Plain, &running.text, ["", ""], width));
    }
    // What waits stands below, each when its turn has come.
    for entry in talk.entries.iter().rev().filter(|entry| !matches!(entry, Entry::Asked { how: None, .. })) {
        if back.len() > most {
            break;
        }
        take(&mut back, rows(entry, paint, width));
    }
    if talk.entries.is_empty() && talk.running.is_none() {
        let text = "Say something, and Enter sends it. /help tells what else there is.";
        take(&mut back, paint.rows(Tone::Faint, text, ["", ""], width));
    }
    // Nobody scrolls beyond the beginning.
    let scrolled = screen.scrolled.min(back.len().saturating_sub(height));
    let mut shown: Vec<Line<'static>> = back.into_iter().skip(scrolled).take(height).collect();
    shown.reverse();
    (shown, scrolled)
}

fn rows(entry: &Entry, paint: Paint, width: usize) -> Vec<Line<'static>> {
    match entry {
        Entry::Said(text) => {
            let mut rows = paint.rows(Tone::Strong, text, ["> ", "  "], width);
            rows.iter_mut().flat_map(|row| row.spans.first_mut()).for_each(|mark| mark.style = paint.style(Tone::Good));
            rows
        }
        Entry::Reply { text, used, end } => {
            let mut rows = if text.is_empty() { Vec::new() } else { paint.rows(Tone::Plain, text, ["", ""], width) };
            match end {
                End::Final => {}
                End::Aborted => rows.push(Line::from(paint.span(Tone::Warning, "stopped"))),
                End::Failed(why) => rows.extend(paint.rows(Tone::Bad, why, ["error: ", "  "], width)),
            }
            if used.output > 0 || used.input > 0 {
                rows.push(Line::from(paint.span(Tone::Faint, cut(&figures(used), width))));
            }
            if rows.is_empty() {
                rows.push(Line::from(paint.span(Tone::Faint, "no reply")));
            }
            rows
        }
        Entry::Tool { name, over } => {
            let word = if *over { "used" } else { "uses" };
            paint.rows(Tone::Faint, &format!("{word} {name}"), ["* ", "  "], width)
        }
        Entry::Note { text, bad } => paint.rows(if *bad { Tone::Bad } else { Tone::Faint }, text, ["- ", "  "], width),
        Entry::Asked { approval, how: Some(how) } => {
            let tone = if how.starts_with("allow") { Tone::Good } else { Tone::Bad };
            let mut rows = paint.rows(tone, &format!("{} {how}", approval.kind), MARK, width);
            rows.extend(paint.rows(Tone::Plain, &approval.what, BAR, width));
            rows
        }
        Entry::Asked { how: None, .. } => Vec::new(),
    }
}

/// What is asked, all of it: whoever decides must be able to see the whole.
fn question(approval: &Approval, waiting: usize, paint: Paint, width: usize, now_ms: i64) -> Vec<Line<'static>> {
    let left = show::span(approval.expires_at_ms.saturating_sub(now_ms));
    let place = if waiting > 1 { format!(", 1 of {waiting}") } else { String::new() };
    let title = format!("{} waits for you{place}, {left} left", approval.kind);
    let mut rows = paint.rows(Tone::Warning, &title, MARK, width);
    rows.extend(paint.rows(Tone::Plain, &approval.what, BAR, width));
    if let Some(place) = &approval.place {
        rows.extend(paint.rows(Tone::Faint, &format!("at {place}"), BAR, width));
    }
    if let Some(warning) = &approval.warning {
        rows.extend(paint.rows(Tone::Warning, warning, BAR, width));
    }
    rows.extend(paint.rows(Tone::Strong, &keys(approval), ["  ", "  "], width));
    rows
}

/// The keys that decide it.
fn keys(approval: &Approval) -> String {
    let all = [("allow-once", "a allow once"), ("allow-always", "A always"), ("deny", "d deny")];
    let offered = all.into_iter().filter(|(word, _)| approval.offered.iter().any(|offered| offered == word));
    offered.map(|(_, text)| text).collect::<Vec<_>>().join("   ")
}

/// `in 1200 (900 cached), out 80, $0.0042`
fn figures(used: &Used) -> String {
    let cached =
        if used.cache_read > 0 { format!(" ({} cached)", show::count(used.cache_read)) } else { String::new() };
    let all = used.input + used.cache_read + used.cache_write;
    let cost = if used.cost.total > 0.0 { format!(", ${:.4}", used.cost.total) } else { String::new() };
    format!("in {}{cached}, out {}{cost}", show::count(all), show::count(used.output))
}

/// What goes on, or what it has cost so far.
fn doing(screen: &Screen, paint: Paint, width: usize, now_ms: i64) -> Line<'static> {
    let talk = &screen.talk;
    match &talk.link {
        Link::Away { why, .. } => {
            return Line::from(paint.span(Tone::Warning, cut(&format!("reconnecting: {why}"), width)));
        }
        Link::Gone { why } => return Line::from(paint.span(Tone::Bad, cut(why, width))),
        Link::Up => {}
    }
    let queued = match talk.queued() {
        0 => String::new(),
        more if talk.running.is_some() => format!(", {more} more waiting"),
        _ => String::new(),
    };
    if let Some(running) = &talk.running {
        let spent = now_ms.saturating_sub(running.since_ms);
        let at = usize::try_from(spent / PICTURE_MS).unwrap_or(0) % PICTURES.len();
        let word = match (running.stopping, talk.waiting().next().is_some(), running.text.is_empty()) {
            (true, ..) => "stopping",
            (false, true, _) => "waiting for you",
            (false, false, true) => "thinking",
            (false, false, false) => "replying",
        };
        let text = format!("{} {word} {}{queued}", PICTURES[at], show::span(spent));
        return Line::from(paint.span(Tone::Good, cut(&text, width)));
    }
    if talk.is_busy() {
        return Line::from(paint.span(Tone::Faint, "sending"));
    }
    match talk.last {
        Some(_) => Line::from(paint.span(Tone::Faint, cut(&format!("here so far: {}", figures(&talk.spent)), width))),
        None => Line::default(),
    }
}

/// The line that is being written, in rows, and where its cursor is: column, row.
fn writing(screen: &Screen, paint: Paint, width: usize) -> (Vec<Line<'static>>, (usize, usize)) {
    let room = width.saturating_sub(2).max(1);
    // What is shown of a letter may be longer than the letter, so both are made safe in the same way.
    let shown = |text: &str| -> Vec<String> {
        let text = crate::output::escape::block(text).into_owned();
        text.split('\n').flat_map(|line| wrapped_all(line, room)).collect()
    };
    let all = shown(screen.line.text());
    let before = shown(screen.line.before());
    let row = before.len().saturating_sub(1);
    let mut column = before.last().map_or(0, |last| last.width());
    let mut rows: Vec<String> = all;
    let mut at = row;
    if column >= room {
        (at, column) = (row + 1, 0);
        if rows.len() <= at {
            rows.push(String::new());
        }
    }
    let first = at.saturating_sub(WRITING - 1);
    let lines = rows.into_iter().enumerate().skip(first).take(WRITING);
    let tone = if screen.line.text().starts_with('/') { Tone::Warning } else { Tone::Plain };
    let lines = lines.map(|(number, row)| {
        let mark = if number == 0 { "> " } else { "  " };
        Line::from(vec![paint.span(Tone::Good, mark), paint.span(tone, row)])
    });
    (lines.collect(), (column + 2, at - first))
}

/// Rows that are full to their end, so that what stands before the cursor breaks as the whole does.
fn wrapped_all(line: &str, width: usize) -> Vec<String> {
    use unicode_segmentation::UnicodeSegmentation;
    let (mut rows, mut row, mut used) = (Vec::new(), String::new(), 0);
    for letter in line.graphemes(true) {
        let columns = letter.width();
        if used + columns > width && used > 0 {
            rows.push(std::mem::take(&mut row));
            used = 0;
        }
        row.push_str(letter);
        used += columns;
    }
    rows.push(row);
    rows
}

/// What the next key does.
fn footer(screen: &Screen, asked: Option<&Glimpse>, paint: Paint, width: usize) -> Line<'static> {
    if let Some(glimpse) = asked.filter(|_| screen.line.is_empty()) {
        let is_seen = screen.seen(glimpse) >= glimpse.all;
        let text = if is_seen { keys(&glimpse.approval) } else { "PgDn shows more of it, then decide".to_owned() };
        return Line::from(paint.span(Tone::Warning, cut(&text, width)));
    }
    if screen.leaving {
        return Line::from(paint.span(Tone::Warning, "Ctrl-C again leaves"));
    }
    if screen.scrolled > 0 {
        return Line::from(paint.span(Tone::Faint, cut("Esc goes to the end, PgUp and PgDn turn", width)));
    }
    let text = if screen.talk.waiting().next().is_some() {
        "Something waits for you: empty the line to decide"
    } else if screen.talk.is_busy() {
        "Enter send   Ctrl-C stop   PgUp back"
    } else {
        "Enter send   Ctrl-C quit   PgUp back   /help"
    };
    Line::from(paint.span(Tone::Faint, cut(text, width)))
}

fn choices(frame: &mut Frame<'_>, area: Rect, choice: &Choice, paint: Paint) {
    let width = usize::from(area.width);
    let room = usize::from(area.height).saturating_sub(1).max(1);
    let first = choice.at.saturating_sub(room - 1);
    let mut rows = vec![Line::from(
        paint.span(Tone::Strong, cut(&format!("{}  (Enter takes, Esc goes back)", choice.title), width)),
    )];
    if choice.rows.is_empty() {
        rows.push(Line::from(paint.span(Tone::Faint, "there are none")));
    }
    for (number, (_, text)) in choice.rows.iter().enumerate().skip(first).take(room) {
        let chosen = number == choice.at;
        let mark = if chosen { "> " } else { "  " };
        let mut row = paint.span(Tone::Plain, format!("{mark}{}", cut(text, width.saturating_sub(2))));
        if chosen {
            row.style = row.style.add_modifier(Modifier::REVERSED);
        }
        rows.push(Line::from(row));
    }
    frame.render_widget(Clear, area);
    frame.render_widget(Text::from(rows), area);
}

fn help(frame: &mut Frame<'_>, area: Rect, paint: Paint) {
    let more = [
        ("Enter", "send; Alt-Enter begins a new line"),
        ("a A d", "allow once, always, or deny what waits, while the line is empty"),
        ("Ctrl-C", "stop the turn at work, then leave"),
        ("PgUp PgDn", "turn the pages"),
        ("Up Down", "what you wrote before"),
    ];
    let width = usize::from(area.width);
    let mut rows = vec![Line::from(paint.span(Tone::Strong, "Help  (any key goes back)"))];
    for (name, text) in COMMANDS.into_iter().chain(more) {
        let margin = 18.min(width / 2);
        for (number, row) in wrapped(text, width.saturating_sub(margin)).into_iter().enumerate() {
            let name = if number == 0 { name } else { "" };
            rows.push(Line::from(vec![
                paint.span(Tone::Good, format!("{name:margin$}")),
                paint.span(Tone::Plain, row),
            ]));
        }
    }
    frame.render_widget(Clear, area);
    frame.render_widget(Text::from(rows), area);
}

/// The beginning of a text, with an ellipsis when it is not the whole.
fn cut(text: &str, width: usize) -> String {
    let text = crate::output::escape::line(text);
    if text.width() <= width {
        return text.into_owned();
    }
    let mut rows = wrapped_all(&text, width.saturating_sub(1).max(1));
    format!("{}…", rows.swap_remove(0))
}

#[cfg(test)]
mod tests;

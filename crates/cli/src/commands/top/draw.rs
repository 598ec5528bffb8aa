//! The picture of what a gateway is doing, made from the view and from nothing else.

use ratatui::{
    Frame,
    layout::{Constraint, Layout},
    style::Modifier,
    text::{Line, Text},
    widgets::Clear,
};

use super::{
    table::{figures, table},
    view::{Tab, View},
};
use crate::{full_screen::Paint, output::Tone};

/// Draws the whole screen.
pub(super) fn draw(frame: &mut Frame<'_>, view: &View, paint: Paint) {
    let area = frame.area();
    let width = usize::from(area.width);
    let Some(facts) = &view.facts else {
        let text = view.away.as_deref().unwrap_or("asking the gateway");
        frame.render_widget(Text::from(paint.rows(Tone::Faint, text, ["", ""], width)), area);
        return;
    };
    let mut head: Vec<Line<'static>> = Vec::new();
    for (name, value) in figures(facts, view.rates) {
        let name = format!("{name:11} ");
        let text = value.elided(width.saturating_sub(name.len()));
        let mut spans = vec![paint.span(Tone::Faint, name)];
        spans.extend(paint.line(&text).spans);
        head.push(Line::from(spans));
    }
    if let Some(why) = &view.away {
        head.push(Line::from(paint.span(Tone::Warning, format!("away: {why}"))));
    }
    let rows = u16::try_from(head.len()).unwrap_or(u16::MAX);
    let [over, tabs, below, keys] =
        Layout::vertical([Constraint::Length(rows), Constraint::Length(1), Constraint::Min(0), Constraint::Length(1)])
            .areas(area);
    frame.render_widget(Text::from(head), over);
    frame.render_widget(tab_names(view, paint, width), tabs);
    let lines = match table(facts, view.tab, view.sort, view.reversed, view.first) {
        Ok(table) => {
            let lines = table.lines(Some(width));
            lines.iter().take(usize::from(below.height)).map(|line| paint.line(line)).collect()
        }
        Err(nothing) => vec![Line::from(paint.span(Tone::Faint, nothing))],
    };
    frame.render_widget(Text::from(lines), below);
    frame.render_widget(footer(view, paint), keys);
    if view.help {
        let rows = [
            ("1-4, Tab", "another table"),
            ("s, r", "sort by another column; turn the order around"),
            ("Up, Down", "scroll"),
            ("Space", "ask the gateway now"),
            ("q", "leave"),
        ];
        let mut help = vec![Line::from(paint.span(Tone::Strong, "Help  (any key goes back)"))];
        for (name, text) in rows {
            help.push(Line::from(vec![paint.span(Tone::Good, format!("{name:10}")), paint.span(Tone::Plain, text)]));
        }
        frame.render_widget(Clear, below);
        frame.render_widget(Text::from(help), below);
    }
}

fn tab_names(view: &View, paint: Paint, width: usize) -> Line<'static> {
    let long = width >= 60;
    let mut spans = Vec::new();
    for (number, tab) in Tab::ALL.into_iter().enumerate() {
        let name = if long { tab.name() } else { tab.name().get(..5).unwrap_or(tab.name()) };
        let mut span = paint.span(Tone::Plain, format!(" {} {name} ", number + 1));
        if tab == view.tab {
            span.style = span.style.add_modifier(Modifier::REVERSED);
        }
        spans.push(span);
    }
    Line::from(spans)
}

fn footer(view: &View, paint: Paint) -> Line<'static> {
    let sorted = match view.tab {
        Tab::Conversations => {
            format!("   s sorted by {}{}", view.sort.word(), if view.reversed { ", reversed" } else { "" })
        }
        _ => String::new(),
    };
    Line::from(paint.span(Tone::Faint, format!("q quit   ? help{sorted}")))
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use ratatui::{Terminal, backend::TestBackend};

    use super::*;
    use crate::{
        commands::top::facts::{Conversation, Cron, Facts, Frames, Node, Presence, Spent, Waiting},
        full_screen::plain,
    };

    fn facts() -> Facts {
        let row = |key: &str, runs, tokens, cost, updated_at| Conversation {
            key: key.to_owned(),
            name: Some("Plan the trip to 日本 with everybody".to_owned()),
            model: "house/big".to_owned(),
            runs,
            tokens,
            cost,
            messages: 4,
            updated_at: Some(updated_at),
        };
        Facts {
            ts: 1_000_000,
            url: "ws://127.0.0.1:18789".to_owned(),
            version: "2026.11.20".to_owned(),
            uptime_ms: 3_660_000,
            connections: 3,
            runs: 1,
            queued: Some(2),
            sessions: 2,
            resident_bytes: Some(42 << 20),
            cpu_ms: Some(100),
            frames: Frames { received: 120, sent: 4_000 },
            today: Some(Spent { total_tokens: 123_456, total_cost: 1.5 }),
            waiting: Some(vec![Waiting {
                id: "5f3a91c0-deploy".to_owned(),
                kind: "exec".to_owned(),
                what: "rm -rf build \u{1b}[2J".to_owned(),
                whose: Some("agent:main:main".to_owned()),
                expires_at_ms: 1_090_000,
            }]),
            nodes: Some(vec![Node { node_id: "0123456789abcdef".to_owned(), connected: true, ..Node::default() }]),
            presence: Some(vec![Presence { host: Some("laptop".to_owned()), ts: 990_000, ..Presence::default() }]),
            cron: Some(Cron { enabled: true, jobs: 2, next_wake_at_ms: Some(1_060_000) }),
            conversations: vec![row("agent:main:main", 0, 12_345, 0.0, 990_000), row("agent:main:trip", 2, 9, 0.25, 1)],
        }
    }

    fn drawn(view: &View, width: u16, height: u16) -> String {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| draw(frame, view, Paint { coloured: true })).unwrap();
        plain(terminal.backend().buffer())
    }

    #[test]
    fn everything_is_on_one_screen() {
        let mut view = View::default();
        view.take(facts());
        let later =
            Facts { ts: 1_002_000, cpu_ms: Some(600), frames: Frames { received: 130, sent: 4_100 }, ..facts() };
        view.take(later);
        assert_snapshot!(drawn(&view, 90, 16));
    }

    #[test]
    fn forty_columns_are_enough() {
        let mut view = View::default();
        view.take(facts());
        view.tab = Tab::Approvals;
        assert_snapshot!(drawn(&view, 40, 16));
    }

    #[test]
    fn a_gateway_that_is_away_and_help_are_told() {
        let mut view = View { away: Some("Connection refused".to_owned()), ..View::default() };
        assert_eq!(drawn(&view, 40, 3).trim_end(), "Connection refused");
        view.take(Facts::default());
        view.away = Some("Connection refused".to_owned());
        view.help = true;
        assert_snapshot!(drawn(&view, 60, 18));
    }

    #[test]
    fn what_is_not_known_is_not_said_to_be_none() {
        let mut view = View::default();
        view.take(Facts { nodes: None, presence: None, ..facts() });
        for (tab, told) in
            [(Tab::Nodes, "which nodes there are is not known"), (Tab::Connections, "who is there is not known")]
        {
            view.tab = tab;
            let seen = drawn(&view, 80, 16);
            assert!(seen.contains(told) && seen.contains("Nodes       -"), "{seen}");
        }
        view.take(Facts { nodes: Some(Vec::new()), ..facts() });
        view.tab = Tab::Nodes;
        let seen = drawn(&view, 80, 16);
        assert!(seen.contains("there are no nodes") && seen.contains("0 of 0 connected"), "{seen}");
    }

    #[test]
    fn no_size_is_too_small_to_draw() {
        let mut view = View::default();
        view.take(facts());
        for tab in Tab::ALL {
            view.tab = tab;
            for (width, height) in [(1, 1), (2, 3), (7, 5), (20, 9), (300, 2)] {
                drawn(&view, width, height);
            }
        }
    }
}

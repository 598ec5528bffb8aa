//! A conversation as lists show it.

use serde::Deserialize;

use crate::{
    output::{Column, Table, Text, Tone},
    show,
};

/// A row of `sessions.list`, as far as it is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Row {
    pub(crate) key: String,
    pub(crate) session_id: String,
    pub(crate) agent_id: String,
    pub(crate) label: Option<String>,
    pub(crate) derived_title: Option<String>,
    pub(crate) model_provider: String,
    pub(crate) model: String,
    pub(crate) thinking_level: Option<String>,
    pub(crate) input_tokens: u64,
    pub(crate) output_tokens: u64,
    pub(crate) total_tokens: u64,
    pub(crate) context_tokens: u64,
    pub(crate) message_count: u64,
    pub(crate) cost: f64,
    pub(crate) created_at: Option<i64>,
    pub(crate) updated_at: Option<i64>,
    pub(crate) active_run_ids: Vec<String>,
    pub(crate) archived: bool,
    pub(crate) pinned: bool,
    pub(crate) aborted_last_run: bool,
}

impl Row {
    /// The name that people gave it, or its first words.
    pub(crate) fn name(&self) -> Option<&String> {
        self.label.as_ref().or(self.derived_title.as_ref())
    }

    /// The model that answers in it.
    pub(crate) fn model(&self) -> String {
        format!("{}/{}", self.model_provider, self.model)
    }

    /// What it is doing, when that is worth a word.
    pub(crate) fn state(&self) -> Text {
        if !self.active_run_ids.is_empty() {
            Text::toned(Tone::Good, "running")
        } else if self.aborted_last_run {
            Text::toned(Tone::Warning, "aborted")
        } else if self.archived {
            Text::toned(Tone::Faint, "archived")
        } else {
            "-".into()
        }
    }

    /// US dollars, when it cost anything.
    pub(crate) fn cost(&self) -> Text {
        if self.cost > 0.0 { format!("${:.2}", self.cost).into() } else { "-".into() }
    }
}

/// Conversations as a table.
pub(crate) fn table(rows: &[Row], now_ms: i64) -> Table {
    let mut table = Table::new([
        Column::whole("KEY"),
        Column::words("NAME"),
        Column::words("MODEL"),
        Column::number("TOKENS"),
        Column::number("COST"),
        Column::whole("STATE"),
        Column::whole("UPDATED"),
    ]);
    for row in rows {
        table.row([
            Text::from(&row.key),
            show::text(row.name()),
            row.model().into(),
            show::count(row.total_tokens).into(),
            row.cost(),
            row.state(),
            show::age(now_ms, row.updated_at).into(),
        ]);
    }
    table
}

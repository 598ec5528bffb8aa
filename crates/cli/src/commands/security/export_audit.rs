//! `openclaw security export-audit`

use std::path::PathBuf;

use clap::Args;

use crate::{
    app::Context,
    commands::audit::{self, Ago, Format},
    failure::Done,
};

/// Write the audit trail into a file for other programs, oldest record first
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw security export-audit --format json > audit.json
  openclaw security export-audit --format csv --last 7d --out audit.csv

A file is made with mode 0600 and never overwritten. It ends with 2 when the trail is not as it was written.")]
pub(super) struct ExportAudit {
    /// Form of the export
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,
    /// Only records of this span, such as 24h or 7d
    #[arg(long, value_name = "SPAN")]
    last: Option<Ago>,
    /// File to make [default: standard output]
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
}

impl ExportAudit {
    pub(super) fn run(self, context: &mut Context) -> Done {
        audit::write_all(context, self.last, self.format, self.out.as_deref())
    }
}

//! `openclaw config file`

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use crate::{
    app::Context,
    failure::{Done, Exit},
};

/// Print where the configuration is
#[derive(Args, Debug)]
#[command(after_help = "Example:
  openclaw config file")]
pub(super) struct File {}

/// What `--json` prints.
#[derive(Serialize)]
struct Printed<'a> {
    path: &'a Path,
    exists: bool,
}

impl File {
    pub(super) fn run(self, context: &mut Context, file: Option<PathBuf>) -> Done {
        let path = file.map_or_else(|| context.local.paths().map(|paths| paths.config_file), Ok)?;
        let output = &mut context.output;
        if output.json {
            output.value(&Printed { path: &path, exists: path.exists() })?;
        } else {
            output.line(path.display().to_string())?;
        }
        Ok(Exit::Ok)
    }
}

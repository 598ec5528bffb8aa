//! `openclaw backup list`

use std::path::PathBuf;

use clap::Args;
use openclaw_core::Clock;
use openclaw_store::backup::Past;
use serde::Serialize;

use super::{failed, folder, size};
use crate::{
    app::Context,
    failure::{Done, Exit},
    output::{Column, Table},
    show,
};

/// List the backups of a folder
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw backup list
  openclaw backup list --out /mnt/safe --json")]
pub(super) struct List {
    /// The folder [default: security.storage.backupPath, else backups in the state directory]
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

#[derive(Serialize)]
struct Printed {
    folder: PathBuf,
    backups: Vec<Row>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    path: PathBuf,
    created_at: String,
    encrypted: bool,
    bytes: u64,
}

impl List {
    pub(super) fn run(self, context: &mut Context) -> Done {
        let folder = match self.out {
            Some(folder) => folder,
            None => folder(&context.local)?,
        };
        let past = Past::list(&folder).map_err(|error| failed(&error))?;
        let output = &mut context.output;
        if output.json {
            let backups = past.into_iter().map(|past| Row {
                created_at: show::time(Some(past.made_at)),
                encrypted: past.encrypted,
                bytes: past.bytes,
                path: past.path,
            });
            output.value(&Printed { folder, backups: backups.collect() })?;
            return Ok(Exit::Ok);
        }
        if past.is_empty() {
            output.paragraph(format!("No backups in {}. Make one: openclaw backup create", folder.display()))?;
            return Ok(Exit::Ok);
        }
        let now = Clock::system().now_ms();
        let mut table = Table::new(["MADE", "AGE", "SIZE", "ENCRYPTED", "FILE"].map(Column::whole));
        for past in &past {
            table.row([
                show::time(Some(past.made_at)).into(),
                show::age(now, Some(past.made_at)).into(),
                size(past.bytes).into(),
                if past.encrypted { "yes" } else { "no" }.into(),
                past.path.display().to_string().into(),
            ]);
        }
        output.table(&table)?;
        Ok(Exit::Ok)
    }
}

//! `openclaw security check-permissions`

use clap::Args;
use openclaw_posture::Finding;
use serde::Serialize;

use super::{
    facts,
    fix::{self, Action},
    shown,
};
use crate::{
    app::Context,
    failure::{Done, Exit},
    output::{Text, Tone},
};

/// Check who else can read and change files
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw security check-permissions
  openclaw security check-permissions --fix

The exit code is 2 when something is left to mend. No link is followed, and nothing is created.")]
pub(super) struct CheckPermissions {
    /// Give files and folders back to their owner
    #[arg(long)]
    fix: bool,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Printed<'a> {
    ok: bool,
    checked: usize,
    findings: &'a [Finding],
    #[serde(skip_serializing_if = "Option::is_none")]
    actions: Option<&'a [Action]>,
}

impl CheckPermissions {
    pub(super) fn run(self, context: &mut Context) -> Done {
        let mut looked = match facts::look(&context.local) {
            Ok(looked) => looked,
            Err(error) => return facts::broken(context, error),
        };
        let actions = self.fix.then(|| fix::modes(&looked));
        if actions.is_some() {
            looked = match facts::look(&context.local) {
                Ok(looked) => looked,
                Err(error) => return facts::broken(context, error),
            };
        }
        let about_files =
            |finding: &Finding| finding.check_id.starts_with("fs.") || finding.check_id == "gateway.tls_key_perms";
        let findings: Vec<Finding> = looked.report().findings.into_iter().filter(about_files).collect();
        let (ok, checked) = (findings.is_empty(), looked.facts.files.len());
        let output = &mut context.output;
        if output.json {
            output.value(&Printed { ok, checked, findings: &findings, actions: actions.as_deref() })?;
        } else {
            if let Some(actions) = &actions {
                fix::show(output, actions, &[], &[])?;
            }
            let verdict = if ok {
                Text::toned(Tone::Good, "only their owner can read and change them")
            } else {
                Text::toned(Tone::Warning, "others can read or change some of them")
            };
            output.paragraph(Text::from(format!("{checked} files and folders: ")).then(verdict))?;
            shown::findings(output, &findings)?;
        }
        Ok(if ok { Exit::Ok } else { Exit::Usage })
    }
}

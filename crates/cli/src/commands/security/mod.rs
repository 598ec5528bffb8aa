//! `openclaw security`

mod advisories;
mod audit;
mod backup_config;
mod check_permissions;
mod check_vulnerabilities;
mod explain;
mod export_audit;
mod facts;
mod fix;
mod lockdown;
pub(crate) mod monitoring;
mod report;
mod rotate_keys;
mod runbook;
mod runbook_lists;
mod scan;
mod shown;
mod status;
mod validate_config;

use clap::{Args, Subcommand};
pub(crate) use facts::look;
pub(crate) use fix::{Fix, fix};
pub(crate) use lockdown::known as locked_down;
#[cfg(test)]
pub(crate) use runbook_lists::texts as runbook_texts;

use crate::{
    app::{Context, wait},
    failure::Done,
};

/// Find out how safely this gateway is set up, and mend it
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw security audit
  openclaw security audit --deep --fail-on critical
  openclaw security runbook
  openclaw security lockdown
  openclaw security report --last 7d
  openclaw security export-audit --format csv --out audit.csv
  openclaw security explain --user ada --action chat.send

What is accepted on purpose is written into security.audit.suppressions with its reason.")]
pub(crate) struct Security {
    #[command(subcommand)]
    command: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Find what others could use, in the configuration and on disk
    Audit(audit::Audit),
    /// Show on one screen how safely it is set up
    Status(status::Status),
    /// Audit, and read the text of all skills
    Scan(scan::Scan),
    /// Compare this program with known advisories
    CheckVulnerabilities(check_vulnerabilities::CheckVulnerabilities),
    /// Check the configuration with an eye on security
    ValidateConfig(validate_config::ValidateConfig),
    /// Check who else can read and change files
    CheckPermissions(check_permissions::CheckPermissions),
    /// Copy the configuration into a folder of its own
    BackupConfig(backup_config::BackupConfig),
    /// Print the checklist for exposing a gateway, filled in
    Runbook(runbook::Runbook),
    /// Sum up what the audit trail says of a span of time
    Report(report::Report),
    /// Write the audit trail into a file for other programs
    ExportAudit(export_audit::ExportAudit),
    /// Tell whether a user may do something, and by which rule
    Explain(explain::Explain),
    /// Close everything but this machine, at once
    Lockdown(lockdown::Lockdown),
    /// Wrap the keys of encrypted data anew
    RotateKeys(rotate_keys::RotateKeys),
}

impl Security {
    pub(crate) fn run(self, context: &mut Context) -> Done {
        match self.command {
            Verb::Audit(command) => wait(command.run(context)),
            Verb::Status(command) => command.run(context),
            Verb::Scan(command) => command.run(context),
            Verb::CheckVulnerabilities(command) => command.run(context),
            Verb::ValidateConfig(command) => command.run(context),
            Verb::CheckPermissions(command) => command.run(context),
            Verb::BackupConfig(command) => command.run(context),
            Verb::Runbook(command) => command.run(context),
            Verb::Report(command) => command.run(context),
            Verb::ExportAudit(command) => command.run(context),
            Verb::Explain(command) => command.run(context),
            Verb::Lockdown(command) => wait(command.run(context)),
            Verb::RotateKeys(command) => command.run(context),
        }
    }
}

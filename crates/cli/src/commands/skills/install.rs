//! `openclaw skills install`

use std::path::Path;

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::{
    app::Context,
    ask::once,
    failure::{Done, Failure},
    reach::Target,
};

/// Install a skill from a folder or an archive
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  openclaw skills install ./notes
  openclaw skills install notes-1.2.tar.gz --as notes --force
  openclaw skills install notes.zip --sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08

The folder or archive (zip, tar, tar.gz) is on the gateway's machine. All agents have the skill at once. Nothing of it is run, and
what it lacks is told by: openclaw skills check")]
pub(super) struct Install {
    #[command(flatten)]
    target: Target,
    /// The folder with SKILL.md in it, or an archive of one
    #[arg(value_name = "PATH")]
    path: String,
    /// Name to install it under [default: made from the name of the folder or archive]
    #[arg(long = "as", value_name = "NAME")]
    slug: Option<String>,
    /// Replace a skill of that name
    #[arg(long)]
    force: bool,
    /// SHA-256 that it must have
    #[arg(long, value_name = "HEX")]
    sha256: Option<String>,
}

#[derive(Serialize)]
struct Asked {
    source: &'static str,
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    slug: Option<String>,
    force: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Installed {
    slug: String,
    name: String,
    path: String,
    replaced: bool,
}

impl Install {
    pub(super) async fn run(self, context: &mut Context) -> Done {
        // What looks like a name of a registry would be looked for as a folder otherwise.
        if self.path.starts_with('@') || self.path.contains("://") || self.path.starts_with("git:") {
            return Err(Failure::usage("skills come from a folder or an archive on the gateway's machine")
                .helped("download it first, then: openclaw skills install ./FOLDER"));
        }
        let whole = if self.path.starts_with("~/") || Path::new(&self.path).is_absolute() {
            Some(self.path)
        } else {
            // A path of this machine without `..`; one that is only there on the gateway's machine as it is written.
            let path = std::fs::canonicalize(&self.path).or_else(|_| std::path::absolute(&self.path)).ok();
            path.and_then(|path| path.into_os_string().into_string().ok())
        };
        let path = whole.ok_or_else(|| Failure::usage("PATH is no path that can be named"))?;
        let asked = Asked { source: "path", path, slug: self.slug, force: self.force, sha256: self.sha256 };
        let answer = once::<Installed>(context, &self.target, "skills.install", asked).await?;
        answer.show(&mut context.output, |output, done| {
            let what = if done.replaced { "replaced" } else { "installed" };
            output.line(format!("{} {what} as {} in {}", done.name, done.slug, done.path))
        })
    }
}

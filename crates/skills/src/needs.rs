//! What a skill needs, and whether it is there. Programs are looked for; nothing is run.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

/// What a skill needs, or what of it is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Programs, all of them.
    pub bins: Vec<String>,
    /// Programs, one of them.
    pub any_bins: Vec<String>,
    /// Variables of the environment.
    pub env: Vec<String>,
    /// Keys of the configuration that must be on.
    pub config: Vec<String>,
    /// Systems, one of them: `linux`, `darwin`, `win32`.
    pub os: Vec<String>,
}

impl Needs {
    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        [&self.bins, &self.any_bins, &self.env, &self.config, &self.os].iter().all(|list| list.is_empty())
    }

    /// What of it is not there.
    #[must_use]
    pub fn missing(&self, ground: &Ground<'_>) -> Self {
        let without = |names: &[String], there: &dyn Fn(&str) -> bool| {
            names.iter().filter(|name| !there(name)).cloned().collect::<Vec<_>>()
        };
        let any = self.any_bins.iter().any(|name| ground.has_program(name));
        let os = self.os.iter().any(|name| name == ground.os);
        Self {
            bins: without(&self.bins, &|name| ground.has_program(name)),
            any_bins: if any { Vec::new() } else { self.any_bins.clone() },
            env: without(&self.env, ground.has_env),
            config: without(&self.config, ground.has_config),
            os: if os { Vec::new() } else { self.os.clone() },
        }
    }
}

/// What is there.
pub struct Ground<'a> {
    /// Where programs are looked for, as in `PATH`.
    pub path: &'a str,
    /// The system.
    pub os: &'a str,
    /// Whether a variable is set.
    pub has_env: &'a dyn Fn(&str) -> bool,
    /// Whether a key of the configuration is on.
    pub has_config: &'a dyn Fn(&str) -> bool,
}

impl std::fmt::Debug for Ground<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ground").field("path", &self.path).field("os", &self.os).finish_non_exhaustive()
    }
}

impl Ground<'_> {
    fn has_program(&self, name: &str) -> bool {
        if name.is_empty() || name.contains(['/', '\0']) {
            return false;
        }
        let executable = |folder: &str| {
            let found = fs::metadata(Path::new(folder).join(name));
            found.is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
        };
        self.path.split(':').filter(|folder| folder.starts_with('/')).any(executable)
    }
}

/// This system's word in skills.
#[must_use]
pub fn os_word() -> &'static str {
    match std::env::consts::OS {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_looked_for_and_not_run() {
        let folder = tempfile::tempdir().unwrap();
        for (name, mode) in [("tool", 0o755), ("text", 0o644)] {
            fs::write(folder.path().join(name), "#!/bin/false\n").unwrap();
            fs::set_permissions(folder.path().join(name), fs::Permissions::from_mode(mode)).unwrap();
        }
        let path = format!("relative::{}", folder.path().display());
        let ground = Ground { path: &path, os: "linux", has_env: &|name| name == "SET", has_config: &|_| false };
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let needs = Needs {
            bins: words(&["tool", "text", "../tool", ""]),
            any_bins: words(&["gone", "tool"]),
            env: words(&["SET", "UNSET"]),
            config: words(&["a.b"]),
            os: words(&["darwin"]),
        };
        let missing = needs.missing(&ground);
        assert_eq!(missing.bins, ["text", "../tool", ""]);
        assert!(missing.any_bins.is_empty());
        assert_eq!((missing.env, missing.config, missing.os), (words(&["UNSET"]), words(&["a.b"]), words(&["darwin"])));
    }
}

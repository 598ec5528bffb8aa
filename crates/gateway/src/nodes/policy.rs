//! Which commands a platform may offer, and which of them only administrators use. Pure.

use openclaw_core::node_commands::{CANVAS, PERSONAL, PLACE, REVIEWED_DESKTOP, REVIEWED_PHONE, REVIEWED_TALK, SYSTEM};
use openclaw_protocol::{Dialect, Scope};

/// The kind of machine, as its words say. What they say was pinned when the device was admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Platform {
    /// iPhone and iPad.
    Ios,
    /// Android.
    Android,
    /// macOS.
    Mac,
    /// Windows.
    Windows,
    /// Linux.
    Linux,
    /// Anything else.
    Unknown,
}

/// Commands that reach the machine itself, so that using them takes an administrator.
const ADMIN: &[&str] = &[
    "agent.cli.claude.run.v1",
    "browser.proxy",
    "browser.proxy.upload.v1",
    "fs.listDir",
    "system.run",
    "system.run.prepare",
    "terminal.upload",
];
/// Commands that only an administrator may approve.
const ADMIN_APPROVED: &[&str] = &["system.execApprovals.get", "system.execApprovals.set", "system.which"];

impl Platform {
    /// Reads `client.platform`, and `client.deviceFamily` where that says nothing.
    pub(crate) fn of(platform: Option<&str>, family: Option<&str>) -> Self {
        let read = |word: Option<&str>| {
            let word = word.unwrap_or_default().trim().to_ascii_lowercase();
            let starts = |words: &[&str]| words.iter().any(|start| word.starts_with(start));
            if starts(&["ios", "ipados", "iphone", "ipad"]) {
                Some(Self::Ios)
            } else if starts(&["android"]) {
                Some(Self::Android)
            } else if starts(&["mac", "darwin"]) {
                Some(Self::Mac)
            } else if starts(&["win"]) {
                Some(Self::Windows)
            } else if starts(&["linux"]) {
                Some(Self::Linux)
            } else {
                None
            }
        };
        read(platform).or_else(|| read(family)).unwrap_or(Self::Unknown)
    }

    /// The word in errors.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Ios => "ios",
            Self::Android => "android",
            Self::Mac => "macos",
            Self::Windows => "windows",
            Self::Linux => "linux",
            Self::Unknown => "unknown",
        }
    }

    /// The lists of commands that this platform may offer.
    const fn lists(self, life: Life) -> &'static [&'static [&'static str]] {
        match (self, life) {
            (Self::Ios | Self::Android, Life::Reviewed) => &[CANVAS, PLACE, PERSONAL, REVIEWED_PHONE, REVIEWED_TALK],
            (Self::Ios, Life::Admitted) => &[CANVAS, PLACE, PERSONAL, &["system.notify"]],
            (Self::Android, Life::Admitted) => &[CANVAS, PLACE, PERSONAL],
            (Self::Mac, Life::Reviewed) => &[CANVAS, PLACE, PERSONAL, SYSTEM, REVIEWED_DESKTOP, REVIEWED_TALK],
            (Self::Mac, Life::Admitted) => &[CANVAS, PLACE, PERSONAL, SYSTEM],
            (Self::Windows | Self::Linux, Life::Reviewed) => &[PLACE, SYSTEM, REVIEWED_DESKTOP, REVIEWED_TALK],
            (Self::Windows | Self::Linux, Life::Admitted) => &[SYSTEM],
            (Self::Unknown, Life::Reviewed) => &[CANVAS, PLACE, SYSTEM, REVIEWED_TALK],
            (Self::Unknown, Life::Admitted) => &[CANVAS, PLACE, SYSTEM],
        }
    }
}

/// How a node comes to its commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    /// Dialects 1 and 3: the admission of its device is enough.
    Admitted,
    /// Dialect 4: an owner approves what it declares.
    Reviewed,
}

impl Life {
    /// The life of a node that speaks this dialect.
    pub(crate) const fn of(dialect: Dialect) -> Self {
        match dialect {
            Dialect::V4 => Self::Reviewed,
            Dialect::V1 | Dialect::V3 => Self::Admitted,
        }
    }
}

/// What the configuration says about commands of nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Commands {
    /// Allowed beside what platforms may offer.
    pub(crate) allow: Vec<String>,
    /// Never allowed.
    pub(crate) deny: Vec<String>,
}

impl Commands {
    /// Whether nodes on this platform may offer the command.
    pub(crate) fn allows(&self, platform: Platform, life: Life, command: &str) -> bool {
        let named = |list: &[String]| list.iter().any(|name| name == command);
        !named(&self.deny) && (named(&self.allow) || platform.lists(life).iter().any(|list| list.contains(&command)))
    }
}

/// The scope that using a command takes.
pub(crate) fn scope_to_use(command: &str) -> Scope {
    if ADMIN.contains(&command) { Scope::Admin } else { Scope::Write }
}

/// The scopes that approving these commands takes.
pub(crate) fn scopes_to_approve(commands: &[String]) -> Vec<Scope> {
    let admin = |command: &String| ADMIN.contains(&&**command) || ADMIN_APPROVED.contains(&&**command);
    let mut scopes = vec![Scope::Pairing];
    if commands.iter().any(admin) {
        scopes.push(Scope::Admin);
    } else if !commands.is_empty() {
        scopes.push(Scope::Write);
    }
    scopes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_are_known_by_how_their_words_begin() {
        for (platform, family, expected) in [
            (Some("iOS 19.1"), None, Platform::Ios),
            (Some("iPadOS"), None, Platform::Ios),
            (Some("android 16 (sdk 36)"), None, Platform::Android),
            (Some("macOS 16"), None, Platform::Mac),
            (Some("darwin"), Some("iPhone"), Platform::Mac),
            (Some("win32"), None, Platform::Windows),
            (Some("Linux"), None, Platform::Linux),
            (Some("web"), Some("iPad"), Platform::Ios),
            (None, Some("Mac"), Platform::Mac),
            (Some("plan9"), None, Platform::Unknown),
            (None, None, Platform::Unknown),
        ] {
            assert_eq!(Platform::of(platform, family), expected, "{platform:?} {family:?}");
        }
    }

    #[test]
    fn each_platform_has_its_commands_and_dangerous_ones_are_named_by_the_configuration() {
        let none = Commands::default();
        let allowed = |platform, command| none.allows(platform, Life::Admitted, command);
        for platform in [Platform::Linux, Platform::Windows, Platform::Mac, Platform::Unknown] {
            assert!(allowed(platform, "system.run"), "{platform:?}");
        }
        for platform in [Platform::Ios, Platform::Android] {
            assert!(!allowed(platform, "system.run") && allowed(platform, "contacts.search"), "{platform:?}");
            assert!(!none.allows(platform, Life::Reviewed, "system.run"), "{platform:?}");
        }
        assert!(allowed(Platform::Ios, "system.notify") && !allowed(Platform::Android, "system.notify"));
        assert!(!allowed(Platform::Linux, "canvas.eval") && !allowed(Platform::Linux, "location.get"));
        assert!(allowed(Platform::Unknown, "location.get") && !allowed(Platform::Unknown, "contacts.search"));
        let dangerous = [
            "camera.snap",
            "camera.clip",
            "screen.record",
            "contacts.add",
            "calendar.add",
            "reminders.add",
            "sms.send",
        ];
        for platform in [Platform::Ios, Platform::Android, Platform::Mac, Platform::Linux, Platform::Unknown] {
            for command in dangerous {
                for life in [Life::Admitted, Life::Reviewed] {
                    assert!(!none.allows(platform, life, command), "{platform:?} {command}");
                }
            }
        }
        let some = Commands {
            allow: vec!["camera.snap".to_owned(), "bash".to_owned(), "sms.send".to_owned()],
            deny: vec!["sms.send".to_owned(), "system.run".to_owned()],
        };
        let allowed = |command| some.allows(Platform::Linux, Life::Admitted, command);
        assert!(allowed("camera.snap") && allowed("bash") && allowed("system.which"));
        assert!(!allowed("sms.send") && !allowed("system.run"), "what is denied stays denied");
    }

    #[test]
    fn approving_takes_more_the_more_a_command_reaches() {
        let scopes =
            |commands: &[&str]| scopes_to_approve(&commands.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(scopes(&[]), [Scope::Pairing]);
        assert_eq!(scopes(&["system.notify"]), [Scope::Pairing, Scope::Write]);
        assert_eq!(scopes(&["system.notify", "system.which"]), [Scope::Pairing, Scope::Admin]);
        for command in ["system.run", "browser.proxy", "fs.listDir", "system.execApprovals.get"] {
            assert_eq!(scopes(&[command]), [Scope::Pairing, Scope::Admin], "{command}");
        }
        assert_eq!((scope_to_use("system.which"), scope_to_use("system.run")), (Scope::Write, Scope::Admin));
    }
}

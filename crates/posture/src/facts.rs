//! What cannot be read from the configuration and was looked up.

use serde_json::Value;

use crate::Severity;

/// What was looked up. The default knows nothing, and then nothing is said about it.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Token of the environment or of the command line, which wins over the configuration's.
    pub token: Option<String>,
    /// Password of the environment or of the command line.
    pub password: Option<String>,
    /// Authentication mode of the command line.
    pub mode: Option<String>,
    /// The home folder.
    pub home: Option<String>,
    /// Files and folders, by their own mode bits; links are not followed.
    pub files: Vec<FileFact>,
    /// The policy of commands, as it stands in its file.
    pub command_policy: Option<Value>,
    /// Keys that do not do what they say: path and what is said about it.
    pub unhonoured: Vec<(String, String)>,
    /// Files in which a token stands that was replaced.
    pub former_tokens: Vec<String>,
    /// Where the chain of audit records is broken.
    pub broken_chain: Option<String>,
    /// Devices whose token nobody used for 90 days.
    pub stale_devices: Vec<String>,
    /// How many passkeys are registered.
    pub passkeys: Option<usize>,
    /// What is known about skills.
    pub skills: SkillFacts,
    /// What the running gateway said, when it was asked.
    pub probe: Option<Probe>,
}

/// A file or folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFact {
    /// What it is for.
    pub kind: FileKind,
    /// Where it is.
    pub path: String,
    /// Its permission bits.
    pub mode: u32,
    /// Whether it is a symbolic link.
    pub link: bool,
    /// Whether it is a folder.
    pub folder: bool,
}

/// What a file or folder is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// The state directory.
    State,
    /// The configuration.
    Config,
    /// A file that the configuration includes.
    Include,
    /// The folder of credentials.
    Credentials,
    /// A file in it, or of an agent, that holds credentials of model providers.
    AuthProfile,
    /// The store, or an older session index.
    Sessions,
    /// The log.
    Log,
    /// The private key of the listener.
    TlsKey,
}

/// What is known about skills.
#[derive(Clone, Debug, Default)]
pub struct SkillFacts {
    /// `SKILL.md` files that lie outside of the workspace in which they are found.
    pub escapes: Vec<String>,
    /// Whether there are more files than were looked at.
    pub truncated: bool,
    /// What reading them found.
    pub code: Vec<CodeFact>,
    /// Files that could not be read whole, and why.
    pub unreadable: Vec<String>,
}

/// Something suspicious in the text of a skill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeFact {
    /// The rule.
    pub rule: String,
    /// How bad it is.
    pub severity: Severity,
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What it is.
    pub message: &'static str,
}

/// What came of asking the running gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe {
    /// It answered.
    Answered,
    /// It did not, or not to us.
    Failed(String),
    /// The credential in the configuration is a reference that could not be filled in.
    NoCredential,
}

//! What is to run: checked before anything is started, so that a refusal names what is wrong.

use std::{
    collections::BTreeMap,
    fs, io,
    os::{fd::OwnedFd, unix::fs::PermissionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};

use openclaw_core::Environment;

use crate::environment::{self, Forbidden};

/// Most arguments.
pub const MAX_ARGUMENTS: usize = 4_096;
/// Most bytes of one argument or variable; Linux takes no longer ones.
pub const MAX_ARGUMENT_BYTES: usize = 128 * 1024 - 1;
/// Most bytes of all arguments and variables together.
pub const MAX_TOTAL_BYTES: usize = 1 << 20;
/// Most variables that a caller sets.
pub const MAX_VARIABLES: usize = 512;

/// What somebody wants to run.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// A program name, looked for in the gateway's `PATH`, or an absolute path.
    pub command: String,
    /// Its arguments.
    pub args: Vec<String>,
    /// Variables that it gets besides the common ones.
    pub env: BTreeMap<String, String>,
    /// Folder that it starts in.
    pub cwd: Option<String>,
}

/// What holds for every program.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// The gateway's variables.
    pub base: Environment,
    /// Names of those that programs get besides the common ones.
    pub pass: Vec<String>,
    /// Folders below which programs start; empty for anywhere. The first is where those start that name none.
    pub roots: Vec<PathBuf>,
}

/// What will run.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(crate) program: PathBuf,
    pub(crate) name: String,
    pub(crate) args: Vec<String>,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) cwd: Folder,
}

/// The folder that was checked. It is held open, so that another one put in its place later is not the one that is used.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "other systems have no path that leads to it"))]
    pub(crate) open: Arc<OwnedFd>,
}

/// Why something is not run. The text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// No program is named.
    #[error("command is empty")]
    Empty,
    /// A NUL byte, which no argument can hold.
    #[error("{place} has a NUL byte")]
    Nul {
        /// Which one.
        place: String,
    },
    /// Too much.
    #[error("{place} is {size}, at most {max} {unit} can be passed")]
    TooLarge {
        /// Which one.
        place: String,
        /// How much.
        size: usize,
        /// How much may be.
        max: usize,
        /// Of what.
        unit: &'static str,
    },
    /// A path that depends on a folder.
    #[error("command {command:?} is a relative path; name the program alone, or its absolute path")]
    Relative {
        /// The command.
        command: String,
    },
    /// There is no such program.
    #[error("command {command:?} was not found in the gateway's PATH ({path})")]
    NotFound {
        /// The command.
        command: String,
        /// Where it was looked for.
        path: String,
    },
    /// There is no such file.
    #[error("command {command:?} does not exist: {source}")]
    NoProgram {
        /// The command.
        command: String,
        /// What the system said.
        source: io::Error,
    },
    /// It is there and cannot be executed.
    #[error("command {path:?} is not executable by the gateway (chmod +x {path:?})")]
    NotExecutable {
        /// The file.
        path: String,
    },
    /// It is no file.
    #[error("command {path:?} is no file")]
    NoFile {
        /// What it is called.
        path: String,
    },
    /// A variable that is not set.
    #[error("env.{name} {why}")]
    Variable {
        /// Its name.
        name: String,
        /// Why.
        why: &'static str,
    },
    /// The folder is not there.
    #[error("cwd {cwd:?} cannot be used: {source}")]
    NoFolder {
        /// The folder.
        cwd: String,
        /// What the system said.
        source: io::Error,
    },
    /// The folder depends on another.
    #[error("cwd {cwd:?} is a relative path; name an absolute one")]
    RelativeFolder {
        /// The folder.
        cwd: String,
    },
    /// The folder is outside of what is allowed.
    #[error("cwd {cwd:?} is {real:?}, which is outside of the allowed folders ({roots})")]
    Outside {
        /// The folder.
        cwd: String,
        /// Where it really is.
        real: String,
        /// The allowed ones.
        roots: String,
    },
}

impl Refusal {
    /// Which part of the request is wrong: `command`, `args[2]`, `env.NAME`, `cwd`, …
    #[must_use]
    pub fn place(&self) -> String {
        match self {
            Self::Empty
            | Self::Relative { .. }
            | Self::NotFound { .. }
            | Self::NoProgram { .. }
            | Self::NotExecutable { .. }
            | Self::NoFile { .. } => "command".to_owned(),
            Self::Nul { place } | Self::TooLarge { place, .. } => place.clone(),
            Self::Variable { name, .. } => format!("env.{name}"),
            Self::NoFolder { .. } | Self::RelativeFolder { .. } | Self::Outside { .. } => "cwd".to_owned(),
        }
    }

    /// Whether the request could not run anywhere, rather than not here and now.
    #[must_use]
    pub const fn is_malformed(&self) -> bool {
        matches!(
            self,
            Self::Empty
                | Self::Nul { .. }
                | Self::TooLarge { .. }
                | Self::Relative { .. }
                | Self::Variable { .. }
                | Self::RelativeFolder { .. }
        )
    }
}

impl Plan {
    /// Checks a request and finds its program and folder. Looks at the file system, so it may block for a moment.
    ///
    /// # Errors
    /// [`Refusal`] says which part is wrong.
    pub fn make(request: Request, rules: &Rules) -> Result<Self, Refusal> {
        sizes(&request)?;
        for (name, value) in &request.env {
            environment::check(name, value).map_err(|why| variable(name, why))?;
        }
        let program = program(&request.command, &rules.base)?;
        let cwd = folder(request.cwd.as_deref(), &rules.roots)?;
        let mut env = environment::inherited(&rules.base, &rules.pass);
        env.extend(request.env);
        Ok(Self { program, name: request.command, args: request.args, env, cwd })
    }

    /// The file that will be executed.
    #[must_use]
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// The folder that it starts in, symbolic links resolved.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.cwd.path
    }
}

fn variable(name: &str, why: Forbidden) -> Refusal {
    let name = name.chars().filter(|c| !c.is_control()).take(80).collect();
    Refusal::Variable { name, why: why.why() }
}

fn sizes(request: &Request) -> Result<(), Refusal> {
    let too_large = |place: &str, size, max, unit| Err(Refusal::TooLarge { place: place.to_owned(), size, max, unit });
    if request.command.is_empty() {
        return Err(Refusal::Empty);
    }
    if request.args.len() > MAX_ARGUMENTS {
        return too_large("args", request.args.len(), MAX_ARGUMENTS, "arguments");
    }
    if request.env.len() > MAX_VARIABLES {
        return too_large("env", request.env.len(), MAX_VARIABLES, "variables");
    }
    let mut total = 0;
    let args = request.args.iter().enumerate().map(|(at, argument)| (format!("args[{at}]"), argument));
    for (place, text) in std::iter::once(("command".to_owned(), &request.command)).chain(args) {
        if text.contains('\0') {
            return Err(Refusal::Nul { place });
        }
        if text.len() > MAX_ARGUMENT_BYTES {
            return too_large(&place, text.len(), MAX_ARGUMENT_BYTES, "bytes");
        }
        total += text.len() + 1;
    }
    for (name, value) in &request.env {
        let size = name.len() + value.len() + 2;
        if size > MAX_ARGUMENT_BYTES {
            let name: String = name.chars().take(80).collect();
            return too_large(&format!("env.{name}"), size, MAX_ARGUMENT_BYTES, "bytes");
        }
        total += size;
    }
    if total > MAX_TOTAL_BYTES {
        return too_large("args and env together", total, MAX_TOTAL_BYTES, "bytes");
    }
    if request.cwd.as_ref().is_some_and(|cwd| cwd.contains('\0')) {
        return Err(Refusal::Nul { place: "cwd".to_owned() });
    }
    Ok(())
}

/// The file behind a command.
fn program(command: &str, base: &Environment) -> Result<PathBuf, Refusal> {
    if Path::new(command).is_absolute() {
        let path = PathBuf::from(command);
        let metadata =
            fs::metadata(&path).map_err(|source| Refusal::NoProgram { command: command.to_owned(), source })?;
        if !metadata.is_file() {
            return Err(Refusal::NoFile { path: command.to_owned() });
        }
        if !executable(&path, &metadata) {
            return Err(Refusal::NotExecutable { path: command.to_owned() });
        }
        return Ok(path);
    }
    if command.contains('/') {
        return Err(Refusal::Relative { command: command.to_owned() });
    }
    let path = base.get("PATH").unwrap_or("/usr/local/bin:/usr/bin:/bin");
    let mut present = None;
    // Relative entries would make the program depend on where the gateway was started.
    for folder in path.split(':').map(Path::new).filter(|folder| folder.is_absolute()) {
        let candidate = folder.join(command);
        let Ok(metadata) = fs::metadata(&candidate) else { continue };
        if !metadata.is_file() {
            continue;
        }
        if executable(&candidate, &metadata) {
            return Ok(candidate);
        }
        present.get_or_insert(candidate);
    }
    Err(match present {
        Some(path) => Refusal::NotExecutable { path: path.display().to_string() },
        None => Refusal::NotFound { command: command.to_owned(), path: path.to_owned() },
    })
}

fn executable(path: &Path, metadata: &fs::Metadata) -> bool {
    metadata.permissions().mode() & 0o111 != 0 && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok()
}

/// The folder that was asked for, with where it really is.
fn folder(cwd: Option<&str>, roots: &[PathBuf]) -> Result<Folder, Refusal> {
    let asked = cwd.map(PathBuf::from).or_else(|| roots.first().cloned()).unwrap_or_else(|| PathBuf::from("/"));
    let shown = || asked.display().to_string();
    if !asked.is_absolute() {
        return Err(Refusal::RelativeFolder { cwd: shown() });
    }
    let no_folder = |source: io::Error| Refusal::NoFolder { cwd: shown(), source };
    let flags = OPEN | rustix::fs::OFlags::DIRECTORY | rustix::fs::OFlags::CLOEXEC;
    let open = rustix::fs::open(&asked, flags, rustix::fs::Mode::empty()).map_err(|error| no_folder(error.into()))?;
    let path = real_path(&asked, &open).map_err(no_folder)?;
    let allowed =
        roots.is_empty() || roots.iter().any(|root| fs::canonicalize(root).is_ok_and(|root| path.starts_with(root)));
    if !allowed {
        let roots: Vec<String> = roots.iter().map(|root| root.display().to_string()).collect();
        return Err(Refusal::Outside { cwd: shown(), real: path.display().to_string(), roots: roots.join(", ") });
    }
    // Being able to list a folder is not being able to enter it.
    rustix::fs::access(&path, rustix::fs::Access::EXEC_OK).map_err(|error| no_folder(error.into()))?;
    Ok(Folder { path, open: Arc::new(open) })
}

/// A folder may be entered by those who cannot list it.
#[cfg(target_os = "linux")]
const OPEN: rustix::fs::OFlags = rustix::fs::OFlags::PATH;
#[cfg(not(target_os = "linux"))]
const OPEN: rustix::fs::OFlags = rustix::fs::OFlags::RDONLY;

/// Where the open folder really is.
#[cfg(target_os = "linux")]
fn real_path(_: &Path, open: &OwnedFd) -> io::Result<PathBuf> {
    use std::os::fd::AsRawFd;
    fs::read_link(format!("/proc/self/fd/{}", open.as_raw_fd()))
}

#[cfg(not(target_os = "linux"))]
fn real_path(asked: &Path, _: &OwnedFd) -> io::Result<PathBuf> {
    fs::canonicalize(asked)
}

#[cfg(test)]
mod tests;

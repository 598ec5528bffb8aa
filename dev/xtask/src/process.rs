//! Starting other programs: shown before they run, watched line by line while they do.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use anyhow::{Context, Result, bail};

/// Lines that may wait between a program and our output before the program is slowed down.
const WAITING_LINES: usize = 1024;

/// The cargo that started us, in `folder`, without the variables that it set for us alone.
///
/// Some build scripts name those variables as inputs; passing them on would rebuild large C code in each nested build.
pub(crate) fn cargo(folder: &Path) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(folder);
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(set_for_one_package) {
            cargo.env_remove(name);
        }
    }
    cargo
}

fn set_for_one_package(name: &str) -> bool {
    name.starts_with("CARGO_PKG_")
        || name.starts_with("CARGO_MANIFEST_")
        || name.starts_with("CARGO_BIN_")
        || matches!(name, "CARGO_CRATE_NAME" | "CARGO_PRIMARY_PACKAGE" | "OUT_DIR" | "LD_LIBRARY_PATH")
}

/// Runs a program to its end on our own terminal; anything but success is an error that names the command.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    println!("$ {}", shown(command));
    let status = command.stdin(Stdio::null()).status().with_context(|| could_not_start(command))?;
    if !status.success() {
        bail!("`{}` ended with {status}", shown(command));
    }
    Ok(())
}

/// How far a program that runs beside others gives way to them.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Nice {
    /// To whatever is waited for: it is needed next.
    Next,
    /// To everything, also to what is needed next.
    Last,
}

/// Starts a program that gives way to others, and does not wait for it. It says nothing: whoever needs its work runs it again
/// and sees.
pub(crate) fn beside(command: &Command, nice: Nice) -> Result<()> {
    let by = match nice {
        Nice::Next => "10",
        Nice::Last => "19",
    };
    let mut nice = Command::new("nice");
    nice.args(["-n", by]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => nice.env(name, value),
            None => nice.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        nice.current_dir(folder);
    }
    println!("$ {} &", shown(&nice));
    nice.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    nice.spawn().map(drop).with_context(|| could_not_start(&nice))
}

/// Runs a program and returns what it wrote to its standard output.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output().with_context(|| could_not_start(command))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` ended with {}: {}", shown(command), output.status, said.trim());
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{}` answered no UTF-8", shown(command)))
}

/// Whether a program can be started and succeeds; what it says is thrown away.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// Runs a program, passes both its outputs on as they come, and shows each line to `watch`.
///
/// Returns whether it succeeded; only a program that cannot be started is an error.
pub(crate) fn watch(command: &mut Command, mut watch: impl FnMut(&str)) -> Result<bool> {
    println!("$ {}", shown(command));
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| could_not_start(command))?;
    let (sender, lines) = sync_channel(WAITING_LINES);
    let readers = [
        child.stdout.take().map(|output| pass_on(output, sender.clone())),
        child.stderr.take().map(|output| pass_on(output, sender)),
    ];
    for line in lines {
        println!("{line}");
        watch(&line);
    }
    for reader in readers.into_iter().flatten() {
        let _ = reader.join();
    }
    let status = child.wait().with_context(|| format!("`{}` cannot be waited for", shown(command)))?;
    Ok(status.success())
}

fn pass_on(output: impl Read + Send + 'static, lines: SyncSender<String>) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let mut output = BufReader::new(output);
        let mut line = Vec::new();
        while output.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            let text = String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']).to_owned();
            line.clear();
            if lines.send(text).is_err() {
                return;
            }
        }
    })
}

/// The command as one would type it, for messages; only the program's own name is kept of its path.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words: Vec<String> =
        std::iter::once(program).chain(command.get_args()).map(|word| quoted(&word.to_string_lossy())).collect();
    // Long lists of files would hide everything else.
    if words.len() > 16 {
        return format!("{} … ({} more)", words[..8].join(" "), words.len() - 8);
    }
    words.join(" ")
}

fn quoted(word: &str) -> String {
    if word.is_empty() || word.contains([' ', '"', '\'', '$']) { format!("'{word}'") } else { word.to_owned() }
}

fn could_not_start(command: &Command) -> String {
    format!("`{}` cannot be started", shown(command))
}

/// Looks a program up on the search path.
pub(crate) fn find(program: impl AsRef<OsStr>) -> Option<PathBuf> {
    let name = program.as_ref();
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]);
        shell
    }

    #[test]
    fn watch_shows_both_outputs_and_the_result() {
        let mut seen = Vec::new();
        let good =
            watch(&mut shell("echo one; echo two >&2; printf three"), |line| seen.push(line.to_owned())).unwrap();
        seen.sort();
        assert!(good);
        assert_eq!(seen, ["one", "three", "two"]);
        assert!(!watch(&mut shell("exit 3"), |_| ()).unwrap());
    }

    #[test]
    fn a_failing_program_is_named() {
        let error = run(&mut shell("exit 4")).unwrap_err().to_string();
        assert!(error.contains("sh -c 'exit 4'") && error.contains('4'), "{error}");
        let error = read(&mut shell("echo broken >&2; exit 1")).unwrap_err().to_string();
        assert!(error.contains("broken"), "{error}");
    }

    #[test]
    fn a_missing_program_is_an_error_and_no_success() {
        let error = format!("{:#}", run(&mut Command::new("no-such-program-here")).unwrap_err());
        assert!(error.contains("cannot be started"), "{error}");
        assert!(!succeeds(&mut Command::new("no-such-program-here")));
        assert_eq!(find("no-such-program-here"), None);
        assert!(find("sh").is_some());
    }

    #[test]
    fn long_commands_are_cut_when_shown() {
        let mut long = Command::new("/usr/bin/tool");
        long.args((0..40).map(|number| number.to_string()));
        assert_eq!(shown(&long), "tool 0 1 2 3 4 5 6 … (33 more)");
    }

    #[test]
    fn variables_of_one_package_are_not_passed_on() {
        for name in ["CARGO_PKG_NAME", "CARGO_MANIFEST_DIR", "CARGO_BIN_NAME", "OUT_DIR", "LD_LIBRARY_PATH"] {
            assert!(set_for_one_package(name), "{name}");
        }
        for name in ["CARGO_TARGET_DIR", "CARGO_HOME", "CARGO_INCREMENTAL", "PATH"] {
            assert!(!set_for_one_package(name), "{name}");
        }
    }
}

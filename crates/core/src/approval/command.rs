//! What a command line is: its words, its risks, and how it is shown without steering anybody's terminal.

use serde::{Deserialize, Serialize};

use crate::is_unseen;

/// Programs that run code given as an argument, with the flags that do it.
const INLINE: &[(&str, &[&str])] = &[
    ("awk", &[]),
    ("bun", &["-e", "--eval", "-p", "--print"]),
    ("deno", &["eval"]),
    ("gawk", &[]),
    ("lua", &["-e"]),
    ("node", &["-e", "--eval", "-p", "--print"]),
    ("osascript", &["-e"]),
    ("perl", &["-e", "-E"]),
    ("php", &["-r"]),
    ("python", &["-c"]),
    ("ruby", &["-e"]),
];
/// Shells, which run what their argument says.
const SHELLS: &[&str] = &["ash", "bash", "cmd", "dash", "fish", "ksh", "powershell", "pwsh", "sh", "zsh"];
/// Programs that run another program.
const CARRIERS: &[&str] = &["env", "find", "nice", "nohup", "parallel", "setsid", "stdbuf", "time", "timeout", "xargs"];
/// Programs that run something as somebody else.
const PRIVILEGE: &[&str] = &["doas", "pkexec", "runuser", "su", "sudo"];
/// Programs that take away what cannot be brought back.
const DESTRUCTIVE: &[&str] = &["dd", "fdisk", "mkfs", "parted", "rm", "shred", "wipefs"];

/// What is known about a command line.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Analysis {
    /// Commands side by side.
    pub command_count: usize,
    /// Commands inside others.
    pub nested_command_count: usize,
    /// `inline-eval`, `shell-wrapper`, `command-carrier`, `privilege`, `destructive`, `unparsed`, `hidden-characters`.
    pub risk_kinds: Vec<String>,
    /// For people.
    pub warning_lines: Vec<String>,
}

impl Analysis {
    /// Whether this was found.
    #[must_use]
    pub fn has(&self, risk: &str) -> bool {
        self.risk_kinds.iter().any(|kind| kind == risk)
    }

    fn add(&mut self, risk: &str, warning: impl FnOnce() -> String) {
        if !self.has(risk) {
            self.risk_kinds.push(risk.to_owned());
            self.warning_lines.push(warning());
        }
    }
}

/// Text and words of a command say different things.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("command is not the same as commandArgv, whose words are {words}")]
pub struct Mismatch {
    /// The words as one line.
    pub words: String,
}

/// Whether a character moves the cursor, turns the direction of writing, or cannot be seen.
fn is_hidden(c: char) -> bool {
    c != '\n' && c != '\t' && is_unseen(c)
}

/// The text with everything hidden shown as `\u{202E}`, and nothing left out.
#[must_use]
pub fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) {
            shown.push_str(&format!("\\u{{{:X}}}", u32::from(c)));
        } else {
            shown.push(c);
        }
    }
    shown
}

/// The words as one line that a shell would read as these words.
#[must_use]
pub fn quoted(argv: &[String]) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "%+,-./:=@_".contains(c);
    let words = argv.iter().map(|word| {
        if !word.is_empty() && word.chars().all(plain) {
            word.clone()
        } else {
            format!("'{}'", word.replace('\'', r"'\''"))
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The name of a program: without folder, version and ending.
fn name(word: &str) -> String {
    let base = word.rsplit(['/', '\\']).next().unwrap_or(word).to_ascii_lowercase();
    let base = base.strip_suffix(".exe").unwrap_or(&base);
    base.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.').to_owned()
}

fn is_shell(word: &str) -> bool {
    SHELLS.contains(&name(word).as_str())
}

/// What a shell is told to run, when these words are a shell that is told something.
fn told(argv: &[String]) -> Option<&str> {
    let (program, rest) = argv.split_first()?;
    let (last, flags) = rest.split_last()?;
    let tells = |flag: &String| {
        let short = flag.starts_with('-') && !flag.starts_with("--") && flag.ends_with('c');
        short || flag.eq_ignore_ascii_case("/c") || flag.eq_ignore_ascii_case("-command")
    };
    (is_shell(program) && flags.last().is_some_and(tells)).then_some(last)
}

/// Whether a text and words are the same command: then people may be shown the text.
///
/// # Errors
/// When somebody who reads the text would be told something else.
pub fn same_command(command: &str, argv: &[String]) -> Result<(), Mismatch> {
    let words = quoted(argv);
    let same = command == words
        || split(command).is_some_and(|commands| commands.len() == 1 && commands[0] == argv)
        || told(argv) == Some(command);
    if same { Ok(()) } else { Err(Mismatch { words: shown(&words).chars().take(200).collect() }) }
}

/// Takes a command line apart where that is beyond doubt: commands between `&&`, `||`, `;` and `|`, each as its words.
/// `None` as soon as a shell would do anything else with it.
#[must_use]
pub fn split(line: &str) -> Option<Vec<Vec<String>>> {
    let mut commands = Vec::new();
    let mut words: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = line.trim().chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' => words.extend(word.take()),
            '\'' => {
                let text = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        '\'' => break,
                        c => text.push(c),
                    }
                }
            }
            '"' => {
                let text = word.get_or_insert_default();
                loop {
                    match chars.next()? {
                        '"' => break,
                        '$' | '`' | '\\' | '!' => return None,
                        c => text.push(c),
                    }
                }
            }
            '&' | '|' | ';' => {
                if c != ';' && chars.peek() == Some(&c) {
                    chars.next();
                } else if c == '&' {
                    return None;
                }
                words.extend(word.take());
                if words.is_empty() {
                    return None;
                }
                commands.push(std::mem::take(&mut words));
            }
            '$' | '`' | '\\' | '!' | '(' | ')' | '{' | '}' | '<' | '>' | '*' | '?' | '[' | ']' | '#' | '~' | '\n'
            | '\r' => {
                return None;
            }
            c if c.is_control() => return None,
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    if words.is_empty() {
        return None;
    }
    commands.push(words);
    // `NAME=value program` is no program of that name.
    commands.iter().all(|words| !words[0].contains('=')).then_some(commands)
}

/// Looks at a command before people are asked about it.
#[must_use]
pub fn analyse(command: &str, argv: Option<&[String]>) -> Analysis {
    let mut found = Analysis::default();
    if command.chars().any(is_hidden) || argv.is_some_and(|argv| argv.iter().any(|word| word.chars().any(is_hidden))) {
        found.add("hidden-characters", || {
            "It holds characters that cannot be seen; they are shown as \\u{…}.".to_owned()
        });
    }
    let commands = match argv {
        Some(argv) => Some(vec![argv.to_vec()]),
        None => split(command),
    };
    let Some(commands) = commands else {
        found.command_count = 1;
        found.add("unparsed", || "It uses the shell in a way that is not looked into.".to_owned());
        return found;
    };
    found.command_count = commands.len();
    for words in &commands {
        look(words, 0, &mut found);
    }
    found
}

fn look(words: &[String], depth: usize, found: &mut Analysis) {
    let Some(program) = words.first() else { return };
    let program = name(program);
    if depth > 0 {
        found.nested_command_count += 1;
    }
    let rest = &words[1..];
    let inline = INLINE.iter().find(|(of, _)| *of == program).is_some_and(|(_, flags)| {
        // A letter may be joined with others and with its value.
        let is = |word: &String, flag: &&str| match flag.strip_prefix('-').filter(|letter| letter.len() == 1) {
            Some(letter) => word.starts_with('-') && !word.starts_with("--") && word.contains(letter),
            None => word == flag || word.starts_with(&format!("{flag}=")),
        };
        flags.is_empty() || rest.iter().any(|word| flags.iter().any(|flag| is(word, flag)))
    });
    if inline {
        found.add("inline-eval", || format!("{program} runs code that stands in the command."));
    }
    if PRIVILEGE.contains(&program.as_str()) {
        found.add("privilege", || format!("{program} runs it as another user."));
    }
    if DESTRUCTIVE.contains(&program.as_str()) || program.starts_with("mkfs.") {
        found.add("destructive", || format!("{program} can destroy what cannot be brought back."));
    }
    if depth >= 4 {
        return;
    }
    if let Some(text) = told(words) {
        found.add("shell-wrapper", || format!("{program} runs what its argument says."));
        match split(text) {
            Some(commands) => commands.iter().for_each(|words| look(words, depth + 1, found)),
            None => found.add("unparsed", || "It uses the shell in a way that is not looked into.".to_owned()),
        }
    } else if CARRIERS.contains(&program.as_str()) || PRIVILEGE.contains(&program.as_str()) {
        if CARRIERS.contains(&program.as_str()) {
            found.add("command-carrier", || format!("{program} runs another program."));
        }
        // What it runs comes after its options; every word may be it.
        if let Some(at) = rest.iter().position(|word| !word.starts_with('-') && !word.contains('=')) {
            look(&rest[at..], depth + 1, found);
        }
    }
}

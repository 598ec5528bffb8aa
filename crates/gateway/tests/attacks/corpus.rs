//! Names that lead elsewhere when somebody takes them for a path, and how they are written down.

/// Where an attacker would like to get.
const WANTED: [&str; 7] = [
    "outside.txt",
    "openclaw.json",
    "state/audit.key",
    "etc/passwd",
    "proc/self/environ",
    "root/.ssh/id_rsa",
    "AGENTS.md",
];
/// What stands before the steps up.
const BEFORE: [&str; 6] = ["", "/", "./", "notes/", "AGENTS.md/", "assets/"];
/// Steps up in spellings that one program or another takes for such.
const UP: [&str; 12] =
    ["../", "..\\", "..//", ".././", "..;/", ".../", "....//", "..\u{0}/", "．．/", "․․/", "..\u{2215}", "..\u{2044}"];
/// Names with a trick of their own.
const ODD: [&str; 44] = [
    "/etc/passwd",
    "//etc/passwd",
    "///etc//passwd",
    "\\etc\\passwd",
    "\\\\127.0.0.1\\c$\\boot.ini",
    "C:\\boot.ini",
    "C:/boot.ini",
    "c:boot.ini",
    "file:///etc/passwd",
    "~/.openclaw/openclaw.json",
    "~root/.ssh/id_rsa",
    "$HOME/.openclaw/openclaw.json",
    "${HOME}/.openclaw/openclaw.json",
    "`id`",
    "$(id)",
    "/dev/stdin",
    "/dev/fd/0",
    "/proc/self/cwd/outside.txt",
    "/proc/self/root/etc/passwd",
    "/proc/self/fd/3",
    "..",
    "...",
    "../",
    "./..",
    "..\u{0}",
    "AGENTS.md\u{0}",
    "AGENTS.md\u{0}.png",
    "AGENTS.md/",
    "AGENTS.md/.",
    "AGENTS.md/..",
    "./AGENTS.md",
    "AGENTS.md ",
    " AGENTS.md",
    "AGENTS.md.",
    "AGENTS.md::$DATA",
    "AGENTS.md\n",
    "AGENTS.md\r\n",
    "agents.md",
    "ＡGENTS.md",
    "A\u{200b}GENTS.md",
    "\u{feff}AGENTS.md",
    "АGENTS.md",
    "notes/../../outside.txt",
    "notes/../AGENTS.md/../../outside.txt",
];

/// Every name.
pub(crate) fn names() -> Vec<String> {
    let mut all: Vec<String> = ODD.iter().map(ToString::to_string).collect();
    for up in UP {
        for before in BEFORE {
            for (steps, wanted) in [1, 2, 3, 5, 8, 16, 1].into_iter().zip(WANTED) {
                all.push(format!("{before}{}{wanted}", up.repeat(steps)));
            }
        }
    }
    all
}

/// A name as it is, with every byte percent-encoded, and that once more.
pub(crate) fn encodings(name: &str) -> [String; 3] {
    let once = percent(name);
    let twice = percent(&once);
    [name.to_owned(), once, twice]
}

/// Every byte as `%XX`.
fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}

//! What looks dangerous in the text of a skill. Signs, not proofs: they say what a person should read.

use std::sync::LazyLock;

use regex_lite::Regex;

use crate::{CodeFact, Severity};

/// Findings of one rule in one file; the rest is counted.
const MOST: usize = 5;
/// Longest line that is looked at, in bytes; scripts are not written in longer ones, and what is hidden in them is found by
/// the rules over the whole file.
const LONGEST: usize = 16 * 1024;

/// Which files a rule is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum In {
    Code,
    Text,
}

/// A rule.
struct Rule {
    id: &'static str,
    severity: Severity,
    message: &'static str,
    place: In,
    pattern: Regex,
    /// What else must stand in the file.
    with: Option<Regex>,
}

#[expect(clippy::unwrap_used, reason = "the patterns are constants, and a test compiles all of them")]
fn rule(
    id: &'static str,
    severity: Severity,
    place: In,
    message: &'static str,
    pattern: &str,
    with: Option<&str>,
) -> Rule {
    let with = with.map(|with| Regex::new(with).unwrap());
    Rule { id, severity, message, place, pattern: Regex::new(pattern).unwrap(), with }
}

/// Sending something somewhere.
const SENDS: &str =
    r"(?i)fetch\(|\.post\(|\bhttps?\.request\(|requests\.(post|put|get)\(|urllib|XMLHttpRequest|\bcurl\b|\bwget\b";

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    use In::{Code, Text};
    use Severity::{Critical, Warn};
    vec![
        rule(
            "dangerous-exec",
            Critical,
            Code,
            "starts other programs",
            r"\b(exec|execSync|execFile|execFileSync|spawn|spawnSync|fork)\s*\(|\b(os\.system|os\.popen|subprocess\.(run|call|Popen|check_output))\s*\(",
            Some(r"child_process|import\s+(os|subprocess)|from\s+subprocess|execa|shelljs"),
        ),
        rule(
            "dynamic-code-execution",
            Critical,
            Code,
            "runs text as code",
            r"(^|[^\w.])eval\s*\(|\bnew\s+Function\s*\(|(^|[^\w.])exec\s*\(\s*(compile|base64|bytes|open)|\bvm\.runIn\w*Context\s*\(",
            None,
        ),
        rule(
            "crypto-mining",
            Critical,
            Code,
            "names software that mines currency",
            r"(?i)stratum\+(tcp|ssl|tls)://|xmr-?rig|coin-?hive|crypto-?night|minerd\b|nicehash",
            None,
        ),
        rule(
            "suspicious-network",
            Warn,
            Code,
            "opens a socket on an unusual port",
            r#"WebSocket\s*\(\s*["'`]wss?://[^"'`/]+:(\d{2,5})|\b(net|tls)\.(connect|createConnection)\s*\(|socket\.socket\s*\("#,
            None,
        ),
        rule(
            "potential-exfiltration",
            Warn,
            Code,
            "reads files and sends something",
            r"\breadFile(Sync)?\s*\(|\bcreateReadStream\s*\(|\bopen\s*\([^)\n]*\)\s*\.read",
            Some(SENDS),
        ),
        rule(
            "obfuscated-code",
            Warn,
            Code,
            "holds a long run of escaped bytes",
            r"(\\x[0-9A-Fa-f]{2}){8}|(\\u00[0-9A-Fa-f]{2}){8}",
            None,
        ),
        rule(
            "obfuscated-code",
            Warn,
            Code,
            "decodes a large hidden text",
            r#"(atob|Buffer\.from|b64decode|fromCharCode)\s*\(\s*b?["'`][A-Za-z0-9+/=_-]{160}"#,
            None,
        ),
        rule(
            "env-harvesting",
            Critical,
            Code,
            "reads the environment and sends something",
            r"process\.env\b|\bos\.environ\b|\bDeno\.env\b",
            Some(SENDS),
        ),
        rule(
            "shell-pipe-to-shell",
            Critical,
            Text,
            "runs what it downloads, unseen",
            r"(?i)\b(curl|wget|fetch)\b[^\n|]*\|\s*(sudo\s+)?(ba|z|da|k)?sh\b|\b(ba|z)?sh\s+<\(\s*(curl|wget)|\b(iwr|Invoke-WebRequest)\b[^\n|]*\|\s*(iex|Invoke-Expression)",
            None,
        ),
        rule(
            "secret-exfiltration",
            Critical,
            Text,
            "sends variables of the environment",
            r"(?i)\b(printenv|env|process\.env|os\.environ)\b[^\n]{0,100}\b(curl|wget|fetch|https?://|nc)|\b(curl|wget)\b[^\n]{0,160}\$\{?\w*(TOKEN|SECRET|PASSWORD|API_?KEY)",
            None,
        ),
        rule(
            "destructive-delete",
            Warn,
            Text,
            "deletes a whole tree",
            r#"(?i)\brm\s+(-\w+\s+)*-\w*(rf|fr)\w*\s+(-\w+\s+)*["']?(/|~|\$\{?HOME|\.{1,2}(\s|/|$)|\*)"#,
            None,
        ),
        rule(
            "unsafe-permissions",
            Warn,
            Text,
            "opens files to everybody",
            r"(?i)\bchmod\s+(-\w+\s+)*(0?777|a\+rwx|ugo\+rwx|o\+w)\b",
            None,
        ),
        rule(
            "literal-secret",
            Critical,
            Text,
            "holds what looks like a credential",
            r"\bsk-[A-Za-z0-9_-]{20,}|\bgh[pousr]_[A-Za-z0-9]{30,}|\bxox[abprs]-[A-Za-z0-9-]{20,}|\bAKIA[0-9A-Z]{16}\b|\bAIza[0-9A-Za-z_-]{30,}|-----BEGIN [A-Z ]*PRIVATE KEY-----",
            None,
        ),
    ]
});

/// Ports on which sockets are usual.
const USUAL: &[&str] = &["80", "443", "3000", "8080", "8443"];
/// Ends of files with code.
const CODE: &[&str] = &["js", "mjs", "cjs", "ts", "mts", "cts", "jsx", "tsx", "py", "rb", "pl", "lua"];
/// Ends of files with instructions and scripts.
const TEXT: &[&str] = &["md", "sh", "bash", "zsh", "ps1", "txt", "yml", "yaml", "json", "toml"];

/// Whether a file is one that is read.
#[must_use]
pub fn is_scanned(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, end)| {
        let end = end.to_lowercase();
        CODE.contains(&end.as_str()) || TEXT.contains(&end.as_str())
    })
}

/// Looks through one file.
#[must_use]
pub fn scan(file: &str, text: &str) -> Vec<CodeFact> {
    let end = file.rsplit_once('.').map_or(String::new(), |(_, end)| end.to_lowercase());
    let is_code = CODE.contains(&end.as_str());
    let mut facts = Vec::new();
    for rule in RULES.iter().filter(|rule| rule.place == In::Text || is_code) {
        if rule.with.as_ref().is_some_and(|with| !with.is_match(text)) {
            continue;
        }
        let (mut seen, mut last) = (0, 0);
        for (number, line) in text.lines().enumerate() {
            let line = cut(line);
            let Some(captures) = rule.pattern.captures(line) else { continue };
            if rule.id == "suspicious-network" && captures.get(1).is_some_and(|port| USUAL.contains(&port.as_str())) {
                continue;
            }
            (seen, last) = (seen + 1, number + 1);
            if seen <= MOST {
                facts.push(fact(rule, rule.id.to_owned(), file, number + 1));
            }
        }
        if seen > MOST {
            facts.push(fact(rule, format!("{}-truncated", rule.id), file, last));
        }
    }
    facts
}

fn fact(rule: &Rule, id: String, file: &str, line: usize) -> CodeFact {
    CodeFact { rule: id, severity: rule.severity, file: file.to_owned(), line, message: rule.message }
}

fn cut(line: &str) -> &str {
    let mut end = line.len().min(LONGEST);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    &line[..end]
}

#[cfg(test)]
mod tests;

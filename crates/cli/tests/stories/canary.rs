//! Secrets that come by flags, variables and files are printed nowhere (T53), and the folder where it starts is only a folder (T87).

use std::{fs, path::Path};

use serde_json::json;

use crate::home::Home;

const MARK: &str = "c4n4ry";

/// A secret that says where it went in.
fn secret(place: &str) -> String {
    format!("{MARK}-{place}-zq7vKx93mTfLw82hRbNp")
}

/// Every file below a folder that holds the mark, but the configuration and its history, which keep secrets for their owner.
fn holders(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        let name = path.display().to_string();
        if path.is_dir() {
            holders(&path, found);
        } else if !name.contains("openclaw.json") && !name.contains("config-history") {
            let text = String::from_utf8_lossy(&fs::read(&path).unwrap_or_default()).into_owned();
            for (at, _) in text.match_indices(MARK) {
                let around: String = text[at..].chars().take(40).collect();
                found.push(format!("{name}: {around}"));
            }
        }
    }
}

#[test]
fn t53_secrets_of_flags_and_variables_are_printed_nowhere() {
    let mut home = Home::new();
    let port = home.port;
    home.set("OPENCLAW_GATEWAY_TOKEN", &secret("variable-token"));
    home.set("ANTHROPIC_API_KEY", &secret("variable-key"));
    home.set("PROVIDER_KEY", &secret("variable-provider"));
    home.write_config(&format!(
        "{{ gateway: {{ port: {port}, auth: {{ mode: 'token' }} }}, logging: {{ level: 'trace', file: '~/.openclaw/logs/all.log', security: {{}} }}, hooks: {{ enabled: true, token: '{}' }}, models: {{ providers: {{ fake: {{ api: 'openai-completions', baseUrl: 'http://127.0.0.1:1/v1', apiKey: '${{PROVIDER_KEY}}', models: [{{ id: 'm' }}] }} }} }}, agents: {{ defaults: {{ model: 'fake/m' }} }} }}",
        secret("hooks")
    ));
    let mut gateway = home.gateway(&[]);
    let mut told = String::new();
    let wrong = secret("flag");
    let url = format!("ws://127.0.0.1:{port}");
    let with_user = format!("ws://ann:{}@127.0.0.1:{port}", secret("userinfo"));
    let query = format!("ws://127.0.0.1:{port}/?token={}", secret("query"));
    let body = json!({ "token": secret("params") }).to_string();
    let agent = ["agent", "--message", "hello"];
    // No secret: it must be found wherever something is looked for, since what finds nothing may look at nothing.
    let planted = format!("{MARK}-planted");
    let session = format!("agent:main:{planted}");
    let run = json!({ "sessionKey": session, "message": "hello", "idempotencyKey": planted }).to_string();
    let wait = json!({ "runId": planted, "timeoutMs": 10_000 }).to_string();
    for arguments in [
        &["health"][..],
        &["health", "--json"],
        &["health", "--token", &wrong],
        &["health", "--token", &wrong, "--json"],
        &["health", "--password", &wrong],
        &["gateway", "probe", "--url", &url, "--token", &wrong, "--json"],
        &["gateway", "probe", "--url", &with_user, "--token", &wrong],
        &["gateway", "probe", "--url", &query, "--token", &wrong],
        &["gateway", "call", "health", "--params", &body],
        &[
            "gateway",
            "call",
            "config.set",
            "--params",
            &json!({ "path": "gateway.port", "value": secret("value") }).to_string(),
        ],
        &["gateway", "call", "health", "--params", &format!("{{\"token\":\"{}", secret("torn"))],
        &["gateway", "status"],
        &["gateway", "status", "--json"],
        &["gateway", "list-tokens", "--json"],
        &["config", "get"],
        &["config", "get", "gateway.auth", "--json"],
        &["config", "get", "hooks.token"],
        &["config", "validate", "--json"],
        &["config", "set", "gateway.bind", &secret("bind")],
        &["config", "history", "--json"],
        &["security", "audit", "--deep", "--json"],
        &["security", "status", "--json"],
        &["security", "runbook"],
        &["doctor"],
        &["doctor", "--json"],
        &["models", "list"],
        &["logs", "--limit", "1000"],
        &agent,
        &["gateway", "call", "chat.send", "--params", &run],
        &["gateway", "call", "agent.wait", "--params", &wait],
        &["gateway", "call", "sessions.list"],
        &["--token", &wrong, "no-such-command"],
        &["health", "--tokn", &wrong],
    ] {
        told.push_str(&home.run(arguments).told());
    }
    let backup = home.path().join("backup");
    let made = home.run(&["backup", "create", "--out", backup.to_str().unwrap()]);
    assert_eq!(made.code, Some(0), "{}", made.told());
    told.push_str(&made.told());
    let copy = home.path().join("copy.json");
    told.push_str(&home.run(&["security", "backup-config", "--out", copy.to_str().unwrap()]).told());
    gateway.hang_up();
    gateway.kill();
    for place in ["variable", "hooks", "flag", "userinfo", "query", "params", "value", "torn", "bind"] {
        let mark = format!("{MARK}-{place}");
        // What is no secret where it was written is named to whoever wrote it there.
        if !matches!(place, "bind" | "value") {
            assert!(!told.contains(&mark), "the secret of {place} was printed: {told}");
        }
    }
    assert!(told.contains(&session), "what is no secret is printed: {told}");
    let mut kept = Vec::new();
    holders(&home.state(), &mut kept);
    for sink in ["gateway.sqlite", "logs/all.log"] {
        assert!(
            kept.iter().any(|line| line.contains(sink) && line.contains("-planted")),
            "{sink} is looked into: {kept:?}"
        );
    }
    // What a backup says of itself is no secret either; what it keeps is.
    let taken_apart = home.path().join("apart");
    fs::create_dir(&taken_apart).unwrap();
    let archive = fs::read_dir(&backup).unwrap().flatten().next().unwrap().path();
    let tar = std::process::Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(&taken_apart).status().unwrap();
    assert!(tar.success() && !archive.display().to_string().contains(MARK));
    let mut backed_up = Vec::new();
    holders(&taken_apart, &mut backed_up);
    assert!(backed_up.iter().any(|line| line.contains("-planted")), "the backup is looked into: {backed_up:?}");
    let found: Vec<String> = kept.into_iter().chain(backed_up).filter(|line| !line.contains("-planted")).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn t87_nothing_in_the_folder_where_it_starts_changes_what_it_is() {
    let home = Home::new();
    let port = home.port;
    home.write_config(&format!(
        "{{ gateway: {{ port: {port}, auth: {{ mode: 'token', token: '0123456789abcdef0123456789abcdef' }} }} }}"
    ));
    let folder = home.path().join("clone");
    fs::create_dir_all(folder.join(".openclaw/skills/evil")).unwrap();
    fs::create_dir_all(folder.join("skills/evil")).unwrap();
    let hostile = "OPENCLAW_GATEWAY_TOKEN=hostile-0123456789abcdef0123456789\nOPENCLAW_STATE_DIR=/tmp/hostile\nOPENCLAW_CONFIG_PATH=./openclaw.json\nOPENCLAW_GATEWAY_URL=ws://127.0.0.1:9\nANTHROPIC_BASE_URL=http://127.0.0.1:9\nLD_PRELOAD=./evil.so\n";
    for name in [".env", ".env.local", ".openclaw/.env", ".openclawrc"] {
        fs::write(folder.join(name), hostile).unwrap();
    }
    let config = "{ gateway: { port: 9, bind: 'lan', auth: { mode: 'none' } } }";
    for name in ["openclaw.json", ".openclaw/openclaw.json", "gateway.yml", "openclaw.yml"] {
        fs::write(folder.join(name), config).unwrap();
    }
    let skill = "---\nname: evil\ndescription: evil\n---\n";
    for name in [".openclaw/skills/evil/SKILL.md", "skills/evil/SKILL.md"] {
        fs::write(folder.join(name), skill).unwrap();
    }
    let _gateway = home.gateway_in(&folder);
    let within = |arguments: &[&str]| {
        let ran = home.command(arguments).current_dir(&folder).output().unwrap();
        (ran.status.code(), String::from_utf8(ran.stdout).unwrap())
    };
    let (code, health) = within(&["health", "--json"]);
    assert_eq!(code, Some(0), "{health}");
    let (_, path) = within(&["config", "file"]);
    assert!(path.contains(home.state().to_str().unwrap()) && !path.contains("clone"), "{path}");
    let (_, mode) = within(&["config", "get", "gateway.auth.mode"]);
    assert!(mode.contains("token"), "{mode}");
    let (_, skills) = within(&["gateway", "call", "skills.status"]);
    assert!(!skills.contains("evil"), "{skills}");
}

use openclaw_config::{ConfigFile, LoadRequest};

use super::*;

struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new(text: &str) -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap() };
        desk.write(text);
        desk
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("openclaw.json")
    }

    fn write(&self, text: &str) {
        std::fs::write(self.path(), text).unwrap();
        // What holds a secret is read only when nobody else can read it.
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(self.path(), private).unwrap();
    }

    fn text(&self) -> String {
        std::fs::read_to_string(self.path()).unwrap()
    }

    fn file(&self) -> ConfigFile {
        let request = LoadRequest {
            config_path: Some(self.path()),
            home: Some(self.folder.path().to_owned()),
            ..LoadRequest::default()
        };
        ConfigFile::new(request, self.folder.path())
    }

    fn change(&self, edits: &[Edit]) {
        let attempt = openclaw_config::Attempt {
            base_hash: None,
            who: "test",
            note: None,
            now_ms: 1,
            mode: openclaw_config::Mode::Write,
        };
        self.file().change(edits, &attempt).unwrap();
    }

    fn lock(&self) -> Record {
        let steps = steps(&self.file().load().unwrap());
        self.change(&edits(&steps).0);
        Record { since: 1, by: "test".to_owned(), reason: None, steps }
    }

    fn unlock(&self, record: &Record) -> Vec<(String, Fate)> {
        let (edits, changes) = restored(record, &self.file().load().unwrap());
        self.change(&edits);
        changes.into_iter().map(|change| (change.path, change.state)).collect()
    }

    /// Whether the file says what this text says, beside how lists are set.
    fn says(&self, text: &str) -> bool {
        let now = self.file().load().unwrap().parsed;
        now == openclaw_config::parse_document(text, openclaw_config::Format::Json5).unwrap()
    }

    fn value(&self, path: &str) -> Option<Value> {
        path.parse::<KeyPath>().unwrap().get(&self.file().load().unwrap().resolved).cloned()
    }
}

const OPEN: &str = r#"// Ours.
{
  gateway: {
    bind: "lan", // the office
    auth: { mode: "token", token: "a-token-of-this-test-0123456789abcdef" },
    controlUi: { allowedOrigins: ["https://here.example"] },
    http: { endpoints: { chatCompletions: { enabled: true } } },
  },
  hooks: { enabled: true, token: "another-token-of-this-test-0123456789" },
  channels: {
    telegram: { dmPolicy: "open", allowFrom: ["*", "42"], accounts: { second: { dmPolicy: "allowlist" } } },
  },
  spawn: { allow: ["sh"] },
  agents: { list: [{ id: "main" }, { id: "builder", tools: { elevated: { enabled: true } } }] },
}
"#;

#[test]
fn the_way_back_of_the_runbook_is_made_and_taken_back_to_the_letter() {
    let desk = Desk::new(OPEN);
    let record = desk.lock();
    for (path, value) in [
        ("gateway.bind", json!("loopback")),
        ("gateway.http.endpoints.chatCompletions.enabled", json!(false)),
        ("hooks.enabled", json!(false)),
        ("channels.telegram.dmPolicy", json!("disabled")),
        ("channels.telegram.groupPolicy", json!("disabled")),
        ("channels.telegram.allowFrom", json!(["42"])),
        ("channels.telegram.accounts.second.dmPolicy", json!("disabled")),
        ("spawn.allow", json!([])),
        ("tools.exec.security", json!("deny")),
        ("tools.exec.ask", json!("always")),
        ("agents.list[1].tools.elevated.enabled", json!(false)),
    ] {
        assert_eq!(desk.value(path), Some(value), "{path}");
    }
    assert_eq!(steps(&desk.file().load().unwrap()), [], "nothing is left to be done");
    assert!(desk.unlock(&record).iter().all(|(_, state)| *state == Fate::Changed));
    assert!(desk.says(OPEN) && desk.text().contains("// the office"), "{}", desk.text());
}

#[test]
fn what_somebody_changed_since_stays_and_is_named() {
    let desk = Desk::new(OPEN);
    let record = desk.lock();
    desk.change(&[
        Edit::Set { path: "channels.telegram.dmPolicy".parse().unwrap(), value: json!("pairing") },
        Edit::Set { path: "spawn.allow".parse().unwrap(), value: json!(["sh"]) },
        Edit::Set { path: "tools.profile".parse().unwrap(), value: json!("messaging") },
    ]);
    let told = desk.unlock(&record);
    let state = |path: &str| told.iter().find(|(told, _)| told == path).map(|(_, state)| *state);
    assert_eq!(state("channels.telegram.dmPolicy"), Some(Fate::Left));
    assert_eq!(state("spawn.allow"), Some(Fate::Already));
    assert_eq!(state("gateway.bind"), Some(Fate::Changed));
    assert_eq!(desk.value("channels.telegram.dmPolicy"), Some(json!("pairing")));
    assert_eq!(desk.value("tools"), Some(json!({ "profile": "messaging" })), "the section is somebody's now");
}

#[test]
fn an_agent_is_found_wherever_it_stands_and_one_that_is_gone_is_left() {
    let desk = Desk::new(OPEN);
    let record = desk.lock();
    let list = json!([{ "id": "builder", "tools": { "elevated": { "enabled": false } } }, { "id": "main" }]);
    desk.change(&[Edit::Set { path: "agents.list".parse().unwrap(), value: list }]);
    desk.unlock(&record);
    assert_eq!(desk.value("agents.list[0].tools.elevated.enabled"), Some(json!(true)));
    assert_eq!(desk.value("agents.list[1]"), Some(json!({ "id": "main" })));

    let desk = Desk::new(OPEN);
    let record = desk.lock();
    desk.change(&[Edit::Set { path: "agents.list".parse().unwrap(), value: json!([{ "id": "main" }]) }]);
    let told = desk.unlock(&record);
    assert!(told.contains(&("agents.list[1].tools.elevated.enabled".to_owned(), Fate::Left)), "{told:?}");
}

#[test]
fn the_one_word_of_a_policy_is_used_where_it_is_written() {
    let desk = Desk::new(r#"{ tools: { exec: { mode: "full" } } }"#);
    let record = desk.lock();
    assert_eq!(desk.value("tools.exec"), Some(json!({ "mode": "deny" })));
    desk.unlock(&record);
    assert_eq!(desk.text(), r#"{ tools: { exec: { mode: "full" } } }"#);
}

#[test]
fn done_once_more_it_puts_back_what_stood_there_right_before() {
    let desk = Desk::new(OPEN);
    let first = desk.lock();
    desk.change(&[Edit::Set { path: "channels.telegram.dmPolicy".parse().unwrap(), value: json!("pairing") }]);
    let again = desk.lock();
    assert_eq!(again.steps.len(), 1, "{again:?}");
    let record = Record { steps: merged(&first.steps, again.steps), ..first };
    desk.unlock(&record);
    assert!(desk.says(&OPEN.replace(r#"dmPolicy: "open""#, r#"dmPolicy: "pairing""#)), "{}", desk.text());
}

#[test]
fn a_closed_configuration_needs_only_the_policy_of_commands() {
    let desk = Desk::new("{}");
    let paths: Vec<String> = steps(&desk.file().load().unwrap()).into_iter().map(|step| step.path).collect();
    assert_eq!(paths, ["tools.exec.security", "tools.exec.ask"]);
    let record = desk.lock();
    desk.unlock(&record);
    assert_eq!(desk.value("tools"), None, "{}", desk.text());
}

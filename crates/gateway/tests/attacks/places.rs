//! Names that lead out of a folder (T39, T40, T83): more than 540, in three encodings each, at everything that takes one.

use std::{collections::BTreeMap, fs, os::unix::fs::symlink, path::Path};

use openclaw_testkit::gateway::{TOKEN, TestGateway};
use serde_json::{Value, json};

use crate::corpus::{encodings, names};

/// What stands in files that nobody may reach.
const OUTSIDE: &str = "this-stands-outside";
/// The files of an agent; a name in the corpus that is one of them is no attack.
const OWN: &str = "AGENTS.md";

/// What a gateway writes as it works, whatever it is asked.
const WORK: [&str; 4] = ["gateway.sqlite", "/logs/", "audit.anchor", "/config-history/"];

/// Every file below a folder with what it holds, links not followed, but those that change as the gateway works.
fn files(folder: &Path, into: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let (path, kind) = (entry.path(), entry.file_type().unwrap());
        let name = path.display().to_string();
        if kind.is_dir() {
            files(&path, into);
        } else if kind.is_file() && !WORK.iter().any(|own| name.contains(own)) {
            into.insert(name, fs::read(&path).unwrap_or_default());
        }
    }
}

fn ground(gateway: &TestGateway) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    files(gateway.dir(), &mut all);
    all
}

/// Ways to write each name that are no name of a file of an agent.
fn spellings() -> Vec<String> {
    let names = names();
    assert!(names.len() > 540, "{} names", names.len());
    let mut all: Vec<String> = names.iter().flat_map(|name| encodings(name)).filter(|name| name != OWN).collect();
    all.sort();
    all.dedup();
    assert!(all.len() >= 900, "{} spellings", all.len());
    all
}

#[tokio::test]
async fn t39_t40_no_spelling_of_a_name_leads_out_of_an_agents_folder() {
    let gateway = TestGateway::start().await;
    fs::write(gateway.dir().join("outside.txt"), OUTSIDE).unwrap();
    let mut owner = gateway.raw().await;
    let hello = owner.shake(&openclaw_testkit::gateway::connect_params(&["operator.admin"])).await;
    assert_eq!(hello["ok"], true, "{hello}");
    let own = json!({ "agentId": "main", "name": OWN, "content": "mine" });
    assert_eq!(owner.call("own", "agents.files.set", own).await["ok"], true);
    // Links of an agent's own folder are the other way out.
    let workspace = gateway.dir().join("state/workspace");
    symlink(gateway.dir().join("outside.txt"), workspace.join("SOUL.md")).unwrap();
    symlink(gateway.dir(), workspace.join("notes")).unwrap();
    let before = ground(&gateway);

    let mut wrong = Vec::new();
    for (at, name) in spellings().iter().enumerate() {
        for (method, params) in [
            ("agents.files.get", json!({ "agentId": "main", "name": name })),
            ("agents.files.set", json!({ "agentId": "main", "name": name, "content": "planted" })),
            ("agents.files.delete", json!({ "agentId": "main", "name": name })),
            ("agents.workspace.get", json!({ "agentId": "main", "path": name })),
            ("agents.workspace.list", json!({ "agentId": "main", "path": name })),
            ("agents.files.get", json!({ "agentId": name, "name": OWN })),
            ("agents.files.set", json!({ "agentId": name, "name": OWN, "content": "planted" })),
        ] {
            let answer = owner.call(&format!("{at}-{method}"), method, params.clone()).await;
            // "AGENTS.md/" and its like are that file itself to whoever looks at a path.
            let itself = method == "agents.workspace.get" && answer["payload"]["file"]["content"] == "mine";
            if (answer["ok"] == true && !itself) || answer.to_string().contains(OUTSIDE) {
                wrong.push(format!("{method} {params}: {answer}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for name in ["SOUL.md", "notes/outside.txt", "notes"] {
        for (method, key) in
            [("agents.files.get", "name"), ("agents.workspace.get", "path"), ("agents.workspace.list", "path")]
        {
            let answer =
                owner.call(&format!("link-{method}-{name}"), method, json!({ "agentId": "main", key: name })).await;
            assert!(answer["ok"] == false && !answer.to_string().contains(OUTSIDE), "{method} {name}: {answer}");
        }
    }
    let set = json!({ "agentId": "main", "name": "SOUL.md", "content": "planted" });
    assert_eq!(owner.call("link-set", "agents.files.set", set).await["ok"], false);
    assert_eq!(ground(&gateway), before, "something was written");
}

/// Whether a name can stand in the first line of a request as it is.
fn fits_a_line(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_graphic())
}

#[tokio::test]
async fn t83_no_address_leads_out_of_the_folder_of_an_interface() {
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join("root");
    fs::create_dir_all(root.join("assets")).unwrap();
    fs::write(root.join("index.html"), "<!doctype html><html><body>start</body></html>").unwrap();
    fs::write(home.path().join("outside.txt"), OUTSIDE).unwrap();
    fs::write(home.path().join("AGENTS.md"), OUTSIDE).unwrap();
    fs::write(home.path().join("openclaw.json"), OUTSIDE).unwrap();
    symlink(home.path(), root.join("notes")).unwrap();
    symlink(home.path().join("outside.txt"), root.join("linked.txt")).unwrap();
    let own = TestGateway::with_config(json!({ "gateway": { "controlUi": { "root": root } } })).await;
    let built_in = TestGateway::start().await;
    let secrets = [OUTSIDE, TOKEN, "root:x:", "PATH=", "OPENSSH"];
    let mut tried = 0;
    for name in spellings().iter().chain(&["linked.txt".to_owned(), "notes/outside.txt".to_owned()]) {
        if !fits_a_line(name) {
            continue;
        }
        let (root, assets, odd) = (format!("/{name}"), format!("/assets/{name}"), format!("/assets/..{name}"));
        for (gateway, path) in [(&own, &root), (&own, &assets), (&own, &odd), (&built_in, &assets)] {
            let answer = gateway.get(path, "").await;
            let status = answer.split(' ').nth(1).unwrap_or_default();
            let leaked = secrets.iter().any(|secret| answer.contains(secret));
            // Paths of the interface's own are answered with its start page; they lead nowhere.
            let fine = ["400", "404", "405", "414"].contains(&status) || answer.contains("<!doctype html>");
            assert!(fine && !leaked, "{path}: {answer}");
            tried += 1;
        }
    }
    assert!(tried >= 900 * 4, "only {tried} addresses were tried");
}

#[tokio::test]
async fn no_address_of_a_method_or_a_conversation_leads_to_a_file() {
    let gateway = TestGateway::start().await;
    fs::write(gateway.dir().join("outside.txt"), OUTSIDE).unwrap();
    let before = ground(&gateway);
    let header = format!("Authorization: Bearer {TOKEN}\r\n");
    for name in spellings().iter().filter(|name| fits_a_line(name)) {
        for path in [format!("/sessions/{name}/history"), format!("/v1/models/{name}"), format!("/rpc/{name}")] {
            let answer = gateway.get(&path, &header).await;
            let status = answer.split(' ').nth(1).unwrap_or_default();
            assert!(
                !answer.contains(OUTSIDE) && !answer.contains("root:x:") && !answer.contains(TOKEN),
                "{path}: {answer}"
            );
            assert!(!status.starts_with('5') && status != "200" || is_empty_history(&answer), "{path}: {answer}");
        }
    }
    assert_eq!(ground(&gateway), before, "something was written");
}

/// A conversation that nobody had may be shown as one that holds nothing.
fn is_empty_history(answer: &str) -> bool {
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    serde_json::from_str::<Value>(body).is_ok_and(|body| body["messages"] == json!([]))
}

//! What keeps a gateway from starting is said, with what to do (C1, C6 and bad input).

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use openclaw_config::{LoadRequest, load};
use openclaw_core::{Clock, Environment, Ids, Tasks};
use openclaw_gateway::{LogFormat, LogRing, Options, start};
use openclaw_store::StateDir;
use openclaw_testkit::gateway::{TOKEN, TestGateway, connect_params};
use serde_json::{Value, json};

fn request(path: PathBuf) -> LoadRequest {
    let home = path.parent().map(Path::to_path_buf);
    LoadRequest { config_path: Some(path), environment: Environment::default(), home, ..LoadRequest::default() }
}

fn write(folder: &Path, name: &str, text: &str, mode: u32) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    path
}

fn refused(name: &str, text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let error = load(&request(write(folder.path(), name, text, 0o600))).expect_err(text);
    error.to_string()
}

#[test]
fn a_configuration_that_cannot_work_is_refused_by_its_key() {
    for (name, text, wanted) in [
        ("c.json", r#"{ gateway: { prot: 1 } }"#, "gateway.prot"),
        ("c.json", r#"{ gateway: { port: "many" } }"#, "gateway.port"),
        ("c.json", r#"{ gateway: { port: 99999 } }"#, "gateway.port"),
        ("c.json", r#"{ gateway: "#, "syntax error"),
        ("c.yml", "gateway:\n  prot: 1\n", "gateway.prot"),
        ("c.yml", "gateway:\n  auth: [1, 2]\n", "gateway.auth"),
    ] {
        let said = refused(name, text);
        assert!(said.contains(wanted), "{text}: {said}");
    }
}

#[test]
fn json5_and_yaml_say_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let json5 =
        "{ // a comment\n gateway: { port: 4711, auth: { mode: 'token', token: 'abc-def-ghi-jkl-mno-pqr' }, }, }";
    let yaml = "gateway:\n  port: 4711\n  auth:\n    mode: token\n    token: abc-def-ghi-jkl-mno-pqr\n";
    let one = load(&request(write(folder.path(), "a.json", json5, 0o600))).unwrap();
    let two = load(&request(write(folder.path(), "b.yml", yaml, 0o600))).unwrap();
    assert_eq!(one.config.gateway.port, two.config.gateway.port);
    assert_eq!(format!("{:?}", one.config.gateway), format!("{:?}", two.config.gateway));
    assert!(!format!("{:?}", one.config).contains("abc-def"), "secrets do not show");
}

#[tokio::test]
async fn config_get_never_shows_a_secret() {
    let config = json!({ "models": { "providers": { "x": { "api": "ollama", "baseUrl": "http://127.0.0.1:9", "apiKey": "vendor-secret" } } } });
    let gateway = TestGateway::with_config(config).await;
    let mut raw = gateway.raw().await;
    raw.shake(&connect_params(&["operator.admin"])).await;
    let shown: Value = raw.call("c", "config.get", json!({})).await;
    assert_eq!(shown["ok"], true, "{shown}");
    let text = shown.to_string();
    assert!(!text.contains("vendor-secret") && !text.contains(TOKEN), "{text}");
}

async fn started(folder: &Path, config: Value) -> Result<openclaw_gateway::Running, String> {
    let load_request = request(write(folder, "openclaw.json", &config.to_string(), 0o600));
    let clock = Clock::system();
    let options = Options {
        config: load(&load_request).map_err(|error| error.to_string())?,
        load: load_request,
        state_dir: StateDir::claim(&folder.join("state")).map_err(|error| error.to_string())?,
        environment: [("OLLAMA_HOST", "127.0.0.1:9")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into_iter()
            .collect(),
        clock: clock.clone(),
        ids: Ids::system(),
        tasks: Tasks::new(),
        log: LogRing::new(clock, LogFormat::Off),
        follow_logging: std::sync::Arc::new(|_| {}),
        guard: None,
        host: "test".to_owned(),
    };
    start(options).await.map_err(|error| error.to_string())
}

fn config(port: u16) -> Value {
    json!({ "gateway": { "port": port, "auth": { "mode": "token", "token": TOKEN } }, "metrics": { "enabled": false } })
}

#[tokio::test]
async fn a_taken_port_is_said_with_what_to_do() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let folder = tempfile::tempdir().unwrap();
    let Err(said) = started(folder.path(), config(port)).await else { panic!("the port is taken") };
    assert!(said.contains(&port.to_string()) && said.contains("another program has the port"), "{said}");
}

#[tokio::test]
async fn a_state_directory_that_is_not_ours_alone_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let first = started(folder.path(), config(0)).await.unwrap();
    let Err(locked) = started(folder.path(), config(0)).await else { panic!("two gateways on one state") };
    assert!(locked.contains("state"), "{locked}");
    first.stop("stop").await;
    started(folder.path(), config(0)).await.expect("free again once the first has ended").stop("stop").await;

    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("state")).unwrap();
    fs::write(folder.path().join("state/agents.json"), "{}").unwrap();
    let Err(foreign) = started(folder.path(), config(0)).await else { panic!("somebody else's folder") };
    assert!(foreign.contains("agents.json"), "{foreign}");
    assert_eq!(fs::read_dir(folder.path().join("state")).unwrap().count(), 1, "nothing was written there");

    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("state"), "a file").unwrap();
    assert!(started(folder.path(), config(0)).await.is_err());

    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("state")).unwrap();
    fs::set_permissions(folder.path().join("state"), fs::Permissions::from_mode(0o777)).unwrap();
    assert!(started(folder.path(), config(0)).await.is_err(), "everybody may write there");
}

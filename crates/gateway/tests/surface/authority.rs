//! Who may call what: every method for every kind of caller, over a socket and over HTTP, against a table that people wrote
//! (`access.json`) and not against the code (SECURITY §5.3, row 10).
//!
//! A method that is not in the table fails, and so does a row whose method is gone. Whatever is granted here is asked with a
//! member that no method has, so that nothing comes of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use openclaw_testkit::gateway::{Raw, TOKEN, TestGateway, connect_params};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::drive::{Caller, Line, Outcome, code, new_device, shown};

/// Every scope, as PROTOCOL §5.3 prints them.
const SCOPES: [&str; 10] = [
    "operator.admin",
    "operator.approvals",
    "operator.pairing",
    "operator.questions",
    "operator.read",
    "operator.sessions.read",
    "operator.sessions.write",
    "operator.talk",
    "operator.talk.secrets",
    "operator.write",
];
/// Calls between two that everybody may make: more than ten in a row that its role may not make end a connection.
const IN_A_ROW: usize = 5;

/// What people wrote down.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Table {
    /// What the holder of an agent's token may call about that agent, beside `health` and `ping`.
    agents_own: BTreeSet<String>,
    /// Calls that need another scope than their method in general.
    dearer: Vec<Dearer>,
    /// Methods, by what they need.
    #[serde(flatten)]
    needs: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Dearer {
    method: String,
    params: Value,
    scope: String,
}

fn table() -> Table {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/surface/access.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap_or_else(|error| panic!("access.json: {error}"))
}

/// Method → what it needs: a scope, `node` or `everybody`.
fn needs() -> BTreeMap<String, String> {
    let mut needs = BTreeMap::new();
    for (need, methods) in table().needs {
        for method in methods {
            let before = needs.insert(method.clone(), need.clone());
            assert_eq!(before, None, "{method} stands in the table twice");
        }
    }
    needs
}

/// Which scopes a scope grants (PROTOCOL §4.4).
fn grants(held: &str, needs: &str) -> bool {
    held == needs
        || match held {
            "operator.admin" => true,
            "operator.write" => {
                ["operator.read", "operator.talk", "operator.sessions.read", "operator.sessions.write"].contains(&needs)
            }
            "operator.read" | "operator.sessions.write" => needs == "operator.sessions.read",
            _ => false,
        }
}

/// Who calls, as far as the decision goes.
#[derive(Clone, Debug)]
enum Who {
    /// An operator with these scopes.
    Operator(Vec<&'static str>),
    /// A machine.
    Node,
    /// The holder of an agent's token.
    Agent,
    /// An operator with every scope, whose role permits what these scopes do; `None` for whoever has no role.
    Role(Option<Vec<&'static str>>),
}

/// `details.code` of the refusal; empty where the call is granted.
fn due(who: &Who, method: &str, needs: &str, own: &BTreeSet<String>) -> &'static str {
    let holds = |scopes: &[&str]| scopes.iter().any(|held| grants(held, needs));
    match (who, needs) {
        (_, "everybody") => match who {
            Who::Agent if !["health", "ping"].contains(&method) => "MISSING_SCOPE",
            _ => "",
        },
        (Who::Node, "node") => "",
        (Who::Node, _) | (_, "node") => "UNAUTHORIZED_ROLE",
        (Who::Operator(scopes), _) if holds(scopes) => "",
        (Who::Operator(_), _) => "MISSING_SCOPE",
        (Who::Agent, _) if own.contains(method) => "",
        (Who::Agent, _) => "MISSING_SCOPE",
        (Who::Role(Some(permissions)), _) if holds(permissions) => "",
        (Who::Role(_), _) => "ACCESS_DENIED",
    }
}

/// Codes that say that somebody may not; every other answer says that they may.
fn decided(answer: &Value) -> &str {
    let code = code(answer);
    if ["MISSING_SCOPE", "UNAUTHORIZED_ROLE", "ACCESS_DENIED"].contains(&code) { code } else { "" }
}

/// What was found wrong, and how much was looked at.
#[derive(Default)]
struct Found {
    cells: usize,
    wrong: Vec<String>,
}

impl Found {
    fn look(&mut self, what: &str, method: &str, due: &str, answer: &Value) {
        self.cells += 1;
        if answer["ok"] == true && !due.is_empty() || decided(answer) != due {
            let answer: String = answer.to_string().chars().take(300).collect();
            self.wrong.push(format!("{what} {method}: {due:?} was due, not {answer}"));
        }
    }

    fn report(self, least: usize) {
        let few: Vec<&str> = self.wrong.iter().take(40).map(String::as_str).collect();
        assert!(self.wrong.is_empty(), "{} of {} cells:\n{}", self.wrong.len(), self.cells, few.join("\n"));
        assert!(self.cells >= least, "only {} cells were looked at", self.cells);
    }
}

/// Calls every method on a connection.
async fn over_socket(found: &mut Found, what: &str, who: &Who, line: &mut Line) {
    let own = table().agents_own;
    for (at, (method, needs)) in needs().into_iter().enumerate() {
        if at % IN_A_ROW == 0 {
            let ping = line.call("ping", &json!({}), false).await;
            assert!(matches!(&ping, Outcome::Answer(answer) if answer["ok"] == true), "{what}: {}", shown(&ping));
        }
        match line.call(&method, &json!({ "noSuchMember": 1 }), false).await {
            Outcome::Answer(answer) => found.look(what, &method, due(who, &method, &needs, &own), &answer),
            other => panic!("{what} {method}: {}", shown(&other)),
        }
    }
}

/// A connection over which one request follows another.
struct Http {
    stream: TcpStream,
    host: String,
    headers: String,
}

impl Http {
    async fn open(gateway: &TestGateway, headers: &[(&str, &str)]) -> Self {
        let host = gateway.authority();
        let stream = TcpStream::connect(&host).await.unwrap();
        let headers = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        Self { stream, host, headers }
    }

    async fn call(&mut self, method: &str, params: &Value) -> Value {
        let body = params.to_string();
        let request = format!(
            "POST /rpc/{method} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{}\r\n{body}",
            self.host,
            body.len(),
            self.headers
        );
        self.stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.stream.read_u8().await.unwrap_or_else(|error| panic!("{method}: {error}")));
        }
        let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
        let length =
            head.lines().find_map(|line| line.strip_prefix("content-length: ")).and_then(|text| text.parse().ok());
        let mut body = vec![0; length.unwrap_or_else(|| panic!("{method} is answered without a length: {head}"))];
        self.stream.read_exact(&mut body).await.unwrap();
        serde_json::from_slice(&body).unwrap_or_else(|error| panic!("{method}: {error} in {head}"))
    }
}

/// Calls every method over HTTP.
async fn over_http(found: &mut Found, what: &str, who: &Who, gateway: &TestGateway, headers: &[(&str, &str)]) {
    let own = table().agents_own;
    let mut http = Http::open(gateway, headers).await;
    for (method, needs) in needs() {
        let params = match who {
            Who::Agent => json!({ "agentId": "helper", "noSuchMember": 1 }),
            _ => json!({ "noSuchMember": 1 }),
        };
        let answer = http.call(&method, &params).await;
        found.look(what, &method, due(who, &method, &needs, &own), &answer);
    }
}

async fn admin(gateway: &TestGateway) -> Raw {
    let mut raw = gateway.raw().await;
    let hello = raw.shake(&connect_params(&["operator.admin"])).await;
    assert_eq!(hello["ok"], true, "{hello}");
    raw
}

/// Makes a named access token.
async fn named(admin: &mut Raw, name: &str, scope: &str) -> String {
    let made = admin.call(name, "gateway.token.create", json!({ "name": name, "scopes": [scope] })).await;
    made["payload"]["token"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
}

/// Connects with an access token.
async fn with_token(gateway: &TestGateway, token: &str, scope: &str) -> Line {
    let mut params = connect_params(&[scope]);
    params["auth"]["token"] = json!(token);
    let mut raw = gateway.raw().await;
    let hello = raw.shake(&params).await;
    assert_eq!(hello["ok"], true, "{hello}");
    Line::over(raw)
}

fn with_many_tokens(mut config: Value) -> Value {
    config["gateway"]["auth"]["tokenConfig"]["maxTokens"] = json!(32);
    config
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

#[test]
fn every_method_is_in_the_table_and_says_the_same_of_itself() {
    let (needs, schema) = (needs(), openclaw_gateway::schema());
    let rows = schema["methods"].as_object().unwrap();
    let missing: Vec<&String> = rows.keys().filter(|name| !needs.contains_key(*name)).collect();
    assert!(missing.is_empty(), "say in crates/gateway/tests/surface/access.json who may call {missing:?}");
    let gone: Vec<&String> = needs.keys().filter(|name| !rows.contains_key(*name)).collect();
    assert!(gone.is_empty(), "no such methods: {gone:?}");
    for (name, row) in rows {
        let told = match (row["role"].as_str(), row["scope"].as_str()) {
            (Some("node"), _) => "node",
            (_, Some(scope)) => scope,
            (_, None) => "everybody",
        };
        assert_eq!(told, needs[name], "what {name} says of itself");
    }
    let table = table();
    let dearer: BTreeSet<&str> = table.dearer.iter().map(|row| row.method.as_str()).collect();
    for (name, row) in rows {
        let depends = row["scopeDependsOnParams"] == true;
        assert_eq!(depends, dearer.contains(name.as_str()), "{name}: what it needs depends on its parameters");
    }
    assert!(table.agents_own.iter().all(|name| needs.contains_key(name)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scopes_and_roles_decide_over_a_socket_as_the_table_says() {
    let gateway = TestGateway::with_config(with_many_tokens(json!({ "gateway": {} }))).await;
    let mut found = Found::default();
    let singles = SCOPES.iter().map(std::slice::from_ref);
    for scopes in [&[][..]].into_iter().chain(singles) {
        let caller = Caller { dialect: 4, role: "operator", scopes, device: None };
        let mut line = caller.connect(&gateway).await.unwrap();
        let who = Who::Operator(scopes.to_vec());
        over_socket(&mut found, &format!("with {scopes:?}"), &who, &mut line).await;
        for row in table().dearer {
            let due = if scopes.iter().any(|held| grants(held, &row.scope)) { "" } else { "MISSING_SCOPE" };
            match line.call(&row.method, &row.params, false).await {
                Outcome::Answer(answer) => {
                    found.look(&format!("with {scopes:?} {}", row.params), &row.method, due, &answer);
                }
                other => panic!("{}: {}", row.method, shown(&other)),
            }
        }
    }
    let device = new_device();
    let node = Caller { dialect: 3, role: "node", scopes: &[], device: Some(&device) };
    over_socket(&mut found, "a node", &Who::Node, &mut node.connect(&gateway).await.unwrap()).await;
    // A role that there is not lets nobody in, whatever it asks for.
    for role in ["admin", "worker", "Operator", ""] {
        let scopes = &["operator.admin"];
        let refused = Caller { dialect: 4, role, scopes, device: None }.connect(&gateway).await.err().unwrap();
        assert!(refused.contains("INVALID_ROLE") || refused.contains("invalid"), "{role:?}: {refused}");
    }
    // A named token grants what it was made for, whatever its holder asks for.
    let mut owner = admin(&gateway).await;
    for scope in ["operator.read", "operator.pairing"] {
        let token = named(&mut owner, scope, scope).await;
        let mut line = with_token(&gateway, &token, "operator.admin").await;
        // It asked for what the token does not grant, so it got nothing.
        over_socket(&mut found, &format!("a token of {scope} that asks for all"), &Who::Operator(vec![]), &mut line)
            .await;
        let mut line = with_token(&gateway, &token, scope).await;
        over_socket(&mut found, &format!("a token of {scope}"), &Who::Operator(vec![scope]), &mut line).await;
    }
    found.report(16 * 400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scopes_and_kinds_of_callers_decide_over_http_as_the_table_says() {
    let agents = json!({ "list": [{ "id": "main" }, { "id": "helper" }] });
    let hooks = json!({ "enabled": true, "token": "hook-token-of-this-test-0123456789" });
    let config = with_many_tokens(json!({ "gateway": {}, "agents": agents, "hooks": hooks }));
    let gateway = TestGateway::with_config(config).await;
    let mut found = Found::default();
    let whole = bearer(TOKEN);
    let all = Who::Operator(vec!["operator.admin"]);
    over_http(&mut found, "the gateway's secret", &all, &gateway, &[("Authorization", &whole)]).await;
    let mut owner = admin(&gateway).await;
    for scope in SCOPES {
        let token = bearer(&named(&mut owner, scope, scope).await);
        let what = format!("a token of {scope}");
        over_http(&mut found, &what, &Who::Operator(vec![scope]), &gateway, &[("Authorization", &token)]).await;
    }
    let made = owner.call("agent", "agents.token.create", json!({ "agentId": "helper" })).await;
    let token = made["payload"]["token"].as_str().unwrap_or_else(|| panic!("{made}"));
    over_http(&mut found, "an agent", &Who::Agent, &gateway, &[("X-Agent-Token", token)]).await;
    // What lets web hooks in is no credential for methods, and neither is anything made up.
    for token in ["hook-token-of-this-test-0123456789", "made-up"] {
        for method in ["health", "sessions.list", "config.set"] {
            let answer =
                Http::open(&gateway, &[("Authorization", &bearer(token))]).await.call(method, &json!({})).await;
            assert_eq!(answer["error"]["type"], "unauthorized", "{token} {method}: {answer}");
        }
    }
    // Where nobody has a secret to show, a request may say how little it wants.
    let none = json!({ "gateway": { "auth": { "mode": "none", "token": null } } });
    let open = TestGateway::with_config(none).await;
    for scope in [""].into_iter().chain(SCOPES) {
        let scopes = if scope.is_empty() { Vec::new() } else { vec![scope] };
        let what = format!("nobody who asks for {scope:?}");
        over_http(&mut found, &what, &Who::Operator(scopes), &open, &[("x-openclaw-scopes", scope)]).await;
    }
    found.report(22 * 400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn roles_narrow_every_method_over_a_socket_and_over_http_as_the_table_says() {
    let config = with_many_tokens(json!({ "gateway": {}, "security": { "authorization": {
        "enabled": true,
        "roles": {
            "admin": { "permissions": ["*"] },
            "user": { "permissions": ["read", "write"] },
            "readonly": { "permissions": ["read"] },
        },
        "users": { "ada": { "role": "admin" }, "uma": { "role": "user" }, "vera": { "role": "readonly" } },
    } } }));
    let gateway = TestGateway::with_config(config).await;
    let mut owner = admin(&gateway).await;
    let mut found = Found::default();
    for (name, permissions) in [
        ("ada", Some(vec!["operator.admin"])),
        ("uma", Some(vec!["operator.read", "operator.write"])),
        ("vera", Some(vec!["operator.read"])),
        ("stranger", None),
    ] {
        let token = named(&mut owner, name, "operator.admin").await;
        let who = Who::Role(permissions);
        let mut line = with_token(&gateway, &token, "operator.admin").await;
        over_socket(&mut found, &format!("{name} over a socket"), &who, &mut line).await;
        let bearer = bearer(&token);
        over_http(&mut found, &format!("{name} over HTTP"), &who, &gateway, &[("Authorization", &bearer)]).await;
    }
    found.report(8 * 400);
}

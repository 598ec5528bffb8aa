//! Every method of the table over a real socket, in every dialect, driven from its own schema: a good call does its
//! work or says why it cannot, and nothing that can be wrong with the parameters is more than a refusal.
//!
//! A new method needs a good call in `fixtures/`; `SURFACE=<first letters>` looks at some methods only.

#![expect(clippy::unwrap_used, reason = "what helpers of tests cannot do fails the test")]

mod authority;
mod drive;
mod fixture;
mod spoil;

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use drive::{Caller, DIALECTS, Line, Outcome, amiss, code, new_device, shown, untyped};
use fixture::{Fixture, filled};
use openclaw_testkit::gateway::{Setup, TestGateway};
use serde_json::{Value, json};
use spoil::Due;
use tokio::{sync::Semaphore, task::JoinSet};

/// Methods that are looked at in the same moment.
const AT_ONCE: usize = 4;
/// Complaints that are shown.
const SHOWN: usize = 60;

/// A row of the table as the schema tells it, and its fixture.
#[derive(Clone)]
struct Subject {
    name: String,
    row: Value,
    fixture: Fixture,
}

impl Subject {
    fn role(&self) -> &'static str {
        if self.row["role"] == "node" { "node" } else { "operator" }
    }

    /// Whether the row only says that its machinery comes later.
    fn is_later(&self) -> bool {
        self.row["unavailable"].is_string()
    }

    fn setup(&self) -> Setup {
        Setup { config: self.fixture.config.clone().unwrap_or_else(|| json!({})), ..Setup::default() }
    }
}

/// The rows to look at.
#[expect(clippy::disallowed_methods, reason = "whoever runs the tests chooses")]
fn subjects() -> Vec<Subject> {
    let chosen = std::env::var("SURFACE").unwrap_or_default();
    let fixtures = fixture::all();
    let schema = openclaw_gateway::schema();
    let rows = schema["methods"].as_object().unwrap().clone();
    rows.into_iter()
        .filter(|(name, _)| name.starts_with(&chosen))
        .filter_map(|(name, row)| {
            let fixture = fixtures.get(&name)?.clone();
            Some(Subject { name, row, fixture })
        })
        .collect()
}

fn words() -> impl FnMut() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    || format!("word-{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A gateway, an administrator on it, and names for parameters.
struct Stage {
    gateway: TestGateway,
    names: BTreeMap<String, Value>,
    device: openclaw_client::DeviceIdentity,
    /// A node that is there and never answers, when the good call names one.
    _node: Option<Line>,
}

impl Stage {
    async fn set(subject: &Subject) -> Result<Self, String> {
        let gateway = TestGateway::with(subject.setup()).await;
        let mut names = BTreeMap::from([("$agent".to_owned(), json!("main"))]);
        let mut admin = operator(4).connect(&gateway).await?;
        let session = match admin.call("sessions.create", &json!({ "label": "surface" }), false).await {
            Outcome::Answer(answer) if answer["ok"] == true => answer["payload"]["key"].clone(),
            other => return Err(format!("no session: {}", shown(&other))),
        };
        names.insert("$session".to_owned(), session);
        let device = new_device();
        if subject.fixture.params.to_string().contains("\"$device\"") {
            let paired = new_device();
            Caller { device: Some(&paired), ..operator(4) }.connect(&gateway).await?;
            names.insert("$device".to_owned(), json!(paired.device_id()));
        }
        names.insert("$node".to_owned(), json!(device.device_id()));
        let text = format!("{}{:?}", subject.fixture.params, subject.fixture.given);
        let node = if text.contains("\"$node\"") && subject.role() == "operator" {
            Some(Caller { dialect: 3, role: "node", scopes: &[], device: Some(&device) }.connect(&gateway).await?)
        } else {
            None
        };
        Ok(Self { gateway, names, device, _node: node })
    }

    /// A connection that may call the subject.
    async fn line(&self, subject: &Subject, dialect: u64) -> Result<Line, String> {
        let caller = match subject.role() {
            "node" => Caller { role: "node", scopes: &[], device: Some(&self.device), dialect },
            _ => operator(dialect),
        };
        caller.connect(&self.gateway).await
    }

    /// What is given, and then the good parameters.
    async fn good(&self, subject: &Subject) -> Result<Value, String> {
        let mut names = self.names.clone();
        let mut fresh = words();
        if !subject.fixture.given.is_empty() {
            let mut admin = operator(4).connect(&self.gateway).await?;
            admin.prepare(&subject.fixture, &mut names, &mut fresh).await?;
        }
        Ok(filled(&subject.fixture.params, &names, &mut fresh))
    }
}

const fn operator(dialect: u64) -> Caller<'static> {
    Caller { dialect, role: "operator", scopes: &["operator.admin"], device: None }
}

/// Looks at each subject, some at once, and fails with what is amiss.
async fn each<F>(what: &str, look: impl Fn(Subject) -> F)
where
    F: Future<Output = Vec<String>> + Send + 'static,
{
    let permits = Arc::new(Semaphore::new(AT_ONCE));
    let mut looking = JoinSet::new();
    for subject in subjects() {
        let (name, look, permits) = (subject.name.clone(), look(subject), Arc::clone(&permits));
        looking.spawn(async move {
            let _permit = permits.acquire_owned().await;
            look.await.into_iter().map(|wrong| format!("{name}: {wrong}")).collect::<Vec<_>>()
        });
    }
    let mut all = Vec::new();
    while let Some(found) = looking.join_next().await {
        all.extend(found.unwrap_or_else(|error| vec![format!("a panic while looking: {error}")]));
    }
    all.sort();
    let few: Vec<&str> = all.iter().take(SHOWN).map(String::as_str).collect();
    assert!(all.is_empty(), "{what}: {} complaints\n{}", all.len(), few.join("\n"));
}

#[test]
fn every_method_has_a_fixture_and_every_fixture_a_method() {
    let schema = openclaw_gateway::schema();
    let rows = schema["methods"].as_object().unwrap();
    let fixtures = fixture::all();
    let missing: Vec<String> = rows
        .keys()
        .filter(|name| !fixtures.contains_key(*name))
        .map(|name| {
            let required = &rows[name]["params"]["required"];
            format!(
                "{name}: add \"{name}\": {{ \"params\": {{ … }} }} to crates/gateway/tests/surface/{} (required: {required})",
                fixture::file(name)
            )
        })
        .collect();
    assert!(missing.is_empty(), "methods without a good call:\n{}", missing.join("\n"));
    let orphans: Vec<&String> = fixtures.keys().filter(|name| !rows.contains_key(*name)).collect();
    assert!(orphans.is_empty(), "fixtures of methods that are not there: {orphans:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_good_call_does_its_work_or_says_why_it_cannot_in_every_dialect() {
    each("good calls", |subject| async move {
        let mut wrong = Vec::new();
        let mut kept = None;
        for dialect in DIALECTS {
            if let Err(what) = good_call(&subject, dialect, &mut kept).await {
                wrong.push(format!("in dialect {dialect}: {what}"));
            }
        }
        wrong
    })
    .await;
}

/// A method that does nothing leaves its stage as it was, so it is `kept` for the next dialect.
async fn good_call(subject: &Subject, dialect: u64, kept: &mut Option<Stage>) -> Result<(), String> {
    if !subject.is_later() || kept.is_none() {
        *kept = Some(Stage::set(subject).await?);
    }
    let stage = kept.as_ref().expect("it was set");
    let good = stage.good(subject).await?;
    let mut line = stage.line(subject, dialect).await?;
    let outcome = line.call(&subject.name, &good, subject.fixture.waits).await;
    let answer = match &outcome {
        Outcome::Answer(answer) => answer,
        Outcome::Nothing if subject.fixture.waits => return Ok(()),
        _ => return Err(shown(&outcome)),
    };
    let expected = match &subject.fixture.answer {
        Some(code) => code.as_str(),
        None if subject.is_later() => "NOT_IMPLEMENTED",
        None => "",
    };
    if (answer["ok"] == true) != expected.is_empty() || code(answer) != expected {
        return Err(format!("{good} was answered {}", shown(&outcome)));
    }
    if answer["ok"] == true {
        let schema = jsonschema::validator_for(&subject.row["reply"]).map_err(|error| format!("no schema: {error}"))?;
        if let Some(error) = schema.iter_errors(&answer["payload"]).next() {
            return Err(format!("the reply is not as its schema says at {}: {error}", error.instance_path()));
        }
    }
    untyped(answer).map_or(Ok(()), Err)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_parameters_are_refused_and_cost_nothing_but_a_typed_error() {
    each("bad parameters", |subject| async move {
        match bad_calls(&subject).await {
            Ok(wrong) => wrong,
            Err(what) => vec![what],
        }
    })
    .await;
}

async fn bad_calls(subject: &Subject) -> Result<Vec<String>, String> {
    let schema = subject.fixture.narrowed(&subject.row["params"]);
    let waits = subject.fixture.waits;
    let mut wrong = Vec::new();
    let mut stage = Stage::set(subject).await?;
    for dialect in DIALECTS {
        // What is missing refuses everything in one place, so one dialect tells enough.
        if subject.is_later() && dialect != 4 {
            continue;
        }
        if dialect != DIALECTS[0] && !subject.is_later() {
            stage = Stage::set(subject).await?;
        }
        let good = stage.good(subject).await?;
        let mut line = stage.line(subject, dialect).await?;
        for case in spoil::spoil(&schema, &good) {
            // Handlers see the same in every dialect; what differs is what is read from the frame.
            if dialect != 4 && case.due == Due::Answered {
                continue;
            }
            // Dialect 1 leaves out keys, and names sessions by another member.
            let made_up =
                ["idempotencyKey", "sessionKey", "key"].iter().any(|key| case.what == format!("{key} is missing"));
            let due = if dialect == 1 && made_up { Due::Answered } else { case.due };
            let outcome = line.call(&subject.name, &case.params, waits).await;
            if let Some(what) = amiss(&subject.name, &outcome, &due, &subject.fixture) {
                wrong.push(format!("{} (dialect {dialect}): {what}", case.what));
            }
            if !matches!(outcome, Outcome::Answer(_)) {
                line = match stage.line(subject, dialect).await {
                    Ok(line) => line,
                    // What was granted changed who may connect.
                    Err(_) => {
                        stage = Stage::set(subject).await?;
                        stage.good(subject).await?;
                        stage.line(subject, dialect).await?
                    }
                };
            }
        }
        let deep = format!("{}1{}", "[".repeat(20_000), "]".repeat(20_000));
        for text in ["5", "\"text\"", "[]", "[1,2]", "true", &deep, &format!(r#"{{"a":{deep}}}"#)] {
            let outcome = line.send(&subject.name, text, waits).await;
            let refused = matches!(&outcome, Outcome::Answer(answer) if answer["error"]["code"] == "INVALID_REQUEST");
            let later = matches!(&outcome, Outcome::Answer(answer) if code(answer) == "NOT_IMPLEMENTED");
            if !(refused || later && subject.is_later()) {
                let text: String = text.chars().take(40).collect();
                wrong.push(format!("params {text} (dialect {dialect}): {}", shown(&outcome)));
                line = stage.line(subject, dialect).await?;
            }
        }
        if let Outcome::Ended(how) = line.call("ping", &json!({}), false).await {
            wrong.push(format!("the connection ended (dialect {dialect}): {how}"));
        }
    }
    Ok(wrong)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_lacks_the_scope_or_has_the_other_role_is_told_so_word_for_word() {
    each("scopes and roles", |subject| async move {
        match refusals(&subject).await {
            Ok(wrong) => wrong,
            Err(what) => vec![what],
        }
    })
    .await;
}

async fn refusals(subject: &Subject) -> Result<Vec<String>, String> {
    let gateway = TestGateway::start().await;
    let mut wrong = Vec::new();
    for dialect in DIALECTS {
        let kind = if dialect == 4 { "FORBIDDEN" } else { "INVALID_REQUEST" };
        let mut expect = Vec::new();
        if subject.role() == "node" {
            expect.push((operator(dialect), "INVALID_REQUEST", "unauthorized role: operator".to_owned()));
        } else if let Some(scope) = subject.row["scope"].as_str() {
            let device = new_device();
            let caller = Caller { dialect, role: "operator", scopes: others(scope), device: None };
            expect.push((caller, kind, format!("missing scope: {scope}")));
            let node = Caller { dialect: 3, role: "node", scopes: &[], device: Some(&device) };
            let mut line = node.connect(&gateway).await?;
            check(&mut wrong, &mut line, subject, "INVALID_REQUEST", "unauthorized role: node", dialect).await;
        }
        for (caller, kind, text) in expect {
            let mut line = caller.connect(&gateway).await?;
            check(&mut wrong, &mut line, subject, kind, &text, dialect).await;
        }
    }
    Ok(wrong)
}

async fn check(wrong: &mut Vec<String>, line: &mut Line, subject: &Subject, kind: &str, text: &str, dialect: u64) {
    // Bad parameters on purpose: whoever may not call is not told about them.
    let outcome = line.call(&subject.name, &json!({ "noSuchMember": 1 }), false).await;
    let fits = matches!(&outcome, Outcome::Answer(answer)
        if answer["error"]["code"] == kind && answer["error"]["message"] == text);
    if !fits {
        wrong.push(format!("{text:?} expected in dialect {dialect}: {}", shown(&outcome)));
    }
}

/// Scopes that do not grant this one.
fn others(scope: &str) -> &'static [&'static str] {
    match scope {
        "operator.admin" => &["operator.write", "operator.approvals", "operator.pairing"],
        "operator.write" => &["operator.read", "operator.approvals", "operator.pairing"],
        "operator.approvals" => &["operator.write", "operator.pairing"],
        "operator.pairing" => &["operator.write", "operator.approvals"],
        _ => &["operator.approvals", "operator.pairing"],
    }
}

//! What this node does when the gateway asks: each command in a task of its own, so that one does not wait for another.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::exec::{Executor, Refused, Wish, ran};
use openclaw_client::{Event, Supervised};
use openclaw_core::{Tasks, approval::Policy};
use openclaw_sandbox::{Control, StopReason};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// What this node can do.
pub(super) const COMMANDS: [&str; 4] =
    ["system.execApprovals.get", "system.execApprovals.set", "system.run", "system.which"];
/// Commands at work.
const AT_WORK: usize = 64;
/// Answers that are remembered, so that the same key is not done twice.
const REMEMBERED: usize = 128;
/// Bytes of one that is remembered.
const REMEMBERED_BYTES: usize = 64 * 1024;
/// Time for a command whose request names none.
const USUAL: Duration = Duration::from_secs(30);

/// The node at work. Clones are the same.
#[derive(Clone)]
pub(super) struct NodeHost(Arc<Inner>);

struct Inner {
    executor: Executor,
    commands: Vec<String>,
    gateway: Supervised,
    tasks: Tasks,
    desk: Mutex<Desk>,
}

/// What is at work, and what was done.
#[derive(Default)]
struct Desk {
    at_work: HashMap<String, Option<Control>>,
    keys: HashMap<String, String>,
    done: VecDeque<(String, Answer)>,
}

/// `node.invoke.request`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    id: String,
    node_id: String,
    command: String,
    #[serde(default, rename = "paramsJSON")]
    params_json: Option<String>,
    #[serde(default)]
    timeout_ms: Option<u64>,
    #[serde(default)]
    idempotency_key: Option<String>,
}

/// `node.invoke.cancel`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct CalledOff {
    invoke_id: String,
}

/// What is answered.
#[derive(Clone, Debug)]
enum Answer {
    Done(String),
    Refused(String, String),
}

/// `node.invoke.result`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    id: &'a str,
    node_id: &'a str,
    ok: bool,
    #[serde(rename = "payloadJSON", skip_serializing_if = "Option::is_none")]
    payload_json: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Value>,
}

impl NodeHost {
    pub(super) fn new(executor: Executor, commands: Vec<String>, gateway: Supervised, tasks: Tasks) -> Self {
        Self(Arc::new(Inner { executor, commands, gateway, tasks, desk: Mutex::default() }))
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.0.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an event of the gateway; what it has to do goes on by itself.
    pub(super) fn take(&self, event: &Event) {
        match event.name.as_str() {
            "node.invoke.request" => {
                let Ok(asked) = event.read::<Asked>() else { return };
                let host = self.clone();
                self.0.tasks.spawn("node command", async move { host.answer(asked).await });
            }
            "node.invoke.cancel" => {
                let Ok(called_off) = event.read::<CalledOff>() else { return };
                let control = self.desk().at_work.get(&called_off.invoke_id).cloned().flatten();
                if let Some(control) = control {
                    control.stop(StopReason::Asked);
                }
            }
            _ => {}
        }
    }

    async fn answer(&self, asked: Asked) {
        let answer = match self.begin(&asked) {
            Ok(()) => {
                let answer =
                    self.work(&asked).await.unwrap_or_else(|(code, text)| Answer::Refused(code.to_owned(), text));
                self.desk().ended(&asked, &answer);
                answer
            }
            Err(answer) => answer,
        };
        let told = match &answer {
            Answer::Done(payload) => {
                Told { id: &asked.id, node_id: &asked.node_id, ok: true, payload_json: Some(payload), error: None }
            }
            Answer::Refused(code, message) => {
                let error = Some(json!({ "code": code, "message": message }));
                Told { id: &asked.id, node_id: &asked.node_id, ok: false, payload_json: None, error }
            }
        };
        // A gateway that is gone has told its caller so already.
        let _ = self.0.gateway.request("node.invoke.result", told).await;
    }

    /// Takes a place for it; an answer instead when it was done before, or there is no place.
    fn begin(&self, asked: &Asked) -> Result<(), Answer> {
        let mut desk = self.desk();
        if let Some(key) = &asked.idempotency_key {
            if let Some((_, answer)) = desk.done.iter().find(|(done, _)| done == key) {
                return Err(answer.clone());
            }
            if desk.keys.contains_key(key) {
                return Err(Answer::Refused("BUSY".to_owned(), "the same is being done at this moment".to_owned()));
            }
        }
        if desk.at_work.len() >= AT_WORK {
            return Err(Answer::Refused("BUSY".to_owned(), format!("{AT_WORK} commands are at work here")));
        }
        desk.at_work.insert(asked.id.clone(), None);
        if let Some(key) = &asked.idempotency_key {
            desk.keys.insert(key.clone(), asked.id.clone());
        }
        Ok(())
    }

    async fn work(&self, asked: &Asked) -> Result<Answer, Refused> {
        if !self.0.commands.contains(&asked.command) {
            return Err(("UNAVAILABLE", format!("this node does not offer {}", asked.command)));
        }
        let executor = self.0.executor.clone();
        match asked.command.as_str() {
            "system.which" => {
                #[derive(Deserialize)]
                struct Bins {
                    bins: Vec<String>,
                }
                let Bins { bins } = params(asked)?;
                let found = blocking(move || executor.which(&bins)).await?;
                Ok(payload(&json!({ "bins": found })))
            }
            "system.execApprovals.get" => {
                let read = blocking(move || executor.policy.read().map_err(unusable)).await?;
                Ok(payload(&read))
            }
            "system.execApprovals.set" => {
                #[derive(Deserialize)]
                #[serde(rename_all = "camelCase")]
                struct Change {
                    file: Policy,
                    #[serde(default)]
                    base_hash: Option<String>,
                }
                let Change { file, base_hash } = params(asked)?;
                let replace = move || executor.policy.replace(file, base_hash.as_deref()).map_err(unusable);
                Ok(payload(&blocking(replace).await?))
            }
            _ => self.run(asked, executor).await,
        }
    }

    async fn run(&self, asked: &Asked, executor: Executor) -> Result<Answer, Refused> {
        let wish: Wish = params(asked)?;
        let (checking, wanted) = (executor.clone(), wish.clone());
        let plan = blocking(move || checking.permit(&wanted)).await?;
        let most = asked.timeout_ms.filter(|ms| *ms > 0).map_or(USUAL, Duration::from_millis);
        let mark = openclaw_core::Ids::system().uuid();
        let program = executor.start(plan, mark, &wish, most).await?;
        if let Some(place) = self.desk().at_work.get_mut(&asked.id) {
            *place = Some(program.control.clone());
        }
        Ok(payload(&ran(program).await))
    }
}

impl Desk {
    fn ended(&mut self, asked: &Asked, answer: &Answer) {
        self.at_work.remove(&asked.id);
        let Some(key) = &asked.idempotency_key else { return };
        self.keys.remove(key);
        // What was refused may be asked again: somebody may have changed the policy.
        if let Answer::Done(payload) = answer
            && payload.len() <= REMEMBERED_BYTES
        {
            if self.done.len() >= REMEMBERED {
                self.done.pop_front();
            }
            self.done.push_back((key.clone(), answer.clone()));
        }
    }
}

fn params<T: DeserializeOwned>(asked: &Asked) -> Result<T, Refused> {
    let text = asked.params_json.as_deref().unwrap_or("{}");
    serde_json::from_str(text).map_err(|error| ("INVALID_REQUEST", format!("{} params: {error}", asked.command)))
}

fn payload(value: &impl Serialize) -> Answer {
    match serde_json::to_string(value) {
        Ok(text) => Answer::Done(text),
        Err(error) => Answer::Refused("UNAVAILABLE".to_owned(), error.to_string()),
    }
}

fn unusable(problem: super::policy::Problem) -> Refused {
    ("INVALID_REQUEST", problem)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Refused> + Send + 'static) -> Result<T, Refused> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(("UNAVAILABLE", error.to_string())))
}

//! The OpenAPI 3.1 document, made from the method table and the types of the routes.

use std::sync::Arc;

use axum::{body::Body, extract::State as Shared};
use http::{Request, Response, StatusCode};
use openclaw_protocol::Scope;
use schemars::{JsonSchema, schema_for};
use serde_json::{Map, Value, json};

use super::{answer, api, caller::caller_with, exchange, hooks, openai, tools, ui_config};
use crate::{
    methods::table,
    rpc::{Access, Repeat, Row, reply_schema},
    state::State,
};

/// Serves the document to those who show the gateway's credential.
pub(super) async fn serve(Shared(state): Shared<Arc<State>>, request: Request<Body>) -> Response<Body> {
    let (parts, _) = request.into_parts();
    if let Err(refusal) = caller_with(&state, &parts, "GET /openapi.json", Scope::Read).await {
        return refusal;
    }
    answer::json(StatusCode::OK, serde_json::to_vec(&document()).unwrap_or_default())
}

/// What may go wrong anywhere, by status.
const FAULTS: [(&str, &str); 13] = [
    ("400", "The request is wrong; the error says where."),
    ("401", "No right credential was shown."),
    ("403", "The caller may not."),
    ("404", "There is no such thing."),
    ("405", "The address has no such method."),
    ("408", "The body did not arrive in time."),
    ("409", "It is in the way of something else."),
    ("413", "The body is too long."),
    ("415", "The body is not said to be JSON."),
    ("429", "Too often; Retry-After says when to come back."),
    ("501", "Not part of this gateway yet."),
    ("502", "No model answered."),
    ("503", "Not now."),
];

/// Collects schemas under names of their own.
#[derive(Default)]
struct Schemas(Map<String, Value>);

impl Schemas {
    /// A reference to a type's schema.
    fn of<T: JsonSchema>(&mut self, name: &str) -> Value {
        self.add(name, schema_for!(T).to_value())
    }

    /// A reference to the schema of what is told.
    fn told<T: JsonSchema>(&mut self, name: &str) -> Value {
        self.add(name, reply_schema::<T>().to_value())
    }

    /// Takes a schema with its definitions, which get the name before their own, so that equal names of different types never meet.
    fn add(&mut self, name: &str, mut schema: Value) -> Value {
        let definitions = schema.as_object_mut().and_then(|schema| {
            schema.remove("$schema");
            schema.remove("title");
            schema.remove("$defs")
        });
        if let Some(Value::Object(definitions)) = definitions {
            for (inner, mut definition) in definitions {
                moved(&mut definition, name);
                self.0.insert(format!("{name}.{inner}"), definition);
            }
        }
        moved(&mut schema, name);
        self.0.insert(name.to_owned(), schema);
        reference(name)
    }
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// Lets references find the definitions where they are now.
fn moved(schema: &mut Value, name: &str) {
    match schema {
        Value::Object(object) => {
            for (key, value) in object {
                match value {
                    Value::String(target) if key == "$ref" => {
                        if let Some(inner) = target.strip_prefix("#/$defs/") {
                            *target = format!("#/components/schemas/{name}.{inner}");
                        }
                    }
                    value => moved(value, name),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| moved(item, name)),
        _ => {}
    }
}

/// An operation: what it answers when all is well, and what may go wrong.
struct Operation {
    id: String,
    summary: String,
    tag: &'static str,
    body: Option<Value>,
    good: Vec<(&'static str, Value)>,
    parameters: Vec<Value>,
    open: bool,
}

impl Operation {
    fn new(id: &str, tag: &'static str, summary: &str) -> Self {
        let (id, summary) = (id.to_owned(), summary.to_owned());
        Self { id, summary, tag, body: None, good: Vec::new(), parameters: Vec::new(), open: false }
    }

    fn takes(mut self, schema: Value) -> Self {
        self.body = Some(schema);
        self
    }

    fn answers(mut self, schema: &Value) -> Self {
        self.good.push(("200", json!({ "application/json": { "schema": schema } })));
        self
    }

    fn answers_as(mut self, status: &'static str, content: Value) -> Self {
        self.good.push((status, content));
        self
    }

    fn parameter(mut self, place: &str, name: &str, schema: &Value, about: &str) -> Self {
        let required = place == "path";
        self.parameters
            .push(json!({ "name": name, "in": place, "required": required, "schema": schema, "description": about }));
        self
    }

    /// Whoever asks is answered.
    fn open(mut self) -> Self {
        self.open = true;
        self
    }

    fn document(self) -> Value {
        let mut responses: Map<String, Value> = self
            .good
            .into_iter()
            .map(|(status, content)| (status.to_owned(), json!({ "description": "All is well.", "content": content })))
            .collect();
        for (status, _) in FAULTS {
            responses.insert(status.to_owned(), json!({ "$ref": format!("#/components/responses/{status}") }));
        }
        let mut operation = json!({
            "operationId": self.id, "tags": [self.tag], "summary": self.summary, "responses": responses,
        });
        if let Some(body) = self.body {
            operation["requestBody"] = json!({ "content": { "application/json": { "schema": body } } });
        }
        if !self.parameters.is_empty() {
            operation["parameters"] = json!(self.parameters);
        }
        if self.open {
            operation["security"] = json!([]);
        }
        operation
    }
}

/// The document.
#[must_use]
pub fn document() -> Value {
    let mut schemas = Schemas::default();
    let mut paths = Map::new();
    let mut add = |path: &str, method: &str, operation: Operation| {
        let entry = paths.entry(path.to_owned()).or_insert_with(|| json!({}));
        entry[method] = operation.document();
    };
    for row in table().iter().filter(|row| !exchange::FOR_CONNECTIONS.contains(&row.name)) {
        add(&format!("/rpc/{}", row.name), "post", called(row, &mut schemas));
    }
    openai(&mut schemas, &mut add);
    others(&mut schemas, &mut add);
    let faults: Map<String, Value> = FAULTS
        .iter()
        .map(|(status, about)| {
            let content = json!({ "application/json": { "schema": reference("Error") }, "text/plain": { "schema": { "type": "string" } } });
            ((*status).to_owned(), json!({ "description": about, "content": content }))
        })
        .collect();
    schemas.0.insert("Error".to_owned(), error());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "OpenClaw Gateway",
            "version": openclaw_protocol::VERSION,
            "description": "The gateway over plain HTTP, on the port of its WebSocket. Made from the method table; do not edit.",
        },
        "security": [{ "bearer": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer", "description": "The gateway's token or password, or an agent's token." },
            },
            "responses": faults,
            "schemas": schemas.0,
        },
    })
}

/// Every shape of an error has these in common.
fn error() -> Value {
    json!({
        "type": "object",
        "properties": {
            "ok": { "const": false },
            "error": {
                "oneOf": [
                    { "type": "string" },
                    {
                        "type": "object",
                        "properties": {
                            "message": { "type": "string" }, "type": { "type": "string" }, "code": { "type": ["string", "null"] },
                            "param": { "type": ["string", "null"] }, "details": { "type": "object" },
                            "retryable": { "type": "boolean" }, "retryAfterMs": { "type": "integer", "minimum": 0 },
                        },
                        "required": ["message"],
                    },
                ],
            },
        },
        "required": ["error"],
    })
}

fn called(row: &Row, schemas: &mut Schemas) -> Operation {
    let scope = match row.access {
        Access::Exempt => "any scope".to_owned(),
        Access::Node => "the role node".to_owned(),
        Access::Scope(scope) => scope.to_string(),
        Access::Resolved(scope, _) => format!("{scope}, more by parameters"),
    };
    let params = schemas.add(&format!("{}.params", row.name), (row.params)().to_value());
    let reply = schemas.add(&format!("{}.reply", row.name), (row.reply)().to_value());
    let whole = json!({
        "type": "object", "properties": { "ok": { "const": true }, "payload": reply }, "required": ["ok", "payload"],
    });
    let accepted = json!({
        "type": "object", "properties": { "ok": { "const": true }, "payload": { "type": "object" } }, "required": ["ok", "payload"],
    });
    let operation = Operation::new(row.name, "methods", &format!("{} Needs {scope}.", row.about))
        .takes(params)
        .answers(&whole)
        .answers_as("202", json!({ "application/json": { "schema": accepted } }));
    if row.repeat == Repeat::Keyed {
        let about = "Names the work: sent again with the same key, it is not done again.";
        return operation.parameter("header", "Idempotency-Key", &json!({ "type": "string", "maxLength": 256 }), about);
    }
    operation
}

fn openai(schemas: &mut Schemas, add: &mut dyn FnMut(&str, &str, Operation)) {
    let both = |whole: Value| json!({ "application/json": { "schema": whole }, "text/event-stream": { "schema": { "type": "string" } } });
    let text = || json!({ "type": "string" });
    let steered = |operation: Operation| {
        operation
            .parameter("header", "x-openclaw-agent-id", &text(), "Which agent, whatever `model` says.")
            .parameter("header", "x-openclaw-session-key", &text(), "In which session.")
            .parameter("header", "x-openclaw-model", &text(), "`provider/model` that answers for the agent.")
    };
    let request = schemas.of::<openai::chat::Request>("ChatCompletionRequest");
    let reply = schemas.told::<openai::chat::Completion>("ChatCompletion");
    schemas.told::<openai::chat::Chunk<'_>>("ChatCompletionChunk");
    let chat = Operation::new(
        "chat.completions",
        "openai",
        "A turn of an agent, as a chat completion. Off unless configured.",
    );
    add("/v1/chat/completions", "post", steered(chat.takes(request).answers_as("200", both(reply))));
    let request = schemas.of::<openai::responses::Request>("ResponseRequest");
    let reply = schemas.told::<openai::responses::Reply>("Response");
    schemas.told::<openai::responses::StreamEvent<'_>>("ResponseStreamEvent");
    let responses = Operation::new("responses", "openai", "A turn of an agent, as a response. Off unless configured.");
    add("/v1/responses", "post", steered(responses.takes(request).answers_as("200", both(reply))));
    let models = schemas.told::<openai::models::Models>("Models");
    add("/v1/models", "get", Operation::new("models", "openai", "The agents, as models.").answers(&models));
    let model = schemas.told::<openai::models::Model>("Model");
    let one = Operation::new("model", "openai", "An agent, as a model.").answers(&model);
    add("/v1/models/{id}", "get", one.parameter("path", "id", &text(), "Its id."));
}

fn others(schemas: &mut Schemas, add: &mut dyn FnMut(&str, &str, Operation)) {
    let text = || json!({ "type": "string" });
    let object = || json!({ "type": "object" });
    let stream = || json!({ "text/event-stream": { "schema": { "type": "string" } } });
    let events = Operation::new("events", "events", "The gateway's events as they come.").answers_as("200", stream());
    let events = events
        .parameter("query", "sessions", &json!({ "type": "boolean" }), "Changes of sessions too.")
        .parameter("query", "messages", &text(), "Keys of sessions whose messages to follow, with commas between.")
        .parameter("query", "events", &text(), "Names of the events to tell, with commas between; all when absent.")
        .parameter("header", "Last-Event-ID", &text(), "Id of the last event that was read: goes on there.");
    add("/events", "get", events);
    let history = Operation::new(
        "history",
        "sessions",
        "What was said in a conversation; as a stream, what is said further too.",
    )
    .answers_as("200", json!({ "application/json": { "schema": object() }, "text/event-stream": { "schema": text() } }))
    .parameter("path", "key", &text(), "Key of the session.")
    .parameter("query", "limit", &json!({ "type": "integer", "minimum": 1, "maximum": 1000 }), "Most messages.")
    .parameter(
        "query",
        "offset",
        &json!({ "type": "integer", "minimum": 0 }),
        "Messages to pass over, from the newest.",
    )
    .parameter("query", "maxChars", &json!({ "type": "integer", "minimum": 0 }), "Longest text of a message.");
    add("/sessions/{key}/history", "get", history);
    let invoke = schemas.of::<tools::Invoke>("ToolInvoke");
    let failed = schemas.told::<tools::Failed>("ToolFailed");
    let tool =
        Operation::new("post.tools.invoke", "tools", "One tool, without a turn around it. There are no tools yet.");
    add("/tools/invoke", "post", tool.takes(invoke).answers(&json!({ "not": failed })));
    for (name, takes) in
        [("wake", schemas.of::<hooks::Wake>("HookWake")), ("agent", schemas.of::<hooks::Agent>("HookAgent"))]
    {
        let accepted = schemas.told::<hooks::Accepted>("HookAccepted");
        let hook = Operation::new(
            &format!("hooks.{name}"),
            "hooks",
            "A web hook, at the default address. Off unless configured; it has a token of its own.",
        );
        add(&format!("/hooks/{name}"), "post", hook.takes(takes).answers(&accepted));
    }
    schemas.told::<hooks::Refused>("HookRefused");
    for (path, method, summary) in [
        ("/api/channels/status", "get", "`channels.status`."),
        ("/api/channels/status", "post", "`channels.status`."),
        ("/api/channels/probe", "get", "`channels.status`, looking anew."),
        ("/api/channels/probe", "post", "`channels.status`, looking anew."),
        ("/api/channels/whatsapp/link", "post", "`web.login.start`."),
        ("/api/channels/whatsapp/wait", "post", "`web.login.wait`."),
        ("/api/channels/whatsapp/logout", "post", "`channels.logout` of WhatsApp."),
        ("/api/config/schema", "get", "`config.schema`."),
        ("/api/config/update", "post", "`update.run`."),
        ("/api/exec-approvals", "get", "`exec.approval.list`."),
    ] {
        let id = format!("{method}{}", path.replace('/', "."));
        add(path, method, Operation::new(&id, "mission control", summary).answers(&object()));
    }
    let applied = schemas.told::<api::Applied>("ConfigApplied");
    let apply = "Reads the configuration's file again; with a body `config.apply`.";
    let either = json!({ "anyOf": [applied, { "type": "object" }] });
    add(
        "/api/config/apply",
        "post",
        Operation::new("post.api.config.apply", "mission control", apply).answers(&either),
    );
    let respond = schemas.of::<api::Respond>("ApprovalRespond");
    let decide = Operation::new("post.api.exec-approvals.respond", "mission control", "`exec.approval.resolve`.");
    add("/api/exec-approvals/respond", "post", decide.takes(respond).answers(&object()));
    let told = schemas.told::<ui_config::UiConfig>("ControlUiConfig");
    add(
        "/control-ui-config.json",
        "get",
        Operation::new("control-ui-config", "interface", "What a web interface asks first.").answers(&told),
    );
    let live = json!({ "type": "object", "properties": { "ok": { "const": true }, "status": { "const": "live" } }, "required": ["ok"] });
    add("/health", "get", Operation::new("health.live", "health", "Whether the gateway lives.").answers(&live).open());
    let ready = json!({ "type": "object", "properties": { "ready": { "type": "boolean" } }, "required": ["ready"] });
    add(
        "/ready",
        "get",
        Operation::new("health.ready", "health", "Whether the gateway serves.").answers(&ready).open(),
    );
    let figures = json!({ "application/openmetrics-text": { "schema": { "type": "string" } } });
    add("/metrics", "get", Operation::new("metrics", "health", "Figures for Prometheus.").answers_as("200", figures));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(object) => {
                for (key, value) in object {
                    match value {
                        Value::String(target) if key == "$ref" => found.push(target.clone()),
                        value => references(value, found),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }

    #[test]
    fn every_method_is_there_and_every_reference_leads_somewhere() {
        let document = document();
        for row in table().iter().filter(|row| !exchange::FOR_CONNECTIONS.contains(&row.name)) {
            assert!(document["paths"][format!("/rpc/{}", row.name)]["post"].is_object(), "{}", row.name);
        }
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 100, "{}", found.len());
        for target in found {
            let pointer = target.strip_prefix('#').unwrap_or_else(|| panic!("{target}"));
            assert!(document.pointer(pointer).is_some(), "{target}");
        }
        let mut ids: Vec<String> = Vec::new();
        for path in document["paths"].as_object().unwrap().values() {
            ids.extend(path.as_object().unwrap().values().map(|operation| operation["operationId"].to_string()));
        }
        let count = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), count, "operation ids are unique");
    }
}

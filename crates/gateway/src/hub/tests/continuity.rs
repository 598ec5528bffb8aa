//! Whatever happens, and wherever it is cut: a client that goes on where it was misses nothing, gets nothing twice and
//! nothing out of order, and is sent to a snapshot exactly when the ring no longer reaches its place.

use std::collections::BTreeMap;

use openclaw_protocol::event::{AgentStatus, LogEntry, SessionsChanged};
use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// What may happen.
#[derive(Clone, Debug)]
enum Step {
    /// A session gets a message.
    Message(u8),
    /// A session changes; only the newest state counts.
    Session(u8),
    /// An agent's status changes; only the newest counts.
    Status(u8),
    /// A run says something.
    Say(u8, String),
    /// A run ends.
    End,
    /// A log line.
    Log,
    /// Something that this client may not see.
    Hidden,
    /// A sign of life.
    Tick,
    /// The client follows a session's messages, or stops.
    Follow(u8, bool),
    /// The client follows the list of sessions, or stops.
    FollowSessions(bool),
    /// The client reads so many frames.
    Read(u8),
    /// The connection breaks; the gateway notices or does not.
    Cut(bool),
    /// The client comes back, and its hello arrives or does not.
    Back(bool),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..3_u8).prop_map(Step::Message),
        2 => (0..3_u8).prop_map(Step::Session),
        1 => (0..2_u8).prop_map(Step::Status),
        6 => (0..2_u8, "[a-zäß\"]{1,6}").prop_map(|(run, text)| Step::Say(run, text)),
        1 => Just(Step::End),
        2 => Just(Step::Log),
        1 => Just(Step::Hidden),
        1 => Just(Step::Tick),
        2 => (0..3_u8, any::<bool>()).prop_map(|(key, on)| Step::Follow(key, on)),
        1 => any::<bool>().prop_map(Step::FollowSessions),
        4 => (0..6_u8).prop_map(Step::Read),
        3 => any::<bool>().prop_map(Step::Cut),
        4 => any::<bool>().prop_map(Step::Back),
    ]
}

/// The ring as it should be: numbers of what is kept, with keys where the newest replaces the others.
#[derive(Default)]
struct Oracle {
    kept: Vec<(u64, Option<String>)>,
    floor: u64,
}

impl Oracle {
    fn keep(&mut self, number: u64, key: Option<String>, most: usize) {
        if key.is_some() {
            self.kept.retain(|(_, other)| *other != key);
        }
        self.kept.push((number, key));
        while self.kept.len() > most {
            self.floor = self.kept.remove(0).0;
        }
    }
}

/// A client with what it knows, and what it ought to.
struct World {
    hub: Hub,
    limits: ResumeLimits,
    view: View,
    principal: Arc<Principal>,
    client: Client,
    is_connected: bool,
    /// Where it is after the last event that it read.
    place: Place,
    /// Things that were told once each, as it read them and as it should have.
    read: Vec<String>,
    expected: Vec<String>,
    /// Newest states, likewise.
    states: BTreeMap<String, u64>,
    expected_states: BTreeMap<String, u64>,
    /// Texts of runs, likewise.
    texts: BTreeMap<String, String>,
    full_texts: BTreeMap<String, String>,
    followed: [bool; 3],
    follows_sessions: bool,
    oracle: Oracle,
    told: u64,
}

fn session(key: u8) -> SessionKey {
    SessionKey::new(format!("agent:main:s{key}")).unwrap()
}

impl World {
    fn new(ui: bool, events: usize) -> Self {
        let limits = ResumeLimits { events, bytes: 1 << 30, age: Duration::from_secs(3600) };
        let (hub, view, principal) = (hub(limits), if ui { UI } else { PLAIN }, principal("p", &["operator.read"]));
        let client = join(&hub, &principal, view, None, limits);
        let place = client.answer.place();
        Self {
            hub,
            limits,
            view,
            principal,
            client,
            is_connected: true,
            place,
            read: Vec::new(),
            expected: Vec::new(),
            states: BTreeMap::new(),
            expected_states: BTreeMap::new(),
            texts: BTreeMap::new(),
            full_texts: BTreeMap::new(),
            followed: [false; 3],
            follows_sessions: false,
            oracle: Oracle::default(),
            told: 0,
        }
    }

    /// Tells an event; `heard` says whether it is for the client.
    fn tell(&mut self, event: Event, heard: bool, key: Option<String>) {
        self.hub.publish(event);
        self.told += 1;
        if heard {
            self.oracle.keep(self.told, key, self.limits.events);
        }
    }

    fn step(&mut self, step: Step) {
        let name = format!("n{}", self.told + 1);
        match step {
            Step::Message(key) => {
                let heard = self.followed[usize::from(key)];
                self.tell(message(session(key).as_str(), &name), heard, None);
                self.expected.extend(heard.then_some(name));
            }
            Step::Session(key) => {
                let (number, heard) = (self.told + 1, self.follows_sessions);
                let changed = SessionsChanged {
                    session_key: session(key),
                    agent_id: AgentId::new("main").unwrap(),
                    reason: "patch",
                    ts: i64::try_from(number).unwrap(),
                    session: None,
                };
                let name = format!("session {}", session(key));
                self.tell(Event::SessionsChanged(changed), heard, Some(name.clone()));
                self.expected_states.extend(heard.then_some((name, number)));
            }
            Step::Status(id) => {
                let number = self.told + 1;
                let status = AgentStatus {
                    id: i64::from(id),
                    name: AgentId::new("main").unwrap(),
                    status: "busy",
                    last_seen: i64::try_from(number).unwrap(),
                    last_activity: String::new(),
                };
                let name = format!("status {id}");
                self.tell(Event::AgentStatus(status), self.view.ui, Some(name.clone()));
                self.expected_states.extend(self.view.ui.then_some((name, number)));
            }
            Step::Say(run, text) => {
                let run = format!("run-{run}");
                let full = self.full_texts.entry(run.clone()).or_default();
                let from = full.len();
                full.push_str(&text);
                let full = full.clone();
                self.tell(delta(&run, &full, from), true, None);
            }
            Step::End => {
                self.tell(end(&name), true, None);
                self.expected.push(name);
            }
            Step::Log => {
                let entry = LogEntry {
                    id: name.clone(),
                    timestamp: 1,
                    level: "info",
                    source: "test".to_owned(),
                    session: None,
                    message: name.clone(),
                    extra: None,
                };
                self.tell(Event::Log(entry), self.view.ui, None);
                self.expected.extend(self.view.ui.then_some(name));
            }
            Step::Hidden => self.tell(Event::DevicePairRequested(Arc::new(json!({ "requestId": name }))), false, None),
            Step::Tick => self.tell(Event::Tick { ts: 1, sessions: Arc::new([]) }, false, None),
            Step::Follow(key, true) if self.is_connected => {
                self.hub.follow_messages(self.client.number, session(key));
                self.followed[usize::from(key)] = true;
            }
            Step::Follow(key, false) if self.is_connected => {
                // The answer comes after what was told before.
                self.take_all();
                self.hub.unfollow_messages(self.client.number, &session(key));
                self.followed[usize::from(key)] = false;
            }
            Step::FollowSessions(on) if self.is_connected => {
                self.take_all();
                self.hub.follow_sessions(self.client.number, on);
                self.follows_sessions = on;
            }
            Step::Read(frames) if self.is_connected => (0..frames).for_each(|_| self.take()),
            Step::Cut(noticed) if self.is_connected => {
                self.is_connected = false;
                if noticed {
                    self.hub.leave(self.client.number, Leaving::Lost);
                }
            }
            Step::Back(arrives) if !self.is_connected => self.come_back(arrives),
            _ => {}
        }
    }

    fn come_back(&mut self, arrives: bool) {
        let back = join(&self.hub, &self.principal, self.view, Some(self.place.clone()), self.limits);
        self.hub.leave(self.client.number, Leaving::Lost);
        let reaches = self.place.read_up_to() >= self.oracle.floor;
        assert_eq!(back.answer.status == Status::Resumed, reaches, "{:?} at {:?}", back.answer, self.place);
        if !arrives && reaches {
            // The client never learns of this connection, and shows the same place again.
            let number = back.number;
            self.client.number = number;
            self.hub.leave(number, Leaving::Lost);
            return;
        }
        if !reaches {
            // It fetches what it shows anew.
            self.place = back.answer.place();
            (self.read, self.expected) = Default::default();
            self.expected_states.clear();
            self.states.clear();
            self.texts.clone_from(&self.full_texts);
            self.followed = [false; 3];
            self.follows_sessions = false;
        }
        self.client = back;
        self.is_connected = true;
    }

    fn take_all(&mut self) {
        while self.client.outbox.bytes() > 0 {
            self.take();
        }
    }

    /// Reads one frame.
    fn take(&mut self) {
        let Some(frame) = self.client.outbox.take() else { return };
        let Frame::Event(bytes, number) = frame else { panic!("an event was expected, not {frame:?}") };
        assert!(number > self.place.position, "{number} after {:?}", self.place);
        (self.place.position, self.place.behind) = (number, self.client.outbox.behind(number));
        let frame: Value = serde_json::from_slice(&[&*bytes, b"}"].concat()).unwrap();
        let payload = &frame["payload"];
        match frame["event"].as_str().unwrap() {
            "session.message" => self.read.push(payload["message"]["text"].as_str().unwrap().to_owned()),
            "log" => self.read.push(payload["message"].as_str().unwrap().to_owned()),
            "chat" if payload["state"] == "final" => self.read.push(payload["runId"].as_str().unwrap().to_owned()),
            "chat" => {
                let text = self.texts.entry(payload["runId"].as_str().unwrap().to_owned()).or_default();
                text.push_str(payload["deltaText"].as_str().unwrap());
                assert_eq!(payload["message"]["content"][0]["text"], json!(text), "a piece is missing or doubled");
            }
            "sessions.changed" => {
                let name = format!("session {}", payload["sessionKey"].as_str().unwrap());
                self.states.insert(name, payload["ts"].as_u64().unwrap());
            }
            "agent.status" => {
                self.states.insert(format!("status {}", payload["id"]), payload["last_seen"].as_u64().unwrap());
            }
            "tick" => {}
            other => panic!("{other} was not for it"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn nothing_is_missing_doubled_or_reordered_wherever_it_is_cut(
        ui in any::<bool>(),
        events in 1..40_usize,
        steps in proptest::collection::vec(step(), 0..160),
    ) {
        let mut world = World::new(ui, events);
        for step in steps {
            world.step(step);
        }
        world.step(Step::Back(true));
        world.take_all();
        prop_assert_eq!(&world.read, &world.expected);
        prop_assert_eq!(&world.states, &world.expected_states);
        prop_assert_eq!(&world.texts, &world.full_texts);
    }
}

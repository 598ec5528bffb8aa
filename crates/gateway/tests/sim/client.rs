//! A client of a bad day: comes in, does what its spec says, answers what it is asked, and comes back when it is cut off.

use std::{
    collections::{BTreeMap, VecDeque},
    rc::Rc,
    time::Duration,
};

use openclaw_testkit::gateway::TOKEN;
use serde_json::{Value, json};

use crate::{
    device::Device,
    find,
    history::What,
    link::{Day, Link, Phase, now_ms},
    spec::{Act, ClientSpec, Dice, Kind},
};

/// How long a request may wait for its answer in a storm, and how long in good weather.
const PATIENCE_MS: [u64; 2] = [25_000, 12_000];
/// How often it asks whether it is served, once everything is mended.
const ASK_MS: u64 = 4_000;

/// Something that it does later because of what it heard.
enum Later {
    Decide {
        id: String,
    },
    Approve {
        request: String,
        device: String,
    },
    /// Looks who waits to be approved.
    Pending,
}

pub(crate) struct Client {
    pub(crate) me: usize,
    spec: ClientSpec,
    pub(crate) day: Rc<Day>,
    dice: Dice,
    device: Option<Device>,
    token: Option<String>,
    acts: VecDeque<(u64, Act)>,
    later: Vec<(u64, Later)>,
    /// Lines that it said and that nobody has answered yet: to be said again with the same key.
    unanswered: BTreeMap<String, (usize, u64)>,
    /// Where it was in the events, and on which connection.
    place: Option<(Value, u32)>,
    served: bool,
    done: bool,
    pub(crate) found: bool,
}

/// What a client knows of its present connection.
struct Talk<'a> {
    link: Link<'a>,
    /// Requests that wait: until when, and what they are about.
    waiting: BTreeMap<String, (u64, String)>,
    deaf_until: u64,
    asked_ms: u64,
    over: bool,
}

impl Client {
    pub(crate) fn new(me: usize, spec: ClientSpec, day: Rc<Day>, seed: u64) -> Self {
        let device = (spec.kind == Kind::Device).then(|| Device::new(seed));
        let acts = spec.acts.iter().cloned().collect();
        Self {
            me,
            spec,
            day,
            dice: Dice::new(seed),
            device,
            token: None,
            acts,
            later: Vec::new(),
            unanswered: BTreeMap::new(),
            place: None,
            served: false,
            done: false,
            found: false,
        }
    }

    /// The name of a device client with this seed.
    pub(crate) fn device_id(spec: &ClientSpec, seed: u64) -> Option<String> {
        (spec.kind == Kind::Device).then(|| Device::new(seed).id().to_owned())
    }

    pub(crate) async fn live(mut self) {
        let day = Rc::clone(&self.day);
        while !self.done {
            if let Some(talk) = self.come_in(&day).await {
                self.stay(talk).await;
            }
            if !self.done {
                tokio::time::sleep(Duration::from_millis(self.dice.within(300, 3_000))).await;
            }
        }
    }

    async fn come_in<'a>(&mut self, day: &'a Day) -> Option<Talk<'a>> {
        let (mut link, nonce) = Link::open(day, self.me).await?;
        let mut params = json!({
            "minProtocol": self.spec.dialect, "maxProtocol": self.spec.dialect, "role": "operator", "scopes": self.spec.scopes,
            "client": { "id": "cli", "version": "1.0.0", "platform": "linux", "mode": "cli" },
            "auth": { "token": TOKEN },
        });
        if self.spec.reviews {
            params["caps"] = json!(["approvals"]);
        }
        if self.spec.resumes {
            params["resume"] = self.place.as_ref().map_or_else(|| json!({}), |(place, _)| json!({ "from": place }));
        }
        if let Some(device) = &self.device {
            let token = self.token.as_deref();
            device.sign(&mut params, &self.spec.scopes, token, &nonce, day.clock.now_ms());
        }
        let device = self.device.as_ref().map(|device| device.id().to_owned());
        let answer = link.shake(&params, device).await;
        let Some(answer) = answer else {
            link.note(What::Closed { why: "nothing comes of asking to come in".to_owned() });
            return None;
        };
        if answer["ok"] != true {
            let code = answer["error"]["details"]["code"].as_str().unwrap_or_default().to_owned();
            if code.contains("TOKEN") {
                self.token = None;
            }
            link.note(What::Refused { code });
            return None;
        }
        Some(self.welcomed(link, &answer["payload"]).await)
    }

    async fn welcomed<'a>(&mut self, link: Link<'a>, hello: &Value) -> Talk<'a> {
        let scopes = hello["auth"]["scopes"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let scopes: Vec<String> = scopes.map(str::to_owned).collect();
        let token = hello["auth"]["deviceToken"].as_str().map(str::to_owned);
        // Half of the time the signature alone must do.
        self.token = token.clone().filter(|_| self.dice.percent(60));
        let resume = &hello["resume"];
        let resumed = resume["status"] == "resumed";
        let resumes = self.place.take().filter(|_| resumed).map(|(_, conn)| conn);
        if resume.is_object() {
            let place = json!({ "epoch": resume["epoch"], "ticket": resume["ticket"], "position": resume["position"] });
            self.place = Some((place, link.conn));
        }
        link.note(What::Hello { scopes: scopes.clone(), token, resumes });
        let mut talk = Talk { link, waiting: BTreeMap::new(), deaf_until: 0, asked_ms: 0, over: false };
        let reads =
            scopes.iter().any(|scope| matches!(scope.as_str(), "operator.read" | "operator.write" | "operator.admin"));
        if reads {
            talk.ask("sessions.subscribe", &json!({}), "", "").await;
            for session in self.spec.follows.clone() {
                talk.ask("sessions.messages.subscribe", &json!({ "key": key(session) }), "", "").await;
            }
        }
        for (line, (session, _)) in self.unanswered.clone() {
            talk.say(session, &line).await;
        }
        if self.manages() && !self.later.iter().any(|(_, later)| matches!(later, Later::Pending)) {
            self.later.push((now_ms(), Later::Pending));
        }
        talk
    }

    fn manages(&self) -> bool {
        self.spec.kind == Kind::Administrator
    }

    async fn stay(&mut self, mut talk: Talk<'_>) {
        let ended = loop {
            let now = now_ms();
            let phase = self.day.phase.get();
            if let Err(why) = self.due(&mut talk, now, phase).await {
                break why;
            }
            if self.done {
                talk.link.leave().await;
                return;
            }
            let wake = Duration::from_millis(self.wake(&talk, now, phase).saturating_sub(now).max(1));
            let came = if now < talk.deaf_until && phase == Phase::Storm {
                tokio::time::sleep(wake).await;
                continue;
            } else {
                tokio::time::timeout(wake, talk.link.frame()).await
            };
            match came {
                Ok(Ok(frame)) => self.take(&mut talk, &frame),
                Ok(Err(why)) => break why,
                Err(_) => {}
            }
        };
        talk.link.note(What::Closed { why: ended.clone() });
        if ended == LEAVES {
            talk.link.leave().await;
        }
    }

    /// When there is something to do, even when nothing comes.
    fn wake(&self, talk: &Talk<'_>, now: u64, phase: Phase) -> u64 {
        let mut wake = now + 1_000;
        if phase == Phase::Storm {
            let acts = self.acts.front().map(|(when, _)| *when);
            let later = self.later.iter().map(|(when, _)| *when).min();
            wake = [acts, later].into_iter().flatten().fold(now + 5_000, u64::min);
        }
        talk.waiting.values().map(|(until, _)| *until).fold(wake, u64::min)
    }

    /// Does what it is time for. An error ends the connection.
    async fn due(&mut self, talk: &mut Talk<'_>, now: u64, phase: Phase) -> Result<(), String> {
        if let Some((_, late)) = talk.waiting.values().find(|(until, _)| *until <= now) {
            return Err(format!("{late} is not answered in time"));
        }
        if phase < Phase::Calm {
            while let Some(at) = self.later.iter().position(|(when, _)| *when <= now) {
                let (_, later) = self.later.swap_remove(at);
                self.react(talk, later).await?;
            }
        }
        match phase {
            Phase::Storm => {
                while self.acts.front().is_some_and(|(when, _)| *when <= now) {
                    if let Some((_, act)) = self.acts.pop_front() {
                        self.act(talk, act).await?;
                    }
                }
            }
            Phase::Mended => {
                if now >= talk.asked_ms + ASK_MS {
                    talk.asked_ms = now;
                    talk.send("ping", &json!({}), "", "").await?;
                    if self.manages() {
                        self.later.push((now, Later::Pending));
                    }
                }
            }
            Phase::Calm if self.me == 0 && !self.found => {
                self.found = true;
                let found = find::all(&mut talk.link, self.day.devices.iter().flatten()).await?;
                talk.link.note(What::Found(Box::new(found)));
                self.day.phase.set(Phase::Over);
                // It heard all answers meanwhile.
                talk.waiting.clear();
            }
            Phase::Calm => {}
            Phase::Over if !talk.over => {
                talk.over = true;
                talk.send("ping", &json!({}), "", "").await?;
            }
            Phase::Over if talk.waiting.is_empty() => {
                talk.link.note(What::Flushed);
                self.done = true;
            }
            Phase::Over => {}
        }
        Ok(())
    }

    fn take(&mut self, talk: &mut Talk<'_>, frame: &Value) {
        let now = now_ms();
        if let Some((place, _)) = &mut self.place
            && frame["position"].is_u64()
        {
            place["position"] = frame["position"].clone();
            place["behind"] = frame.get("behind").cloned().unwrap_or_else(|| json!([]));
        }
        if frame["type"] == "res" {
            let id = frame["id"].as_str().unwrap_or_default();
            let about = talk.waiting.remove(id).map(|(_, about)| about).unwrap_or_default();
            if let Some(line) = about.strip_prefix("chat.send ") {
                self.unanswered.remove(line);
            }
            if frame["ok"] == true && about == "device.pair.list " {
                for one in frame["payload"]["pending"].as_array().into_iter().flatten() {
                    self.later.push((now, approve(one)));
                }
            }
            if frame["ok"] == true && about == "ping " && self.day.phase.get() == Phase::Mended && !self.served {
                self.served = true;
                talk.link.note(What::Served);
            }
            return;
        }
        let payload = &frame["payload"];
        match frame["event"].as_str() {
            Some("exec.approval.requested") if self.spec.reviews && self.dice.percent(80) => {
                let id = payload["id"].as_str().unwrap_or_default().to_owned();
                self.later.push((now + self.dice.within(0, 20_000), Later::Decide { id }));
            }
            Some("device.pair.requested") if self.manages() => {
                self.later.push((now + self.dice.within(0, 15_000), approve(payload)));
            }
            _ => {}
        }
    }

    async fn react(&mut self, talk: &mut Talk<'_>, later: Later) -> Result<(), String> {
        match later {
            Later::Decide { id } => {
                let decision = ["allow-once", "deny"][self.dice.index(2)];
                let mut params = json!({ "id": id, "decision": decision });
                if self.dice.percent(50) {
                    params["kind"] = json!("exec");
                    return talk.send("approval.resolve", &params, &id, decision).await;
                }
                talk.send("exec.approval.resolve", &params, &id, decision).await
            }
            Later::Approve { request, device } => {
                talk.send("device.pair.approve", &json!({ "requestId": request }), &device, "").await
            }
            Later::Pending => {
                if self.day.phase.get() == Phase::Storm {
                    self.later.push((now_ms() + self.dice.within(15_000, 60_000), Later::Pending));
                }
                talk.send("device.pair.list", &json!({}), "", "").await
            }
        }
    }

    async fn act(&mut self, talk: &mut Talk<'_>, act: Act) -> Result<(), String> {
        match act {
            Act::Patch { session, label } => {
                let label = format!("name {label}");
                talk.send("sessions.patch", &json!({ "key": key(session), "label": label }), &key(session), &label)
                    .await
            }
            Act::Inject { session, line, times } => {
                for time in 0..times {
                    let text = format!("line {line} {time} {}", "x".repeat(200));
                    let params = json!({ "sessionKey": key(session), "message": text });
                    talk.send("chat.inject", &params, &key(session), &text).await?;
                }
                Ok(())
            }
            Act::Say { session, line } => {
                self.unanswered.insert(said(line), (session, line));
                talk.say(session, &said(line)).await;
                Ok(())
            }
            Act::Ask { name, timeout_ms, quiet, session } => {
                let id = format!("approval-{name}");
                let mut params = json!({
                    "id": id, "command": "ls", "timeoutMs": timeout_ms, "twoPhase": true, "suppressDelivery": quiet,
                });
                if let Some(session) = session {
                    params["sessionKey"] = json!(key(session));
                }
                talk.send("exec.approval.request", &params, &id, "").await
            }
            Act::Withdraw { method, device } => {
                let Some(device) = &self.day.devices[device] else { return Ok(()) };
                talk.send(method, &json!({ "deviceId": device }), device, "").await
            }
            Act::Reach { method } => {
                let params = match method {
                    "chat.inject" => json!({ "sessionKey": key(0), "message": "nobody may say this" }),
                    "sessions.abort" => json!({ "key": key(0) }),
                    _ => json!({}),
                };
                talk.send(method, &params, "", "").await
            }
            Act::Look { method } => talk.send(method, &json!({}), "", "").await,
            Act::Drop => Err("it is dropped".to_owned()),
            Act::Leave => Err(LEAVES.to_owned()),
            Act::StopReading { for_ms } => {
                talk.deaf_until = now_ms() + for_ms;
                // What waits would not be heard in time, and is no sign of a lost connection.
                talk.waiting.clear();
                Ok(())
            }
        }
    }
}

const LEAVES: &str = "it says goodbye";

impl Talk<'_> {
    async fn send(&mut self, method: &str, params: &Value, about: &str, value: &str) -> Result<(), String> {
        let patience = PATIENCE_MS[usize::from(now_ms() > crate::spec::MENDED_MS)];
        let id = self.link.send(method, params, about, value).await?;
        self.waiting.insert(id, (now_ms() + patience, format!("{method} {value}")));
        Ok(())
    }

    /// As [`Talk::send`]; that the connection is gone shows when something is read.
    async fn ask(&mut self, method: &str, params: &Value, about: &str, value: &str) {
        let _ = self.send(method, params, about, value).await;
    }

    async fn say(&mut self, session: usize, line: &str) {
        let params = json!({ "sessionKey": key(session), "message": line, "idempotencyKey": line });
        self.ask("chat.send", &params, &key(session), line).await;
    }
}

fn approve(pending: &Value) -> Later {
    let word = |name: &str| pending[name].as_str().unwrap_or_default().to_owned();
    Later::Approve { request: word("requestId"), device: word("deviceId") }
}

fn said(line: u64) -> String {
    format!("say-{line}")
}

/// Key of a session.
pub(crate) fn key(session: usize) -> String {
    format!("agent:main:day-{session}")
}

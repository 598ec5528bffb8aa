//! A conversation on the whole screen: what happens, to the screen; what somebody wants, to the gateway.

use std::{sync::Arc, time::Duration};

use crossterm::event::{Event as Key, EventStream as Keys, KeyCode, KeyModifiers};
use futures_util::{FutureExt, StreamExt, future::LocalBoxFuture, stream::FuturesUnordered};
use openclaw_client::{Delivery, Event, EventStream, State, Supervised};
use openclaw_core::{Clock, Ids};
use tokio::time::{MissedTickBehavior, interval};

use super::{
    calls::{self, Loaded, Sent},
    conversation::Link,
    draw::draw,
    loads::Loads,
    screen::{Screen, Seen, Wish},
    wire::{self, Heard, Models, Say, Sessions},
};
use crate::{
    app::Context,
    commands::approvals::Entry,
    failure::{Done, Exit, Failure},
    full_screen::{Ended, FullScreen, Paint},
    show,
};

/// How often a picture of something that goes on changes.
const STEP: Duration = Duration::from_millis(150);

/// What a call came to.
enum Came {
    Loaded {
        number: u64,
        outcome: Result<Loaded, Failure>,
    },
    Said {
        key: String,
        run: String,
        outcome: Result<Sent, Failure>,
    },
    Done(&'static str, Result<(), Failure>),
    Model {
        key: String,
        model: String,
        outcome: Result<(), Failure>,
    },
    Models(Result<Models, Failure>),
    Sessions(Result<Sessions, Failure>),
    Waiting(Result<Vec<Entry>, Failure>),
    /// A conversation is followed no more.
    Unfollowed,
}

/// Shows the conversation until somebody leaves. The events are those since before it was loaded.
pub(super) async fn run(
    context: &mut Context,
    gateway: Supervised,
    events: EventStream,
    followed: Loaded,
    message: Option<String>,
) -> Done {
    let paint = context.output.paint();
    let outcome = {
        let mut terminal = FullScreen::take()?;
        let mut live = Live::new(&gateway, &followed.key);
        live.show(followed);
        if let Some(text) = message {
            live.grant(Wish::Say(text));
        }
        live.run(&mut terminal, events, paint).await
    };
    gateway.close().await;
    outcome
}

/// The screen, and what is under way for it.
struct Live<'a> {
    gateway: &'a Supervised,
    screen: Screen,
    work: FuturesUnordered<LocalBoxFuture<'a, Came>>,
    loads: Loads,
    /// Conversations that were loaded too late to be shown, and are followed.
    strays: Vec<String>,
    clock: Clock,
    ids: Ids,
}

impl<'a> Live<'a> {
    fn new(gateway: &'a Supervised, key: &str) -> Self {
        Self {
            gateway,
            screen: Screen::new(key),
            work: FuturesUnordered::new(),
            loads: Loads::default(),
            strays: Vec::new(),
            clock: Clock::system(),
            ids: Ids::system(),
        }
    }

    async fn run(&mut self, terminal: &mut FullScreen, mut events: EventStream, paint: Paint) -> Done {
        let mut state = self.gateway.state();
        let (mut keys, mut ended) = (Keys::new(), Ended::new()?);
        let mut clockwork = interval(STEP);
        clockwork.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let (mut telling, mut standing) = (true, true);
        loop {
            let mut seen = Seen::default();
            terminal.draw(|frame| seen = draw(frame, &self.screen, paint, self.clock.now_ms()))?;
            self.screen.saw(seen, self.clock.now_ms());
            let lively = self.screen.talk.is_busy() || self.screen.talk.waiting().next().is_some();
            tokio::select! {
                biased;
                () = ended.recv() => return Ok(Exit::Interrupted),
                key = keys.next() => match key {
                    Some(Ok(Key::Key(key))) if key.code == KeyCode::Char('l') && key.modifiers == KeyModifiers::CONTROL => {
                        terminal.redraw()?;
                    }
                    Some(Ok(Key::Key(key))) => match self.screen.key(key, self.clock.now_ms()) {
                        Some(Wish::Quit) => return Ok(left(&self.screen)),
                        Some(wish) => self.grant(wish),
                        None => {}
                    },
                    Some(Ok(Key::Paste(text))) => self.screen.paste(&text),
                    Some(Ok(_)) => {}
                    // The terminal is gone.
                    Some(Err(_)) | None => return Ok(Exit::Interrupted),
                },
                delivery = events.next(), if telling => match delivery {
                    Some(Delivery::Event(event)) => {
                        if let Some(event) = self.loads.pass(event) {
                            self.hear(&event);
                        }
                    }
                    Some(Delivery::Missed(_) | Delivery::Gap(_)) => self.load(self.screen.talk.key.clone()),
                    None => telling = false,
                },
                changed = state.changed(), if standing => {
                    let now = state.borrow_and_update().clone();
                    self.screen.talk.link = link(now);
                    // It will not change again; why stays on the screen.
                    standing = changed.is_ok();
                }
                Some(came) = self.work.next(), if !self.work.is_empty() => self.take(came),
                _ = clockwork.tick(), if lively => {}
            }
        }
    }

    fn hear(&mut self, event: &Arc<Event>) {
        if let Some(heard) = wire::heard(event, &self.screen.talk.key) {
            let asks = matches!(heard, Heard::Waits(_));
            self.screen.talk.hear(heard, self.clock.now_ms());
            if asks {
                self.complete();
            }
        }
    }

    /// Finds out more about what waits.
    fn complete(&mut self) {
        self.work.push(calls::waiting(self.gateway).map(Came::Waiting).boxed_local());
    }

    /// Fetches a conversation, to be shown in place of what is.
    fn load(&mut self, key: String) {
        let (number, gateway) = (self.loads.begin(), self.gateway);
        let load = async move { Came::Loaded { number, outcome: calls::load(gateway, &key).await } };
        self.work.push(load.boxed_local());
    }

    fn show(&mut self, followed: Loaded) {
        let asks = !followed.waiting.is_empty();
        self.screen.talk.load(followed.key, followed.history, followed.waiting, self.clock.now_ms());
        if asks {
            self.complete();
        }
    }

    /// A conversation came, and is shown unless another one was asked for since.
    fn loaded(&mut self, number: u64, outcome: Result<Loaded, Failure>) {
        let Some(meanwhile) = self.loads.end(number) else {
            self.strays.extend(outcome.map(|loaded| loaded.key));
            return;
        };
        let is_undone = meanwhile.is_incomplete || (meanwhile.replaced && outcome.is_err());
        match outcome {
            Ok(followed) => {
                self.screen.scrolled = 0;
                self.strays.push(self.screen.talk.key.clone());
                self.show(followed);
                self.unfollow_strays();
            }
            Err(failure) => self.failed("The conversation cannot be shown", &failure),
        }
        for event in &meanwhile.events {
            self.hear(event);
        }
        if is_undone {
            self.load(self.screen.talk.key.clone());
        }
    }

    fn unfollow_strays(&mut self) {
        let gateway = self.gateway;
        self.strays.sort();
        self.strays.dedup();
        for key in std::mem::take(&mut self.strays).into_iter().filter(|key| *key != self.screen.talk.key) {
            let unfollow = async move { calls::unfollow(gateway, &key).await };
            self.work.push(unfollow.map(|()| Came::Unfollowed).boxed_local());
        }
    }

    /// Begins to do what somebody wants.
    fn grant(&mut self, wish: Wish) {
        let (gateway, talk) = (self.gateway, &mut self.screen.talk);
        let key = talk.key.clone();
        let came: LocalBoxFuture<'a, Came> = match wish {
            Wish::Quit => return,
            Wish::Say(message) => {
                let run = self.ids.uuid().to_string();
                talk.say(&run, &message);
                let said = Say { session_key: key, message, idempotency_key: run };
                async move {
                    let outcome = calls::say(gateway, &said).await;
                    Came::Said { key: said.session_key, run: said.idempotency_key, outcome }
                }
                .boxed_local()
            }
            Wish::Stop if !talk.is_busy() => {
                talk.note("Nothing is at work.", false);
                return;
            }
            Wish::Stop => {
                if let Some(running) = &mut talk.running {
                    running.stopping = true;
                }
                async move { Came::Done("It was not stopped", calls::stop(gateway, &key, None).await) }.boxed_local()
            }
            Wish::Decide { approval, word } => {
                let decide = async move { calls::decide(gateway, &approval, word).await };
                decide.map(|done| Came::Done("That was not decided", done)).boxed_local()
            }
            Wish::New(name) => {
                let name = name.unwrap_or_else(|| format!("chat-{}", &self.ids.uuid().to_string()[..8]));
                return self.load(beside(&key, &name));
            }
            Wish::Go(to) => return self.load(to),
            Wish::Sessions => calls::sessions(gateway).map(Came::Sessions).boxed_local(),
            Wish::Models => calls::models(gateway).map(Came::Models).boxed_local(),
            Wish::Model(model) => async move {
                let outcome = calls::set_model(gateway, &key, &model).await;
                Came::Model { key, model, outcome }
            }
            .boxed_local(),
        };
        self.work.push(came);
    }

    /// A call came back.
    fn take(&mut self, came: Came) {
        match came {
            Came::Loaded { number, outcome } => self.loaded(number, outcome),
            Came::Said { outcome: Ok(Sent::AtWork), .. } | Came::Done(_, Ok(())) | Came::Unfollowed => {}
            Came::Said { run, outcome: Ok(Sent::Obeyed), .. } => self.screen.talk.obeyed(&run),
            // Its end was told while nobody listened, so it is fetched.
            Came::Said { key, outcome: Ok(Sent::Over), .. } => {
                if key == self.screen.talk.key {
                    self.load(key);
                }
            }
            Came::Said { run, outcome: Err(failure), .. } => self.screen.talk.unsaid(&run, &failure.cause),
            Came::Done(what, Err(failure)) => {
                if let Some(running) = &mut self.screen.talk.running {
                    running.stopping = false;
                }
                self.failed(what, &failure);
            }
            Came::Model { key, model, outcome: Ok(()) } => {
                self.screen.talk.note(format!("{model} answers from now on."), false);
                if key == self.screen.talk.key {
                    self.screen.talk.model = model;
                }
            }
            Came::Model { outcome: Err(failure), .. } => self.failed("The model was not changed", &failure),
            Came::Models(Ok(models)) => self.screen.choose_model(models.models.iter().map(model_row).collect()),
            Came::Sessions(Ok(sessions)) => {
                let now_ms = self.clock.now_ms();
                let rows = sessions.sessions.into_iter().map(|row| session_row(row, now_ms));
                self.screen.choose_session(rows.collect());
            }
            Came::Models(Err(failure)) => self.failed("The models cannot be shown", &failure),
            Came::Sessions(Err(failure)) => self.failed("The conversations cannot be shown", &failure),
            Came::Waiting(Ok(entries)) => {
                for entry in entries {
                    self.screen.talk.complete(&entry.id, entry.place.as_ref(), &entry.warnings);
                }
            }
            // What is asked is shown anyhow.
            Came::Waiting(Err(_)) => {}
        }
    }

    fn failed(&mut self, what: &str, failure: &Failure) {
        let hint = failure.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
        self.screen.talk.note(format!("{what}: {}{hint}", failure.cause), true);
    }
}

/// A model to choose: its reference, and how it is shown.
fn model_row(model: &wire::ListedModel) -> (String, String) {
    let name = model.name.as_deref().filter(|name| *name != model.id).unwrap_or_default();
    let reference = model.reference();
    let shown = format!("{reference}  {name}");
    (reference, shown)
}

/// A conversation to choose: its key, and how it is shown.
fn session_row(row: crate::commands::sessions::Row, now_ms: i64) -> (String, String) {
    let name = row.name().cloned().unwrap_or_default();
    let age = show::age(now_ms, row.updated_at);
    let shown = format!("{}  {age}  {name}", row.key);
    (row.key, shown)
}

/// How the program ends when somebody leaves.
fn left(screen: &Screen) -> Exit {
    match screen.talk.link {
        Link::Gone { .. } => Exit::Unreachable,
        Link::Up | Link::Away { .. } => Exit::Ok,
    }
}

fn link(state: State) -> Link {
    match state {
        State::Connecting => Link::Away { why: "connecting".to_owned(), attempt: 0 },
        State::Connected(_) => Link::Up,
        State::Reconnecting { attempt, why, .. } => Link::Away { why: why.to_string(), attempt },
        State::Final { why } => Link::Gone { why: why.to_string() },
    }
}

/// The key of another conversation of the same agent.
pub(super) fn beside(key: &str, name: &str) -> String {
    match key.strip_prefix("agent:").and_then(|rest| rest.split_once(':')) {
        Some((agent, _)) if !name.starts_with("agent:") => format!("agent:{agent}:{name}"),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_new_conversation_is_the_same_agents() {
        assert_eq!(super::beside("agent:helper:main", "trip"), "agent:helper:trip");
        assert_eq!(super::beside("agent:helper:main", "agent:main:trip"), "agent:main:trip");
        assert_eq!(super::beside("global", "trip"), "trip");
    }
}

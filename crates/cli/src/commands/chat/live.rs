//! A conversation on the whole screen: what happens, to the screen; what somebody wants, to the gateway.

use std::time::Duration;

use crossterm::event::{Event as Key, EventStream as Keys, KeyCode, KeyModifiers};
use futures_util::{FutureExt, StreamExt, future::LocalBoxFuture, stream::FuturesUnordered};
use openclaw_client::{Delivery, State, Supervised};
use openclaw_core::{Clock, Ids};
use tokio::time::{MissedTickBehavior, interval};

use super::{
    calls::{self, Loaded},
    conversation::Link,
    draw::draw,
    screen::{Screen, Wish},
    wire::{self, Models, Say, Sessions},
};
use crate::{
    app::Context,
    commands::approvals::Entry,
    failure::{Done, Exit, Failure},
    full_screen::{Ended, FullScreen},
    show,
};

/// How often a picture of something that goes on changes.
const STEP: Duration = Duration::from_millis(150);

/// What a call came to.
enum Came {
    Loaded(Result<Loaded, Failure>),
    Said { run: String, outcome: Result<(), Failure> },
    Done(&'static str, Result<(), Failure>),
    Model(String, Result<(), Failure>),
    Models(Result<Models, Failure>),
    Sessions(Result<Sessions, Failure>),
    Waiting(Result<Vec<Entry>, Failure>),
}

type Work<'a> = FuturesUnordered<LocalBoxFuture<'a, Came>>;

/// Shows the conversation until somebody leaves.
pub(super) async fn run(context: &mut Context, gateway: Supervised, followed: Loaded, message: Option<String>) -> Done {
    let paint = context.output.paint();
    let outcome = {
        let mut terminal = FullScreen::take()?;
        shown(&mut terminal, &gateway, followed, message, paint).await
    };
    gateway.close().await;
    outcome
}

async fn shown(
    terminal: &mut FullScreen,
    gateway: &Supervised,
    followed: Loaded,
    message: Option<String>,
    paint: crate::full_screen::Paint,
) -> Done {
    let (clock, ids) = (Clock::system(), Ids::system());
    let mut screen = Screen::new(&followed.key);
    let mut work: Work<'_> = FuturesUnordered::new();
    let (mut events, mut state) = (gateway.events(), gateway.state());
    let (mut keys, mut ended) = (Keys::new(), Ended::new()?);
    let mut clockwork = interval(STEP);
    clockwork.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loaded(&mut screen, followed, gateway, &mut work, clock.now_ms());
    if let Some(text) = message {
        grant(&mut screen, Wish::Say(text), gateway, &mut work, &ids);
    }
    let (mut telling, mut standing) = (true, true);
    loop {
        terminal.draw(|frame| draw(frame, &screen, paint, clock.now_ms()))?;
        let lively = screen.talk.is_busy() || screen.talk.waiting().next().is_some();
        tokio::select! {
            biased;
            () = ended.recv() => return Ok(Exit::Interrupted),
            key = keys.next() => match key {
                Some(Ok(Key::Key(key))) if key.code == KeyCode::Char('l') && key.modifiers == KeyModifiers::CONTROL => {
                    terminal.redraw()?;
                }
                Some(Ok(Key::Key(key))) => match screen.key(key, clock.now_ms()) {
                    Some(Wish::Quit) => return Ok(left(&screen)),
                    Some(wish) => grant(&mut screen, wish, gateway, &mut work, &ids),
                    None => {}
                },
                Some(Ok(Key::Paste(text))) => screen.paste(&text),
                Some(Ok(_)) => {}
                // The terminal is gone.
                Some(Err(_)) | None => return Ok(Exit::Interrupted),
            },
            delivery = events.next(), if telling => match delivery {
                Some(Delivery::Event(event)) => {
                    if let Some(heard) = wire::heard(&event, &screen.talk.key) {
                        let asks = matches!(heard, wire::Heard::Waits(_));
                        screen.talk.hear(heard, clock.now_ms());
                        if asks {
                            work.push(calls::waiting(gateway).map(Came::Waiting).boxed_local());
                        }
                    }
                }
                Some(Delivery::Missed(_) | Delivery::Gap(_)) => {
                    let key = screen.talk.key.clone();
                    work.push(async move { Came::Loaded(calls::load(gateway, &key).await) }.boxed_local());
                }
                None => telling = false,
            },
            changed = state.changed(), if standing => {
                let now = state.borrow_and_update().clone();
                screen.talk.link = link(now);
                // It will not change again; why stays on the screen.
                standing = changed.is_ok();
            }
            Some(came) = work.next(), if !work.is_empty() => came.to(&mut screen, gateway, &mut work, clock.now_ms()),
            _ = clockwork.tick(), if lively => {}
        }
    }
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

fn loaded<'a>(screen: &mut Screen, loaded: Loaded, gateway: &'a Supervised, work: &mut Work<'a>, now_ms: i64) {
    let asks = !loaded.waiting.is_empty();
    screen.talk.load(loaded.key, loaded.history, loaded.waiting, now_ms);
    if asks {
        work.push(calls::waiting(gateway).map(Came::Waiting).boxed_local());
    }
}

/// Begins to do what somebody wants.
fn grant<'a>(screen: &mut Screen, wish: Wish, gateway: &'a Supervised, work: &mut Work<'a>, ids: &Ids) {
    let key = screen.talk.key.clone();
    let came: LocalBoxFuture<'a, Came> = match wish {
        Wish::Quit => return,
        Wish::Say(message) => {
            let run = ids.uuid().to_string();
            screen.talk.say(&run, &message);
            let said = Say { session_key: key, message, idempotency_key: run.clone() };
            async move { Came::Said { run, outcome: calls::say(gateway, &said).await } }.boxed_local()
        }
        Wish::Stop if !screen.talk.is_busy() => {
            screen.talk.note("Nothing is at work.", false);
            return;
        }
        Wish::Stop => {
            if let Some(running) = &mut screen.talk.running {
                running.stopping = true;
            }
            async move { Came::Done("It was not stopped", calls::stop(gateway, &key, None).await) }.boxed_local()
        }
        Wish::Decide { approval, word } => {
            let decide = async move { calls::decide(gateway, &approval, word).await };
            decide.map(|done| Came::Done("That was not decided", done)).boxed_local()
        }
        Wish::New(name) => {
            let name = name.unwrap_or_else(|| format!("chat-{}", &ids.uuid().to_string()[..8]));
            go(key, beside(&screen.talk.key, &name), gateway)
        }
        Wish::Go(to) => go(key, to, gateway),
        Wish::Sessions => calls::sessions(gateway).map(Came::Sessions).boxed_local(),
        Wish::Models => calls::models(gateway).map(Came::Models).boxed_local(),
        Wish::Model(model) => async move {
            let done = calls::set_model(gateway, &key, &model).await;
            Came::Model(model, done)
        }
        .boxed_local(),
    };
    work.push(came);
}

fn go<'a>(from: String, to: String, gateway: &'a Supervised) -> LocalBoxFuture<'a, Came> {
    async move {
        let loaded = calls::load(gateway, &to).await;
        if loaded.as_ref().is_ok_and(|loaded| loaded.key != from) {
            calls::unfollow(gateway, &from).await;
        }
        Came::Loaded(loaded)
    }
    .boxed_local()
}

/// The key of another conversation of the same agent.
pub(super) fn beside(key: &str, name: &str) -> String {
    match key.strip_prefix("agent:").and_then(|rest| rest.split_once(':')) {
        Some((agent, _)) if !name.starts_with("agent:") => format!("agent:{agent}:{name}"),
        _ => name.to_owned(),
    }
}

impl Came {
    fn to<'a>(self, screen: &mut Screen, gateway: &'a Supervised, work: &mut Work<'a>, now_ms: i64) {
        let failed = |screen: &mut Screen, what: &str, failure: Failure| {
            let hint = failure.hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
            screen.talk.note(format!("{what}: {}{hint}", failure.cause), true);
        };
        match self {
            Self::Loaded(Ok(followed)) => {
                screen.scrolled = 0;
                loaded(screen, followed, gateway, work, now_ms);
            }
            Self::Loaded(Err(failure)) => failed(screen, "The conversation cannot be shown", failure),
            Self::Said { outcome: Ok(()), .. } | Self::Done(_, Ok(())) => {}
            Self::Said { run, outcome: Err(failure) } => screen.talk.unsaid(&run, &failure.cause),
            Self::Done(what, Err(failure)) => {
                if let Some(running) = &mut screen.talk.running {
                    running.stopping = false;
                }
                failed(screen, what, failure);
            }
            Self::Model(model, Ok(())) => {
                screen.talk.note(format!("{model} answers from now on."), false);
                screen.talk.model = model;
            }
            Self::Model(_, Err(failure)) => failed(screen, "The model was not changed", failure),
            Self::Models(Ok(models)) => {
                let row = |model: &wire::ListedModel| {
                    let name = model.name.as_deref().filter(|name| *name != model.id).unwrap_or_default();
                    let reference = model.reference();
                    let shown = format!("{reference}  {name}");
                    (reference, shown)
                };
                screen.choose_model(models.models.iter().map(row).collect());
            }
            Self::Sessions(Ok(sessions)) => {
                let row = |row: crate::commands::sessions::Row| {
                    let name = row.name().cloned().unwrap_or_default();
                    let age = show::age(now_ms, row.updated_at);
                    let shown = format!("{}  {age}  {name}", row.key);
                    (row.key, shown)
                };
                screen.choose_session(sessions.sessions.into_iter().map(row).collect());
            }
            Self::Models(Err(failure)) => failed(screen, "The models cannot be shown", failure),
            Self::Sessions(Err(failure)) => failed(screen, "The conversations cannot be shown", failure),
            Self::Waiting(Ok(entries)) => {
                for entry in entries {
                    screen.talk.complete(&entry.id, entry.place.as_ref(), &entry.warnings);
                }
            }
            // What is asked is shown anyhow.
            Self::Waiting(Err(_)) => {}
        }
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

//! A conversation without a terminal: a message a line comes in, replies go out. Made to be used by other programs.

use std::{collections::HashSet, pin::pin};

use openclaw_client::{Delivery, EventStream, Supervised};
use openclaw_core::Ids;
use serde::Serialize;

use super::{
    calls::{self, Loaded, Sent},
    input::Input,
    live::beside,
    screen::{COMMANDS, Meant, Wish, meant},
    wire::{self, Approval, End, Heard, Say, Used},
};
use crate::{
    app::Context,
    failure::{Done, Exit, Failure, ToldError},
    output::{Output, Text, Tone},
};

/// Something that happened, as `--json` prints it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase", tag = "type")]
enum Told<'a> {
    /// The conversation, once it is known which.
    #[serde(rename_all = "camelCase")]
    Session { session_key: &'a str, model: &'a str },
    /// A message went out.
    #[serde(rename_all = "camelCase")]
    Sent { run_id: &'a str, message: &'a str },
    /// More of the reply.
    #[serde(rename_all = "camelCase")]
    Text { run_id: &'a str, delta: &'a str },
    /// A tool is at work, or done.
    #[serde(rename_all = "camelCase")]
    Tool { run_id: &'a str, name: &'a str, over: bool },
    /// Something waits for people.
    #[serde(rename_all = "camelCase")]
    Approval { id: &'a str, kind: &'a str, command: &'a str, place: Option<&'a str>, decisions: &'a [String] },
    /// It waits no more.
    Decided { id: &'a str, how: &'a str },
    /// A turn is over.
    #[serde(rename_all = "camelCase")]
    End {
        run_id: &'a str,
        status: &'static str,
        text: &'a str,
        error: Option<&'a str>,
        input_tokens: u64,
        output_tokens: u64,
        cost: f64,
    },
    /// What a command came to.
    Note { text: &'a str },
    /// A command did not work.
    Error { error: ToldError<'a> },
}

/// Reads messages and prints replies until there are no more. The events are those since before the conversation was loaded.
pub(super) async fn run(
    context: &mut Context,
    gateway: Supervised,
    events: EventStream,
    followed: Loaded,
    message: Option<String>,
) -> Done {
    let mut input = match message {
        Some(message) => Input::One(Some(message)),
        None => Input::lines().map_err(|error| {
            Failure::new(Exit::Failed, "INPUT", format!("cannot read the input: {error}"))
                .helped("give the message with --message")
        })?,
    };
    let ids = Ids::system();
    let mut talk = Talk {
        events,
        key: followed.key,
        model: followed.history.model(),
        output: &mut context.output,
        exit: Exit::Ok,
        is_amiss: false,
        is_within_line: false,
        told: HashSet::new(),
    };
    talk.tell_session()?;
    talk.tell_waiting(&followed.waiting)?;
    let mut interrupted = pin!(tokio::signal::ctrl_c());
    loop {
        let line = tokio::select! {
            biased;
            _ = &mut interrupted => {
                talk.exit = Exit::Interrupted;
                break;
            }
            line = input.next() => line?,
        };
        let Some(line) = line else { break };
        let text = match meant(&line) {
            None => continue,
            Some(Meant::Wish(Wish::Quit)) => break,
            Some(Meant::Wish(Wish::Say(text))) => text,
            Some(other) => {
                talk.obey(&gateway, other, &ids).await?;
                continue;
            }
        };
        let run = ids.uuid().to_string();
        let stopped = tokio::select! {
            biased;
            _ = &mut interrupted => true,
            ended = talk.turn(&gateway, &run, text) => {
                ended?;
                false
            }
        };
        if stopped {
            // Nobody waits for the reply any more, so nobody should pay for it.
            let _ = calls::stop(&gateway, &talk.key, Some(&run)).await;
            talk.exit = Exit::Interrupted;
            break;
        }
    }
    let exit = if talk.is_amiss && talk.exit == Exit::Ok { Exit::Failed } else { talk.exit };
    gateway.close().await;
    Ok(exit)
}

/// The conversation, and where it is printed.
struct Talk<'a> {
    events: EventStream,
    key: String,
    model: String,
    output: &'a mut Output,
    /// How the last turn ended.
    exit: Exit,
    /// A command did not work.
    is_amiss: bool,
    /// The line that was printed last has no end yet.
    is_within_line: bool,
    /// Approvals that were told of and are not decided.
    told: HashSet<String>,
}

impl Talk<'_> {
    /// Says something and prints the reply until its end.
    async fn turn(&mut self, gateway: &Supervised, run: &str, message: String) -> Result<(), Failure> {
        if self.output.json {
            self.output.json_line(&Told::Sent { run_id: run, message: &message })?;
        }
        let said = Say { session_key: self.key.clone(), message, idempotency_key: run.to_owned() };
        let mut saying = pin!(calls::say(gateway, &said));
        let (mut sent, mut shown) = (None, String::new());
        // The end of the turn may be among events that are lost, so it is asked for.
        let mut is_unsure = false;
        loop {
            if let Some(sent) = sent.filter(|_| std::mem::take(&mut is_unsure)) {
                match calls::ended(gateway, run).await? {
                    Some(ended) => return self.hear(ended, run, &mut shown).map(|_| ()),
                    None if sent == Sent::Over => return Err(untold()),
                    None => {}
                }
            }
            let delivery = tokio::select! {
                biased;
                outcome = &mut saying, if sent.is_none() => {
                    let became = outcome?;
                    if became == Sent::Obeyed {
                        return self.tell_end(run, &mut shown, &End::Final, "", Used::default());
                    }
                    is_unsure |= became == Sent::Over;
                    sent = Some(became);
                    continue;
                }
                delivery = self.events.next() => delivery,
            };
            match delivery {
                Some(Delivery::Event(event)) => {
                    if let Some(heard) = wire::heard(&event, &self.key)
                        && self.hear(heard, run, &mut shown)?
                    {
                        return Ok(());
                    }
                }
                Some(Delivery::Missed(_) | Delivery::Gap(_)) => {
                    let waiting = calls::follow(gateway, &self.key).await?.waiting();
                    self.tell_waiting(&waiting)?;
                    is_unsure = true;
                }
                None => {
                    let why = gateway.connection().await.err();
                    let why = why.unwrap_or_else(|| "the connection ended".into());
                    return Err(Failure::new(Exit::Unreachable, "ENDED", &*why).helped("openclaw status"));
                }
            }
        }
    }

    /// Prints what happened, as far as it belongs to this turn, and tells whether it is the turn's end.
    fn hear(&mut self, heard: Heard, run: &str, shown: &mut String) -> Result<bool, Failure> {
        match heard {
            Heard::Text { run: whose, text } if whose == run => self.tell_text(run, shown, &text)?,
            Heard::Tool { run: whose, name, over } if whose == run && self.output.json => {
                self.output.json_line(&Told::Tool { run_id: run, name: &name, over })?;
            }
            Heard::Waits(approval) => self.tell_approval(&approval)?,
            Heard::Decided { id, how } => {
                self.told.remove(&id);
                if self.output.json {
                    self.output.json_line(&Told::Decided { id: &id, how: &how })?;
                }
            }
            Heard::Ended { run: whose, end, text, used } if whose == run => {
                let text = text.unwrap_or_else(|| shown.clone());
                self.tell_end(run, shown, &end, &text, used)?;
                return Ok(true);
            }
            _ => {}
        }
        Ok(false)
    }

    fn tell_session(&mut self) -> Result<(), Failure> {
        if self.output.json {
            self.output.json_line(&Told::Session { session_key: &self.key, model: &self.model })?;
        }
        Ok(())
    }

    /// Prints what is new of the whole text so far. A text that does not go on with what was printed begins anew.
    fn tell_text(&mut self, run_id: &str, shown: &mut String, text: &str) -> Result<(), Failure> {
        let delta = match text.strip_prefix(shown.as_str()) {
            Some("") => return Ok(()),
            Some(delta) => delta,
            None if shown.starts_with(text) => return Ok(()),
            None => {
                self.end_line()?;
                text
            }
        };
        if self.output.json {
            self.output.json_line(&Told::Text { run_id, delta })?;
        } else {
            self.output.stream(delta)?;
            self.is_within_line = !delta.ends_with('\n');
        }
        text.clone_into(shown);
        Ok(())
    }

    /// Ends the line of a reply that is not complete.
    fn end_line(&mut self) -> Result<(), Failure> {
        if std::mem::take(&mut self.is_within_line) {
            self.output.stream("\n")?;
        }
        Ok(())
    }

    fn tell_end(&mut self, run_id: &str, shown: &mut String, end: &End, text: &str, used: Used) -> Result<(), Failure> {
        let (status, error) = match end {
            End::Final => ("ok", None),
            End::Aborted => ("aborted", None),
            End::Failed(why) => ("error", Some(why.as_str())),
        };
        self.exit = if *end == End::Final { Exit::Ok } else { Exit::Failed };
        if self.output.json {
            let (input_tokens, output_tokens) = (used.input + used.cache_read + used.cache_write, used.output);
            let cost = used.cost.total;
            self.output.json_line(&Told::End { run_id, status, text, error, input_tokens, output_tokens, cost })?;
            return Ok(());
        }
        self.tell_text(run_id, shown, text)?;
        self.end_line()?;
        match end {
            End::Final => {}
            End::Aborted => self.output.line(Text::toned(Tone::Warning, "the turn was stopped"))?,
            End::Failed(why) => self.output.line(Text::toned(Tone::Bad, "error: ").and(why))?,
        }
        self.output.flush()?;
        Ok(())
    }

    /// Says what waits, as far as it is news.
    fn tell_waiting(&mut self, waiting: &[Approval]) -> Result<(), Failure> {
        self.told.retain(|id| waiting.iter().any(|approval| approval.id == *id));
        waiting.iter().try_for_each(|approval| self.tell_approval(approval))
    }

    /// Says once what waits. It is decided elsewhere: a line of a pipe decides nothing.
    fn tell_approval(&mut self, approval: &Approval) -> Result<(), Failure> {
        if !self.told.insert(approval.id.clone()) {
            return Ok(());
        }
        let Approval { id, kind, what, place, offered, .. } = approval;
        if self.output.json {
            let place = place.as_deref();
            self.output.json_line(&Told::Approval { id, kind, command: what, place, decisions: offered })?;
            return Ok(());
        }
        self.end_line()?;
        self.output.line(Text::toned(Tone::Warning, "waits for people: ").and(what))?;
        self.output
            .line(Text::toned(Tone::Faint, format!("  openclaw approvals resolve {id} {}", offered.join("|"))))?;
        self.output.flush()?;
        Ok(())
    }

    fn tell(&mut self, text: &str) -> Result<(), Failure> {
        if self.output.json {
            self.output.json_line(&Told::Note { text })?;
        } else {
            self.output.line(text)?;
            self.output.flush()?;
        }
        Ok(())
    }

    /// Says that a command did not work. The next line may still.
    fn tell_failure(&mut self, failure: &Failure) -> Result<(), Failure> {
        self.is_amiss = true;
        if self.output.json {
            self.output.json_line(&Told::Error { error: failure.error() })?;
            return Ok(());
        }
        self.output.line(Text::toned(Tone::Bad, "error: ").and(&failure.cause))?;
        if let Some(hint) = &failure.hint {
            self.output.line(Text::toned(Tone::Faint, format!("  {hint}")))?;
        }
        self.output.flush()?;
        Ok(())
    }

    /// Does what a command says.
    async fn obey(&mut self, gateway: &Supervised, meant: Meant, ids: &Ids) -> Result<(), Failure> {
        let wish = match meant {
            Meant::Wish(wish) => wish,
            Meant::Help => {
                for (name, about) in COMMANDS {
                    self.tell(&format!("{name:18}{about}"))?;
                }
                return Ok(());
            }
            Meant::Unknown(word) => {
                self.is_amiss = true;
                return self.tell(&format!("There is no command /{word}; /help tells what there is."));
            }
        };
        let name = match wish {
            Wish::New(name) => name.unwrap_or_else(|| format!("chat-{}", &ids.uuid().to_string()[..8])),
            // Whatever comes next is meant for the other conversation, so nothing does when it cannot be gone to.
            Wish::Go(key) => return self.go(gateway, &key).await,
            wish => {
                return match self.try_to(gateway, wish).await {
                    Err(failure) if matches!(failure.exit, Exit::Failed | Exit::Refused) => self.tell_failure(&failure),
                    outcome => outcome,
                };
            }
        };
        self.go(gateway, &beside(&self.key, &name)).await
    }

    /// Does what stays within this conversation.
    async fn try_to(&mut self, gateway: &Supervised, wish: Wish) -> Result<(), Failure> {
        match wish {
            Wish::Stop => {
                calls::stop(gateway, &self.key, None).await?;
                self.tell("What was at work is stopped.")
            }
            Wish::Model(model) => {
                calls::set_model(gateway, &self.key, &model).await?;
                self.tell(&format!("{model} answers from now on."))
            }
            Wish::Models => {
                let models = calls::models(gateway).await?.models;
                models.iter().try_for_each(|model| self.tell(&model.reference()))
            }
            Wish::Sessions => {
                let rows = calls::sessions(gateway).await?.sessions;
                rows.iter().try_for_each(|row| self.tell(&row.key))
            }
            // Lines mean these never, or elsewhere.
            Wish::Say(_) | Wish::Quit | Wish::Decide { .. } | Wish::New(_) | Wish::Go(_) => Ok(()),
        }
    }

    async fn go(&mut self, gateway: &Supervised, key: &str) -> Result<(), Failure> {
        let loaded = calls::load(gateway, key).await?;
        if loaded.key != self.key {
            calls::unfollow(gateway, &self.key).await;
        }
        (self.key, self.model) = (loaded.key, loaded.history.model());
        if self.output.json {
            self.tell_session()?;
        } else {
            self.tell(&format!("This is {} now.", self.key))?;
        }
        self.tell_waiting(&loaded.waiting)
    }
}

/// The gateway says that a turn is over, and not how.
fn untold() -> Failure {
    Failure::new(Exit::Failed, "ENDED", "the gateway says that the turn is over, and not how it ended")
        .helped("see the conversation: openclaw sessions history")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use openclaw_core::Environment;
    use openclaw_testkit::gateway::TestGateway;

    use super::*;
    use crate::output::Settings;

    async fn in_time<T>(work: impl Future<Output = Result<T, Failure>>) -> T {
        tokio::time::timeout(Duration::from_secs(20), work)
            .await
            .expect("it ends")
            .unwrap_or_else(|failure| panic!("{failure:?}"))
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_was_said_before_the_connection_broke_is_not_waited_for() {
        let house = TestGateway::start().await;
        let gateway = openclaw_client::connect_supervised(house.options()).await.unwrap();
        let said = |message: &str, run: &str| Say {
            session_key: "main".to_owned(),
            message: message.to_owned(),
            idempotency_key: run.to_owned(),
        };
        assert_eq!(in_time(calls::say(&gateway, &said("Hello", "r1"))).await, Sent::AtWork);
        let mut ended = None;
        while ended.is_none() {
            ended = in_time(calls::ended(&gateway, "r1")).await;
        }
        assert!(
            matches!(&ended, Some(Heard::Ended { end: End::Final, text: Some(text), .. }) if !text.is_empty()),
            "{ended:?}"
        );
        assert_eq!(in_time(calls::say(&gateway, &said("Hello", "r1"))).await, Sent::Over);
        assert_eq!(in_time(calls::say(&gateway, &said("/stop", "r2"))).await, Sent::Obeyed);
        // No event of it comes any more.
        let mut output = Output::new(&Environment::default(), Settings { json: true, ..Settings::default() });
        let mut talk = Talk {
            events: gateway.events(),
            key: in_time(calls::load(&gateway, "main")).await.key,
            model: String::new(),
            output: &mut output,
            exit: Exit::Failed,
            is_amiss: false,
            is_within_line: false,
            told: HashSet::new(),
        };
        in_time(talk.turn(&gateway, "r1", "Hello".to_owned())).await;
        assert_eq!(talk.exit, Exit::Ok);
    }
}

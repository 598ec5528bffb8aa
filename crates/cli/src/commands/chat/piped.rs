//! A conversation without a terminal: a message a line comes in, replies go out. Made to be used by other programs.

use openclaw_client::{Delivery, EventStream, Supervised};
use openclaw_core::Ids;
use serde::Serialize;
use tokio::io::{AsyncBufReadExt, BufReader, Lines, Stdin};

use super::{
    calls::{self, Loaded},
    live::beside,
    screen::{COMMANDS, Meant, Wish, meant},
    wire::{self, Approval, End, Heard, Say, Used},
};
use crate::{
    app::Context,
    failure::{Done, Exit, Failure},
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
}

/// Where the lines come from.
enum Input {
    One(Option<String>),
    Lines(Lines<BufReader<Stdin>>),
}

impl Input {
    async fn next(&mut self) -> Result<Option<String>, Failure> {
        match self {
            Self::One(message) => Ok(message.take()),
            Self::Lines(lines) => lines.next_line().await.map_err(|error| {
                Failure::new(Exit::Failed, "INPUT", format!("cannot read the input: {error}"))
                    .helped("give the message with --message")
            }),
        }
    }
}

/// Reads messages and prints replies until there are no more.
pub(super) async fn run(context: &mut Context, gateway: Supervised, followed: Loaded, message: Option<String>) -> Done {
    let mut input = match message {
        Some(message) => Input::One(Some(message)),
        None => Input::Lines(BufReader::new(tokio::io::stdin()).lines()),
    };
    let ids = Ids::system();
    let mut talk = Talk {
        events: gateway.events(),
        key: followed.key,
        model: followed.history.model(),
        output: &mut context.output,
        exit: Exit::Ok,
    };
    talk.tell_session()?;
    for approval in &followed.waiting {
        talk.tell_approval(approval)?;
    }
    let mut interrupted = std::pin::pin!(tokio::signal::ctrl_c());
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
    let exit = talk.exit;
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
}

impl Talk<'_> {
    /// Says something and prints the reply until its end.
    async fn turn(&mut self, gateway: &Supervised, run: &str, message: String) -> Result<(), Failure> {
        if self.output.json {
            self.output.json_line(&Told::Sent { run_id: run, message: &message })?;
        }
        let said = Say { session_key: self.key.clone(), message, idempotency_key: run.to_owned() };
        let mut saying = std::pin::pin!(calls::say(gateway, &said));
        let mut is_said = false;
        let mut shown = String::new();
        loop {
            let delivery = tokio::select! {
                biased;
                outcome = &mut saying, if !is_said => {
                    outcome?;
                    is_said = true;
                    continue;
                }
                delivery = self.events.next() => delivery,
            };
            let heard = match delivery {
                Some(Delivery::Event(event)) => wire::heard(&event, &self.key),
                Some(Delivery::Missed(_) | Delivery::Gap(_)) => {
                    // The end may be among what is lost, so it is looked up.
                    let loaded = calls::load(gateway, &self.key).await?;
                    let at_work = loaded.history.in_flight_run.as_ref().is_some_and(|known| known.run_id == run);
                    if at_work || !is_said {
                        continue;
                    }
                    let reply = loaded.history.messages.iter().rev().find(|message| message.role == "assistant");
                    let text = reply.map(wire::Message::text);
                    let used = reply.and_then(|reply| reply.usage).unwrap_or_default();
                    let end = match reply.and_then(|reply| reply.error_message.clone()) {
                        Some(why) => End::Failed(why),
                        None => End::Final,
                    };
                    Some(Heard::Ended { run: run.to_owned(), end, text, used })
                }
                None => {
                    let why = gateway.connection().await.err();
                    let why = why.unwrap_or_else(|| "the connection ended".into());
                    return Err(Failure::new(Exit::Unreachable, "ENDED", &*why).helped("openclaw status"));
                }
            };
            match heard {
                Some(Heard::Text { run: whose, text }) if whose == run => self.tell_text(run, &mut shown, &text)?,
                Some(Heard::Tool { run: whose, name, over }) if whose == run && self.output.json => {
                    self.output.json_line(&Told::Tool { run_id: run, name: &name, over })?;
                }
                Some(Heard::Waits(approval)) => self.tell_approval(&approval)?,
                Some(Heard::Decided { id, how }) if self.output.json => {
                    self.output.json_line(&Told::Decided { id: &id, how: &how })?;
                }
                Some(Heard::Ended { run: whose, end, text, used }) if whose == run => {
                    let text = text.unwrap_or_else(|| shown.clone());
                    return self.tell_end(run, &mut shown, &end, &text, used);
                }
                _ => {}
            }
        }
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
                if !self.output.json {
                    self.output.stream("\n")?;
                }
                text
            }
        };
        if self.output.json {
            self.output.json_line(&Told::Text { run_id, delta })?;
        } else {
            self.output.stream(delta)?;
        }
        text.clone_into(shown);
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
        if !shown.is_empty() && !shown.ends_with('\n') {
            self.output.stream("\n")?;
        }
        match end {
            End::Final => {}
            End::Aborted => self.output.line(Text::toned(Tone::Warning, "the turn was stopped"))?,
            End::Failed(why) => self.output.line(Text::toned(Tone::Bad, "error: ").and(why))?,
        }
        self.output.flush()?;
        Ok(())
    }

    /// Says what waits. It is decided elsewhere: a line of a pipe decides nothing.
    fn tell_approval(&mut self, approval: &Approval) -> Result<(), Failure> {
        let Approval { id, kind, what, place, offered, .. } = approval;
        if self.output.json {
            let place = place.as_deref();
            self.output.json_line(&Told::Approval { id, kind, command: what, place, decisions: offered })?;
            return Ok(());
        }
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
                self.exit = Exit::Failed;
                return self.tell(&format!("There is no command /{word}; /help tells what there is."));
            }
        };
        match wish {
            Wish::Stop => {
                calls::stop(gateway, &self.key, None).await?;
                self.tell("What was at work is stopped.")
            }
            Wish::New(name) => {
                let name = name.unwrap_or_else(|| format!("chat-{}", &ids.uuid().to_string()[..8]));
                self.go(gateway, &beside(&self.key, &name)).await
            }
            Wish::Go(key) => self.go(gateway, &key).await,
            Wish::Model(model) => {
                calls::set_model(gateway, &self.key, &model).await?;
                self.tell(&format!("{model} answers from now on."))
            }
            Wish::Models => {
                for model in calls::models(gateway).await?.models {
                    self.tell(&model.reference())?;
                }
                Ok(())
            }
            Wish::Sessions => {
                for row in calls::sessions(gateway).await?.sessions {
                    self.tell(&row.key)?;
                }
                Ok(())
            }
            // Lines never mean these; what is said is no command.
            Wish::Say(_) | Wish::Quit | Wish::Decide { .. } => Ok(()),
        }
    }

    async fn go(&mut self, gateway: &Supervised, key: &str) -> Result<(), Failure> {
        let loaded = calls::load(gateway, key).await?;
        if loaded.key != self.key {
            calls::unfollow(gateway, &self.key).await;
        }
        (self.key, self.model) = (loaded.key, loaded.history.model());
        if self.output.json { self.tell_session() } else { self.tell(&format!("This is {} now.", self.key)) }
    }
}

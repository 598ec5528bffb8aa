//! A conversation as one person sees it: what was said, what goes on, what waits. It changes by what is heard and by nothing else.

use std::collections::{HashSet, VecDeque};

use super::wire::{Approval, End, Heard, History, Message, Used};

/// Most entries that are kept; the oldest go, `openclaw sessions history` has them all.
const ENTRIES: usize = 500;
/// Names of own turns that are remembered, so that what was said here is not shown twice.
const OWN: usize = 256;

/// Something that stands in the conversation.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Entry {
    /// Somebody said something.
    Said(String),
    /// The agent replied.
    Reply { text: String, used: Used, end: End },
    /// A tool is at work, or was.
    Tool { name: String, over: bool },
    /// People are asked, or were, with what they decided.
    Asked { approval: Approval, how: Option<String> },
    /// Word of this program.
    Note { text: String, bad: bool },
}

/// A turn at work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Running {
    pub(super) run: String,
    /// The reply so far.
    pub(super) text: String,
    pub(super) since_ms: i64,
    /// Somebody here asked to stop it.
    pub(super) stopping: bool,
}

/// Where the connection stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Link {
    Up,
    /// It comes back by itself.
    Away {
        why: String,
        attempt: u32,
    },
    /// It does not.
    Gone {
        why: String,
    },
}

#[derive(Debug)]
pub(super) struct Conversation {
    pub(super) key: String,
    pub(super) model: String,
    pub(super) entries: VecDeque<Entry>,
    pub(super) running: Option<Running>,
    /// Own turns that are not over.
    asked: Vec<String>,
    own: VecDeque<String>,
    kept: Kept,
    pub(super) link: Link,
    /// Of all turns that ended here.
    pub(super) spent: Used,
    pub(super) last: Option<Used>,
}

/// What the last load brought, of which events may still tell: they come later than what they tell of was kept.
#[derive(Debug, Default)]
struct Kept {
    /// Turns that were asked for in it.
    said: HashSet<String>,
    /// Turns whose replies are in it.
    replied: HashSet<String>,
}

impl Kept {
    fn of(history: &History) -> Self {
        let of = |role: &'static str| history.messages.iter().filter(move |message| message.role == role);
        Self {
            said: of("user").filter_map(|message| message.idempotency_key.clone()).collect(),
            replied: of("assistant").filter_map(|message| message.place.run_id.clone()).collect(),
        }
    }
}

impl Conversation {
    pub(super) fn new(key: &str) -> Self {
        Self {
            key: key.to_owned(),
            model: String::new(),
            entries: VecDeque::new(),
            running: None,
            asked: Vec::new(),
            own: VecDeque::new(),
            kept: Kept::default(),
            link: Link::Up,
            spent: Used::default(),
            last: None,
        }
    }

    /// Takes what the gateway keeps of it, in place of what stood here.
    pub(super) fn load(&mut self, key: String, history: History, waiting: Vec<Approval>, now_ms: i64) {
        // What people were told here is not in the gateway.
        let notes: Vec<Entry> = if self.key == key {
            self.entries.drain(..).filter(|entry| matches!(entry, Entry::Note { .. })).collect()
        } else {
            (self.spent, self.last) = (Used::default(), None);
            Vec::new()
        };
        self.key = key;
        self.model = history.model();
        self.entries.clear();
        // What was said here and is not among what is kept is told later, and has to be shown then.
        self.own.clear();
        self.kept = Kept::of(&history);
        if history.has_more {
            self.note("Earlier messages: openclaw sessions history", false);
        }
        for message in history.messages {
            self.entries.extend(entry(&message));
        }
        let recent = notes.len().saturating_sub(3);
        self.entries.extend(notes.into_iter().skip(recent));
        let at_work = history.in_flight_run.map(|run| run.run_id).filter(|run| !self.kept.replied.contains(run));
        self.asked.retain(|run| Some(run) == at_work.as_ref());
        self.running = at_work.map(|run| {
            let before = self.running.take().filter(|running| running.run == run);
            before.unwrap_or(Running { run, text: String::new(), since_ms: now_ms, stopping: false })
        });
        for approval in waiting {
            self.push(Entry::Asked { approval, how: None });
        }
    }

    /// Word of this program.
    pub(super) fn note(&mut self, text: impl Into<String>, bad: bool) {
        self.push(Entry::Note { text: text.into(), bad });
    }

    /// Somebody says something here. It is shown before the gateway tells it.
    pub(super) fn say(&mut self, run: &str, text: &str) {
        self.push(Entry::Said(text.to_owned()));
        self.asked.push(run.to_owned());
        self.own.push_back(run.to_owned());
        if self.own.len() > OWN {
            self.own.pop_front();
        }
    }

    /// What was said did not arrive.
    pub(super) fn unsaid(&mut self, run: &str, why: &str) {
        self.obeyed(run);
        self.note(format!("That was not sent: {why}"), true);
    }

    /// What was said needs no turn.
    pub(super) fn obeyed(&mut self, run: &str) {
        self.asked.retain(|asked| asked != run);
    }

    /// Own turns that wait for the one at work.
    pub(super) fn queued(&self) -> usize {
        self.asked.iter().filter(|run| self.running.as_ref().is_none_or(|running| running.run != **run)).count()
    }

    /// Whether a turn of this place is at work or waits.
    pub(super) fn is_busy(&self) -> bool {
        self.running.is_some() || !self.asked.is_empty()
    }

    /// What waits for people, oldest first.
    pub(super) fn waiting(&self) -> impl Iterator<Item = &Approval> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Asked { approval, how: None } => Some(approval),
            _ => None,
        })
    }

    /// Adds what was found out about something that waits.
    pub(super) fn complete(&mut self, id: &str, place: Option<&String>, warnings: &[String]) {
        for entry in &mut self.entries {
            if let Entry::Asked { approval, how: None } = entry
                && approval.id == id
            {
                if let Some(place) = place {
                    approval.place = Some(place.clone());
                }
                if !warnings.is_empty() {
                    approval.warning = Some(warnings.join("\n"));
                }
            }
        }
    }

    /// Something happened.
    pub(super) fn hear(&mut self, heard: Heard, now_ms: i64) {
        let is_kept = self.is_kept(&heard);
        match heard {
            Heard::Said { .. } | Heard::Began { .. } | Heard::Asks { .. } | Heard::Text { .. } | Heard::Tool { .. }
                if is_kept => {}
            Heard::Said { by_run, text } => {
                if by_run.is_none_or(|run| !self.own.contains(&run)) {
                    self.push(Entry::Said(text));
                }
            }
            Heard::Began { run } => {
                self.at_work(run, now_ms);
            }
            Heard::Asks { run, model } => {
                self.at_work(run, now_ms);
                self.model = model;
            }
            Heard::Text { run, text } => self.at_work(run, now_ms).text = text,
            Heard::Tool { run, name, over } => {
                self.at_work(run, now_ms);
                let open = self.entries.iter_mut().rev().find_map(|entry| match entry {
                    Entry::Tool { name: known, over } if *known == name && !*over => Some(over),
                    _ => None,
                });
                match open {
                    Some(done) if over => *done = true,
                    _ => self.push(Entry::Tool { name, over }),
                }
            }
            Heard::Ended { run, end, text, used } => {
                let ended = self.running.take_if(|running| running.run == run);
                self.asked.retain(|asked| *asked != run);
                let text = text.or_else(|| ended.map(|running| running.text)).unwrap_or_default();
                self.spent = sum(self.spent, used);
                self.last = Some(used);
                if !is_kept {
                    self.push(Entry::Reply { text, used, end });
                }
            }
            Heard::Waits(approval) => {
                let known = self
                    .entries
                    .iter()
                    .any(|entry| matches!(entry, Entry::Asked { approval: known, .. } if known.id == approval.id));
                if !known {
                    self.push(Entry::Asked { approval, how: None });
                }
            }
            Heard::Decided { id, how: word } => {
                for entry in &mut self.entries {
                    if let Entry::Asked { approval, how } = entry
                        && approval.id == id
                    {
                        *how = Some(word.clone());
                    }
                }
            }
        }
    }

    /// Whether the last load brought already what this tells of.
    fn is_kept(&self, heard: &Heard) -> bool {
        match heard {
            Heard::Said { by_run, .. } => by_run.as_ref().is_some_and(|run| self.kept.said.contains(run)),
            Heard::Began { run }
            | Heard::Asks { run, .. }
            | Heard::Text { run, .. }
            | Heard::Tool { run, .. }
            | Heard::Ended { run, .. } => self.kept.replied.contains(run),
            Heard::Waits(_) | Heard::Decided { .. } => false,
        }
    }

    fn at_work(&mut self, run: String, now_ms: i64) -> &mut Running {
        let other = self.running.take().filter(|running| running.run == run);
        let fresh = Running { run, text: String::new(), since_ms: now_ms, stopping: false };
        self.running.insert(other.unwrap_or(fresh))
    }

    fn push(&mut self, entry: Entry) {
        self.entries.push_back(entry);
        while self.entries.len() > ENTRIES {
            // What waits for people never goes unseen.
            let at = self.entries.iter().position(|entry| !matches!(entry, Entry::Asked { how: None, .. }));
            self.entries.remove(at.unwrap_or(0));
        }
    }
}

fn entry(message: &Message) -> Option<Entry> {
    let text = message.text();
    match message.role.as_str() {
        "user" => Some(Entry::Said(text)),
        "assistant" => {
            let end = match message.stop_reason.as_deref() {
                Some("error") => {
                    End::Failed(message.error_message.clone().unwrap_or_else(|| "the turn failed".to_owned()))
                }
                Some("aborted") => End::Aborted,
                _ => End::Final,
            };
            Some(Entry::Reply { text, used: message.usage.unwrap_or_default(), end })
        }
        _ => None,
    }
}

fn sum(one: Used, other: Used) -> Used {
    let mut sum = one;
    sum.input += other.input;
    sum.output += other.output;
    sum.cache_read += other.cache_read;
    sum.cache_write += other.cache_write;
    sum.cost.total += other.cost.total;
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::chat::wire::Cost;

    fn used(output: u64, total: f64) -> Used {
        Used { input: 10, output, cost: Cost { total }, ..Used::default() }
    }

    fn ended(run: &str, end: End, text: Option<&str>) -> Heard {
        Heard::Ended { run: run.into(), end, text: text.map(str::to_owned), used: used(5, 0.5) }
    }

    #[test]
    fn a_turn_streams_ends_and_is_counted() {
        let mut talk = Conversation::new("agent:main:main");
        talk.say("r1", "Hello");
        assert!(talk.is_busy() && talk.queued() == 1);
        talk.hear(Heard::Said { by_run: Some("r1".into()), text: "Hello".into() }, 1);
        talk.hear(Heard::Began { run: "r1".into() }, 2);
        talk.hear(Heard::Asks { run: "r1".into(), model: "house/big".into() }, 2);
        assert_eq!((talk.queued(), talk.model.as_str()), (0, "house/big"));
        talk.hear(Heard::Text { run: "r1".into(), text: "Hi".into() }, 3);
        talk.hear(Heard::Text { run: "r1".into(), text: "Hi there".into() }, 4);
        assert_eq!(
            talk.running.as_ref().map(|running| (running.text.as_str(), running.since_ms)),
            Some(("Hi there", 2))
        );
        talk.hear(ended("r1", End::Final, Some("Hi there.")), 5);
        assert!(!talk.is_busy());
        assert_eq!(talk.entries.len(), 2, "what was said here is shown once");
        assert_eq!(talk.entries[1], Entry::Reply { text: "Hi there.".into(), used: used(5, 0.5), end: End::Final });
        talk.say("r2", "More");
        talk.hear(ended("r2", End::Aborted, None), 6);
        assert_eq!((talk.spent.output, talk.spent.cost.total, talk.last), (10, 1.0, Some(used(5, 0.5))));
    }

    #[test]
    fn what_others_say_in_it_is_shown_and_their_turns_too() {
        let mut talk = Conversation::new("k");
        talk.hear(Heard::Said { by_run: Some("theirs".into()), text: "From a phone".into() }, 1);
        talk.hear(Heard::Text { run: "theirs".into(), text: "Sure".into() }, 1);
        talk.say("mine", "And me");
        assert_eq!((talk.entries.len(), talk.queued()), (2, 1));
        talk.hear(ended("theirs", End::Failed("no money left".into()), None), 2);
        // What was said of a turn that failed stays.
        let expected =
            Entry::Reply { text: "Sure".into(), used: used(5, 0.5), end: End::Failed("no money left".into()) };
        assert_eq!(talk.entries.back(), Some(&expected));
        talk.unsaid("mine", "the gateway is away");
        assert!(!talk.is_busy());
    }

    #[test]
    fn approvals_wait_once_and_end_once() {
        let mut talk = Conversation::new("k");
        let approval = Approval { id: "a".into(), what: "rm -rf build".into(), ..Approval::default() };
        talk.hear(Heard::Waits(approval.clone()), 1);
        talk.hear(Heard::Waits(approval), 1);
        talk.complete("a", Some(&"gateway:/srv".to_owned()), &["It destroys.".to_owned()]);
        let waiting: Vec<&Approval> = talk.waiting().collect();
        assert_eq!(waiting.len(), 1);
        assert_eq!(
            (waiting[0].place.as_deref(), waiting[0].warning.as_deref()),
            (Some("gateway:/srv"), Some("It destroys."))
        );
        for number in 0..ENTRIES * 2 {
            talk.note(number.to_string(), false);
        }
        assert_eq!((talk.entries.len(), talk.waiting().count()), (ENTRIES, 1), "what waits is not pushed out");
        talk.hear(Heard::Decided { id: "a".into(), how: "deny".into() }, 2);
        assert_eq!(talk.waiting().count(), 0);
        talk.hear(Heard::Decided { id: "unknown".into(), how: "deny".into() }, 2);
    }

    #[test]
    fn what_the_gateway_keeps_replaces_what_stood_here() {
        let mut talk = Conversation::new("k");
        talk.say("r1", "Hello");
        talk.hear(Heard::Text { run: "r1".into(), text: "He".into() }, 1);
        talk.note("a word", false);
        let history = serde_json::json!({
            "messages": [
                {"role": "user", "content": "Hello"},
                {"role": "assistant", "content": [{"type": "thinking", "thinking": "x"}, {"type": "text", "text": "Hel"}],
                 "stopReason": "error", "errorMessage": "it broke"},
                {"role": "system", "content": "no"},
            ],
            "defaults": {"modelProvider": "a", "model": "b"}, "sessionInfo": {"modelProvider": "c", "model": "d"},
            "inFlightRun": {"runId": "r1"},
        });
        talk.load("k".into(), serde_json::from_value(history.clone()).unwrap(), Vec::new(), 9);
        let end = End::Failed("it broke".into());
        let reply = Entry::Reply { text: "Hel".into(), used: Used::default(), end };
        let note = Entry::Note { text: "a word".into(), bad: false };
        assert_eq!(Vec::from(talk.entries.clone()), [Entry::Said("Hello".into()), reply, note]);
        assert_eq!((talk.model.as_str(), talk.running.as_ref().unwrap().text.as_str()), ("c/d", "He"));
        let quiet = serde_json::from_value(serde_json::json!({})).unwrap();
        talk.load("other".into(), quiet, Vec::new(), 10);
        assert!(!talk.is_busy() && talk.entries.is_empty(), "another conversation begins clean");
    }

    #[test]
    fn what_is_told_again_after_a_load_is_shown_once_and_what_is_not_in_it_is_shown() {
        let mut talk = Conversation::new("k");
        talk.say("r1", "Hello");
        talk.say("r2", "And you?");
        let history = serde_json::json!({"messages": [
            {"role": "user", "content": "Hello", "idempotencyKey": "r1"},
            {"role": "assistant", "content": "Hi", "__openclaw": {"runId": "r1"}},
        ], "inFlightRun": {"runId": "r1"}});
        talk.load("k".into(), serde_json::from_value(history).unwrap(), Vec::new(), 1);
        assert!(talk.running.is_none(), "whose reply is kept is not at work");
        talk.hear(Heard::Said { by_run: Some("r1".into()), text: "Hello".into() }, 2);
        talk.hear(Heard::Text { run: "r1".into(), text: "Hi".into() }, 2);
        talk.hear(ended("r1", End::Final, Some("Hi")), 2);
        assert_eq!((talk.entries.len(), talk.running.as_ref(), talk.spent.output), (2, None, 5));
        talk.hear(Heard::Said { by_run: Some("r2".into()), text: "And you?".into() }, 3);
        assert_eq!(talk.entries.back(), Some(&Entry::Said("And you?".into())), "the load did not bring it");
    }
}

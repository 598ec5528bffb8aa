//! What stands on the screen beside the conversation, and what a key means. Nothing here reaches the gateway: keys become wishes.

use std::ops::Range;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::{
    conversation::Conversation,
    line::{Line, Way},
    wire::Approval,
};

/// Rows that one press of a key turns.
const PAGE: usize = 10;
/// A key within this time of the moment from which it would decide was meant for the line, milliseconds.
const SURPRISE_MS: i64 = 600;

/// What somebody wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    Say(String),
    /// Stop the turn at work.
    Stop,
    Quit,
    /// Begin a conversation of this name, or of a new one.
    New(Option<String>),
    /// Go to a conversation.
    Go(String),
    /// Show the conversations that there are.
    Sessions,
    /// Show the models that there are.
    Models,
    /// Have this model answer from now on.
    Model(String),
    Decide {
        approval: Approval,
        word: &'static str,
    },
}

/// Things to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) title: &'static str,
    /// What is chosen, and how it is shown.
    pub(super) rows: Vec<(String, String)>,
    pub(super) at: usize,
    what: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Session,
    Model,
}

/// What a picture came to show. Keys are understood by it, since nobody decides what they have not seen.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Rows between the end of the conversation and the last one that is shown.
    pub(super) scrolled: usize,
    /// What is asked, at the bottom.
    pub(super) asked: Option<Glimpse>,
}

/// What a picture shows of an approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Glimpse {
    pub(super) approval: Approval,
    /// Columns that it is broken into.
    pub(super) width: usize,
    /// Rows of it that are shown.
    pub(super) rows: Range<usize>,
    /// Rows that it has.
    pub(super) all: usize,
}

impl Glimpse {
    /// Whether both show parts of one whole, row for row.
    fn is_of(&self, other: &Self) -> bool {
        (&self.approval, self.width, self.all) == (&other.approval, other.width, other.all)
    }
}

/// The approval that stands at the bottom of the screen, which is the one that keys decide.
#[derive(Debug)]
struct Shown {
    glimpse: Glimpse,
    /// Rows that were seen, from the first on.
    seen: usize,
    /// Whether the line was empty, so that a key would decide.
    offered: bool,
    /// Since when all this holds.
    since_ms: i64,
}

#[derive(Debug)]
pub(super) struct Screen {
    pub(super) talk: Conversation,
    pub(super) line: Line,
    /// Rows between the end of the conversation and the last one that is shown.
    pub(super) scrolled: usize,
    /// The row with which what is asked begins, when there is not room for all of it.
    first: usize,
    shown: Option<Shown>,
    pub(super) choice: Option<Choice>,
    pub(super) help: bool,
    /// The last key would leave, were it pressed again.
    pub(super) leaving: bool,
}

/// What a line means that begins with a slash.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Meant {
    Wish(Wish),
    Help,
    /// Nothing that is known.
    Unknown(String),
}

/// Reads what was written: a wish, or text for the agent. Two slashes begin a text with one.
pub(super) fn meant(written: &str) -> Option<Meant> {
    let text = written.trim();
    if text.is_empty() {
        return None;
    }
    if let Some(literal) = text.strip_prefix("//") {
        return Some(Meant::Wish(Wish::Say(format!("/{literal}"))));
    }
    let Some(command) = text.strip_prefix('/') else { return Some(Meant::Wish(Wish::Say(text.to_owned()))) };
    let (word, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
    let rest = Some(rest.trim()).filter(|rest| !rest.is_empty()).map(str::to_owned);
    Some(Meant::Wish(match (word, rest) {
        ("help" | "?", _) => return Some(Meant::Help),
        ("stop" | "abort", _) => Wish::Stop,
        ("quit" | "exit" | "q", _) => Wish::Quit,
        ("new", name) => Wish::New(name),
        ("model" | "models", None) => Wish::Models,
        ("model", Some(name)) => Wish::Model(name),
        ("sessions" | "session", None) => Wish::Sessions,
        ("session" | "sessions", Some(key)) => Wish::Go(key),
        (other, _) => return Some(Meant::Unknown(other.to_owned())),
    }))
}

/// The commands, as help tells them.
pub(super) const COMMANDS: [(&str, &str); 6] = [
    ("/help", "this"),
    ("/stop", "stop the turn at work"),
    ("/new [name]", "begin another conversation"),
    ("/model [name]", "choose who answers"),
    ("/sessions [key]", "go to another conversation"),
    ("/quit", "leave"),
];

impl Screen {
    pub(super) fn new(key: &str) -> Self {
        Self {
            talk: Conversation::new(key),
            line: Line::default(),
            scrolled: 0,
            first: 0,
            shown: None,
            choice: None,
            help: false,
            leaving: false,
        }
    }

    /// What waits first, unless something lies over it.
    pub(super) fn asked(&self) -> Option<&Approval> {
        self.talk.waiting().next().filter(|_| self.choice.is_none() && !self.help)
    }

    /// The row of it that is to be the first shown.
    pub(super) fn first_of(&self, approval: &Approval) -> usize {
        self.shown.as_ref().filter(|shown| shown.glimpse.approval == *approval).map_or(0, |_| self.first)
    }

    /// Rows of what is asked that have been seen, from the first on, with those of this glimpse.
    pub(super) fn seen(&self, glimpse: &Glimpse) -> usize {
        let before = self.shown.as_ref().filter(|shown| shown.glimpse.is_of(glimpse)).map_or(0, |shown| shown.seen);
        if glimpse.rows.start <= before { before.max(glimpse.rows.end) } else { before }
    }

    /// Takes over what the picture shows that was drawn now.
    pub(super) fn saw(&mut self, picture: Seen, now_ms: i64) {
        self.scrolled = picture.scrolled;
        let offered = self.line.is_empty();
        let shown = picture.asked.map(|glimpse| {
            let same = self.shown.as_ref().filter(|shown| shown.glimpse.is_of(&glimpse) && shown.offered == offered);
            let since_ms = same.map_or(now_ms, |shown| shown.since_ms);
            Shown { seen: self.seen(&glimpse), glimpse, offered, since_ms }
        });
        self.first = shown.as_ref().map_or(0, |shown| shown.glimpse.rows.start);
        self.shown = shown;
    }

    /// What the next key decides: what stands at the bottom, once all of it was seen, and not by surprise.
    fn deciding(&self, now_ms: i64) -> Option<&Approval> {
        let shown = self.shown.as_ref().filter(|shown| shown.offered && self.line.is_empty())?;
        let is_read = shown.seen >= shown.glimpse.all && now_ms.saturating_sub(shown.since_ms) >= SURPRISE_MS;
        self.asked().filter(|asked| is_read && **asked == shown.glimpse.approval)
    }

    /// Rows of what is asked that are shown, when that is not all of it: then the pages are its own.
    fn window(&self) -> Option<usize> {
        let glimpse = &self.shown.as_ref()?.glimpse;
        Some(glimpse.rows.len().max(1)).filter(|rows| *rows < glimpse.all)
    }

    /// Goes towards the beginning. A page is never longer than what is seen of it.
    fn back(&mut self, rows: usize) {
        match self.window() {
            Some(window) => self.first = self.first.saturating_sub(rows.min(window)),
            None => self.scrolled += rows,
        }
    }

    /// Goes towards the end.
    fn on(&mut self, rows: usize) {
        match self.window() {
            Some(window) => self.first += rows.min(window),
            None => self.scrolled = self.scrolled.saturating_sub(rows),
        }
    }

    pub(super) fn choose_session(&mut self, rows: Vec<(String, String)>) {
        let at = rows.iter().position(|(key, _)| *key == self.talk.key).unwrap_or(0);
        self.choice = Some(Choice { title: "Conversations", rows, at, what: What::Session });
    }

    pub(super) fn choose_model(&mut self, rows: Vec<(String, String)>) {
        let at = rows.iter().position(|(name, _)| *name == self.talk.model).unwrap_or(0);
        self.choice = Some(Choice { title: "Models", rows, at, what: What::Model });
    }

    /// Takes what was pasted.
    pub(super) fn paste(&mut self, text: &str) {
        if self.choice.is_none() {
            self.help = false;
            self.line.insert(text);
        }
    }

    /// Takes a key that was pressed now.
    pub(super) fn key(&mut self, key: KeyEvent, now_ms: i64) -> Option<Wish> {
        if key.kind == KeyEventKind::Release {
            return None;
        }
        let leaving = std::mem::take(&mut self.leaving);
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        if control && key.code == KeyCode::Char('c') {
            return self.interrupt(leaving);
        }
        if std::mem::take(&mut self.help) {
            return None;
        }
        if self.choice.is_some() {
            return self.choosing(key.code);
        }
        if !control
            && !alt
            && let Some(wish) = self.decide(key.code, now_ms)
        {
            return Some(wish);
        }
        match key.code {
            KeyCode::Enter if alt || key.modifiers.contains(KeyModifiers::SHIFT) => self.line.insert("\n"),
            KeyCode::Enter => return self.enter(),
            KeyCode::Char('j') if control => self.line.insert("\n"),
            KeyCode::Char('d') if control && self.line.is_empty() => return Some(Wish::Quit),
            KeyCode::Char('d') if control => self.line.delete(Way::Right),
            KeyCode::Char('a') if control => self.line.go(Way::Begin),
            KeyCode::Char('e') if control => self.line.go(Way::End),
            KeyCode::Char('u') if control => self.line.delete(Way::Begin),
            KeyCode::Char('k') if control => self.line.delete(Way::End),
            KeyCode::Char('w') if control => self.line.delete(Way::WordLeft),
            KeyCode::Char('p') if control => self.line.earlier(),
            KeyCode::Char('n') if control => self.line.later(),
            KeyCode::Char('b') if alt => self.line.go(Way::WordLeft),
            KeyCode::Char('f') if alt => self.line.go(Way::WordRight),
            KeyCode::Char(_) if control || alt => {}
            KeyCode::Char('?') if self.line.is_empty() => self.help = true,
            KeyCode::Char(letter) => self.line.insert(letter.encode_utf8(&mut [0; 4])),
            KeyCode::Backspace if alt || control => self.line.delete(Way::WordLeft),
            KeyCode::Backspace => self.line.delete(Way::Left),
            KeyCode::Delete => self.line.delete(Way::Right),
            KeyCode::Left if alt || control => self.line.go(Way::WordLeft),
            KeyCode::Right if alt || control => self.line.go(Way::WordRight),
            KeyCode::Left => self.line.go(Way::Left),
            KeyCode::Right => self.line.go(Way::Right),
            KeyCode::Home => self.line.go(Way::Begin),
            KeyCode::End if self.line.is_empty() => self.scrolled = 0,
            KeyCode::End => self.line.go(Way::End),
            KeyCode::Up if control || key.modifiers.contains(KeyModifiers::SHIFT) => self.back(1),
            KeyCode::Down if control || key.modifiers.contains(KeyModifiers::SHIFT) => self.on(1),
            KeyCode::Up => self.line.earlier(),
            KeyCode::Down => self.line.later(),
            KeyCode::PageUp => self.back(PAGE),
            KeyCode::PageDown => self.on(PAGE),
            KeyCode::Esc if self.scrolled > 0 => self.scrolled = 0,
            KeyCode::Esc => self.line.clear(),
            _ => {}
        }
        None
    }

    /// A run first, the program second: whoever presses twice means it.
    fn interrupt(&mut self, leaving: bool) -> Option<Wish> {
        if self.choice.take().is_some() || std::mem::take(&mut self.help) {
            return None;
        }
        if leaving || (!self.talk.is_busy() && self.line.is_empty()) {
            return Some(Wish::Quit);
        }
        self.leaving = true;
        if self.talk.is_busy() {
            return Some(Wish::Stop);
        }
        self.line.clear();
        None
    }

    fn enter(&mut self) -> Option<Wish> {
        self.scrolled = 0;
        match meant(&self.line.take())? {
            Meant::Wish(wish) => Some(wish),
            Meant::Help => {
                self.help = true;
                None
            }
            Meant::Unknown(word) => {
                self.talk.note(format!("There is no command /{word}; /help tells what there is."), true);
                None
            }
        }
    }

    fn decide(&self, code: KeyCode, now_ms: i64) -> Option<Wish> {
        let approval = self.deciding(now_ms)?;
        let word = match code {
            KeyCode::Char('a') => "allow-once",
            KeyCode::Char('A') => "allow-always",
            KeyCode::Char('d') => "deny",
            _ => return None,
        };
        // A key that is not on offer is a letter.
        approval
            .offered
            .iter()
            .any(|offered| offered == word)
            .then(|| Wish::Decide { approval: approval.clone(), word })
    }

    fn choosing(&mut self, code: KeyCode) -> Option<Wish> {
        let choice = self.choice.as_mut()?;
        let last = choice.rows.len().saturating_sub(1);
        match code {
            KeyCode::Up | KeyCode::Char('k') => choice.at = choice.at.saturating_sub(1),
            KeyCode::Down | KeyCode::Char('j') => choice.at = (choice.at + 1).min(last),
            KeyCode::PageUp => choice.at = choice.at.saturating_sub(PAGE),
            KeyCode::PageDown => choice.at = (choice.at + PAGE).min(last),
            KeyCode::Home => choice.at = 0,
            KeyCode::End => choice.at = last,
            KeyCode::Enter => {
                let choice = self.choice.take()?;
                let (chosen, _) = choice.rows.into_iter().nth(choice.at)?;
                return Some(match choice.what {
                    What::Session => Wish::Go(chosen),
                    What::Model => Wish::Model(chosen),
                });
            }
            KeyCode::Esc | KeyCode::Char('q') => self.choice = None,
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::chat::wire::Heard;

    fn press(screen: &mut Screen, code: KeyCode) -> Option<Wish> {
        screen.key(KeyEvent::new(code, KeyModifiers::NONE), 10_000)
    }

    fn control(screen: &mut Screen, letter: char) -> Option<Wish> {
        screen.key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL), 10_000)
    }

    fn write(screen: &mut Screen, text: &str) {
        for letter in text.chars() {
            assert_eq!(press(screen, KeyCode::Char(letter)), None);
        }
    }

    fn asked(offered: &[&str]) -> Approval {
        let offered = offered.iter().map(|word| (*word).to_owned()).collect();
        Approval { id: "a1".into(), kind: "exec".into(), what: "rm -rf build".into(), offered, ..Approval::default() }
    }

    #[test]
    fn what_is_written_is_said_and_slashes_are_commands() {
        let wish = |text: &str| match meant(text) {
            Some(Meant::Wish(wish)) => wish,
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(wish("  Hello\n"), Wish::Say("Hello".into()));
        assert_eq!(wish("//etc/hosts"), Wish::Say("/etc/hosts".into()));
        assert_eq!((wish("/new"), wish("/new trip ")), (Wish::New(None), Wish::New(Some("trip".into()))));
        assert_eq!((wish("/model"), wish("/model a/b")), (Wish::Models, Wish::Model("a/b".into())));
        assert_eq!((wish("/sessions"), wish("/session x")), (Wish::Sessions, Wish::Go("x".into())));
        assert_eq!((wish("/stop"), wish("/quit")), (Wish::Stop, Wish::Quit));
        assert_eq!(meant("/help"), Some(Meant::Help));
        assert_eq!((meant("/nope x"), meant(" \n")), (Some(Meant::Unknown("nope".into())), None));
    }

    #[test]
    fn keys_write_and_enter_says_it() {
        let mut screen = Screen::new("k");
        write(&mut screen, "Helo");
        press(&mut screen, KeyCode::Left);
        write(&mut screen, "l");
        screen.key(KeyEvent::new(KeyCode::Enter, KeyModifiers::ALT), 10_000);
        screen.paste("pasted\r\n/quit");
        assert_eq!(press(&mut screen, KeyCode::Enter), Some(Wish::Say("Hell\npasted\n/quito".into())));
        assert_eq!(press(&mut screen, KeyCode::Enter), None, "nothing is not said");
        write(&mut screen, "/nope");
        press(&mut screen, KeyCode::Enter);
        assert_eq!(screen.talk.entries.len(), 1, "it says that there is no such command");
    }

    /// What a picture shows that has room for this many rows of what is asked, which has ten.
    fn drawn(screen: &mut Screen, room: usize, now_ms: i64) {
        let room = room.min(10);
        let asked = screen.asked().map(|approval| {
            let first = screen.first_of(approval).min(10 - room);
            Glimpse { approval: approval.clone(), width: 40, rows: first..first + room, all: 10 }
        });
        screen.saw(Seen { scrolled: screen.scrolled.min(50), asked }, now_ms);
    }

    fn press_at(screen: &mut Screen, letter: char, now_ms: i64) -> Option<Wish> {
        screen.key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE), now_ms)
    }

    fn decided(wish: Option<Wish>) -> Option<(String, &'static str)> {
        match wish {
            Some(Wish::Decide { approval, word }) => Some((approval.id, word)),
            _ => None,
        }
    }

    #[test]
    fn an_approval_is_decided_by_one_key_but_not_while_somebody_writes() {
        let mut screen = Screen::new("k");
        screen.talk.hear(Heard::Waits(asked(&["allow-once", "deny"])), 1);
        drawn(&mut screen, 10, 1);
        assert_eq!((press_at(&mut screen, 'd', 100), screen.line.text()), (None, "d"), "it was meant for the line");
        drawn(&mut screen, 10, 100);
        screen.line.clear();
        drawn(&mut screen, 10, 5000);
        assert_eq!((press_at(&mut screen, 'd', 5100), screen.line.text()), (None, "d"), "the line was empty just now");
        screen.line.clear();
        drawn(&mut screen, 10, 6000);
        assert_eq!(decided(press(&mut screen, KeyCode::Char('a'))), Some(("a1".into(), "allow-once")));
        assert_eq!(decided(press(&mut screen, KeyCode::Char('d'))), Some(("a1".into(), "deny")));
        write(&mut screen, "A");
        assert_eq!(screen.line.text(), "A", "what is not on offer is a letter");
        write(&mut screen, "da");
        assert_eq!(screen.line.text(), "Ada");
        assert_eq!(control(&mut screen, 'a'), None);
        screen.line.clear();
        screen.talk.hear(Heard::Decided { id: "a1".into(), how: "deny".into() }, 2);
        assert_eq!(press(&mut screen, KeyCode::Char('a')), None, "it waits no more");
    }

    #[test]
    fn a_key_decides_what_is_shown_and_nothing_that_came_since() {
        let mut screen = Screen::new("k");
        let other = |id: &str| Approval { id: id.into(), ..asked(&["allow-once", "deny"]) };
        screen.talk.hear(Heard::Waits(other("first")), 1);
        assert_eq!(press_at(&mut screen, 'a', 5000), None, "it was not drawn yet");
        screen.line.clear();
        drawn(&mut screen, 10, 5000);
        // Another one comes: the one that is shown stays the one that is decided.
        screen.talk.hear(Heard::Waits(other("second")), 5600);
        drawn(&mut screen, 10, 5600);
        assert_eq!(decided(press_at(&mut screen, 'a', 5700)), Some(("first".into(), "allow-once")));
        screen.talk.hear(Heard::Decided { id: "first".into(), how: "allow-once".into() }, 5800);
        assert_eq!(press_at(&mut screen, 'a', 9000), None, "the second was not drawn yet");
        screen.line.clear();
        drawn(&mut screen, 10, 9000);
        assert_eq!(press_at(&mut screen, 'a', 9599), None, "it was meant for the first");
        screen.line.clear();
        drawn(&mut screen, 10, 10_000);
        screen.talk.complete("second", Some(&"gateway:/srv".to_owned()), &[]);
        drawn(&mut screen, 10, 11_000);
        assert_eq!(press_at(&mut screen, 'a', 11_500), None, "what was just added is not read");
        screen.line.clear();
        drawn(&mut screen, 10, 12_000);
        assert_eq!(decided(press_at(&mut screen, 'd', 12_600)), Some(("second".into(), "deny")));
    }

    #[test]
    fn what_is_longer_than_the_screen_is_decided_once_all_of_it_was_seen() {
        let mut screen = Screen::new("k");
        screen.talk.hear(Heard::Waits(asked(&["allow-once", "deny"])), 1);
        let mut turned = 0;
        loop {
            drawn(&mut screen, 4, 1);
            if decided(press(&mut screen, KeyCode::Char('a'))).is_some() {
                break;
            }
            screen.line.clear();
            drawn(&mut screen, 4, 1);
            press(&mut screen, KeyCode::PageDown);
            turned += 1;
            assert!(turned < 9, "it is never decided");
        }
        assert_eq!((turned, screen.scrolled), (2, 0), "three pages, of which none is passed over");
        press(&mut screen, KeyCode::PageUp);
        drawn(&mut screen, 4, 20_000);
        assert!(decided(press(&mut screen, KeyCode::Char('a'))).is_some(), "what was seen stays seen");
        drawn(&mut screen, 0, 20_000);
        press(&mut screen, KeyCode::PageDown);
        screen.choose_model(Vec::new());
        drawn(&mut screen, 4, 20_000);
        press(&mut screen, KeyCode::Esc);
        drawn(&mut screen, 4, 20_000);
        assert_eq!(press_at(&mut screen, 'a', 30_000), None, "something lay over it, so it is read anew");
    }

    #[test]
    fn nobody_scrolls_beyond_what_there_is() {
        let mut screen = Screen::new("k");
        for _ in 0..9 {
            press(&mut screen, KeyCode::PageUp);
            drawn(&mut screen, 10, 1);
        }
        assert_eq!(screen.scrolled, 50);
        press(&mut screen, KeyCode::PageDown);
        assert_eq!(screen.scrolled, 40, "the way back begins where it is seen to");
    }

    #[test]
    fn control_c_stops_the_turn_first_and_leaves_second() {
        let mut screen = Screen::new("k");
        screen.talk.say("r", "x");
        assert_eq!(control(&mut screen, 'c'), Some(Wish::Stop));
        assert_eq!(control(&mut screen, 'c'), Some(Wish::Quit));
        let mut idle = Screen::new("k");
        write(&mut idle, "half");
        assert_eq!(control(&mut idle, 'c'), None);
        assert!(idle.line.is_empty() && idle.leaving);
        assert_eq!(control(&mut idle, 'c'), Some(Wish::Quit));
        assert_eq!(control(&mut Screen::new("k"), 'c'), Some(Wish::Quit));
        assert_eq!(control(&mut Screen::new("k"), 'd'), Some(Wish::Quit));
    }

    #[test]
    fn a_row_is_chosen_or_none() {
        let mut screen = Screen::new("b");
        let rows: Vec<(String, String)> = ["a", "b", "c"].map(|key| (key.to_owned(), key.to_owned())).into();
        screen.choose_session(rows.clone());
        press(&mut screen, KeyCode::Down);
        press(&mut screen, KeyCode::Down);
        assert_eq!(press(&mut screen, KeyCode::Enter), Some(Wish::Go("c".into())));
        screen.choose_model(rows);
        assert_eq!((control(&mut screen, 'c'), screen.choice.is_none()), (None, true));
        screen.choose_model(Vec::new());
        assert_eq!(press(&mut screen, KeyCode::Down), None);
        assert_eq!(press(&mut screen, KeyCode::Enter), None);
    }
}

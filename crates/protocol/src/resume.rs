//! Coming back to where one was: what a client says in `connect`, and what hello answers.
//!
//! It is offered only to clients that ask with the `resume` member of `connect`, because the official hello and event frames
//! are closed. From then on each event carries `position` beside `seq`: positions grow over all connections of one start of
//! the gateway, `seq` counts on one connection. A client that lost its connection shows the last position that it read.
//!
//! Parts of a text that wait for a slow reader leave as one, at the place of the last of them. An event that leaves between
//! carries `behind` too: the positions from which on such texts are still owed. It is shown together with the position.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Names what one client follows, over all the connections on which it follows it. No secret: it is good only for the caller
/// that it was given to, who has to authenticate anyway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ticket(pub Uuid);

/// A place in the events of a gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// Which start of the gateway; positions of another one mean nothing.
    pub epoch: String,
    /// What was followed.
    pub ticket: Ticket,
    /// Of the last event that was read.
    pub position: u64,
    /// Where texts begin that were owed when it was read; mostly none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub behind: Vec<u64>,
}

impl Place {
    /// Everything up to here was read.
    #[must_use]
    pub fn read_up_to(&self) -> u64 {
        self.behind.iter().fold(self.position, |least, owed| least.min(owed.saturating_sub(1)))
    }
}

/// `resume` in `connect`: the client wants positions, and perhaps has one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ask {
    /// Where it was; absent at its first connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Place>,
}

/// `resume` in hello.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// What becomes of the place that the client showed.
    pub status: Status,
    /// Why there is no way on from it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// This start of the gateway.
    pub epoch: String,
    /// What to show the next time.
    pub ticket: Ticket,
    /// Where the events of this connection go on: those after it follow.
    pub position: u64,
}

impl Answer {
    /// Where the client is before it has read an event.
    #[must_use]
    pub fn place(&self) -> Place {
        Place { epoch: self.epoch.clone(), ticket: self.ticket, position: self.position, behind: Vec::new() }
    }
}

/// What becomes of the place that a client showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It showed none.
    New,
    /// Everything that it follows goes on there, and what it had subscribed to is subscribed.
    Resumed,
    /// There is no way on from it. Nothing is subscribed; the client fetches what it shows anew.
    Snapshot,
}

/// Why there is no way on from a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The gateway has started since.
    Restarted,
    /// The ticket is not known any more: it was too long ago, or its owner was sent away.
    Expired,
    /// Events after it are not kept any more.
    TooOld,
    /// It belongs to somebody else.
    OtherCaller,
}

impl Reason {
    /// For people.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Restarted => "the gateway was restarted",
            Self::Expired => "the gateway does not remember this client any more",
            Self::TooOld => "more happened meanwhile than the gateway keeps",
            Self::OtherCaller => "it connected as somebody else before",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_whole_or_an_error_and_its_absence_asks_for_one() {
        assert_eq!(serde_json::from_str::<Ask>("{}").unwrap(), Ask::default());
        let place =
            Place { epoch: "b".to_owned(), ticket: Ticket(Uuid::from_u128(7)), position: 5, behind: Vec::new() };
        let text = r#"{"from":{"epoch":"b","ticket":"00000000-0000-0000-0000-000000000007","position":5}}"#;
        let ask = Ask { from: Some(place) };
        assert_eq!(serde_json::to_string(&ask).unwrap(), text);
        assert_eq!(serde_json::from_str::<Ask>(text).unwrap(), ask);
        let text = text.replace(":5}", r#":5,"behind":[4,2]}"#);
        let ask: Ask = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&ask).unwrap(), text);
        assert_eq!(ask.from.unwrap().read_up_to(), 1);
        for bad in [
            r#"{"from":{"epoch":"b"}}"#,
            r#"{"from":5}"#,
            r#"{"from":{"epoch":"b","ticket":"no uuid","position":5}}"#,
            r#"{"from":{"epoch":"b","ticket":"00000000-0000-0000-0000-000000000007","position":-1}}"#,
            "5",
        ] {
            assert!(serde_json::from_str::<Ask>(bad).is_err(), "{bad}");
        }
    }
}

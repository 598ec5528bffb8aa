//! Challenges that authenticators are to sign: random, for one purpose, used once, gone soon.

use std::{
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// How long a person has to find their authenticator, milliseconds.
pub(crate) const LIFE_MS: i64 = 2 * 60 * 1000;
/// Challenges that wait at most; the oldest makes room.
const MOST: usize = 256;
/// Most of them from one address, so that nobody takes the places of others.
const OF_ADDRESS: usize = 16;

/// What a challenge is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Somebody who connects from this page confirms that it is them.
    SignIn { origin: String },
    /// This connection registers a passkey, whose owner the authenticator knows by the handle.
    Register { connection: String, user_handle: String },
}

#[derive(Debug)]
struct Challenge {
    text: String,
    purpose: Purpose,
    ip: IpAddr,
    ends: i64,
}

/// Those that were given out and not answered.
#[derive(Debug, Default)]
pub(crate) struct Challenges(Mutex<Vec<Challenge>>);

impl Challenges {
    fn list(&self) -> MutexGuard<'_, Vec<Challenge>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps one that is given out now.
    pub(crate) fn put(&self, text: String, purpose: Purpose, ip: IpAddr, now: i64) {
        let mut list = self.list();
        list.retain(|challenge| challenge.ends > now);
        if list.iter().filter(|challenge| challenge.ip == ip).count() >= OF_ADDRESS {
            if let Some(oldest) = list.iter().position(|challenge| challenge.ip == ip) {
                list.remove(oldest);
            }
        } else if list.len() >= MOST {
            list.remove(0);
        }
        list.push(Challenge { text, purpose, ip, ends: now.saturating_add(LIFE_MS) });
    }

    /// Uses one up, and tells what it was for. It is gone whatever comes of the answer.
    pub(crate) fn take(&self, text: &str, now: i64) -> Option<Purpose> {
        let mut list = self.list();
        let at = list.iter().position(|challenge| challenge.text == text)?;
        let challenge = list.remove(at);
        (challenge.ends > now).then_some(challenge.purpose)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn purpose() -> Purpose {
        Purpose::SignIn { origin: "http://localhost".to_owned() }
    }

    fn ip(last: usize) -> IpAddr {
        IpAddr::from([10, 0, u8::try_from(last / 256).unwrap(), u8::try_from(last % 256).unwrap()])
    }

    #[test]
    fn one_is_used_once_and_in_time() {
        let challenges = Challenges::default();
        challenges.put("a".to_owned(), purpose(), ip(1), 0);
        challenges.put("b".to_owned(), purpose(), ip(1), 0);
        assert_eq!(challenges.take("a", 1), Some(purpose()));
        assert_eq!(challenges.take("a", 1), None);
        assert_eq!(challenges.take("b", LIFE_MS), None);
        assert_eq!(challenges.take("b", 1), None, "an attempt that came too late used it up");
    }

    #[test]
    fn neither_one_address_nor_all_of_them_fill_the_memory() {
        let challenges = Challenges::default();
        challenges.put("other".to_owned(), purpose(), ip(0), 0);
        for number in 0..100 {
            challenges.put(format!("many-{number}"), purpose(), ip(1), 0);
        }
        assert_eq!(challenges.list().len(), OF_ADDRESS + 1);
        assert!(challenges.take("other", 1).is_some() && challenges.take("many-0", 1).is_none());
        for number in 0..2 * MOST {
            challenges.put(format!("each-{number}"), purpose(), ip(number), 0);
        }
        assert_eq!(challenges.list().len(), MOST);
        challenges.put("late".to_owned(), purpose(), ip(1), LIFE_MS);
        assert_eq!(challenges.list().len(), 1, "those that are over make room");
    }
}

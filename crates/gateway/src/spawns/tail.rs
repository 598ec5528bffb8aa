//! The newest output of a program, for whoever asks for it.
//!
//! It is bounded: what is oldest goes. Only for whoever started the program to follow it, the program waits, as long as they
//! keep asking.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use openclaw_sandbox::{Output, Stream};
use tokio::{
    sync::Notify,
    time::{Instant, timeout_at},
};

/// Bytes that are kept of each program.
pub(crate) const KEPT: usize = 256 * 1024;
/// A follower that has not asked for so long is not waited for any more.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(crate) struct Tail {
    state: Mutex<State>,
    written: Notify,
    taken: Notify,
}

#[derive(Debug)]
struct State {
    pieces: VecDeque<Output>,
    /// Position of the oldest byte that is kept.
    oldest: u64,
    /// Position after the newest one.
    newest: u64,
    over: bool,
    follower: Option<Follower>,
}

/// Whoever the program waits for.
#[derive(Clone, Copy, Debug)]
struct Follower {
    /// What they have.
    has: u64,
    asked: Instant,
}

/// Some output.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page {
    /// Where the next page begins.
    pub(crate) cursor: u64,
    /// Bytes between the asked cursor and this page that are not kept any more.
    pub(crate) lost: u64,
    /// The output in order; neighbours are of different streams.
    pub(crate) runs: Vec<(Stream, Vec<u8>)>,
    /// Whether nothing comes after it.
    pub(crate) over: bool,
}

impl Tail {
    /// Nothing yet. With `followed`, output is kept until it was asked for.
    pub(crate) fn new(followed: bool) -> Self {
        let follower = followed.then(|| Follower { has: 0, asked: Instant::now() });
        let state = State { pieces: VecDeque::new(), oldest: 0, newest: 0, over: false, follower };
        Self { state: Mutex::new(state), written: Notify::new(), taken: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds output, once its follower has room for it.
    pub(crate) async fn add(&self, output: Output) {
        loop {
            let taken = self.taken.notified();
            let until = {
                let mut state = self.state();
                let follower = state.follower.filter(|follower| follower.asked.elapsed() < PATIENCE);
                state.follower = follower;
                let full = |follower: &Follower| {
                    state.newest.saturating_sub(follower.has) + output.bytes.len() as u64 > KEPT as u64
                };
                match follower.filter(full) {
                    Some(follower) => follower.asked + PATIENCE,
                    None => {
                        state.newest += output.bytes.len() as u64;
                        state.pieces.push_back(output);
                        state.trim();
                        break;
                    }
                }
            };
            let _ = timeout_at(until, taken).await;
        }
        self.written.notify_waiters();
    }

    /// Nothing comes any more.
    pub(crate) fn end(&self) {
        self.state().over = true;
        self.written.notify_waiters();
    }

    /// Output from `cursor` on, the oldest there is when absent; at most `most` bytes, and at least one piece.
    pub(crate) fn page(&self, cursor: Option<u64>, most: usize) -> Page {
        let mut state = self.state();
        let asked = cursor.unwrap_or(state.oldest).min(state.newest);
        let from = asked.max(state.oldest);
        let (mut at, mut left) = (state.oldest, most);
        let mut runs: Vec<(Stream, Vec<u8>)> = Vec::new();
        for piece in &state.pieces {
            let end = at + piece.bytes.len() as u64;
            if end > from && left > 0 {
                let skip = usize::try_from(from.saturating_sub(at)).unwrap_or(usize::MAX);
                let bytes = &piece.bytes[skip..];
                let bytes = &bytes[..bytes.len().min(left)];
                left -= bytes.len();
                match runs.last_mut() {
                    Some((stream, run)) if *stream == piece.stream => run.extend_from_slice(bytes),
                    _ => runs.push((piece.stream, bytes.to_vec())),
                }
            }
            at = end;
        }
        let cursor = from + (most - left) as u64;
        if let Some(follower) = &mut state.follower {
            follower.has = follower.has.max(from);
            follower.asked = Instant::now();
        }
        let over = state.over && cursor == state.newest;
        drop(state);
        self.taken.notify_waiters();
        Page { cursor, lost: from - asked, runs, over }
    }

    /// Waits until there is something after `cursor`, or nothing will be, at most until then.
    pub(crate) async fn wait(&self, cursor: Option<u64>, until: Instant) {
        loop {
            let written = self.written.notified();
            {
                let mut state = self.state();
                if state.over || state.newest > cursor.unwrap_or(state.oldest) {
                    return;
                }
                // Whoever waits is there.
                if let Some(follower) = &mut state.follower {
                    follower.asked = Instant::now();
                }
            }
            if timeout_at(until, written).await.is_err() {
                return;
            }
        }
    }
}

impl State {
    fn trim(&mut self) {
        let mut bytes = self.newest - self.oldest;
        while bytes > KEPT as u64 {
            let Some(piece) = self.pieces.pop_front() else { break };
            let length = piece.bytes.len() as u64;
            let over = bytes - KEPT as u64;
            if length > over {
                let kept: Bytes = piece.bytes.slice(usize::try_from(over).unwrap_or_default()..);
                self.pieces.push_front(Output { stream: piece.stream, bytes: kept });
                self.oldest += over;
                return;
            }
            self.oldest += length;
            bytes -= length;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn out(bytes: impl Into<Bytes>) -> Output {
        Output { stream: Stream::Out, bytes: bytes.into() }
    }

    fn err(text: &'static str) -> Output {
        Output { stream: Stream::Err, bytes: Bytes::from_static(text.as_bytes()) }
    }

    #[tokio::test]
    async fn pages_go_on_where_the_last_one_ended() {
        let tail = Tail::new(false);
        for piece in [out("one "), out("two "), err("oops "), out("three")] {
            tail.add(piece).await;
        }
        let page = tail.page(None, 6);
        assert_eq!((page.cursor, page.lost, page.over), (6, 0, false));
        assert_eq!(page.runs, [(Stream::Out, b"one tw".to_vec())]);
        let page = tail.page(Some(6), 100);
        assert_eq!(
            page.runs,
            [(Stream::Out, b"o ".to_vec()), (Stream::Err, b"oops ".to_vec()), (Stream::Out, b"three".to_vec())]
        );
        assert_eq!(tail.page(Some(page.cursor), 100).runs, []);
        assert_eq!(tail.page(Some(u64::MAX), 100).cursor, 18);
        tail.end();
        assert!(!tail.page(Some(6), 3).over && tail.page(Some(6), 100).over);
    }

    #[tokio::test]
    async fn what_is_oldest_goes_and_is_counted() {
        let tail = Tail::new(false);
        for _ in 0..100 {
            tail.add(out(vec![b'x'; 10_000])).await;
        }
        let page = tail.page(Some(0), usize::MAX);
        assert_eq!((page.lost, page.cursor), (1_000_000 - KEPT as u64, 1_000_000));
        assert_eq!(page.runs[0].1.len(), KEPT);
    }

    #[tokio::test(start_paused = true)]
    async fn a_program_waits_for_its_follower_and_not_for_ever() {
        let tail = Tail::new(true);
        for _ in 0..KEPT / 1024 {
            tail.add(out(vec![0; 1024])).await;
        }
        let adding = tail.add(out(vec![1; 1024]));
        tokio::pin!(adding);
        assert!(tokio::time::timeout(Duration::from_secs(9), &mut adding).await.is_err());
        let page = tail.page(Some(0), 1024);
        assert_eq!((page.cursor, page.lost), (1024, 0));
        // The next question says that the first page arrived.
        assert!(tokio::time::timeout(Duration::from_secs(1), &mut adding).await.is_err());
        tail.page(Some(1024), 1024);
        tokio::time::timeout(Duration::from_secs(1), &mut adding).await.unwrap();
        // Somebody who has stopped asking is not waited for.
        let begun = Instant::now();
        for _ in 0..10 {
            tail.add(out(vec![2; 1024])).await;
        }
        assert!(begun.elapsed() <= PATIENCE + Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_is_woken_by_output_and_by_the_end() {
        let tail = std::sync::Arc::new(Tail::new(false));
        let until = Instant::now() + Duration::from_secs(30);
        let ((), ()) = tokio::join!(tail.wait(None, until), tail.add(out("x")));
        let ended = async { tail.end() };
        let ((), ()) = tokio::join!(tail.wait(Some(1), until), ended);
        assert!(Instant::now() < until);
    }
}

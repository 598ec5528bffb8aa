//! Output as lines of text, and how many of them are told.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// Longest line, bytes; a longer one is told in pieces.
const LONGEST: usize = 8 * 1024;

/// Puts output together again that was cut anywhere.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    rest: Vec<u8>,
}

impl Lines {
    /// Tells the lines that `bytes` complete.
    pub(crate) fn push(&mut self, mut bytes: &[u8], mut tell: impl FnMut(&str)) {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            self.rest.extend_from_slice(&bytes[..end]);
            bytes = &bytes[end + 1..];
            self.pieces(&mut tell);
            self.end(&mut tell);
            if self.rest.is_empty() && bytes.is_empty() {
                return;
            }
        }
        self.rest.extend_from_slice(bytes);
        self.pieces(&mut tell);
    }

    /// Tells what has no end of a line yet.
    pub(crate) fn end(&mut self, mut tell: impl FnMut(&str)) {
        let line = self.rest.strip_suffix(b"\r").unwrap_or(&self.rest);
        if !line.is_empty() {
            tell(&String::from_utf8_lossy(line));
        }
        self.rest.clear();
        self.rest.shrink_to(LONGEST);
    }

    /// Tells what is longer than a line may be, cut between characters.
    fn pieces(&mut self, tell: &mut impl FnMut(&str)) {
        let mut at = 0;
        while self.rest.len() - at > LONGEST {
            let piece = &self.rest[at..at + LONGEST];
            let cut = match std::str::from_utf8(piece) {
                // A character that goes on in the next piece.
                Err(error) if error.error_len().is_none() && error.valid_up_to() > 0 => error.valid_up_to(),
                _ => LONGEST,
            };
            tell(&String::from_utf8_lossy(&piece[..cut]));
            at += cut;
        }
        self.rest.drain(..at);
    }
}

/// So many lines in each second, and how many were left out.
#[derive(Debug)]
pub(crate) struct Allowance {
    per_second: u32,
    state: Mutex<Second>,
}

#[derive(Debug)]
struct Second {
    began: Instant,
    told: u32,
}

impl Allowance {
    pub(crate) fn new(per_second: u32) -> Self {
        Self { per_second, state: Mutex::new(Second { began: Instant::now(), told: 0 }) }
    }

    /// Whether one more may be told.
    pub(crate) fn take(&self) -> bool {
        let mut second = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if second.began.elapsed() >= Duration::from_secs(1) {
            *second = Second { began: Instant::now(), told: 0 };
        }
        let may = second.told < self.per_second;
        second.told += u32::from(may);
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(pieces: &[&[u8]]) -> Vec<String> {
        let (mut lines, mut told) = (Lines::default(), Vec::new());
        for piece in pieces {
            lines.push(piece, |line| told.push(line.to_owned()));
        }
        lines.end(|line| told.push(line.to_owned()));
        told
    }

    #[test]
    fn lines_are_whole_however_they_were_cut() {
        let text = "one\r\ntwo\n\nthrée\nfour".as_bytes();
        for cut in 0..text.len() {
            assert_eq!(lines(&[&text[..cut], &text[cut..]]), ["one", "two", "thrée", "four"], "{cut}");
        }
        assert_eq!(lines(&[b"\xff\xfe\n", b"a\0b\n"]), ["\u{fffd}\u{fffd}", "a\0b"]);
        assert!(lines(&[b"\n\n", b""]).is_empty());
    }

    #[test]
    fn a_line_without_an_end_is_told_in_pieces_between_characters() {
        let long = "é".repeat(1 << 20);
        let pieces: Vec<&[u8]> = long.as_bytes().chunks(4097).collect();
        let told = lines(&pieces);
        assert_eq!(told.concat(), long);
        assert!(told.iter().all(|line| line.len() <= LONGEST) && told.len() > 200);
    }

    #[tokio::test(start_paused = true)]
    async fn each_second_has_its_lines() {
        let allowance = Allowance::new(2);
        let three = || [allowance.take(), allowance.take(), allowance.take()];
        assert_eq!(three(), [true, true, false]);
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(three(), [true, true, false]);
    }
}

//! Messages from the standard input, one a line.

use std::{
    io::{self, BufRead, Read},
    thread,
};

use tokio::sync::mpsc;

use crate::failure::{Exit, Failure};

/// Longest line, bytes: what the gateway takes as one message.
const LINE: u64 = 1 << 20;

/// Where the messages come from.
pub(super) enum Input {
    /// The command line: one message.
    One(Option<String>),
    /// The standard input.
    Lines(mpsc::Receiver<Result<String, Failure>>),
}

impl Input {
    /// Reads the standard input on a thread of its own: a read that waits can be given up by nobody, and must not keep the
    /// program from ending.
    pub(super) fn lines() -> io::Result<Self> {
        let (tell, lines) = mpsc::channel(1);
        thread::Builder::new().name("standard input".to_owned()).spawn(move || {
            let mut input = io::stdin().lock();
            for number in 1_u64.. {
                let line = read(&mut input, number).transpose();
                let Some(line) = line else { return };
                let is_last = line.is_err();
                if tell.blocking_send(line).is_err() || is_last {
                    return;
                }
            }
        })?;
        Ok(Self::Lines(lines))
    }

    /// The next message, or nothing at the end.
    pub(super) async fn next(&mut self) -> Result<Option<String>, Failure> {
        match self {
            Self::One(message) => Ok(message.take()),
            Self::Lines(lines) => lines.recv().await.transpose(),
        }
    }
}

/// Reads a line without its end.
fn read(input: &mut impl BufRead, number: u64) -> Result<Option<String>, Failure> {
    let refused = |why: String| Failure::new(Exit::Failed, "INPUT", why).helped("give the message with --message");
    let mut line = Vec::new();
    let length = input
        .take(LINE + 1)
        .read_until(b'\n', &mut line)
        .map_err(|error| refused(format!("cannot read line {number} of the input: {error}")))?;
    if length == 0 {
        return Ok(None);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    } else if line.len() as u64 > LINE {
        return Err(Failure::new(
            Exit::Failed,
            "INPUT",
            format!("line {number} of the input is longer than 1 MiB ({LINE} bytes), the longest message"),
        )
        .helped("break it into several lines: each is a message"));
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    match String::from_utf8(line) {
        Ok(line) => Ok(Some(line)),
        Err(_) => Err(refused(format!("line {number} of the input is not UTF-8"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(mut input: &[u8]) -> Vec<Result<String, String>> {
        let mut lines = Vec::new();
        for number in 1.. {
            match read(&mut input, number) {
                Ok(Some(line)) => lines.push(Ok(line)),
                Ok(None) => break,
                Err(failure) => {
                    lines.push(Err(failure.cause));
                    break;
                }
            }
        }
        lines
    }

    #[test]
    fn lines_end_in_every_way() {
        let lines = ["one", "", "two", "three"].map(|line| Ok(line.to_owned()));
        assert_eq!(all(b"one\n\ntwo\r\nthree"), lines);
        assert_eq!(all(b""), []);
        assert_eq!(all(b"\xff\n"), [Err("line 1 of the input is not UTF-8".to_owned())]);
    }

    #[test]
    fn a_line_has_a_longest_length() {
        let mut longest = vec![b'x'; 1 << 20];
        longest.push(b'\n');
        assert_eq!(all(&longest), [Ok("x".repeat(1 << 20))]);
        longest.insert(0, b'x');
        let lines = all(&longest);
        assert!(matches!(&lines[..], [Err(why)] if why.contains("longer than 1 MiB")), "{} lines", lines.len());
    }
}

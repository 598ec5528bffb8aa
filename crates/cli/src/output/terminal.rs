//! What is known about the reader: a person at a terminal of some size, or a program.

use std::io::{self, IsTerminal};

use clap::ValueEnum;
use openclaw_core::Environment;
use rustix::termios::tcgetwinsize;

use super::text::Colour;

/// Size of a terminal that does not tell it.
const USUAL: Size = Size { columns: 80, rows: 24 };

/// When to colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColourChoice {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl ColourChoice {
    /// What it comes to where text goes. <https://no-color.org>, <https://bixense.com/clicolors>.
    pub(crate) fn decide(self, environment: &Environment, reader: Reader) -> Colour {
        let set = |name: &str| environment.get(name).is_some_and(|value| !value.is_empty());
        let wanted = match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto if set("NO_COLOR") => false,
            Self::Auto if environment.get("CLICOLOR_FORCE").is_some_and(|value| !matches!(value, "" | "0")) => true,
            Self::Auto => reader == Reader::Person && environment.get("TERM") != Some("dumb"),
        };
        if wanted { Colour::Yes } else { Colour::No }
    }
}

/// Who reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    /// Somebody at a terminal.
    Person,
    /// A file or a pipe.
    Program,
}

impl Reader {
    pub(crate) fn of(stream: &impl IsTerminal) -> Self {
        if stream.is_terminal() { Self::Person } else { Self::Program }
    }
}

/// Columns and rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) columns: usize,
    pub(crate) rows: usize,
}

/// The size of the terminal behind standard output, measured anew each time since people change it. `COLUMNS` wins.
pub(crate) fn size(environment: &Environment) -> Size {
    let measured = tcgetwinsize(io::stdout()).ok();
    let told = environment.get("COLUMNS").and_then(|text| text.parse().ok());
    let pick = |value: Option<u16>, usual| value.filter(|value| *value > 0).map_or(usual, usize::from);
    Size {
        columns: pick(told.or(measured.map(|size| size.ws_col)), USUAL.columns).max(20),
        rows: pick(measured.map(|size| size.ws_row), USUAL.rows).max(4),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_follow_the_flag_then_the_environment_then_the_reader() {
        let decide = |choice: ColourChoice, variables: &[(&str, &str)], reader| {
            choice.decide(&variables.iter().copied().collect(), reader)
        };
        use ColourChoice::{Always, Auto, Never};
        use Reader::{Person, Program};
        assert_eq!(decide(Auto, &[], Person), Colour::Yes);
        assert_eq!(decide(Auto, &[], Program), Colour::No);
        assert_eq!(decide(Auto, &[("NO_COLOR", "")], Person), Colour::Yes, "an empty NO_COLOR is none");
        assert_eq!(decide(Auto, &[("NO_COLOR", "1")], Person), Colour::No);
        assert_eq!(decide(Auto, &[("TERM", "dumb")], Person), Colour::No);
        assert_eq!(decide(Auto, &[("CLICOLOR_FORCE", "1")], Program), Colour::Yes);
        assert_eq!(decide(Always, &[("NO_COLOR", "1")], Program), Colour::Yes);
        assert_eq!(decide(Never, &[("CLICOLOR_FORCE", "1")], Person), Colour::No);
    }
}

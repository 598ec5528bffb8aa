//! Names that look like others (SECURITY T67). Names are compared byte by byte everywhere, so such a name never counts as the one
//! that it imitates; but whoever reads a list that holds one believes that somebody else stands there.

use std::fmt;

/// Why a name cannot stand in a list of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookalike {
    /// It holds a character that nobody sees, or that turns what stands around it.
    Invisible(char),
    /// One word of it has letters of alphabets that look alike; this is the first of the second alphabet.
    Mixed(char),
    /// It has a letter that is another one in other clothes, such as a full-width or a mathematical one.
    Dressed(char),
}

impl fmt::Display for Lookalike {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, letter) = match self {
            Self::Invisible(letter) => ("a character that nobody sees", letter),
            Self::Mixed(letter) => ("a letter of another alphabet within a word", letter),
            Self::Dressed(letter) => ("a letter in another form than keyboards write", letter),
        };
        write!(
            out,
            "looks like another name: it holds {what}, U+{:04X}; write it with the letters that its owner uses",
            u32::from(*letter)
        )
    }
}

/// What makes a name look like another one, if anything does.
#[must_use]
pub fn lookalike(name: &str) -> Option<Lookalike> {
    let mut word: Option<Alphabet> = None;
    for letter in name.chars() {
        if is_unseen(letter) {
            return Some(Lookalike::Invisible(letter));
        }
        if is_dressed(letter) {
            return Some(Lookalike::Dressed(letter));
        }
        // Marks belong to the letter before them.
        if matches!(letter, '\u{300}'..='\u{36f}') {
            continue;
        }
        match (word, Alphabet::of(letter)) {
            (Some(before), Some(now)) if before != now => return Some(Lookalike::Mixed(letter)),
            (_, Some(now)) => word = Some(now),
            (_, None) if !letter.is_alphabetic() => word = None,
            (_, None) => {}
        }
    }
    None
}

/// Whether a character has no picture of its own, or changes the direction of others: wherever people read what somebody else wrote,
/// it must be shown as something else or refused.
#[must_use]
pub fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{a0}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{1680}' | '\u{17b4}' | '\u{17b5}'
                | '\u{180b}'..='\u{180f}' | '\u{2000}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{205f}'..='\u{206f}'
                | '\u{2800}' | '\u{3000}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffd}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        )
}

/// Latin letters and digits that stand a second time elsewhere.
const fn is_dressed(letter: char) -> bool {
    matches!(
        letter,
        '\u{2100}'..='\u{214f}' | '\u{2460}'..='\u{24ff}' | '\u{fb00}'..='\u{fb06}' | '\u{ff01}'..='\u{ff5e}'
            | '\u{1d400}'..='\u{1d7ff}' | '\u{1f100}'..='\u{1f1ff}'
    )
}

/// Alphabets with letters of the same form. Others, such as Chinese or Arabic, stand beside any of them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Alphabet {
    Latin,
    Greek,
    Cyrillic,
    Armenian,
    Cherokee,
    Coptic,
    Lisu,
}

impl Alphabet {
    const fn of(letter: char) -> Option<Self> {
        Some(match letter {
            'a'..='z'
            | 'A'..='Z'
            | '\u{c0}'..='\u{d6}'
            | '\u{d8}'..='\u{f6}'
            | '\u{f8}'..='\u{2af}'
            | '\u{1e00}'..='\u{1eff}'
            | '\u{2c60}'..='\u{2c7f}'
            | '\u{a720}'..='\u{a7ff}'
            | '\u{ab30}'..='\u{ab6f}' => Self::Latin,
            '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Self::Greek,
            '\u{400}'..='\u{52f}' | '\u{1c80}'..='\u{1c8f}' | '\u{a640}'..='\u{a69f}' => Self::Cyrillic,
            '\u{531}'..='\u{587}' => Self::Armenian,
            '\u{13a0}'..='\u{13ff}' | '\u{ab70}'..='\u{abbf}' => Self::Cherokee,
            '\u{2c80}'..='\u{2cff}' => Self::Coptic,
            '\u{a4d0}'..='\u{a4ff}' => Self::Lisu,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_imitate_others_are_told_by_their_letter() {
        for (name, wanted) in [
            ("аdmin", Lookalike::Mixed('d')),
            ("adm\u{456}n", Lookalike::Mixed('\u{456}')),
            ("ann@ex\u{430}mple.com", Lookalike::Mixed('\u{430}')),
            ("ad\u{301}\u{430}", Lookalike::Mixed('\u{430}')),
            ("ad\u{200b}a", Lookalike::Invisible('\u{200b}')),
            ("ada\u{a0}", Lookalike::Invisible('\u{a0}')),
            ("a\u{202e}da", Lookalike::Invisible('\u{202e}')),
            ("a\u{e0061}da", Lookalike::Invisible('\u{e0061}')),
            ("a\tb", Lookalike::Invisible('\t')),
            ("ａda", Lookalike::Dressed('ａ')),
            ("\u{1d41a}da", Lookalike::Dressed('\u{1d41a}')),
            ("Κate", Lookalike::Mixed('a')),
            // Each alphabet that has letters like others, beside Latin ones.
            ("a\u{555}", Lookalike::Mixed('\u{555}')),
            ("a\u{13aa}", Lookalike::Mixed('\u{13aa}')),
            ("a\u{2c9f}", Lookalike::Mixed('\u{2c9f}')),
            ("a\u{a4e5}", Lookalike::Mixed('\u{a4e5}')),
            // A letter of an alphabet that stands beside any other ends no word.
            ("a\u{674e}\u{430}", Lookalike::Mixed('\u{430}')),
        ] {
            assert_eq!(lookalike(name), Some(wanted), "{name:?}");
            let (Lookalike::Mixed(letter) | Lookalike::Invisible(letter) | Lookalike::Dressed(letter)) = wanted;
            assert!(wanted.to_string().contains(&format!("U+{:04X}", u32::from(letter))), "{wanted}");
        }
    }

    #[test]
    fn names_of_people_are_names() {
        for name in [
            "",
            "ada",
            "ada@example.com",
            "chat:123456789",
            "анна@example.com",
            "José",
            "Ærø",
            "Jose\u{301}",
            "李雷 Bob",
            "محمد",
            "o'brien-smith_2",
            "*",
            "+49 30 12345",
            "ελένη",
            "@user:server",
        ] {
            assert_eq!(lookalike(name), None, "{name:?}");
        }
    }
}

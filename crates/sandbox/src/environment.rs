//! Which variables a program gets (SECURITY §3.3): a few that every program needs, those the operator passes on, those the
//! caller sets; never one that makes a program load or run something else.

mod names;

use std::collections::BTreeMap;

use openclaw_core::Environment;

use crate::program::MARK;

/// The gateway's own variables that every program gets. Nothing else of its environment, which holds keys and tokens.
const COMMON: &[&str] = &["PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR"];

/// Why a variable is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Forbidden {
    /// Not letters, digits and `_`, or beginning with a digit.
    Name,
    /// A NUL byte in its value.
    Nul,
    /// Programs load or run what it names.
    Never,
    /// It decides what programs find or trust; only the operator passes it on.
    ByCallers,
    /// The gateway sets it.
    Ours,
}

impl Forbidden {
    /// What follows the name in an error.
    pub(crate) const fn why(self) -> &'static str {
        match self {
            Self::Name => "is no name for a variable: letters, digits and _, not beginning with a digit",
            Self::Nul => "has a NUL byte in its value",
            Self::Never => "is never set: it makes programs load or run something else",
            Self::ByCallers => "is not for callers to set: it decides what programs find, trust or sign in with",
            Self::Ours => "is set by the gateway",
        }
    }
}

/// Whether a program may get a variable of this name at all.
pub(crate) fn may_pass(name: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    !listed(names::NEVER, names::NEVER_PREFIXES, &upper)
}

/// Whether a caller may set this variable.
pub(crate) fn check(name: &str, value: &str) -> Result<(), Forbidden> {
    let mut bytes = name.bytes();
    let first = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    if !first || !bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err(Forbidden::Name);
    }
    if value.contains('\0') {
        return Err(Forbidden::Nul);
    }
    let upper = name.to_ascii_uppercase();
    if upper == MARK {
        return Err(Forbidden::Ours);
    }
    if listed(names::NEVER, names::NEVER_PREFIXES, &upper) {
        return Err(Forbidden::Never);
    }
    let cargo_runs = upper.starts_with("CARGO_TARGET_") && (upper.ends_with("_LINKER") || upper.ends_with("_RUNNER"));
    if cargo_runs || listed(names::NOT_BY_CALLERS, names::NOT_BY_CALLERS_PREFIXES, &upper) {
        return Err(Forbidden::ByCallers);
    }
    Ok(())
}

fn listed(names: &[&str], prefixes: &[&str], upper: &str) -> bool {
    names.binary_search(&upper).is_ok() || prefixes.iter().any(|prefix| upper.starts_with(prefix))
}

/// What a program gets of the gateway's variables: the common ones, and those named in `pass`.
pub(crate) fn inherited(base: &Environment, pass: &[String]) -> BTreeMap<String, String> {
    let wanted = |name: &str| {
        (COMMON.contains(&name) || name.starts_with("LC_") || pass.iter().any(|passed| passed == name))
            && may_pass(name)
    };
    base.iter().filter(|(name, _)| wanted(name)).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted_so_that_searching_finds() {
        assert!(names::NEVER.is_sorted() && names::NOT_BY_CALLERS.is_sorted());
    }

    #[test]
    fn every_listed_name_is_refused_in_any_case() {
        for name in names::NEVER.iter().chain(names::NOT_BY_CALLERS) {
            let mixed: String =
                name.chars().enumerate().map(|(at, c)| if at % 2 == 0 { c.to_ascii_lowercase() } else { c }).collect();
            for form in [(*name).to_owned(), name.to_lowercase(), mixed] {
                assert!(check(&form, "x").is_err(), "{form}");
            }
        }
        for name in
            ["LD_PRELOAD", "ld_preload", "Ld_Audit", "DYLD_INSERT_LIBRARIES", "BASH_FUNC_ls", "GIT_CONFIG_COUNT"]
        {
            assert!(check(name, "x").is_err(), "{name}");
        }
        assert_eq!(check("CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER", "x"), Err(Forbidden::ByCallers));
        assert_eq!(check(MARK, "x"), Err(Forbidden::Ours));
    }

    #[test]
    fn names_that_are_none_and_values_with_nul_are_refused() {
        for name in ["", "A=B", "1A", "A B", "A\0", "Ä", "BASH_FUNC_x%%", "a-b"] {
            assert_eq!(check(name, "x"), Err(Forbidden::Name), "{name:?}");
        }
        assert_eq!(check("A", "x\0y"), Err(Forbidden::Nul));
        for name in ["AGENT_NAME", "_x", "TERM", "NO_COLOR", "PORT"] {
            assert_eq!(check(name, "1"), Ok(()), "{name}");
        }
    }

    #[test]
    fn a_program_inherits_what_every_program_needs_and_no_keys() {
        let base: Environment = [
            ("PATH", "/bin"),
            ("LC_ALL", "C"),
            ("HOME", "/root"),
            ("VENDOR_API_KEY", "k"),
            ("OPENCLAW_GATEWAY_TOKEN", "t"),
            ("LD_PRELOAD", "/x.so"),
            ("HTTPS_PROXY", "p"),
        ]
        .into_iter()
        .collect();
        let names = |pass: &[&str]| {
            let pass: Vec<String> = pass.iter().map(ToString::to_string).collect();
            inherited(&base, &pass).into_keys().collect::<Vec<_>>()
        };
        assert_eq!(names(&[]), ["HOME", "LC_ALL", "PATH"]);
        assert_eq!(names(&["HTTPS_PROXY", "LD_PRELOAD", "ABSENT"]), ["HOME", "HTTPS_PROXY", "LC_ALL", "PATH"]);
    }
}

//! Any text as a configuration, in both formats.
//!
//! Never panics or hangs, never repeats in an error what an environment variable holds, and shows every document
//! without its secrets so that the shown one can be given back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use openclaw_config::{ConfigError, Format, parse_str, redact, restore};
use openclaw_core::Environment;

/// Value of the variable `S` that a configuration may refer to.
const PLANTED: &str = "planted-7f3a9c1e5b";

fuzz_target!(|text: &str| {
    let environment: Environment = [("S", PLANTED)].into_iter().collect();
    if text.contains(PLANTED) {
        return;
    }
    for format in [Format::Json5, Format::Yaml] {
        let document = match parse_str(text, format, &environment) {
            Ok(parsed) => parsed.parsed,
            Err(error) => {
                assert!(!error.to_string().contains(PLANTED), "{error}");
                let ConfigError::Invalid(invalid) = error else { continue };
                assert!(!invalid.issues.is_empty(), "refused without a reason");
                invalid.parsed
            }
        };
        let mut shown = redact(&document);
        assert_eq!(redact(&shown), shown, "what is hidden stays hidden");
        if restore(&mut shown, &document).is_ok() {
            assert_eq!(shown, document, "what was shown comes back as it was");
        }
    }
});

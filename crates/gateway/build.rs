//! Puts the good calls of the tests into one file, so that `methods.describe` can show one of each method.

#![expect(clippy::disallowed_macros, clippy::disallowed_methods, reason = "how a build script talks with cargo")]

use std::{env, fs, path::Path};

/// Where the good calls stand, by family.
const FIXTURES: &str = "tests/surface/fixtures";

fn main() {
    println!("cargo::rerun-if-changed={FIXTURES}");
    let mut families: Vec<_> =
        fs::read_dir(FIXTURES).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect();
    families.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    families.sort();
    let texts: Vec<String> = families.iter().map(|path| fs::read_to_string(path).expect("a readable file")).collect();
    let out = env::var("OUT_DIR").expect("cargo names the folder");
    fs::write(Path::new(&out).join("examples.json"), format!("[{}]", texts.join(","))).expect("a writable folder");
}

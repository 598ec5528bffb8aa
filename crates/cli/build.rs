//! Bakes the list of packages that this program is made of into it, for `openclaw security check-vulnerabilities`.

#![expect(clippy::disallowed_macros, clippy::disallowed_methods, reason = "how a build script talks with cargo")]

use std::{env, fmt::Write, fs, path::PathBuf};

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let lock = root.join("../../Cargo.lock");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={}", lock.display());
    let text = fs::read_to_string(&lock).unwrap_or_default();
    let mut list = String::from("&[\n");
    let mut name = None;
    for line in text.lines() {
        let value = |key: &str| line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"');
        if let Some(found) = value("name") {
            name = Some(found);
        } else if let (Some(version), Some(found)) = (value("version"), name.take()) {
            let _ = writeln!(list, "    ({found:?}, {version:?}),");
        }
    }
    list.push(']');
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join("packages.rs");
    if let Err(error) = fs::write(&out, list) {
        println!("cargo::error=cannot write {}: {error}", out.display());
    }
}

//! Builds Mission Control with npm, in cargo's output folder, and lists its files for the library.

#![expect(clippy::disallowed_macros, clippy::disallowed_methods, reason = "how a build script talks with cargo")]

use std::{
    env,
    fmt::Write,
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use sha2::{Digest, Sha256};

/// What the build of the page reads, below the project's root.
const READS: [&str; 9] = [
    "ui/src",
    "ui/public",
    "ui/build",
    "ui/index.html",
    "ui/package.json",
    "ui/package-lock.json",
    "ui/tsconfig.json",
    "ui/vite.config.ts",
    "docs/methods.d.ts",
];

fn main() {
    println!("cargo::rerun-if-env-changed=OPENCLAW_UI");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo names the folder"));
    let root = Path::new("../..");
    for name in READS {
        println!("cargo::rerun-if-changed={}", root.join(name).display());
    }
    let wanted = match env::var("OPENCLAW_UI").as_deref() {
        Ok("build") => true,
        Ok("skip") => false,
        _ => env::var("PROFILE").is_ok_and(|profile| profile == "release"),
    };
    let built = if wanted { built(root, &out) } else { Ok(None) };
    let files = built.unwrap_or_else(|why| {
        // Whoever asked for the page by name does not want a program without it.
        assert!(env::var("OPENCLAW_UI").as_deref() != Ok("build"), "OPENCLAW_UI=build: {why}");
        println!("cargo::warning=Mission Control is not in this build: {why}. Install Node 20 or later with npm, and build again.");
        None
    });
    fs::write(out.join("files.rs"), listed(files.as_deref())).expect("a writable folder");
}

/// Builds the page; the folder with its files. `None` where the project's sources are not at hand.
fn built(root: &Path, out: &Path) -> Result<Option<PathBuf>, String> {
    if !root.join("ui/package.json").is_file() {
        return Ok(None);
    }
    let told = |error: io::Error| error.to_string();
    let folder = out.join("project");
    // What npm installed stays; everything else is copied anew.
    for stale in ["ui/src", "ui/public", "ui/build", "ui/dist"] {
        let _ = fs::remove_dir_all(folder.join(stale));
    }
    for name in READS {
        copy(&root.join(name), &folder.join(name)).map_err(told)?;
    }
    // The page says which version it belongs to, and its build looks here.
    let version = env::var("CARGO_PKG_VERSION").unwrap_or_default();
    fs::write(folder.join("Cargo.toml"), format!("version = \"{version}\"\n")).map_err(told)?;
    let ui = folder.join("ui");
    let lock = fs::read(ui.join("package-lock.json")).map_err(told)?;
    let installed = ui.join("installed-lock.json");
    if fs::read(&installed).ok().as_ref() != Some(&lock) {
        run("npm", &["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], &ui)?;
        fs::write(&installed, lock).map_err(told)?;
    }
    run("node", &["node_modules/vite/bin/vite.js", "build", "--logLevel", "warn"], &ui)?;
    run("node", &["build/compress.mjs"], &ui)?;
    Ok(Some(ui.join("dist")))
}

fn run(program: &str, arguments: &[&str], folder: &Path) -> Result<(), String> {
    let shown = format!("`{program} {}`", arguments.join(" "));
    let mut command = Command::new(program);
    let output = command.args(arguments).current_dir(folder).stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("{shown} cannot be started ({error})"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let last: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).rev().take(5).collect();
    let last: Vec<&str> = last.into_iter().rev().collect();
    Err(format!("{shown} ended with {}: {}", output.status, last.join(" | ")))
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if from.is_dir() {
        fs::create_dir_all(to)?;
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            copy(&entry.path(), &to.join(entry.file_name()))?;
        }
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::copy(from, to).map(drop)
}

/// The source of the list.
fn listed(dist: Option<&Path>) -> String {
    let mut files = Vec::new();
    if let Some(dist) = dist {
        collect(dist, dist, &mut files);
    }
    files.sort();
    let mut text = String::from("static FILES: &[File] = &[\n");
    for name in &files {
        let path = dist.unwrap_or(Path::new("")).join(name);
        let bytes = fs::read(&path).expect("a readable file");
        let hash: String = Sha256::digest(&bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let packed = |ending: &str| {
            let path = path.with_file_name(format!("{}.{ending}", path.file_name().unwrap_or_default().display()));
            if path.is_file() { format!("Some(include_bytes!({path:?}))") } else { "None".to_owned() }
        };
        let (brotli, gzip) = (packed("br"), packed("gz"));
        let _ = writeln!(
            text,
            "File {{ path: {name:?}, hash: {hash:?}, plain: include_bytes!({path:?}), brotli: {brotli}, gzip: {gzip} }},"
        );
    }
    text.push_str("];\n");
    text
}

fn collect(dist: &Path, folder: &Path, files: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(dist, &path, files);
        } else if !path.extension().is_some_and(|ending| ending == "br" || ending == "gz") {
            let name = path.strip_prefix(dist).expect("below the folder").to_string_lossy().replace('\\', "/");
            files.push(name);
        }
    }
}

//! One benchmark, run once, to be watched by callgrind: `cargo xtask bench` starts it, counts the instructions and divides
//! them by the number of rounds that it prints.
//!
//! Counted is what happens inside [`region::measured`] alone. Nothing there may depend on the time, on random numbers or
//! on other threads, so that the counts of two machines differ by their processors' choice of routines at most.

#![expect(clippy::disallowed_macros, reason = "a developer's command prints")]

mod cases;
mod region;

use anyhow::{Context, Result};

fn main() -> Result<()> {
    let name = std::env::args().nth(1).context("which benchmark? `--list` names them")?;
    if name == "--list" {
        for (name, _) in cases::ALL {
            println!("{name}");
        }
        return Ok(());
    }
    let case = cases::ALL.iter().find(|(known, _)| *known == name);
    let (_, run) = case.with_context(|| format!("there is no benchmark {name:?}; `--list` names them"))?;
    run()?;
    println!("{}", region::ROUNDS);
    Ok(())
}

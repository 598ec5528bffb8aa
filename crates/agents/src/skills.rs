//! Skills: folders with a `SKILL.md` that teach an agent something. Where they are found and what they need.
//!
//! Nothing of a skill is ever run here, and no link is followed.

mod front;
mod names;
mod needs;
mod scan;

pub use front::{Front, Installer, read_front};
pub use names::{Names, Refused, Slug};
pub use needs::{Ground, Needs, os_word};
pub use scan::{Found, Problem, Root, Scan, Source, scan};

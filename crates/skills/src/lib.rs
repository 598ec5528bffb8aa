//! Skills: folders with a `SKILL.md` that teach an agent something. Where they are found, what they need, and how one is
//! installed from a folder or an archive (SECURITY T72).
//!
//! Nothing of a skill is ever run here, and no link is followed.

mod archive;
mod budget;
mod front;
mod install;
mod names;
mod needs;
mod pins;
mod scan;
mod tree;

pub use archive::{Contents, unpack};
pub use front::{Front, Installer, read_front};
pub use install::{Install, Installed, Origin, Pin, install, pin};
pub use names::{Names, Refused, Slug};
pub use needs::{Ground, Needs, os_word};
pub use pins::Pins;
pub use scan::{Found, Problem, Root, Scan, Source, scan};

//! Everything that is printed: text for people, JSON for programs, and signs of progress.
//!
//! A command hands [`Text`], [`Table`]s and values to [`Output`], which knows who reads. Text is made safe when it is made
//! ([`escape`]), so no command can forget it.

pub(crate) mod escape;
mod page;
mod progress;
mod table;
mod terminal;
mod text;

pub(crate) use page::{Output, Settings, complain};
pub(crate) use table::{Column, Table};
pub(crate) use terminal::ColourChoice;
#[cfg(test)]
pub(crate) use text::Colour;
pub(crate) use text::{Text, Tone};

//! What the printed configurations of the specs do, and the way from file to configuration.

mod files;
mod printed;
mod wins;

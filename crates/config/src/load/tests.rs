//! What the printed configurations of the specs do, and the way from file to configuration.

mod blocks;
mod files;
mod keys;
mod printed;
mod wins;

//! Stories about the real binary, each in a home of its own.

mod alone;
mod gateway;
mod home;

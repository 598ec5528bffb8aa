//! What the whole crate does, seen from the wire. The groups follow the Autobahn suite; the cases are our own.

mod closing;
mod control;
mod fragments;
mod framing;
mod limits;
mod model;
mod text;
pub(crate) mod wire;

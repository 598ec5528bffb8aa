//! Stories about the real binary, each in a home of its own.

#[cfg(test)]
mod alone;
#[cfg(test)]
mod gateway;
#[cfg(test)]
mod home;

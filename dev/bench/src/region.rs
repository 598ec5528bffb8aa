//! What callgrind is told to look at.

/// How often the work is done while it is counted; the count is divided by it.
pub(crate) const ROUNDS: u32 = 100;

/// Does the work once so that everything has been used, then so often as it is counted.
pub(crate) fn count(mut work: impl FnMut()) {
    work();
    measured(&mut work);
}

/// The function whose instructions, with everything it calls, are counted. Its name is known to `cargo xtask bench`.
#[inline(never)]
pub(crate) fn measured(work: &mut dyn FnMut()) {
    for _ in 0..ROUNDS {
        work();
    }
}

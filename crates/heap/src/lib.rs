//! How the process takes memory from the system.
//!
//! The C library of most Linux systems gives up to eight heaps to each processor, and each thread that is new fills one of its own. What
//! is freed in one is not used again by another, so a gateway with a dozen short-lived helper threads grows for hours although it holds
//! no more than at first (`docs/performance.md`, the soak). Few heaps cost a little waiting where many threads allocate at once, and
//! nothing below the size that threads keep for themselves.

/// Heaps that all threads share.
const HEAPS: i32 = 2;

/// Bounds the heaps that the C library makes. To be called before the second thread is there; does nothing where the library has no such bound.
pub fn bound() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[expect(unsafe_code, reason = "the C library has no safe form of this")]
    // SAFETY: `mallopt` takes two numbers and touches nothing of ours; glibc documents it as safe to call before other threads exist.
    let _ = unsafe { libc::mallopt(libc::M_ARENA_MAX, HEAPS) };
}

/// Gives back what was freed and is kept for the next time. It takes the locks of the heaps while it looks through them, so it belongs
/// onto a thread that may wait; does nothing where the library has no such call.
pub fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[expect(unsafe_code, reason = "the C library has no safe form of this")]
    // SAFETY: `malloc_trim` takes a number and touches nothing of ours; glibc documents it as safe with other threads.
    let _ = unsafe { libc::malloc_trim(0) };
}

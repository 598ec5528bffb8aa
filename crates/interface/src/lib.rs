//! The files of Mission Control, as the build of `ui/` left them.
//!
//! A release builds them with npm, in cargo's own output folder; `OPENCLAW_UI=build` makes other builds do so, too, and
//! `OPENCLAW_UI=skip` none. Without npm, and in builds that skip it, there are no files, and the gateway serves the small
//! page that says how to get them.

/// A file of the page.
#[derive(Debug)]
pub struct File {
    /// Its path below the page's root, such as `assets/index-DsEuFQRE.js`.
    pub path: &'static str,
    /// SHA-256 of its content, the first 16 hex digits.
    pub hash: &'static str,
    /// Its content.
    pub plain: &'static [u8],
    /// The same in Brotli, where that is shorter.
    pub brotli: Option<&'static [u8]>,
    /// The same in gzip, where that is shorter.
    pub gzip: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// The file at this path.
#[must_use]
pub fn file(path: &str) -> Option<&'static File> {
    FILES.binary_search_by(|file| file.path.cmp(path)).ok().map(|at| &FILES[at])
}

/// Whether the page was built into this program.
#[must_use]
pub fn is_built() -> bool {
    file("index.html").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_in_order_and_the_page_is_whole_or_not_there() {
        assert!(FILES.is_sorted_by_key(|file| file.path));
        assert_eq!(is_built(), !FILES.is_empty());
        assert!(FILES.iter().all(|file| file.hash.len() == 16 && !file.plain.is_empty()));
    }
}

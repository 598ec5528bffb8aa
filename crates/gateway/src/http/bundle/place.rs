//! From the path of a URL to a place below a folder, and what a file's name says about it.

use std::path::{Path, PathBuf};

/// Bytes of a path.
const LONGEST: usize = 1024;
/// Characters of the hash in a name like `index-DsEuFQRE.js`.
const HASH: usize = 8;

/// The place that a URL's path names, below a folder; `None` for whatever is no plain path: `..`, hidden files, backslashes,
/// control characters, escapes that are no UTF-8.
pub(super) fn relative(path: &str) -> Option<PathBuf> {
    if path.len() > LONGEST {
        return None;
    }
    let mut place = PathBuf::new();
    for part in decoded(path)?.split('/').filter(|part| !part.is_empty()) {
        let plain = !part.starts_with('.') && !part.chars().any(|c| c.is_control() || c == '\\' || c == ':');
        if !plain {
            return None;
        }
        place.push(part);
    }
    Some(place)
}

/// Undoes percent-encoding. An encoded slash would make two names of one, and is refused.
fn decoded(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
        let byte = u8::try_from(digit()? * 16 + digit()?).ok()?;
        if byte == b'/' || byte == 0 {
            return None;
        }
        bytes.push(byte);
    }
    String::from_utf8(bytes).ok()
}

/// Whether the name holds a hash of the content, so that the content never changes: `assets/name-DsEuFQRE.js`.
pub(super) fn is_immutable(relative: &Path) -> bool {
    let stem = relative.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let is_hash =
        |hash: &str| hash.len() >= HASH && hash.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    relative.starts_with("assets") && stem.rsplit_once('-').is_some_and(|(_, hash)| is_hash(hash))
}

/// What a file holds, by its name.
pub(in crate::http) fn content_type(relative: &Path) -> &'static str {
    let extension = relative.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    match extension.to_ascii_lowercase().as_str() {
        "html" | "htm" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff" => "font/woff",
        "woff2" => "font/woff2",
        "ttf" => "font/ttf",
        "otf" => "font/otf",
        "wasm" => "application/wasm",
        "mp3" => "audio/mpeg",
        "ogg" => "audio/ogg",
        "wav" => "audio/wav",
        "mp4" => "video/mp4",
        "webm" => "video/webm",
        "txt" | "md" => "text/plain; charset=utf-8",
        "xml" => "application/xml",
        "pdf" => "application/pdf",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_paths_are_places() {
        for (path, place) in [
            ("/", ""),
            ("/assets/index-DsEuFQRE.js", "assets/index-DsEuFQRE.js"),
            ("//a///b/", "a/b"),
            ("/sp%20ace.svg", "sp ace.svg"),
            ("/%C3%A4.png", "ä.png"),
        ] {
            assert_eq!(relative(path), Some(PathBuf::from(place)), "{path}");
        }
    }

    #[test]
    fn a_path_has_a_bound() {
        let long = |length| relative(&format!("/{}", "x".repeat(length - 1))).is_some();
        assert!(long(LONGEST) && !long(LONGEST + 1) && !long(LONGEST + 2));
    }

    #[test]
    fn names_say_what_files_hold() {
        #[rustfmt::skip]
        let table = [
            ("html htm", "text/html; charset=utf-8"), ("js mjs JS", "text/javascript; charset=utf-8"),
            ("css", "text/css; charset=utf-8"), ("json map", "application/json"),
            ("webmanifest", "application/manifest+json"), ("svg", "image/svg+xml"), ("png PNG", "image/png"),
            ("jpg jpeg", "image/jpeg"), ("gif", "image/gif"), ("webp", "image/webp"), ("avif", "image/avif"),
            ("ico", "image/x-icon"), ("woff", "font/woff"), ("woff2", "font/woff2"), ("ttf", "font/ttf"),
            ("otf", "font/otf"), ("wasm", "application/wasm"), ("mp3", "audio/mpeg"), ("ogg", "audio/ogg"),
            ("wav", "audio/wav"), ("mp4", "video/mp4"), ("webm", "video/webm"),
            ("txt md", "text/plain; charset=utf-8"), ("xml", "application/xml"), ("pdf", "application/pdf"),
            ("exe xhtml htmlx", "application/octet-stream"),
        ];
        for (endings, wanted) in table {
            for ending in endings.split(' ') {
                assert_eq!(content_type(Path::new(&format!("a/b.html.{ending}"))), wanted, "{ending}");
            }
        }
        assert_eq!(content_type(Path::new("html")), "application/octet-stream");
    }

    #[test]
    fn other_paths_are_none() {
        for path in [
            "/..",
            "/a/../b",
            "/%2e%2e/x",
            "/%2E./x",
            "/.git/config",
            "/a/.env",
            "/a%2fb",
            "/a%2Fb",
            "/a\\..\\b",
            "/a%5cb",
            "/a%00.js",
            "/%",
            "/%2",
            "/%zz",
            "/%ff",
            "/c:/x",
            "/a%0ab",
            &format!("/{}", "x".repeat(2000)),
        ] {
            assert_eq!(relative(path), None, "{path}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_place_is_always_below_its_folder(path in ".*", bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..40)) {
            let encoded: String = bytes.iter().map(|byte| format!("%{byte:02x}")).collect();
            for path in [path.clone(), encoded.clone(), format!("/a/{encoded}/../{path}")] {
                if let Some(place) = relative(&path) {
                    let plain = place.components().all(|part| matches!(part, std::path::Component::Normal(_)));
                    proptest::prop_assert!(plain, "{place:?}");
                }
            }
        }
    }

    #[test]
    fn only_names_with_a_hash_are_kept_for_ever() {
        for name in ["assets/index-DsEuFQRE.js", "assets/a-b-cJmD3k_Z12.css"] {
            assert!(is_immutable(Path::new(name)), "{name}");
        }
        for name in ["index-DsEuFQRE.js", "assets/index.js", "assets/a-short.js", "assets/DsEuFQRE.js", "sw.js"] {
            assert!(!is_immutable(Path::new(name)), "{name}");
        }
    }
}

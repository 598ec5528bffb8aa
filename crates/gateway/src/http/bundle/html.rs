//! The start page of a bundle: told where it is mounted, with a policy that lets in its own inline scripts and no others.

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

/// Inline scripts whose hashes are looked for; a page with more gets those.
const SCRIPTS: usize = 32;

/// A page that is ready to be sent.
pub(super) struct Page {
    pub(super) text: String,
    /// Value of `Content-Security-Policy`.
    pub(super) policy: String,
}

/// Puts in what the official interface reads from its root element, makes its relative references absolute, so that they hold
/// on every path of the interface, and derives the policy.
pub(super) fn prepared(text: &str) -> Page {
    let mut page = text.replace("src=\"./", "src=\"/").replace("href=\"./", "href=\"/");
    if let Some(at) = root_element(&page) {
        let marks = " data-openclaw-control-ui-base-path=\"\" data-openclaw-terminal-enabled=\"false\"";
        page.insert_str(at, marks);
    }
    let hashes = inline_scripts(&page).into_iter().take(SCRIPTS).fold(String::new(), |hashes, script| {
        let hash = STANDARD.encode(Sha256::digest(script.as_bytes()));
        format!("{hashes} 'sha256-{hash}'")
    });
    let policy = format!(
        "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'; \
         script-src 'self' 'wasm-unsafe-eval'{hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob: https:; \
         media-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; manifest-src 'self'; \
         frame-src 'self' blob:; connect-src 'self' ws: wss: data: blob:"
    );
    Page { text: page, policy }
}

/// Where the attributes of `<html` begin.
fn root_element(page: &str) -> Option<usize> {
    let at = find_tag(page, 0, "html")?;
    Some(at + "<html".len())
}

/// Where the next `<name` begins whose name ends there.
fn find_tag(page: &str, from: usize, name: &str) -> Option<usize> {
    let lower = page.get(from..)?.to_ascii_lowercase();
    let mut passed = 0;
    let tag = format!("<{name}");
    while let Some(at) = lower[passed..].find(&tag) {
        let end = passed + at + tag.len();
        if lower[end..].starts_with(|c: char| c == '>' || c.is_ascii_whitespace()) {
            return Some(from + passed + at);
        }
        passed = end;
    }
    None
}

/// What stands in script elements without a `src`.
fn inline_scripts(page: &str) -> Vec<&str> {
    let mut scripts = Vec::new();
    let mut from = 0;
    while let Some(at) = find_tag(page, from, "script") {
        let Some(open) = page[at..].find('>').map(|end| at + end) else { break };
        let Some(close) = page[open..].to_ascii_lowercase().find("</script").map(|end| open + end) else { break };
        let has_source =
            page[at..open].to_ascii_lowercase().split_ascii_whitespace().any(|word| word.starts_with("src="));
        if !has_source && scripts.len() < SCRIPTS {
            scripts.push(&page[open + 1..close]);
        }
        from = close;
    }
    scripts
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<!doctype html>\n<html lang=\"en\"><head><link href=\"./a.css\"><script data-x=\"1\">run()</script>\
                        <script type=\"module\" src=\"./b.js\"></script></head><body></body></html>";

    #[test]
    fn the_root_element_is_marked_and_references_are_absolute() {
        let page = prepared(PAGE).text;
        assert!(
            page.contains(
                "<html data-openclaw-control-ui-base-path=\"\" data-openclaw-terminal-enabled=\"false\" lang"
            )
        );
        assert!(page.contains("href=\"/a.css\"") && page.contains("src=\"/b.js\"") && !page.contains("./"), "{page}");
    }

    #[test]
    fn the_policy_lets_in_the_pages_own_scripts() {
        let policy = prepared(PAGE).policy;
        assert!(policy.starts_with("default-src 'self';"));
        let hash = STANDARD.encode(Sha256::digest(b"run()"));
        assert_eq!(policy.matches("'sha256-").count(), 1, "{policy}");
        assert!(policy.contains(&format!("'sha256-{hash}'")), "{policy}");
        let scripts = &policy[policy.find("script-src").unwrap()..];
        assert!(!scripts.split(';').next().unwrap().contains("unsafe-inline"), "{policy}");
    }

    proptest::proptest! {
        #[test]
        fn any_page_is_survived(page in ".*", parts in proptest::collection::vec("(<script|<html|>|</script|src=|ä|x| )", 0..40)) {
            for page in [page.clone(), parts.concat()] {
                proptest::prop_assert!(prepared(&page).policy.starts_with("default-src 'self';"));
            }
        }
    }

    #[test]
    fn broken_pages_are_survived() {
        for page in
            ["", "<html", "<script>", "<script", "<html><script>x</scrip", "<HTML><SCRIPT>y</SCRIPT>", "<htmlx>"]
        {
            let prepared = prepared(page);
            assert!(prepared.policy.starts_with("default-src 'self';"), "{page}");
        }
        assert_eq!(prepared("<HTML><SCRIPT>y</SCRIPT>").policy.matches("'sha256-").count(), 1);
    }
}

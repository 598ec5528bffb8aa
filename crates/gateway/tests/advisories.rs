//! What the built-in page must not do. `docs/threats.md` lists every advisory with the tests that hold it closed here.

#[test]
fn the_built_in_page_takes_no_address_from_its_own() {
    let script = include_str!("../src/http/page/gateway.js");
    for word in ["gatewayUrl", "location.search", "location.href", "document.referrer", "window.name"] {
        assert!(!script.contains(word), "the page reads {word}");
    }
    // Where it connects to is where it came from.
    assert!(script.contains("location.host"), "{script}");
}

//! Known holes of gateways of this kind (SECURITY §4.1), and the tests that would have caught each here.
//!
//! A name in this table that no test has fails; so does a row without one. Each test holds the behaviour, not the words of an
//! advisory, so that it stays true whatever the code looks like.

use std::{collections::BTreeMap, fs, path::Path};

/// What went wrong elsewhere, and `file::test` for what keeps it from going wrong here; files below the repository's root.
const ROWS: &[(&str, &str, &[&str])] = &[
    (
        "A-01 CVE-2026-25253",
        "a page took the gateway's address from its own, and sent the credential there",
        &[
            "crates/gateway/tests/advisories.rs::the_built_in_page_takes_no_address_from_its_own",
            "crates/cli/src/reach.rs::the_local_secret_goes_to_the_local_gateway_alone",
        ],
    ),
    (
        "A-02",
        "loopback was trusted, so that a reverse proxy made the world local",
        &[
            "crates/gateway/tests/http.rs::forwarded_headers_of_a_proxy_that_is_not_trusted_are_refused_but_for_health",
            "crates/gateway/tests/behaviour/matrix.rs::every_mode_place_credential_and_origin_is_decided_as_written_down",
        ],
    ),
    (
        "A-03 CVE-2026-25593",
        "whoever was on the machine changed the configuration without a credential",
        &[
            "crates/auth/src/decide/properties.rs::no_declaration_earns_anything_without_a_right_credential",
            "crates/gateway/tests/surface/main.rs::whoever_lacks_the_scope_or_has_the_other_role_is_told_so_word_for_word",
        ],
    ),
    (
        "A-04",
        "a page guessed on loopback without a limit, and its device was paired silently",
        &[
            "crates/gateway/tests/behaviour/identity.rs::pages_get_in_only_from_origins_that_are_allowed",
            "crates/gateway/tests/behaviour/identity.rs::a_page_that_guesses_is_locked_out_and_let_in_again_when_the_lock_ends",
            "crates/gateway/tests/behaviour/pairing.rs::more_scopes_come_only_with_an_owners_approval",
        ],
    ),
    (
        "A-05 GHSA-5wcw-8jjv-m286",
        "the origin was not checked behind a proxy",
        &[
            "crates/auth/src/decide/vouched.rs::the_origin_is_checked_also_of_a_user_that_the_proxy_knows",
            "crates/gateway/tests/behaviour/proxy.rs::a_user_of_the_proxy_is_let_in_holds_what_is_written_down_and_is_named_in_the_audit",
        ],
    ),
    (
        "A-06 CVE-2026-28472",
        "a token that was merely there took the place of the device",
        &[
            "crates/auth/src/decide/properties.rs::no_declaration_earns_anything_without_a_right_credential",
            "crates/gateway/tests/behaviour/tailscale.rs::a_login_counts_at_its_own_door_with_serves_headers_and_when_tailscale_knows_it",
        ],
    ),
    (
        "A-07",
        "a further field took guesses past the limit",
        &["crates/auth/src/throttle/tests.rs::a_guesser_is_locked_out_even_with_the_right_secret_and_further_fields"],
    ),
    (
        "A-08 GHSA-rqpp-rjj8-7wv8",
        "whoever knew the secret kept the scopes that it made up",
        &[
            "crates/auth/src/decide/tests.rs::clients_without_a_device_keep_scopes_only_beside_the_gateway",
            "crates/gateway/tests/behaviour/identity.rs::scopes_are_granted_only_as_asked_for",
        ],
    ),
    (
        "A-09 GHSA-4jpw-hj22-2xmc",
        "rotating a token made one with more than its caller had",
        &["crates/gateway/tests/behaviour/pairing.rs::nobody_gives_scopes_away_that_they_lack"],
    ),
    (
        "A-10 CVE-2026-33579, CVE-2026-33577",
        "approving forgot what the approver may",
        &["crates/gateway/tests/behaviour/pairing.rs::nobody_gives_scopes_away_that_they_lack"],
    ),
    (
        "A-11 CVE-2026-35625",
        "coming back on the same machine widened what a device may",
        &[
            "crates/gateway/tests/behaviour/pairing.rs::more_scopes_come_only_with_an_owners_approval",
            "crates/auth/src/decide/tests.rs::a_signature_alone_never_widens_what_was_approved",
        ],
    ),
    (
        "A-12 CVE-2026-41909",
        "a device saw and approved the requests of others",
        &["crates/gateway/tests/behaviour/pairing.rs::nobody_gives_scopes_away_that_they_lack"],
    ),
    (
        "A-13 CVE-2026-53821",
        "scopes of a header counted before anybody was let in",
        &[
            "crates/auth/src/decide/vouched.rs::the_header_of_scopes_caps_and_never_grants",
            "crates/gateway/tests/behaviour/proxy.rs::over_http_the_proxys_user_is_asked_for_nothing_more_and_others_are_refused_by_name",
        ],
    ),
    (
        "A-14 CVE-2026-53832",
        "an identity header counted from the same machine",
        &[
            "crates/auth/src/decide/vouched.rs::each_rule_of_the_proxy_is_kept_and_named_in_its_order",
            "crates/auth/src/decide/vouched.rs::identity_headers_mean_nothing_in_other_modes",
            "crates/gateway/tests/behaviour/tailscale.rs::a_login_counts_at_its_own_door_with_serves_headers_and_when_tailscale_knows_it",
        ],
    ),
    (
        "A-15 CVE-2026-35656",
        "a chain of forwarders presented a client on loopback",
        &[
            "crates/gateway/tests/behaviour/proxy.rs::over_http_the_proxys_user_is_asked_for_nothing_more_and_others_are_refused_by_name",
        ],
    ),
    (
        "A-16 CVE-2026-34503",
        "a withdrawn credential kept its sockets",
        &[
            "crates/gateway/tests/behaviour/pairing.rs::a_revoked_device_is_closed_at_once_and_must_be_approved_again",
            "crates/gateway/tests/behaviour/pairing.rs::no_handshake_overtakes_a_withdrawal",
        ],
    ),
    (
        "A-17 GHSA-68x5-xx89-w9mm, GHSA-m8wm-r5vq-qjpg",
        "who may come in was worked out once, at the start",
        &[
            "crates/gateway/tests/behaviour/reload.rs::a_changed_token_ends_the_connections_that_it_let_in_and_no_others",
            "crates/gateway/tests/behaviour/proxy.rs::who_is_taken_off_the_list_loses_the_connection_at_once",
        ],
    ),
    (
        "A-18 GHSA-whf9-3hcx-gq54",
        "rotating kept roles that nobody had approved",
        &["crates/auth/src/decide/tests.rs::a_revoked_token_takes_the_role_until_it_is_approved_again"],
    ),
];

#[test]
fn every_advisory_has_its_tests_and_each_of_them_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files: BTreeMap<&str, String> = BTreeMap::new();
    for (number, (row, what, tests)) in (1..).zip(ROWS) {
        assert!(row.starts_with(&format!("A-{number:02}")), "{row} stands out of order");
        assert!(!tests.is_empty(), "nothing holds {row}: {what}");
        for test in *tests {
            let (file, name) = test.split_once("::").unwrap();
            let text = files.entry(file).or_insert_with(|| {
                fs::read_to_string(root.join(file)).unwrap_or_else(|error| panic!("{row}: {file}: {error}"))
            });
            assert!(text.contains(&format!("fn {name}(")), "{row}: there is no test {name} in {file}");
        }
    }
    assert_eq!(ROWS.len(), 18);
}

#[test]
fn the_built_in_page_takes_no_address_from_its_own() {
    let script = include_str!("../src/http/page/gateway.js");
    for word in ["gatewayUrl", "location.search", "location.href", "document.referrer", "window.name"] {
        assert!(!script.contains(word), "the page reads {word}");
    }
    // Where it connects to is where it came from.
    assert!(script.contains("location.host"), "{script}");
}

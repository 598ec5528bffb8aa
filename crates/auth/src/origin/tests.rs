use super::*;

fn allowed(list: &[&str]) -> Vec<String> {
    crate::testing::owned(list)
}

type Case<'a> = (&'a str, Option<&'a str>, Locality, &'a [&'a str], Result<(), OriginProblem>);

#[test]
fn origins_are_accepted_by_list_and_by_own_host() {
    use Locality::{DirectLoopback as Direct, Remote};
    use OriginProblem::{MissingOrInvalid as Invalid, NotAllowed};
    let mc: &[&str] = &["https://mc.example.com"];
    #[rustfmt::skip]
    let table: &[Case<'_>] = &[
        // The list is exact in scheme, host and port.
        ("https://mc.example.com", Some("gw.example.com"), Remote, mc, Ok(())),
        ("https://mc.example.com:443", Some("gw.example.com"), Remote, mc, Ok(())),
        ("HTTPS://MC.EXAMPLE.COM", Some("gw.example.com"), Remote, mc, Ok(())),
        ("http://mc.example.com", Some("gw.example.com"), Remote, mc, Err(NotAllowed)),
        ("https://mc.example.com:8443", Some("gw.example.com"), Remote, mc, Err(NotAllowed)),
        ("https://mc.example.com.evil", Some("gw.example.com"), Remote, mc, Err(NotAllowed)),
        ("https://evil.example", None, Remote, mc, Err(NotAllowed)),
        ("https://evil.example", None, Remote, &["*"], Ok(())),
        ("tauri://localhost", None, Remote, &["tauri://localhost"], Ok(())),
        ("http://mc.example.com:80", None, Remote, &["http://mc.example.com"], Ok(())),
        ("http://mc.example.com:443", None, Remote, &["http://mc.example.com"], Err(NotAllowed)),
        ("app+x-y.z://mc.example.com", None, Remote, &["*"], Ok(())),
        // What is no origin passes nowhere, not even `*`.
        ("1http://mc.example.com", None, Direct, &["*"], Err(Invalid)),
        ("ht_tp://mc.example.com", None, Direct, &["*"], Err(Invalid)),
        ("null", None, Direct, &["*"], Err(Invalid)),
        ("", None, Direct, &["*"], Err(Invalid)),
        ("https://", None, Direct, &["*"], Err(Invalid)),
        ("mc.example.com", None, Direct, &["*"], Err(Invalid)),
        ("https://mc.example.com/", None, Direct, &["*"], Err(Invalid)),
        ("https://mc.example.com/path", None, Direct, mc, Err(Invalid)),
        ("https://mc.example.com?x", None, Direct, mc, Err(Invalid)),
        ("HTTPS://MC.EXAMPLE.COM@evil", None, Direct, mc, Err(Invalid)),
        ("https://mc.example.com\\evil", None, Direct, mc, Err(Invalid)),
        ("https://mc example.com", None, Direct, mc, Err(Invalid)),
        ("https://mc.example.com:0", None, Direct, &["*"], Err(Invalid)),
        ("https://mc.example.com:", None, Direct, &["*"], Err(Invalid)),
        ("https://mc.example.com:99999", None, Direct, &["*"], Err(Invalid)),
        ("https://mc.example.com:+443", None, Direct, &["*"], Err(Invalid)),
        ("https://[::1", None, Direct, &["*"], Err(Invalid)),
        ("https://[localhost]", None, Direct, &["*"], Err(Invalid)),
        // An empty list means the gateway's own pages, on hosts that cannot be rebound.
        ("http://192.168.1.4:18789", Some("192.168.1.4:18789"), Remote, &[], Ok(())),
        ("http://box.local:18789", Some("Box.Local:18789"), Remote, &[], Ok(())),
        ("https://box.tail1.ts.net", Some("box.tail1.ts.net"), Remote, &[], Ok(())),
        ("http://100.101.102.103:18789", Some("100.101.102.103:18789"), Remote, &[], Ok(())),
        ("http://100.1.2.3:18789", Some("100.1.2.3:18789"), Remote, &[], Err(NotAllowed)),
        ("http://8.64.2.3:18789", Some("8.64.2.3:18789"), Remote, &[], Err(NotAllowed)),
        ("http://[fd00::1]:18789", Some("[fd00::1]:18789"), Remote, &[], Ok(())),
        ("http://192.168.1.4:3000", Some("192.168.1.4:18789"), Remote, &[], Err(NotAllowed)),
        ("http://evil.example", Some("evil.example"), Remote, &[], Err(NotAllowed)),
        ("http://evil.example", Some("evil.example"), Direct, &[], Err(NotAllowed)),
        ("http://ts.net", Some("ts.net"), Remote, &[], Err(NotAllowed)),
        ("http://192.168.1.4", None, Remote, &[], Err(NotAllowed)),
        // Another page of this machine is another origin: it must be listed.
        ("http://127.0.0.1:5555", Some("127.0.0.1:18789"), Direct, &[], Err(NotAllowed)),
        ("http://localhost:3000", Some("localhost:18789"), Direct, &[], Err(NotAllowed)),
        ("http://localhost:3000", Some("localhost:18789"), Direct, &["http://localhost:3000"], Ok(())),
        ("http://[::1]:3000", Some("[::1]:18789"), Direct, &[], Err(NotAllowed)),
        ("http://localhost:3000", Some("127.0.0.1:18789"), Remote, &[], Err(NotAllowed)),
        ("http://127.0.0.1:18789", Some("127.0.0.1:18789"), Remote, &[], Err(NotAllowed)),
        ("http://127.0.0.1.evil.example", Some("127.0.0.1:18789"), Direct, &[], Err(NotAllowed)),
        ("http://0.0.0.0:5555", Some("127.0.0.1:18789"), Direct, &[], Err(NotAllowed)),
        ("http://localhost.evil.example", Some("localhost"), Direct, &[], Err(NotAllowed)),
    ];
    for (origin, host, locality, list, expected) in table {
        assert_eq!(
            check(origin, *host, *locality, &allowed(list)),
            *expected,
            "{origin} at {host:?}, {locality:?}, {list:?}"
        );
    }
}

#[test]
fn a_host_header_names_this_machine_or_not() {
    for host in ["localhost", "LOCALHOST:18789", "127.0.0.1", "127.8.9.1:1", "[::1]:18789", "[::ffff:127.0.0.1]"] {
        assert!(host_is_loopback(host), "{host}");
    }
    for host in [
        "",
        "evil.example",
        "localhost.evil",
        "[::1]evil.example",
        "0.0.0.0",
        "*",
        "[::]:1",
        "a@localhost",
        "localhost/x",
        "localhost:x",
    ] {
        assert!(!host_is_loopback(host), "{host}");
    }
}

#[test]
fn the_bypass_rule_knows_two_hosts() {
    assert!(host_is_003_local("localhost:18789") && host_is_003_local("127.0.0.1"));
    assert!(!host_is_003_local("[::1]:18789") && !host_is_003_local("127.0.0.2") && !host_is_003_local("box.local"));
}

#[test]
fn blanks_around_an_entry_of_the_list_are_no_part_of_it() {
    let allowed = [" https://mc.example.com ".to_owned()];
    assert_eq!(check("https://mc.example.com", None, Locality::Remote, &allowed), Ok(()));
    assert_eq!(
        check(" https://mc.example.com ", None, Locality::Remote, &allowed),
        Err(OriginProblem::MissingOrInvalid)
    );
}

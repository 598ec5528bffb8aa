use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;

/// A server that answers everything with this head, and counts.
async fn server(head: String) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let hits = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&hits);
    openclaw_core::Tasks::new().spawn("server", async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            counted.fetch_add(1, SeqCst);
            let mut read = [0; 4096];
            let _ = stream.read(&mut read).await;
            let _ = stream.write_all(format!("HTTP/1.1 {head}\r\ncontent-length: 0\r\n\r\n").as_bytes()).await;
        }
    });
    (port, hits)
}

fn allowed() -> Vec<String> {
    vec!["127.0.0.0/8".to_owned()]
}

#[tokio::test]
async fn t50_no_spelling_of_an_address_within_leads_there() {
    let (port, hits) = server("200 OK".to_owned()).await;
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0x7f000001",
        "017700000001",
        "localhost",
        "[::1]",
        "[::ffff:7f00:1]",
        "[::ffff:127.0.0.1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fe80::1]",
        "[fd00::1]",
        "[ff02::1]",
        "[::]",
        "0.0.0.0",
        "0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "168.63.129.16",
        "[::ffff:a9fe:a9fe]",
        "100.64.0.1",
        "198.18.0.1",
        "192.0.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
    ] {
        for scheme in ["http", "https"] {
            let found = Place::find(&format!("{scheme}://{host}:{port}/"), &[]).await;
            assert!(matches!(found, Err(Failed::Refused(_))), "{scheme} {host}: {found:?}");
        }
    }
    for url in ["file:///etc/passwd", "gopher://127.0.0.1/", "ftp://8.8.8.8/", "https://u:p@8.8.8.8/", "https://", "x"]
    {
        assert!(matches!(Place::find(url, &allowed()).await, Err(Failed::Refused(_))), "{url}");
    }
    assert_eq!(hits.load(SeqCst), 0);
}

#[test]
fn addresses_that_everybody_can_have_are_public() {
    for ip in ["8.8.8.8", "1.1.1.1", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "2a00:1450::1", "64:ff9b::808:808"]
    {
        assert!(is_public(ip.parse().unwrap()), "{ip}");
    }
}

#[test]
fn a_name_that_leads_to_two_kinds_of_addresses_is_refused() {
    let url = Url::parse("https://two.example/").unwrap();
    let both = ["8.8.8.8:443", "127.0.0.1:443"].map(|address| address.parse().unwrap()).to_vec();
    assert!(matches!(Place::judge(url.clone(), both, &[]), Err(Failed::Refused(_))));
    assert!(matches!(Place::judge(url.clone(), Vec::new(), &[]), Err(Failed::Unreachable(_))));
    assert!(Place::judge(url, vec!["8.8.8.8:443".parse().unwrap()], &[]).is_ok());
    let readable = Url::parse("http://one.example/").unwrap();
    assert!(matches!(Place::judge(readable, vec!["8.8.8.8:80".parse().unwrap()], &[]), Err(Failed::Refused(_))));
}

#[tokio::test]
async fn t50_no_list_allows_where_metadata_is() {
    let listed = ["fc00::/7", "169.254.0.0/16", "100.64.0.0/10", "168.63.0.0/16"].map(str::to_owned);
    for host in [
        "[fd00:ec2::254]",
        "[fd20:ce::254]",
        "169.254.169.254",
        "[::ffff:a9fe:a9fe]",
        "100.100.100.200",
        "168.63.129.16",
    ] {
        let found = Place::find(&format!("https://{host}/"), &listed).await;
        assert!(matches!(&found, Err(Failed::Refused(why)) if why.contains("secrets")), "{host}: {found:?}");
    }
    assert!(Place::find("https://[fd12::1]/", &listed).await.is_ok());
}

#[tokio::test]
async fn what_was_judged_is_connected_to_whatever_the_name_says_later() {
    let (port, hits) = server("204 No Content".to_owned()).await;
    // Nobody answers for this name, so it can only get there by the address that was judged.
    let url = Url::parse(&format!("http://nobody.invalid:{port}/")).unwrap();
    let place = Place::judge(url, vec![SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port)], &allowed()).unwrap();
    place.post(HeaderMap::new(), Bytes::from_static(b"{}")).await.unwrap();
    assert_eq!(hits.load(SeqCst), 1);
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_what_is_refused_for_good_is_told_from_the_rest() {
    let (trap, trapped) = server("200 OK".to_owned()).await;
    for (head, passing) in [
        (format!("302 Found\r\nlocation: http://127.0.0.1:{trap}/"), false),
        ("400 Bad Request".to_owned(), false),
        ("503 Service Unavailable".to_owned(), true),
        ("429 Too Many Requests".to_owned(), true),
    ] {
        let (port, hits) = server(head.clone()).await;
        let place = Place::find(&format!("http://127.0.0.1:{port}/"), &allowed()).await.unwrap();
        let failed = place.post(HeaderMap::new(), Bytes::new()).await.unwrap_err();
        assert_eq!((failed.is_passing(), hits.load(SeqCst)), (passing, 1), "{head}: {failed}");
    }
    assert_eq!(trapped.load(SeqCst), 0);
}

#[tokio::test]
async fn an_answer_is_read_to_its_bound_and_no_further() {
    let (port, _) =
        server("200 OK\r\ncontent-type: text/plain\r\nx-said: yes\r\ncontent-length: 5\r\n\r\nhello".to_owned()).await;
    let place = Place::find(&format!("http://127.0.0.1:{port}/"), &allowed()).await.unwrap();
    let answer = place.ask(Method::GET, HeaderMap::new(), Bytes::new(), 5).await.unwrap();
    assert_eq!(
        (answer.status(), &answer.headers()["x-said"], &answer.body()[..]),
        (StatusCode::OK, &"yes".parse().unwrap(), &b"hello"[..])
    );
    let (port, _) = server("404 Not Found\r\ncontent-length: 5\r\n\r\nhello".to_owned()).await;
    let place = Place::find(&format!("http://127.0.0.1:{port}/"), &allowed()).await.unwrap();
    let longer = place.ask(Method::GET, HeaderMap::new(), Bytes::new(), 4).await;
    assert!(matches!(longer, Err(Failed::Refused(_))), "{longer:?}");
}

#[tokio::test]
async fn t50_a_gateway_is_near_only_where_somebody_said_so_and_never_where_metadata_is() {
    let ask =
        |host: &'static str, near| async move { addresses(host, 1, near).await.map(|found| found[0].ip().to_string()) };
    for host in [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.0.4",
        "172.16.9.9",
        "100.64.0.7",
        "::1",
        "fd12::1",
        "fd00:ec3::1",
        "2130706433",
        "0x7f.1",
    ] {
        assert!(matches!(ask(host, Near::Refused).await, Err(Barred::Private { .. })), "{host}");
        assert!(ask(host, Near::Allowed).await.is_ok(), "{host}");
    }
    let never = [
        "169.254.169.254",
        "fe80::1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "100.100.100.200",
        "168.63.129.16",
        "64:ff9b::168.63.129.16",
        "fd00:ec2::254",
        "fd00:ec2::23",
        "fd00:ec2:0:1::1",
        "fd20:ce::254",
        "fd20:ce:0:1::1",
        "2852039166",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ];
    for host in never {
        for near in [Near::Refused, Near::Allowed] {
            assert!(matches!(ask(host, near).await, Err(Barred::Never { .. })), "{host}");
        }
    }
    assert_eq!(ask("9.9.9.9", Near::Refused).await.unwrap(), "9.9.9.9");
    assert!(matches!(ask("no-such-host.invalid", Near::Allowed).await, Err(Barred::Unknown { .. })));
}

#[test]
fn each_range_ends_where_it_is_written_down() {
    #[rustfmt::skip]
    let table = [
        // Shared by providers, for measuring, reserved: the last before, the first and last within, the first behind.
        ("100.63.255.255", true), ("100.64.0.0", false), ("100.127.255.255", false), ("100.128.0.0", true),
        ("101.64.0.1", true), ("8.64.0.1", true),
        ("198.17.255.255", true), ("198.18.0.0", false), ("198.19.255.255", false), ("198.20.0.0", true),
        ("199.18.0.1", true), ("8.18.0.1", true),
        ("223.255.255.255", true), ("224.0.0.0", false), ("240.0.0.1", false),
        ("192.0.0.1", false), ("192.0.1.1", true), ("192.0.2.1", false), ("198.51.100.1", false), ("203.0.113.1", false),
        ("192.88.99.1", false), ("192.88.98.1", true), ("0.1.2.3", false), ("1.1.1.1", true),
        // Those that carry an old one.
        ("64:ff9b::808:808", true), ("64:ff9b::a00:1", false), ("64:ff9b::7f00:1", false), ("64:ff9b:1::808:808", false),
        ("2002:808:808::1", true), ("2002:a00:1::808:808", false), ("2002:7f00:1::1", false),
        // Tunnels and tests end at 2001:200, documents are within.
        ("2001:1ff::1", false), ("2001:200::1", true), ("2001:db7::1", true), ("2001:db8::1", false), ("2001:db9::1", true),
        ("2001:0::1", false), ("2001:4860:4860::8888", true),
        ("3fff::1", false), ("3fff:fff::1", false), ("3fff:1000::1", true), ("3ffe::1", true),
        ("2000::1", true), ("1fff::1", false), ("4000::1", false), ("fd00::1", false), ("fe80::1", false), ("ff02::1", false),
        ("::ffff:8.8.8.8", true), ("::ffff:10.0.0.1", false), ("::1", false), ("::", false),
    ];
    for (address, public) in table {
        assert_eq!(is_public(address.parse().unwrap()), public, "{address}");
    }
    for (address, near) in [
        ("127.0.0.1", true),
        ("10.1.2.3", true),
        ("192.168.1.1", true),
        ("100.64.0.1", true),
        ("100.63.0.1", false),
        ("101.64.0.1", false),
        ("169.254.1.1", false),
        ("8.8.8.8", false),
        ("::1", true),
        ("fc00::1", true),
        ("fdff::1", true),
        ("fe00::1", false),
        ("fe80::1", false),
        ("fd00:ec2::254", false),
    ] {
        assert_eq!(is_near(address.parse().unwrap()), near, "{address}");
    }
}

#[tokio::test]
async fn a_user_or_a_password_alone_is_not_sent_either() {
    for url in ["https://u@8.8.8.8/", "https://:p@8.8.8.8/", "https://u:p@8.8.8.8/"] {
        let found = Place::find(url, &[]).await;
        assert!(matches!(&found, Err(Failed::Refused(why)) if why.contains("user or password")), "{url}: {found:?}");
    }
    assert!(Place::find("https://8.8.8.8/", &[]).await.is_ok());
}

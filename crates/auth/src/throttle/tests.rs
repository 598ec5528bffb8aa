use super::*;
use crate::{
    Decision,
    testing::{self, Knock, Known, NOW},
};

const CLASS: CredentialClass = CredentialClass::SharedSecret;

fn address(text: &str) -> Source {
    Source::Address(text.parse().unwrap())
}

#[test]
fn ten_failures_in_a_window_lock_one_source_and_class() {
    let mut throttle = Throttle::new(ThrottleSettings::default());
    let source = address("203.0.113.7");
    for n in 0..9 {
        assert_eq!(throttle.failed(&source, CLASS, NOW + n), Gate::Open);
        assert_eq!(throttle.check(&source, CLASS, NOW + n), Gate::Open);
    }
    assert_eq!(throttle.failed(&source, CLASS, NOW + 9), Gate::Locked { retry_after_ms: 300_000 });
    assert_eq!(throttle.check(&source, CLASS, NOW + 1_009), Gate::Locked { retry_after_ms: 299_000 });
    assert_eq!(throttle.check(&source, CredentialClass::DeviceToken, NOW + 10), Gate::Open);
    assert_eq!(throttle.check(&address("203.0.113.8"), CLASS, NOW + 10), Gate::Open);
    assert_eq!(throttle.check(&source, CLASS, NOW + 300_009), Gate::Open);
    assert_eq!(throttle.failed(&source, CLASS, NOW + 300_010), Gate::Open, "the count begins anew");
}

#[test]
fn the_window_slides() {
    let mut throttle = Throttle::new(ThrottleSettings::default());
    let source = address("203.0.113.7");
    for n in 0..40 {
        assert_eq!(throttle.failed(&source, CLASS, NOW + n * 7_000), Gate::Open, "nine within any minute");
    }
}

#[test]
fn success_forgets_its_own_class_only() {
    let mut throttle = Throttle::new(ThrottleSettings::default());
    let source = address("203.0.113.7");
    for _ in 0..9 {
        throttle.failed(&source, CLASS, NOW);
        throttle.failed(&source, CredentialClass::DeviceToken, NOW);
    }
    throttle.succeeded(&source, CredentialClass::DeviceToken);
    assert_eq!(throttle.failed(&source, CredentialClass::DeviceToken, NOW), Gate::Open);
    assert!(matches!(throttle.failed(&source, CLASS, NOW), Gate::Locked { .. }));
}

#[test]
fn loopback_is_delayed_and_never_locked() {
    let mut throttle = Throttle::new(ThrottleSettings::default());
    let delays: Vec<_> = (0..30).map(|_| throttle.failed(&Source::Loopback, CLASS, NOW)).collect();
    let first: Vec<_> = [250, 500, 1000, 2000, 4000, 5000, 5000].map(Gate::Delay).into();
    assert_eq!(delays[..7], first);
    assert_eq!(delays[29], Gate::Delay(5000));
    assert_eq!(throttle.check(&Source::Loopback, CLASS, NOW), Gate::Open);
}

#[test]
fn loopback_is_locked_when_it_is_not_exempt() {
    let mut throttle =
        Throttle::new(ThrottleSettings { exempt_loopback: false, max_attempts: 1, ..ThrottleSettings::default() });
    assert!(matches!(throttle.failed(&Source::Loopback, CLASS, NOW), Gate::Locked { .. }));
}

#[test]
fn the_table_is_bounded_and_keeps_the_locked() {
    let mut throttle = Throttle::new(ThrottleSettings::default());
    let locked = address("203.0.113.7");
    for _ in 0..10 {
        throttle.failed(&locked, CLASS, NOW);
    }
    for n in 0..10_000_u32 {
        throttle.failed(&Source::Address(IpAddr::V4((0x0a00_0000 + n).into())), CLASS, NOW + 1);
        assert!(throttle.len() <= MAX_SOURCES);
    }
    assert!(matches!(throttle.check(&locked, CLASS, NOW + 2), Gate::Locked { .. }));
    for n in 0..MAX_SOURCES {
        let ip = u32::try_from(n).map(|n| IpAddr::V4((0x0b00_0000 + n).into())).expect("it is a small number");
        throttle.failed(&Source::Address(ip), CLASS, NOW + 400_000);
    }
    assert_eq!(throttle.len(), MAX_SOURCES, "what is over makes room, and of the others nobody has to go");
}

fn numbered(n: usize) -> Source {
    Source::Address(u32::try_from(n).map(|n| IpAddr::V4((0x0b00_0000 + n).into())).expect("it is a small number"))
}

#[test]
fn where_nobody_is_over_an_eighth_goes_at_once_and_where_all_are_all_go() {
    let mut throttle = Throttle::new(ThrottleSettings::default());
    let window = ThrottleSettings::default().window_ms;
    for n in 0..MAX_SOURCES {
        throttle.failed(&numbered(n), CLASS, NOW + i64::try_from(n).unwrap());
    }
    throttle.failed(&numbered(MAX_SOURCES), CLASS, NOW + 20_000);
    assert_eq!(throttle.len(), MAX_SOURCES - MAX_SOURCES / 8 + 1);

    let mut throttle = Throttle::new(ThrottleSettings::default());
    for n in 0..MAX_SOURCES {
        throttle.failed(&numbered(n), CLASS, NOW);
    }
    throttle.failed(&numbered(MAX_SOURCES), CLASS, NOW + window);
    assert_eq!(throttle.len(), 1, "their windows have just ended");
}

#[test]
fn what_is_over_is_forgotten_when_it_is_looked_at_and_a_change_of_the_bounds_holds_at_once() {
    let mut throttle = Throttle::new(ThrottleSettings::default());
    assert!(throttle.is_empty());
    let (source, window) = (address("203.0.113.7"), ThrottleSettings::default().window_ms);
    throttle.failed(&source, CLASS, NOW);
    assert_eq!(throttle.check(&source, CLASS, NOW + window - 1), Gate::Open);
    assert!(!throttle.is_empty() && throttle.len() == 1);
    assert_eq!(throttle.check(&source, CLASS, NOW + window), Gate::Open);
    assert!(throttle.is_empty());
    throttle.configure(ThrottleSettings { max_attempts: 1, ..ThrottleSettings::default() });
    assert!(matches!(throttle.failed(&source, CLASS, NOW), Gate::Locked { .. }));
}

#[test]
fn sources_are_pages_loopback_or_addresses() {
    assert_eq!(Source::of(&Knock::cli().attempt()), Source::Loopback);
    let page = Knock::cli().origin("http://LOCALHOST:5555");
    assert_eq!(Source::of(&page.attempt()), Source::Origin("http://localhost:5555".to_owned()));
    let remote = Knock::cli().origin("https://mc.example.com").remote();
    assert_eq!(Source::of(&remote.attempt()), address("203.0.113.7"));
    let mut v6 = Knock::cli().remote();
    v6.peer_ip = "2001:db8:1:2:3:4:5:6".parse().unwrap();
    assert_eq!(Source::of(&v6.attempt()), address("2001:db8:1:2::"));
    v6.peer_ip = "::ffff:203.0.113.7".parse().unwrap();
    assert_eq!(Source::of(&v6.attempt()), address("203.0.113.7"));
    let mut foreign_host = Knock::cli();
    foreign_host.locality = crate::Locality::Remote;
    assert_eq!(Source::of(&foreign_host.attempt()), address("127.0.0.1"), "not exempt behind a foreign Host");
}

fn tried(throttle: &mut Throttle, knock: &Knock, known: &Known) -> (Option<Refusal>, Option<Decision>, u64) {
    let attempt = knock.attempt();
    if let Some(refusal) = throttle.gate(&attempt, NOW) {
        return (Some(refusal), None, 0);
    }
    let decision = knock.decide(&testing::policy(), known);
    let delay = throttle.settle(&attempt, &decision, NOW);
    (None, Some(decision), delay)
}

#[test]
fn a_guesser_is_locked_out_even_with_the_right_secret_and_further_fields() {
    let (mut throttle, known) = (Throttle::new(ThrottleSettings::default()), Known::default());
    let wrong = Knock::cli().remote().token("wrong");
    for _ in 0..10 {
        assert!(tried(&mut throttle, &wrong, &known).0.is_none());
    }
    for knock in [wrong.clone(), wrong.device_token("bogus"), Knock::cli().remote().token(testing::SECRET)] {
        let refusal = tried(&mut throttle, &knock, &known).0.unwrap();
        assert_eq!(refusal.error.details.code, "AUTH_RATE_LIMITED");
        assert_eq!(refusal.error.retry_after_ms, Some(300_000));
        assert_eq!(
            refusal.error.message,
            "unauthorized: too many failed authentication attempts (auth rate limit, rate limited; retry in 300 s)"
        );
        assert_eq!(refusal.close_code, 1008);
    }
    assert!(tried(&mut throttle, &Knock::cli().token(testing::SECRET), &known).0.is_none(), "another source is open");
}

#[test]
fn missing_credentials_are_not_counted() {
    let (mut throttle, known) = (Throttle::new(ThrottleSettings::default()), Known::default());
    for _ in 0..50 {
        assert!(tried(&mut throttle, &Knock::cli().remote(), &known).0.is_none());
    }
    assert!(throttle.is_empty());
}

#[test]
fn a_paired_device_cannot_guess_the_shared_secret_uncounted() {
    let mut throttle = Throttle::new(ThrottleSettings::default());
    let key = testing::key(1);
    let device = testing::approved(&key, &["operator.read"]);
    let known = testing::with_token(device, testing::token("dt", &["operator.read"]));
    let guess = Knock::cli()
        .remote()
        .scopes(&["operator.read"])
        .token("guess")
        .device_token("dt")
        .signed(&key, openclaw_protocol::device_payload::PayloadVersion::V3);
    for _ in 0..10 {
        assert!(matches!(tried(&mut throttle, &guess, &known).1, Some(Decision::Accept(_))));
    }
    assert!(tried(&mut throttle, &guess, &known).0.is_some());
}

#[test]
fn a_wrong_answer_on_loopback_is_delayed_and_a_right_one_is_not() {
    let (mut throttle, known) = (Throttle::new(ThrottleSettings::default()), Known::default());
    assert_eq!(tried(&mut throttle, &Knock::cli().token("wrong"), &known).2, 250);
    assert_eq!(tried(&mut throttle, &Knock::cli().token("wrong"), &known).2, 500);
    assert_eq!(tried(&mut throttle, &Knock::cli().token(testing::SECRET), &known).2, 0);
    assert_eq!(tried(&mut throttle, &Knock::cli().token("wrong"), &known).2, 250, "success forgets");
}

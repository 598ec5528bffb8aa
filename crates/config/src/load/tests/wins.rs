//! Flags win over the environment, which wins over the file, which wins over the defaults.

use openclaw_core::{Environment, Secret};

use crate::{AuthMode, Bind, ConfigError, Format, Level, Origin, Overrides, Parsed, parse_over, parse_str};

const FILE: &str = "{ gateway: { port: 2000, bind: 'lan', auth: { token: 'file-file-file-file-file-1' } }, logging: { level: 'error' } }";

fn over(text: &str, variables: &[(&str, &str)], overrides: &Overrides) -> Result<Parsed, ConfigError> {
    parse_over(text, Format::Json5, &variables.iter().copied().collect(), overrides)
}

#[test]
fn each_layer_wins_over_the_next_and_says_so() {
    let nothing = Overrides::default();
    let parsed = over("{}", &[], &nothing).unwrap();
    assert_eq!((parsed.config.gateway.port, parsed.origin_of("gateway.port")), (18789, Origin::Default));

    let parsed = over(FILE, &[], &nothing).unwrap();
    assert_eq!((parsed.config.gateway.port, parsed.origin_of("gateway.port")), (2000, Origin::File));

    let variables = [
        ("OPENCLAW_GATEWAY_PORT", "3000"),
        ("OPENCLAW_GATEWAY_TOKEN", "environment-environment-1"),
        ("OPENCLAW_HANDSHAKE_TIMEOUT_MS", "20000"),
        ("OPENCLAW_GATEWAY_URL", "wss://far.example"),
        ("LOG_LEVEL", "DEBUG"),
    ];
    let parsed = over(FILE, &variables, &nothing).unwrap();
    let config = &parsed.config;
    assert_eq!((config.gateway.port, parsed.origin_of("gateway.port")), (3000, Origin::Env("OPENCLAW_GATEWAY_PORT")));
    assert_eq!(config.gateway.auth.token.as_ref().unwrap().expose(), "environment-environment-1");
    assert_eq!((config.gateway.handshake_timeout_ms, config.logging.level), (20_000, Level::Debug));
    assert_eq!(config.gateway.remote.url.as_deref(), Some("wss://far.example"));

    let flags = Overrides {
        port: Some(4000),
        bind: Some("192.168.1.10".into()),
        token: Some(Secret::new("flag-flag-flag-flag-flag-1")),
        log_level: Some(Level::Trace),
        ..Overrides::default()
    };
    let parsed = over(FILE, &variables, &flags).unwrap();
    let config = &parsed.config;
    assert_eq!((config.gateway.port, parsed.origin_of("gateway.port")), (4000, Origin::Flag));
    assert_eq!((config.gateway.bind, config.gateway.custom_bind_host.as_deref()), (Bind::Custom, Some("192.168.1.10")));
    assert_eq!(config.gateway.auth.token.as_ref().unwrap().expose(), "flag-flag-flag-flag-flag-1");
    assert_eq!(config.logging.level, Level::Trace);
}

#[test]
fn plain_text_knows_nothing_of_variables_that_stand_for_keys() {
    let environment: Environment = [("OPENCLAW_GATEWAY_PORT", "3000")].into_iter().collect();
    assert_eq!(parse_str("{}", Format::Json5, &environment).unwrap().config.gateway.port, 18789);
}

#[test]
fn bad_layers_are_refused_by_name() {
    let variables =
        [("OPENCLAW_GATEWAY_PORT", "70000"), ("LOG_LEVEL", "loud"), ("OPENCLAW_HANDSHAKE_TIMEOUT_MS", "soon")];
    let flags = Overrides { bind: Some("moon".into()), ..Overrides::default() };
    let error = over("{}", &variables, &flags).unwrap_err();
    insta::assert_snapshot!(error, @r#"
    the configuration is not valid
      - gateway.bind: the command line names neither a bind word nor an address (allowed: loopback, lan, tailnet, auto, custom)
      - gateway.handshakeTimeoutMs: expected milliseconds from 100 to 600000 in the environment variable OPENCLAW_HANDSHAKE_TIMEOUT_MS
      - gateway.port: expected a port from 0 to 65535 in the environment variable OPENCLAW_GATEWAY_PORT
      - logging.level: expected a level in the environment variable LOG_LEVEL (allowed: silent, error, warn, info, debug, trace)
    "#);
}

#[test]
fn refusals_say_where_a_secret_came_from() {
    let variables = [("OPENCLAW_GATEWAY_TOKEN", "undefined")];
    let flags = Overrides { password: Some(Secret::new("long-enough-password-for-all")), ..Overrides::default() };
    insta::assert_snapshot!(over("{}", &variables, &flags).unwrap_err(), @r#"
    the configuration is not valid
      - gateway.auth.mode: a token (from OPENCLAW_GATEWAY_TOKEN) and a password (from the command line) are set, and the mode does not say which one counts (allowed: token, password)
      - gateway.auth.token: the token from OPENCLAW_GATEWAY_TOKEN is blank or a published example; generate one with `openssl rand -base64 32`
    "#);
    let flags = Overrides { auth_mode: Some(AuthMode::TrustedProxy), ..Overrides::default() };
    let variables = [("OPENCLAW_GATEWAY_TOKEN", "a-token-that-is-long-enough")];
    insta::assert_snapshot!(over("{}", &variables, &flags).unwrap_err(), @r#"
    the configuration is not valid
      - gateway.auth.token: a token (from OPENCLAW_GATEWAY_TOKEN) cannot be combined with mode `trusted-proxy`: it would let clients in around the proxy; remove it
      - gateway.auth.trustedProxy.userHeader: mode `trusted-proxy` needs the header that names the user
      - gateway.trustedProxies: mode `trusted-proxy` needs the addresses of the proxy
    "#);
}

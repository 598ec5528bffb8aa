use openclaw_core::Environment;
use proptest::prelude::*;

use super::*;
use crate::{
    ConfigError, Format,
    mapping::{FOREIGN, RENAMED},
    parse_str, redact, redact_raw, reference_markdown,
    standing::{INERT, LATER},
};

fn refused(text: &str) -> String {
    parse_str(text, Format::Json5, &Environment::default()).unwrap_err().to_string()
}

#[test]
fn all_issues_come_at_once_with_places_and_advice() {
    insta::assert_snapshot!(
        refused(
            "{ gatway: {}, port: 1, maxAttempts: 3, gateway: { prot: 1, port: 70000, bind: 'moon', auth: { mode: 'tokn', token: 5, tokenTTL: 1 }, controlUi: { allowedOrigins: 'x', enabled: 'yes' },
               trustedProxies: [1], limits: null, tickIntervalMs: 0.5, tls: { port: 0 } },
               agents: { defaults: { model: 5, thinkingDefault: 'very', model2: 1 }, list: [{ id: 'a', model: { primry: 'x' } }] },
               channels: { 'odd name': { dmPolcy: 'open' } }, $include: './other.json', security: { storage: { configPermissions: 600 } },
               session: [], 'a b': 1 }"
        ),
        @r#"
        the configuration is not valid
          - $include: this text has no folder to include files from; put their content here
          - ["a b"]: unknown key
          - agents.defaults.model: expected text or an object, found 5
          - agents.defaults.model2: unknown key; did you mean `model`?
          - agents.defaults.thinkingDefault: expected one of the allowed words, found "very" (allowed: off, minimal, low, medium, high, xhigh, adaptive)
          - agents.list[0].model.primary: is missing
          - agents.list[0].model.primry: unknown key; did you mean `primary`?
          - channels["odd name"].dmPolcy: unknown key; did you mean `dmPolicy`?
          - gateway.auth.mode: expected one of the allowed words, found "tokn" (allowed: token, password, none, trusted-proxy); did you mean `token`?
          - gateway.auth.token: expected text, found a number
          - gateway.auth.tokenTTL: unknown key; did you mean `gateway.auth.deviceAuth.tokenTTL`?
          - gateway.bind: expected one of the allowed words, found "moon" (allowed: loopback, lan, tailnet, auto, custom)
          - gateway.controlUi.allowedOrigins: expected a list, found text
          - gateway.controlUi.enabled: expected true or false, found text
          - gateway.limits: expected an object, found null
          - gateway.port: expected a whole number from 0 to 65535, found 70000
          - gateway.prot: unknown key; did you mean `port`?
          - gateway.tickIntervalMs: expected a whole number from 1000 to 3600000, found 0.5
          - gateway.tls.port: expected a whole number from 1 to 65535, found 0
          - gateway.trustedProxies[0]: expected text, found 1
          - gatway: unknown key; did you mean `gateway`?
          - maxAttempts: unknown key; did you mean `gateway.auth.rateLimit.maxAttempts`?
          - port: unknown key
          - security.storage.configPermissions: expected text, found 600
          - session: expected an object, found a list
        "#
    );
}

#[test]
fn an_alias_that_differs_from_the_canonical_key_is_refused_and_an_equal_one_is_not() {
    insta::assert_snapshot!(refused("{ gateway: { token: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaa', auth: { token: 'bbbbbbbbbbbbbbbbbbbbbbbbbbbb' } }, audit: { enabled: true }, logging: { audit: { enabled: false } } }"), @r#"
    the configuration is not valid
      - audit.enabled: differs from `logging.audit.enabled`, which means the same; keep one of them
      - gateway.token: differs from `gateway.auth.token`, which means the same; keep one of them
    "#);
    insta::assert_snapshot!(refused("{ gateway: { token: 5, tls: { certFile: 1 }, auth: 'x' }, audit: 3 }"), @r#"
    the configuration is not valid
      - audit: expected an object, found 3 (canonical name: logging.audit)
      - gateway.auth: expected an object, found text
      - gateway.tls.certFile: expected text, found 1 (canonical name: gateway.tls.certPath)
      - gateway.token: cannot be put at `gateway.auth.token`, because a part of that path is not an object
    "#);
    parse_str(
        "{ audit: { enabled: true }, logging: { audit: { enabled: true } } }",
        Format::Json5,
        &Environment::default(),
    )
    .unwrap();
}

#[test]
fn a_senseless_file_gives_a_report_that_can_be_read() {
    let keys: String = (0..40_000).map(|number| format!("k{number}:0,")).collect();
    let error = parse_str(&format!("{{{keys}}}"), Format::Json5, &Environment::default()).unwrap_err();
    assert_eq!(error.issues().len(), 201);
    assert_eq!(error.issues()[200].message, "and at least 800 more");
}

#[test]
fn text_that_could_be_a_secret_is_not_shown() {
    let text = refused(
        "{ gateway: { port: 'hT7xK2mQ9vL4wN8pR3sJ6yB1' , auth: { token: { nested: 'hT7xK2mQ9vL4wN8pR3sJ6yB1' }, mode: 'hT7xK2mQ9vL4wN8pR3sJ6yB1' } } }",
    );
    assert!(!text.contains("hT7x"), "{text}");
}

#[test]
fn the_schema_is_draft_7_without_references_and_marks_secrets() {
    let schema = schema().to_value();
    assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    let text = schema.to_string();
    assert!(!text.contains("$ref"));
    assert!(text.len() < 200_000, "{} bytes", text.len());
    let at = |path: &str| path.split('.').fold(&schema, |node, key| &node["properties"][key]);
    assert!(Node::new(at("gateway.auth.token")).is_secret());
    assert!(!Node::new(at("gateway.auth.mode")).is_secret());
    assert_eq!(at("gateway")["additionalProperties"], false);
}

#[test]
fn every_default_in_the_schema_passes_its_own_check() {
    fn visit(node: Node<'_>, path: &str, root: Node<'_>, issues: &mut Vec<Issue>) {
        if let Some(default) = node.default() {
            check_node(default, node, path, root, issues);
        }
        for branch in node.branches() {
            for (key, inner) in branch.properties().into_iter().flatten() {
                visit(Node(inner), &value::join(path, key), root, issues);
            }
        }
    }
    let (schema, mut issues) = (schema().to_value(), Vec::new());
    visit(Node(&schema), "", Node(&schema), &mut issues);
    assert_eq!(issues, []);
}

#[test]
fn the_reference_lists_every_key() {
    insta::assert_snapshot!(reference_markdown());
}

#[test]
fn every_row_of_the_tables_names_a_key_that_is_or_is_not_there() {
    let schema = schema().to_value();
    let known = |path: &str| {
        path.split('.').try_fold(Node(&schema), |node, part| {
            let (key, each) = part.strip_suffix("[]").map_or((part, false), |key| (key, true));
            let branches = node.branches();
            let inner =
                branches.iter().find_map(|branch| if key == "*" { branch.entries() } else { branch.property(key) })?;
            if each { inner.branches().iter().find_map(|branch| branch.items()) } else { Some(inner) }
        })
    };
    for (from, to) in RENAMED {
        // A name that another row finishes, such as `audit.logFile`, is a key below a canonical one.
        assert!(known(from).is_none() && known(to).is_some(), "{from} -> {to}");
    }
    for pattern in FOREIGN {
        assert!(known(pattern).is_none(), "{pattern} is a key of ours");
    }
    for (pattern, _) in LATER.iter().chain(INERT) {
        assert!(known(pattern).is_some(), "{pattern} is no key of ours");
    }
}

/// Documents that look like configurations: known and unknown keys over values of every kind.
fn documents() -> impl Strategy<Value = Value> {
    let keys = prop::sample::select(vec![
        "gateway",
        "auth",
        "mode",
        "token",
        "bind",
        "port",
        "tls",
        "cert",
        "key",
        "audit",
        "logging",
        "level",
        "agents",
        "list",
        "id",
        "model",
        "defaults",
        "models",
        "providers",
        "headers",
        "channels",
        "accounts",
        "security",
        "storage",
        "rateLimit",
        "enabled",
        "tools",
        "exec",
        "session",
        "$include",
        "deviceAuth",
        "allowedOrigins",
        "a.b",
        "",
        "metrics",
        "spawn",
        "allow",
        "primary",
    ]);
    let leaves = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        prop::sample::select(vec![
            "loopback", "lan", "0.0.0.0", "token", "none", "24h", "10MB", "600", "${HOME}", "$${X}", "off", "*", "json"
        ])
        .prop_map(Value::from),
    ];

    leaves.prop_recursive(6, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((keys.clone(), inner), 0..8).prop_map(|entries| Value::Object(
                entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
            )),
        ]
    })
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in any::<String>(), yaml in any::<bool>()) {
        let _ = parse_str(&text, if yaml { Format::Yaml } else { Format::Json5 }, &Environment::default());
    }

    #[test]
    fn text_that_looks_right_is_read_or_refused(text in "[a-z{}\\[\\]:,'\"\\n &*<$!|>#/\\\\0-9.-]{0,200}", yaml in any::<bool>()) {
        let _ = parse_str(&text, if yaml { Format::Yaml } else { Format::Json5 }, &Environment::default());
    }

    /// Whatever the schema lets through also becomes the typed configuration, and showing it never fails.
    #[test]
    fn schema_and_types_agree(document in documents()) {
        let text = document.to_string();
        if let Err(ConfigError::Invalid(invalid)) = parse_str(&text, Format::Json5, &Environment::default()) {
            for issue in &invalid.issues {
                prop_assert!(!issue.message.contains("cannot be read as"), "{issue}: {text}");
            }
        }
        let _ = redact(&document);
        let _ = redact_raw(&text, &document);
    }
}

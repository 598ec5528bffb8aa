//! Secrets are sealed where they stand, open only there, and are nowhere else in the open.

use std::fs;

use openclaw_config::{ChangeError, ConfigError, ConfigFile, LoadRequest, Loaded, Mode, redact};
use openclaw_core::Secret;
use openclaw_seal::{KeyError, Protection};
use serde_json::{Value, json};

use crate::support::{Home, SECRET, TEXT, attempt, mode, set, unset, write};

const API_KEY: &str = "sk-0123456789abcdefghijklmnop";

const BOTH: &str = "// Mine.
{
  gateway: { token: 'old-secret-0123456789abcdefghij' }, // the token
  models: { providers: { mine: { baseUrl: 'http://127.0.0.1:1/v1', apiKey: 'sk-0123456789abcdefghijklmnop' } } },
}
";

fn request(home: &Home, more: &[(&str, &str)]) -> LoadRequest {
    let state = home.state().display().to_string();
    let environment = [("OPENCLAW_STATE_DIR", state.as_str())].into_iter().chain(more.iter().copied()).collect();
    LoadRequest { config_path: Some(home.config.clone()), environment, ..LoadRequest::default() }
}

fn file(home: &Home) -> ConfigFile {
    ConfigFile::new(request(home, &[]), &home.state())
}

fn load(home: &Home) -> Result<Loaded, ConfigError> {
    openclaw_config::load(&request(home, &[]))
}

fn token(loaded: &Loaded) -> String {
    loaded.config.gateway.auth.token.as_ref().unwrap().expose().to_owned()
}

fn issues(home: &Home) -> String {
    load(home).unwrap_err().to_string()
}

#[test]
fn secrets_are_sealed_in_place_and_mean_what_they_meant() {
    let home = Home::new(BOTH);
    let before = load(&home).unwrap();
    let dry = file(&home).seal(&[], &Protection::Usual, &openclaw_config::Attempt { mode: Mode::DryRun, ..attempt() });
    assert_eq!(dry.unwrap().changed, ["gateway.token", "models.providers.mine.apiKey"]);
    assert_eq!(home.text(), BOTH);
    assert!(!home.state().join("keys").exists(), "a dry run makes no key");
    let sealed = file(&home).seal(&[], &Protection::Usual, &attempt()).unwrap();
    assert_eq!(sealed.changed, ["gateway.token", "models.providers.mine.apiKey"]);
    let text = home.text();
    assert!(
        text.starts_with("// Mine.\n") && text.contains("// the token") && text.matches("enc:v1:").count() == 2,
        "{text}"
    );
    assert_eq!(mode(&home.config), 0o600);
    let loaded = load(&home).unwrap();
    assert_eq!(token(&loaded), SECRET);
    assert_eq!(loaded.resolved, before.resolved);
    assert_eq!(openclaw_config::plan(&before, &loaded).changes, [], "it is the same configuration");
    assert!(!home.everything().contains(SECRET) && !home.everything().contains(API_KEY), "in no file");
    for shown in [redact(&loaded.parsed), redact(&loaded.resolved)] {
        assert!(!shown.to_string().contains("enc:v1:") && !shown.to_string().contains(SECRET), "{shown}");
    }
    assert!(!loaded.redacted_raw().unwrap().contains("enc:v1:"));
    let again = file(&home).seal(&[], &Protection::Usual, &attempt()).unwrap();
    assert_eq!(again.changed, [""; 0], "what is sealed stays as it is");
    let opened = file(&home).unseal(&[], &attempt()).unwrap();
    assert_eq!(opened.changed, sealed.changed);
    assert_eq!(home.text(), BOTH);
}

#[test]
fn only_what_is_named_is_sealed_and_only_secrets_are() {
    let home = Home::new(BOTH);
    let only = |path: &str| file(&home).seal(&[path.parse().unwrap()], &Protection::Usual, &attempt());
    for (path, says) in [("gateway.port", "holds no secret"), ("gateway.prot", "gateway.prot")] {
        let error = only(path).unwrap_err();
        assert!(matches!(&error, ChangeError::Invalid(_)) && error.to_string().contains(says), "{error}");
    }
    assert_eq!(home.text(), BOTH);
    // The canonical name, where the file uses another one.
    assert_eq!(only("gateway.auth").unwrap().changed, ["gateway.token"]);
    assert_eq!(only("models").unwrap().changed, ["models.providers.mine.apiKey"]);
}

#[test]
fn a_value_that_was_moved_is_refused_naming_both_places() {
    let home = Home::new(BOTH);
    file(&home).seal(&[], &Protection::Usual, &attempt()).unwrap();
    let text = home.text();
    let sealed: Vec<&str> = text.split('\'').filter(|part| part.starts_with("enc:v1:")).collect();
    let (token, key) = (sealed[0], sealed[1]);
    write(&home.config, &text.replace(token, "@@").replace(key, token).replace("@@", key));
    let said = issues(&home);
    assert!(said.contains("gateway.token: holds what was sealed for `models.providers.mine.apiKey`"), "{said}");
    assert!(said.contains("models.providers.mine.apiKey: holds what was sealed for `gateway.auth.token`"), "{said}");
    // The other name of a key is the same place.
    write(&home.config, &format!("{{ gateway: {{ auth: {{ token: '{token}' }} }} }}"));
    load(&home).unwrap();
    write(&home.config, &format!("{{ gateway: {{ auth: {{ password: '{token}' }} }} }}"));
    assert!(issues(&home).contains("gateway.auth.password: holds what was sealed for `gateway.auth.token`"));
    let other = if token.as_bytes()[40] == b'A' { "B" } else { "A" };
    write(&home.config, &text.replace(token, &format!("{}{other}{}", &token[..40], &token[41..])));
    let said = issues(&home);
    assert!(said.contains("gateway.token") && !said.contains(&token[16..40]), "{said}");
}

#[test]
fn a_wrong_key_says_so_once_and_touches_nothing() {
    let home = Home::new(BOTH);
    let right = [("OPENCLAW_STATE_PASSPHRASE", "correct horse battery")];
    let with = |more: &[(&str, &str)]| ConfigFile::new(request(&home, more), &home.state());
    with(&right).seal(&[], &Protection::Usual, &attempt()).unwrap();
    let text = home.text();
    for (wrong, says) in [
        (&[][..], "set OPENCLAW_STATE_PASSPHRASE"),
        (&[("OPENCLAW_STATE_PASSPHRASE", "correct horse batterx")][..], "does not open the data keys"),
    ] {
        let error = openclaw_config::load(&request(&home, wrong)).unwrap_err().to_string();
        assert!(error.matches(says).count() == 1, "{error}");
        with(wrong).change(&[set("gateway.port", 1234)], &attempt()).unwrap_err();
        with(wrong).unseal(&[], &attempt()).unwrap_err();
        assert_eq!(home.text(), text);
    }
    assert_eq!(token(&openclaw_config::load(&request(&home, &right)).unwrap()), SECRET);
    fs::rename(home.state().join("keys"), home.state().join("lost")).unwrap();
    assert!(issues(&home).contains("keys/envelope.json"), "{}", issues(&home));
}

#[test]
fn the_first_change_of_a_file_that_seals_leaves_nothing_open_in_the_history() {
    let home = Home::new(TEXT);
    file(&home).change(&[set("security.encryption.config.enabled", true)], &attempt()).unwrap();
    assert!(!home.everything().contains(SECRET), "what it was before was kept, without the secret");
    file(&home).undo(None, &attempt()).unwrap();
    assert!(!home.everything().contains(SECRET));
    assert_eq!(token(&load(&home).unwrap()), SECRET);
    let home = Home::new(BOTH);
    file(&home).seal(&[], &Protection::Usual, &attempt()).unwrap();
    assert!(!home.everything().contains(SECRET) && !home.everything().contains(API_KEY));
}

#[test]
fn a_secret_as_short_as_a_word_goes_where_it_stands_alone_and_takes_no_word_with_it() {
    let home = Home::new("{ gateway: { token: 'port' }, agents: { list: [{ id: 'portal' }] } }");
    file(&home).seal(&[], &Protection::Usual, &attempt()).unwrap();
    file(&home).change(&[set("gateway.port", 18791)], &attempt()).unwrap();
    let history = home.everything();
    assert!(history.contains("portal") && history.contains("port:"), "{history}");
    assert!(!history.contains("'port'") && !history.contains("\"port\","), "{history}");
}

#[test]
fn with_encryption_on_each_write_seals_what_is_new_and_the_history_holds_none_of_it() {
    let home = Home::new(TEXT);
    let wanted = "security.encryption.config.enabled";
    file(&home).change(&[set("gateway.port", 18790)], &attempt()).unwrap();
    assert!(home.everything().contains(SECRET), "the history keeps what was in the open");
    file(&home).change(&[set(wanted, true)], &attempt()).unwrap();
    assert!(!home.everything().contains(SECRET), "neither the file nor the history has it any more");
    assert_eq!(token(&load(&home).unwrap()), SECRET);
    let key = "models.providers.mine.apiKey";
    let edits = [set("models.providers.mine.baseUrl", "http://127.0.0.1:1/v1"), set(key, API_KEY)];
    let made = file(&home).change(&edits, &attempt()).unwrap();
    assert!(!home.everything().contains(API_KEY));
    assert_eq!(made.after_hash, load(&home).unwrap().hash);
    file(&home).undo(None, &attempt()).unwrap();
    file(&home).undo(None, &attempt()).unwrap();
    let loaded = load(&home).unwrap();
    assert_eq!(loaded.resolved.pointer("/models/providers/mine/apiKey"), Some(&Value::from(API_KEY)));
    assert!(matches!(file(&home).unseal(&[], &attempt()), Err(ChangeError::StaysSealed)));
    // A marker keeps the sealed value.
    file(&home).change(&[set("gateway.token", "__OPENCLAW_REDACTED__"), set("gateway.port", 1)], &attempt()).unwrap();
    assert_eq!(token(&load(&home).unwrap()), SECRET);
    file(&home).change(&[set(wanted, false)], &attempt()).unwrap();
    file(&home).unseal(&[], &attempt()).unwrap();
    assert!(home.text().contains(SECRET));
}

#[test]
fn a_token_that_was_replaced_does_not_come_back_although_it_was_kept_sealed() {
    let home = Home::new(TEXT);
    file(&home).seal(&[], &Protection::Usual, &attempt()).unwrap();
    file(&home).change(&[set("security.encryption.config.enabled", true)], &attempt()).unwrap();
    let new = "new-secret-0123456789abcdefghij";
    file(&home).change(&[set("gateway.token", new)], &attempt()).unwrap();
    assert!(file(&home).scrub(&Secret::new(SECRET)).unwrap() > 0);
    file(&home).undo(None, &attempt()).unwrap();
    assert_eq!(token(&load(&home).unwrap()), new, "the present one stays");
    assert_eq!(file(&home).scrub(&Secret::new(SECRET)).unwrap(), 0);
}

#[test]
fn tokens_and_api_keys_are_chosen_apart() {
    for (leaf, sealed, open) in [("encryptApiKeys", SECRET, API_KEY), ("encryptTokens", API_KEY, SECRET)] {
        let home = Home::new(BOTH);
        let off = format!("security.encryption.config.{leaf}");
        file(&home).change(&[set(&off, false), set("security.encryption.config.enabled", true)], &attempt()).unwrap();
        assert!(!home.text().contains(sealed) && home.text().contains(open), "{leaf}");
        file(&home).change(&[unset(&off)], &attempt()).unwrap();
        assert!(!home.text().contains(open));
    }
}

#[test]
fn items_of_a_list_may_come_and_go_before_a_sealed_one() {
    let home = Home::new(
        "{ models: { providers: { mine: { baseUrl: 'http://127.0.0.1:1/v1', apiKeys: ['key-a-0123456789abcdef', 'key-b-0123456789abcdef'] } } } }",
    );
    let sealed = file(&home).seal(&[], &Protection::Usual, &attempt()).unwrap();
    assert_eq!(sealed.changed, ["models.providers.mine.apiKeys[0]", "models.providers.mine.apiKeys[1]"]);
    file(&home).change(&[unset("models.providers.mine.apiKeys[0]")], &attempt()).unwrap();
    let loaded = load(&home).unwrap();
    assert_eq!(loaded.resolved.pointer("/models/providers/mine/apiKeys"), Some(&json!(["key-b-0123456789abcdef"])));
}

#[test]
fn secrets_of_included_files_are_sealed_in_their_own_file() {
    let home = Home::new("{ $include: './more.json5', gateway: { token: 'old-secret-0123456789abcdefghij' } }");
    let more = home.folder.path().join("more.json5");
    write(&more, &format!("{{ security: {{ apiKeys: {{ openai: '{API_KEY}' }} }} }}"));
    let sealed = file(&home).seal(&[], &Protection::Usual, &attempt()).unwrap();
    assert_eq!(sealed.changed.len(), 2, "{sealed:?}");
    assert!(fs::read_to_string(&more).unwrap().contains("enc:v1:") && home.text().contains("enc:v1:"));
    assert!(!home.everything().contains(API_KEY) && !home.everything().contains(SECRET));
    let loaded = load(&home).unwrap();
    assert_eq!(loaded.config.security.api_keys.openai.as_ref().unwrap().expose(), API_KEY);
}

#[test]
fn what_stands_sealed_can_be_read_out_by_its_owner_without_a_change() {
    let home = Home::new(TEXT);
    file(&home).seal(&[], &Protection::Usual, &attempt()).unwrap();
    let text = home.text();
    assert_eq!(file(&home).in_the_open().unwrap().expose(), TEXT);
    assert_eq!(home.text(), text);
    let wish = Protection::KeyFile(home.folder.path().join("own.key"));
    let error = file(&home).change(&[set("gateway.token", "another-0123456789abcdefghij")], &attempt()).map(drop);
    error.unwrap();
    let error = file(&home).seal(&[], &wish, &attempt()).unwrap_err();
    assert!(matches!(error, ChangeError::Keys(KeyError::Refused(_))), "{error}");
}

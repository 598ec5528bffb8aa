use super::*;

fn at(variables: &[(&str, &str)], home: Option<&str>) -> Result<(String, String), ConfigError> {
    paths(&variables.iter().copied().collect(), home.map(Path::new))
        .map(|paths| (paths.state_dir.display().to_string(), paths.config_file.display().to_string()))
}

fn pair(state: &str, config: &str) -> (String, String) {
    (state.to_owned(), config.to_owned())
}

#[test]
fn the_environment_moves_state_and_configuration() {
    let home = Some("/home/ann");
    assert_eq!(at(&[], home).unwrap(), pair("/home/ann/.openclaw", "/home/ann/.openclaw/openclaw.json"));
    assert_eq!(at(&[("OPENCLAW_STATE_DIR", "~/s")], home).unwrap(), pair("/home/ann/s", "/home/ann/s/openclaw.json"));
    assert_eq!(at(&[("OPENCLAW_CONFIG", "/etc/g.yml")], home).unwrap(), pair("/home/ann/.openclaw", "/etc/g.yml"));
    let both = [("OPENCLAW_CONFIG", "/etc/g.yml"), ("OPENCLAW_CONFIG_PATH", "/etc/h.yml")];
    assert_eq!(at(&both, home).unwrap().1, "/etc/h.yml");
    assert_eq!(at(&[("OPENCLAW_CONFIG", "/etc/g.yml")], None).unwrap(), pair("/etc", "/etc/g.yml"));
}

#[test]
fn without_a_home_something_must_be_named() {
    assert!(matches!(at(&[], None), Err(ConfigError::NoHome)));
    assert!(matches!(at(&[("OPENCLAW_STATE_DIR", "~/s")], None), Err(ConfigError::NoHome)));
    assert_eq!(at(&[("OPENCLAW_STATE_DIR", "/var/s")], None).unwrap().0, "/var/s");
    assert_eq!(expand_home("~ann/x", Some(Path::new("/h"))).unwrap(), Path::new("~ann/x"));
}

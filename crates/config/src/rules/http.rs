//! What must hold for plain HTTP.

use std::path::Path;

use crate::{Config, Issue};

/// Reports what does not hold.
pub(super) fn check(config: &Config, issues: &mut Vec<Issue>) {
    if config.gateway.control_ui.root.as_deref().is_some_and(|root| !Path::new(root).is_absolute()) {
        let text = "expected an absolute path, such as \"${HOME}/control-ui\"; the gateway has no folder of its own to start from";
        issues.push(Issue::new("gateway.controlUi.root", text));
    }
}

#[cfg(test)]
mod tests {
    use openclaw_core::Environment;

    use crate::{Format, parse_str};

    #[test]
    fn the_folder_of_an_interface_is_absolute() {
        let parse = |root: &str| {
            let text = format!("{{ gateway: {{ controlUi: {{ root: '{root}' }} }} }}");
            parse_str(&text, Format::Json5, &Environment::default()).map_err(|error| error.to_string())
        };
        parse("/srv/control-ui").unwrap();
        for root in ["control-ui", "./control-ui", "~/control-ui", ""] {
            let refused = parse(root).unwrap_err();
            assert!(refused.contains("gateway.controlUi.root: expected an absolute path"), "{refused}");
        }
    }
}

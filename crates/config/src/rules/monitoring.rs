//! What must hold so that what is unusual is noticed, and somebody is told.

use std::time::Duration;

use crate::{AlertChannel, Alerting, Config, Issue, Notice, NoticeKind};

const SHORTEST_WINDOW: Duration = Duration::from_secs(10);
const LONGEST_WINDOW: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Addresses that one alert goes to.
const MOST_RECIPIENTS: usize = 32;
const ALERTING: &str = "security.monitoring.alerting";

pub(super) fn check(config: &Config, issues: &mut Vec<Issue>, notices: &mut Vec<Notice>) {
    if let Some(security) = &config.logging.security {
        super::event_names("logging.security.events", &security.events, issues);
        if security.alert_on_failures && config.alerting().is_none() {
            notices.push(Notice::new(
                "logging.security.alertOnFailures",
                NoticeKind::Weak,
                "alerts are in the log and the audit trail alone; who else is told says security.monitoring.alerting",
            ));
        }
    }
    if config.logging.file.as_deref().is_some_and(|file| file.trim().is_empty() || file.ends_with('/')) {
        issues.push(Issue::new("logging.file", "is not the path of a file"));
    }
    let Some(monitoring) = config.security.monitoring.as_ref() else { return };
    let window = monitoring.anomaly_detection.window_size.duration();
    if !(SHORTEST_WINDOW..=LONGEST_WINDOW).contains(&window) {
        let advice = "is a window of ten seconds to 30 days";
        issues.push(Issue::new("security.monitoring.anomalyDetection.windowSize", advice));
    }
    for (part, on) in
        [("anomalyDetection", monitoring.anomaly_detection.enabled), ("alerting", monitoring.alerting.enabled)]
    {
        if on && !monitoring.enabled {
            let advice = "is off, as all of `security.monitoring` is; set security.monitoring.enabled";
            notices.push(Notice::new(format!("security.monitoring.{part}.enabled"), NoticeKind::Inert, advice));
        }
    }
    for (at, range) in monitoring.alerting.allow_private_addresses.iter().enumerate() {
        if !super::is_address_or_range(range) {
            let path = format!("{ALERTING}.allowPrivateAddresses[{at}]");
            issues.push(Issue::new(path, "is not an IP address or a network such as 10.0.0.0/8"));
        }
    }
    let secret = monitoring.alerting.webhook_secret.as_ref().map(|secret| secret.expose().len());
    if secret.is_some_and(|bytes| bytes < 16) {
        issues.push(Issue::new(format!("{ALERTING}.webhookSecret"), "is shorter than 16 characters"));
    }
    if let Some(alerting) = config.alerting() {
        told(alerting, issues, notices);
    }
}

/// Somebody is to be told; everything for that must be there.
fn told(alerting: &Alerting, issues: &mut Vec<Issue>, notices: &mut Vec<Notice>) {
    let mut refuse = |key: &str, what: &str| issues.push(Issue::new(format!("{ALERTING}.{key}"), what));
    if alerting.channels.is_empty() {
        refuse("channels", "names nobody to tell; write \"email\", \"webhook\" or both, or set `enabled: false`");
    }
    if alerting.channels.contains(&AlertChannel::Email) {
        if alerting.recipients.is_empty() {
            refuse("recipients", "holds nobody, and `email` is among the channels");
        }
        if alerting.recipients.len() > MOST_RECIPIENTS {
            refuse("recipients", "holds more than 32 addresses; write to a list");
        }
        match &alerting.smtp {
            None => {
                refuse("channels", "`email` needs security.monitoring.alerting.smtp: the mail server's url, and from");
            }
            Some(smtp) => {
                match smtp.url.as_ref().map(|url| smtp_url(url.expose())) {
                    None => refuse("smtp.url", "is missing; write it like smtps://user:password@mail.example.com"),
                    Some(Err(what)) => refuse("smtp.url", what),
                    Some(Ok(())) => {}
                }
                match smtp.from.as_deref() {
                    None => refuse("smtp.from", "is missing; write the address that alerts come from"),
                    Some(from) if !is_mail_address(from) => refuse("smtp.from", "is not a mail address"),
                    Some(_) => {}
                }
            }
        }
    }
    for (at, recipient) in alerting.recipients.iter().enumerate().filter(|(_, text)| !is_mail_address(text)) {
        let shown: String = recipient.chars().filter(|c| !c.is_control()).take(80).collect();
        refuse(&format!("recipients[{at}]"), &format!("{shown:?} is not a mail address"));
    }
    if alerting.channels.contains(&AlertChannel::Webhook) {
        match alerting.webhook_url.as_ref().map(openclaw_core::Secret::expose) {
            None => refuse("webhookUrl", "is missing, and `webhook` is among the channels"),
            Some(url) if !super::is_http_url(url) => {
                refuse("webhookUrl", "is not an https URL; a user or password does not belong into it");
            }
            Some(url) if url.starts_with("http://") && alerting.allow_private_addresses.is_empty() => {
                let what = "is not https; http reaches only what allowPrivateAddresses holds";
                refuse("webhookUrl", what);
            }
            Some(_) => {}
        }
    } else if alerting.webhook_url.is_some() {
        let advice = "is not used: `webhook` is not among the channels";
        notices.push(Notice::new(format!("{ALERTING}.webhookUrl"), NoticeKind::Inert, advice));
    }
}

/// Whether this names a mail server that may be spoken to.
fn smtp_url(url: &str) -> Result<(), &'static str> {
    let Some((scheme @ ("smtp" | "smtps"), rest)) = url.split_once("://") else {
        return Err("must begin with smtps:// or smtp://");
    };
    let (place, query) = rest.split_once('?').map_or((rest, ""), |(place, query)| (place, query));
    let host = place.split('/').next().unwrap_or_default().rsplit('@').next().unwrap_or_default();
    if host.is_empty() || host.starts_with(':') {
        return Err("names no server");
    }
    match (scheme, query) {
        (_, "" | "tls=required") => Ok(()),
        _ => Err("ends with what is not understood; `?tls=required` is how it is anyway"),
    }
}

/// Whether this is one bare mail address. Whatever could begin another header line or another recipient is none.
pub(super) fn is_mail_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let plain = |text: &str| !text.is_empty() && text.chars().all(|c| !c.is_control() && !c.is_whitespace());
    plain(local)
        && plain(domain)
        && text.len() <= 254
        && !text.contains(['<', '>', ',', ';', ':', '"', '\\', '(', ')', '[', ']'])
        && !local.contains('@')
}

#[cfg(test)]
mod tests {
    use openclaw_core::Environment;

    use super::*;
    use crate::{Format, parse_str};

    const MAIL: &str = "channels: ['email'], recipients: ['a@example.com'], smtp: { url: 'smtp://mail.example.com', from: 'g@example.com' }";

    fn alerting(parts: &str) -> String {
        format!("{{ security: {{ monitoring: {{ enabled: true, alerting: {{ enabled: true, {parts} }} }} }} }}")
    }

    fn refused(text: &str) -> Vec<String> {
        match parse_str(text, Format::Json5, &Environment::default()) {
            Ok(_) => Vec::new(),
            Err(error) => error.issues().iter().map(|issue| issue.path.clone()).collect(),
        }
    }

    #[test]
    fn whoever_is_to_be_told_can_be_told_or_it_is_refused_where_it_stands() {
        for (parts, path) in [
            ("channels: []", "channels"),
            ("channels: ['email'], recipients: ['a@example.com']", "channels"),
            ("channels: ['email'], smtp: { url: 'smtp://h', from: 'g@example.com' }", "recipients"),
            (&MAIL.replace("from: 'g@example.com'", ""), "smtp.from"),
            (&MAIL.replace("url: 'smtp://mail.example.com',", ""), "smtp.url"),
            (&MAIL.replace("smtp://", "http://"), "smtp.url"),
            (&MAIL.replace("mail.example.com", "mail.example.com?tls=opportunistic"), "smtp.url"),
            (&MAIL.replace("mail.example.com", ""), "smtp.url"),
            (&MAIL.replace("a@example.com", "a@example.com\\nBcc: b@example.com"), "recipients[0]"),
            (&MAIL.replace("a@example.com", "a@example.com,b@example.com"), "recipients[0]"),
            (&MAIL.replace("g@example.com", "gateway"), "smtp.from"),
            ("channels: ['webhook']", "webhookUrl"),
            ("channels: ['webhook'], webhookUrl: 'http://example.com/'", "webhookUrl"),
            ("channels: ['webhook'], webhookUrl: 'file:///etc/passwd'", "webhookUrl"),
            ("channels: ['webhook'], webhookUrl: 'https://u:p@example.com/'", "webhookUrl"),
            ("channels: ['webhook'], webhookUrl: 'https://example.com/', webhookSecret: 'short'", "webhookSecret"),
            (
                "channels: ['webhook'], webhookUrl: 'https://example.com/', allowPrivateAddresses: ['lan']",
                "allowPrivateAddresses[0]",
            ),
        ] {
            assert_eq!(refused(&alerting(parts)), [format!("{ALERTING}.{path}")], "{parts}");
        }
        for good in [
            MAIL,
            "channels: ['webhook'], webhookUrl: 'https://example.com/'",
            "channels: ['webhook'], webhookUrl: 'http://10.0.0.9:8080/x', allowPrivateAddresses: ['10.0.0.0/8']",
        ] {
            assert_eq!(refused(&alerting(good)), [""; 0], "{good}");
        }
    }

    #[test]
    fn a_window_is_neither_a_moment_nor_a_year() {
        for (window, bad) in [("9s", true), ("10s", false), ("30d", false), ("31d", true)] {
            let text =
                format!("{{ security: {{ monitoring: {{ anomalyDetection: {{ windowSize: '{window}' }} }} }} }}");
            assert_eq!(!refused(&text).is_empty(), bad, "{window}");
        }
    }

    #[test]
    fn names_of_events_that_do_not_exist_are_refused() {
        let text = "{ logging: { security: { events: ['authentication_failure', 'sandbox_escap'] } } }";
        assert_eq!(refused(text), ["logging.security.events[1]"]);
        assert_eq!(refused("{ logging: { file: 'logs/' } }"), ["logging.file"]);
    }
}

//! What must hold so that an authority can be asked for certificates.

use crate::{ACME_DIRECTORY, Issue, Tls};

const ACME: &str = "gateway.tls.acme";
/// Names of one certificate; authorities take at least so many.
const MOST_NAMES: usize = 100;

pub(super) fn check(tls: &Tls, issues: &mut Vec<Issue>) {
    let acme = &tls.acme;
    let mut refuse = |key: String, what: &str| issues.push(Issue::new(format!("{ACME}.{key}"), what));
    if acme.domains.is_empty() {
        let more = acme.email.is_some()
            || acme.agree_to_terms
            || acme.directory != ACME_DIRECTORY
            || !acme.allow_private_addresses.is_empty();
        if more {
            refuse("domains".to_owned(), "is empty, so there is nothing to certify; write the gateway's names");
        }
        return;
    }
    if acme.domains.len() > MOST_NAMES {
        refuse("domains".to_owned(), "holds more than 100 names");
    }
    for (at, name) in acme.domains.iter().enumerate() {
        if let Err(what) = certifiable(name) {
            refuse(format!("domains[{at}]"), what);
        } else if acme.domains[..at].contains(name) {
            refuse(format!("domains[{at}]"), "stands there twice");
        }
    }
    if !super::is_http_url(&acme.directory) {
        refuse("directory".to_owned(), "is not an https URL; a user or password does not belong into it");
    } else if acme.directory.starts_with("http://") && acme.allow_private_addresses.is_empty() {
        refuse("directory".to_owned(), "is not https; http reaches only what allowPrivateAddresses holds");
    }
    for (at, range) in acme.allow_private_addresses.iter().enumerate() {
        if !super::is_address_or_range(range) {
            let what = "is not an IP address or a network such as 10.0.0.0/8";
            refuse(format!("allowPrivateAddresses[{at}]"), what);
        }
    }
    if acme.email.as_deref().is_some_and(|email| !super::monitoring::is_mail_address(email)) {
        refuse("email".to_owned(), "is not a mail address");
    }
    if tls.enabled && !acme.agree_to_terms {
        let what = "must be true: read the terms of the authority and agree to them; nothing is sent to it before";
        refuse("agreeToTerms".to_owned(), what);
    }
    for (key, file) in [("certPath", &tls.cert_path), ("keyPath", &tls.key_path)] {
        if file.is_some() {
            let what = "names a file, and `gateway.tls.acme.domains` asks an authority; remove one of the two";
            issues.push(Issue::new(format!("gateway.tls.{key}"), what));
        }
    }
}

/// Whether an authority on the internet, or one of one's own, can certify this name by connecting to it.
fn certifiable(name: &str) -> Result<(), &'static str> {
    if name.starts_with("*.") {
        return Err("is a wildcard, which this way of proving a name does not certify; write each name");
    }
    let label = |label: &str| {
        let inside = label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        !label.is_empty() && label.len() <= 63 && inside && !label.starts_with('-') && !label.ends_with('-')
    };
    let labels: Vec<&str> = name.split('.').collect();
    let plain = name.len() <= 253 && labels.len() > 1 && labels.iter().all(|part| label(part));
    // The last part of a name is no number; what looks so is an address.
    if !plain || labels.last().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit())) {
        return Err("is no name in DNS, in lower case and with a dot, such as gateway.example.com");
    }
    Ok(())
}

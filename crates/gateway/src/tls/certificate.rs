//! What a certificate says of itself.

use rustls::pki_types::CertificateDer;
use x509_parser::{certificate::X509Certificate, extensions::GeneralName, prelude::FromDer};

/// From when to when it is good, and for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    /// Milliseconds since the epoch.
    pub(super) not_before: i64,
    /// Milliseconds since the epoch.
    pub(super) not_after: i64,
    /// Names in DNS.
    pub(super) names: Vec<String>,
}

impl Facts {
    /// Reads it; `None` when it is no certificate.
    pub(super) fn of(certificate: &CertificateDer<'_>) -> Option<Self> {
        let (_, read) = X509Certificate::from_der(certificate.as_ref()).ok()?;
        let names = read.subject_alternative_name().ok()?.map_or(&[][..], |names| &names.value.general_names);
        let names = names.iter().filter_map(|name| match name {
            GeneralName::DNSName(name) => Some((*name).to_owned()),
            _ => None,
        });
        let (names, validity) = (names.collect(), read.validity());
        let milliseconds = |seconds: i64| seconds.saturating_mul(1000);
        Some(Self {
            not_before: milliseconds(validity.not_before.timestamp()),
            not_after: milliseconds(validity.not_after.timestamp()),
            names,
        })
    }

    /// Whether it is good for all of them.
    pub(super) fn covers(&self, names: &[String]) -> bool {
        names.iter().all(|name| self.names.contains(name))
    }

    /// When the next one is asked for: while a third of its time is left, however long that is.
    pub(super) const fn renewed_at(&self) -> i64 {
        self.not_after - (self.not_after - self.not_before) / 3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_renewed_while_a_third_of_its_time_is_left() {
        let days = |from: i64, to: i64| Facts { not_before: from, not_after: to, names: vec!["a.example".to_owned()] };
        assert_eq!((days(0, 90).renewed_at(), days(10, 16).renewed_at()), (60, 14));
        assert!(days(0, 1).covers(&["a.example".to_owned()]) && !days(0, 1).covers(&["b.example".to_owned()]));
        assert_eq!(Facts::of(&CertificateDer::from(b"no certificate".to_vec())), None);
    }
}

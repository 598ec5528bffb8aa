//! The certificate that is made here. It is its own authority: clients pin its fingerprint.

use std::{
    fs,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use jiff::tz::TimeZone;
use rcgen::{CertificateParams, DnType, KeyPair};
use rustls::pki_types::{CertificateDer, pem::PemObject};

use super::{TlsError, certificate::Facts, write_private};

/// Names that it is good for besides the machine's own.
const LOCAL_NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];
const DAY_MS: i64 = 24 * 60 * 60 * 1000;
/// As long as programs believe any certificate, and no longer.
const LIFE_MS: i64 = 364 * DAY_MS;
/// Left of its life when the next one is made.
const AHEAD_MS: i64 = 30 * DAY_MS;

/// Where it is, and for which machine.
#[derive(Clone, Debug)]
pub(super) struct Own {
    pub(super) folder: PathBuf,
    pub(super) host: String,
}

impl Own {
    pub(super) fn certificate(&self) -> PathBuf {
        self.folder.join("certificate.pem")
    }

    pub(super) fn key(&self) -> PathBuf {
        self.folder.join("key.pem")
    }

    /// Makes it, when there is none or its time is nearly over. Tells when to look again, milliseconds since the epoch.
    pub(super) fn ensure(&self, now_ms: i64) -> Result<i64, TlsError> {
        let (certificate, key) = (self.certificate(), self.key());
        let there = certificate.exists() && key.exists();
        let known = there.then(|| fs::read(&certificate).ok()).flatten();
        let known = known.and_then(|pem| Facts::of(&CertificateDer::from_pem_slice(&pem).ok()?));
        match known {
            // One that cannot be read is told where it is served.
            None if there => return Ok(i64::MAX),
            Some(facts) if facts.not_after - AHEAD_MS > now_ms => return Ok(facts.not_after - AHEAD_MS),
            _ => {}
        }
        let file =
            |path: &Path, source| TlsError::File { key: "gateway.tls.autoGenerate", path: path.to_path_buf(), source };
        let made = |error: rcgen::Error| TlsError::Made(error.to_string());
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.folder)
            .map_err(|error| file(&self.folder, error))?;
        // The next certificate has the same key, so that one file changes and the two always fit. The key is written first: a
        // certificate without its key would be taken for whole.
        let pair = if there {
            let text = zeroize::Zeroizing::new(fs::read_to_string(&key).map_err(|error| file(&key, error))?);
            KeyPair::from_pem(&text).map_err(made)?
        } else {
            let pair = KeyPair::generate().map_err(made)?;
            let text = zeroize::Zeroizing::new(pair.serialize_pem());
            write_private(&key, text.as_bytes()).map_err(|error| file(&key, error))?;
            pair
        };
        let signed = self.signed(&pair, now_ms).map_err(made)?;
        write_private(&certificate, signed.pem().as_bytes()).map_err(|error| file(&certificate, error))?;
        if there {
            tracing::warn!(
                "the certificate that was made here was nearly over and is made anew; clients that pinned it must be told its fingerprint"
            );
        }
        Ok(now_ms + LIFE_MS - AHEAD_MS - DAY_MS)
    }

    fn signed(&self, key: &KeyPair, now_ms: i64) -> Result<rcgen::Certificate, rcgen::Error> {
        let host = Some(self.host.as_str()).filter(|host| !host.is_empty());
        let names = LOCAL_NAMES.into_iter().chain(host);
        let mut params = CertificateParams::new(names.map(str::to_owned).collect::<Vec<_>>())?;
        params.distinguished_name.push(DnType::CommonName, "OpenClaw Gateway");
        // At the beginning of a day, as certificates are written.
        let day = |ms: i64| {
            let date = jiff::Timestamp::from_millisecond(ms).unwrap_or_default().to_zoned(TimeZone::UTC).date();
            let part = |number: i8| u8::try_from(number).unwrap_or(1);
            rcgen::date_time_ymd(date.year().into(), part(date.month()), part(date.day()))
        };
        // From the day before, for clocks that differ.
        params.not_before = day(now_ms - DAY_MS);
        params.not_after = day(now_ms - DAY_MS + LIFE_MS);
        params.self_signed(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_790_000_000_000;

    fn read(own: &Own) -> (Facts, String) {
        let pem = fs::read(own.certificate()).unwrap();
        (Facts::of(&CertificateDer::from_pem_slice(&pem).unwrap()).unwrap(), fs::read_to_string(own.key()).unwrap())
    }

    #[test]
    fn it_is_good_for_a_year_at_most_and_made_anew_with_its_key_a_month_before() {
        let folder = tempfile::tempdir().unwrap();
        let own = Own { folder: folder.path().join("tls"), host: "machine.example".to_owned() };
        let again = own.ensure(NOW).unwrap();
        let (first, key) = read(&own);
        assert!(first.not_before <= NOW - DAY_MS && first.not_after > NOW + 360 * DAY_MS, "{first:?}");
        assert!(first.not_after - first.not_before <= 365 * DAY_MS, "{first:?}");
        assert!(first.covers(&["localhost".to_owned(), "machine.example".to_owned()]));

        own.ensure(again - DAY_MS).unwrap();
        assert_eq!(read(&own), (first.clone(), key.clone()), "clients that pinned it stay");
        let later = own.ensure(again + DAY_MS).unwrap();
        let (second, same) = read(&own);
        assert!(second.not_after > first.not_after && later > again + 300 * DAY_MS && same == key);
    }

    #[test]
    fn one_that_cannot_be_read_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let own = Own { folder: folder.path().to_path_buf(), host: String::new() };
        for path in [own.certificate(), own.key()] {
            fs::write(path, "no certificate").unwrap();
        }
        assert_eq!(own.ensure(NOW).unwrap(), i64::MAX);
        assert_eq!(fs::read_to_string(own.certificate()).unwrap(), "no certificate");
    }
}

//! Time zones by their IANA names, from the data that is built in: the same answer on every machine, with or without
//! a zone database of its own.

use jiff::tz::{TimeZone, TimeZoneDatabase};

/// How alike a name must be to be suggested.
const ALIKE: f64 = 0.75;

/// The known time zones, and the one that schedules without a zone mean.
#[derive(Clone, Debug)]
pub struct Zones {
    database: TimeZoneDatabase,
    local: TimeZone,
}

/// A name that is no time zone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no time zone \"{name}\"{}; use an IANA name such as \"Europe/Berlin\" or \"UTC\"", suggestion.as_ref().map(|name| format!(", did you mean \"{name}\"?")).unwrap_or_default())]
pub struct UnknownZone {
    /// What was asked for, without control characters and cut to 64 characters.
    pub name: String,
    /// The zone that was probably meant.
    pub suggestion: Option<String>,
}

impl Zones {
    /// The zones, with `local` as the one that is meant when none is named. A name that is unknown or absent means UTC.
    #[must_use]
    pub fn new(local: Option<&str>) -> Self {
        let database = TimeZoneDatabase::bundled();
        let local = local.and_then(|name| database.get(name).ok()).unwrap_or(TimeZone::UTC);
        Self { database, local }
    }

    /// The zone that is meant when none is named.
    #[must_use]
    pub fn local(&self) -> &TimeZone {
        &self.local
    }

    /// Name of [`Zones::local`].
    #[must_use]
    pub fn local_name(&self) -> &str {
        self.local.iana_name().unwrap_or("UTC")
    }

    /// The zone with this name, whatever the case of its letters.
    ///
    /// # Errors
    /// There is none.
    pub fn find(&self, name: &str) -> Result<TimeZone, UnknownZone> {
        self.database.get(name).map_err(|_| {
            let shown: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
            UnknownZone { suggestion: self.suggest(&shown), name: shown }
        })
    }

    /// The zone whose name, or whose city, is most like this.
    fn suggest(&self, name: &str) -> Option<String> {
        let wanted = name.to_lowercase().replace(' ', "_");
        let alike = |zone: &str| {
            let zone = zone.to_lowercase();
            let city = zone.rsplit('/').next().unwrap_or(&zone);
            let whole = strsim::normalized_damerau_levenshtein(&wanted, &zone);
            let wanted_city = wanted.rsplit('/').next().unwrap_or(&wanted);
            whole.max(strsim::normalized_damerau_levenshtein(wanted_city, city) - 0.01)
        };
        let scored = self.database.available().map(|zone| (alike(zone.as_str()), zone.as_str().to_owned()));
        let best = scored.max_by(|(left, a), (right, b)| left.total_cmp(right).then_with(|| b.cmp(a)))?;
        (best.0 >= ALIKE).then_some(best.1)
    }
}

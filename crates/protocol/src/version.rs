//! Protocol versions and their negotiation (DESIGN §4).

use serde::{Serialize, Serializer};

/// The generation of the protocol that a connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// The dialect that spec 003 prints.
    V1,
    /// Clients of 2026.2, both Mission Controls, nodes, spec 001.
    V3,
    /// Today's official clients.
    V4,
}

/// The client's range holds none of 1, 3 and 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VersionMismatch {
    /// Lowest version the client offered.
    pub min: u64,
    /// Highest version the client offered.
    pub max: u64,
}

impl Dialect {
    /// All dialects, newest first.
    pub const ALL: [Self; 3] = [Self::V4, Self::V3, Self::V1];

    /// The number on the wire.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::V1 => 1,
            Self::V3 => 3,
            Self::V4 => 4,
        }
    }

    /// The highest dialect inside the client's range.
    ///
    /// # Errors
    /// [`VersionMismatch`] when the range holds none.
    pub fn negotiate(min: u64, max: u64) -> Result<Self, VersionMismatch> {
        Self::ALL
            .into_iter()
            .find(|dialect| (min..=max).contains(&u64::from(dialect.number())))
            .ok_or(VersionMismatch { min, max })
    }
}

impl Serialize for Dialect {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_common_version_wins() {
        assert_eq!(Dialect::negotiate(1, 9), Ok(Dialect::V4));
        assert_eq!(Dialect::negotiate(3, 4), Ok(Dialect::V4));
        assert_eq!(Dialect::negotiate(3, 3), Ok(Dialect::V3));
        assert_eq!(Dialect::negotiate(1, 2), Ok(Dialect::V1));
    }

    #[test]
    fn a_range_without_a_known_version_is_refused() {
        for (min, max) in [(2, 2), (5, 9), (0, 0), (4, 3), (u64::MAX, u64::MAX)] {
            assert_eq!(Dialect::negotiate(min, max), Err(VersionMismatch { min, max }));
        }
    }
}

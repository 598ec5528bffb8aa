//! Scalars that people write in more than one way: periods, sizes, fractions, file modes, model choices.
//!
//! Each has one parser. The shape check finds it by the name under [`SCALAR`] in the schema, so that what the
//! schema promises and what deserialising does cannot differ.

use std::{borrow::Cow, fmt, time::Duration};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::Value;

/// The schema keyword that names a scalar's parser.
pub(crate) const SCALAR: &str = "x-openclaw-scalar";

/// Parses `value` as the scalar that the schema calls `name`; `Err` says what was expected.
pub(crate) fn check(name: &str, value: &Value) -> Result<(), &'static str> {
    match name {
        Period::NAME => Period::parse(value).map(drop),
        ByteSize::NAME => ByteSize::parse(value).map(drop),
        Decimal::NAME => Decimal::parse(value).map(drop),
        FileMode::NAME => FileMode::parse(value).map(drop),
        _ => Ok(()),
    }
}

macro_rules! scalar {
    ($name:ident, $word:literal, $types:tt, $description:literal) => {
        impl $name {
            pub(crate) const NAME: &'static str = $word;
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::parse(&Value::deserialize(deserializer)?).map_err(D::Error::custom)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": $types, "x-openclaw-scalar": $word, "description": $description })
            }
        }
    };
}

/// A length of time written with its unit: `"500ms"`, `"90s"`, `"15m"`, `"24h"`, `"30d"`, `"2w"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period(Duration);

scalar!(Period, "period", ["string"], "a number and its unit: ms, s, m, h, d or w");

impl Period {
    const EXPECTED: &'static str = "a period such as \"90s\", \"24h\" or \"30d\"";
    /// One hundred years: far above any use, far below any overflow.
    const MAX_MS: u64 = 100 * 365 * 86_400_000;

    /// A period of whole seconds.
    #[must_use]
    pub const fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// A period of whole hours.
    #[must_use]
    pub const fn hours(hours: u64) -> Self {
        Self(Duration::from_secs(hours * 3600))
    }

    /// The same as a [`Duration`].
    #[must_use]
    pub const fn duration(self) -> Duration {
        self.0
    }

    fn parse(value: &Value) -> Result<Self, &'static str> {
        let text = value.as_str().ok_or(Self::EXPECTED)?.trim();
        let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).ok_or(Self::EXPECTED)?);
        let unit_ms: u64 = match unit.trim() {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            "w" => 7 * 86_400_000,
            _ => return Err(Self::EXPECTED),
        };
        let ms = number.parse::<u64>().ok().and_then(|n| n.checked_mul(unit_ms)).ok_or(Self::EXPECTED)?;
        if ms > Self::MAX_MS {
            return Err("a period of at most 100 years");
        }
        Ok(Self(Duration::from_millis(ms)))
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.0.as_millis();
        let (unit_ms, unit) = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s")]
            .into_iter()
            .find(|(unit, _)| ms != 0 && ms.is_multiple_of(*unit))
            .unwrap_or((1, "ms"));
        write!(f, "{}{unit}", ms / unit_ms)
    }
}

/// A number of bytes: an integer, or text such as `"10MB"`, `"512m"`, `"1g"`; K, M and G are powers of 1024.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(u64);

scalar!(ByteSize, "bytes", ["string", "integer"], "bytes, or a number with K, M or G (powers of 1024)");

impl ByteSize {
    const EXPECTED: &'static str = "a number of bytes, or a size such as \"512m\" or \"10MB\"";

    /// The number of bytes.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.0
    }

    fn parse(value: &Value) -> Result<Self, &'static str> {
        let Value::String(text) = value else { return value.as_u64().map(Self).ok_or(Self::EXPECTED) };
        let text = text.trim();
        let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
        let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
            "" | "b" => 1,
            "k" | "kb" | "kib" => 1 << 10,
            "m" | "mb" | "mib" => 1 << 20,
            "g" | "gb" | "gib" => 1 << 30,
            _ => return Err(Self::EXPECTED),
        };
        number.parse::<u64>().ok().and_then(|n| n.checked_mul(factor)).map(Self).ok_or(Self::EXPECTED)
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A decimal number, bare or in quotes: `0.5` or `"0.5"`. Finite and not negative.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Decimal(f64);

scalar!(Decimal, "decimal", ["string", "number"], "a number, bare or quoted");

impl Decimal {
    const EXPECTED: &'static str = "a number that is not negative, such as 0.5 or \"0.5\"";

    /// The number.
    #[must_use]
    pub const fn value(self) -> f64 {
        self.0
    }

    fn parse(value: &Value) -> Result<Self, &'static str> {
        let number = match value {
            Value::String(text) => text.trim().parse().ok(),
            other => other.as_f64(),
        };
        number.filter(|n: &f64| n.is_finite() && *n >= 0.0).map(Self).ok_or(Self::EXPECTED)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Unix permission bits as octal text: `"600"`, `"0640"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileMode(u32);

scalar!(FileMode, "file-mode", ["string"], "octal permission bits in quotes");

impl FileMode {
    const EXPECTED: &'static str = "octal permission bits in quotes, such as \"600\"";

    /// The permission bits.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }

    fn parse(value: &Value) -> Result<Self, &'static str> {
        let text = value.as_str().ok_or(Self::EXPECTED)?;
        if !(3..=4).contains(&text.len()) || !text.bytes().all(|b| (b'0'..=b'7').contains(&b)) {
            return Err(Self::EXPECTED);
        }
        u32::from_str_radix(text, 8).ok().filter(|bits| *bits <= 0o777).map(Self).ok_or(Self::EXPECTED)
    }
}

impl fmt::Display for FileMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03o}", self.0)
    }
}

/// Which model answers: `"provider/model"`, or `{primary, fallbacks}` to try others in order when it fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelChoice {
    /// The model asked first, `provider/model`.
    pub primary: String,
    /// The models asked next, in order.
    pub fallbacks: Vec<String>,
}

impl<'de> Deserialize<'de> for ModelChoice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Full {
            primary: String,
            #[serde(default)]
            fallbacks: Vec<String>,
        }
        match Value::deserialize(deserializer)? {
            Value::String(primary) => Ok(Self { primary, fallbacks: Vec::new() }),
            other => Full::deserialize(other)
                .map(|Full { primary, fallbacks }| Self { primary, fallbacks })
                .map_err(D::Error::custom),
        }
    }
}

impl JsonSchema for ModelChoice {
    fn schema_name() -> Cow<'static, str> {
        "ModelChoice".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "provider/model, or a primary model and its fallbacks",
            "anyOf": [
                { "type": "string", "minLength": 1 },
                {
                    "type": "object",
                    "additionalProperties": false,
                    "required": ["primary"],
                    "properties": {
                        "primary": { "type": "string", "minLength": 1, "description": "The model asked first, provider/model." },
                        "fallbacks": { "type": "array", "items": { "type": "string" }, "description": "The models asked next, in order." }
                    }
                }
            ]
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn periods_parse_and_print_back() {
        for (text, ms) in [
            ("500ms", 500),
            ("90s", 90_000),
            ("15m", 900_000),
            ("24h", 86_400_000),
            ("30d", 2_592_000_000),
            ("2w", 1_209_600_000),
        ] {
            let period = Period::parse(&json!(text)).unwrap();
            assert_eq!(period.duration().as_millis(), ms, "{text}");
            assert_eq!(Period::parse(&json!(period.to_string())), Ok(period));
        }
        for bad in [
            json!("24"),
            json!("h"),
            json!("-1h"),
            json!("1.5h"),
            json!("1y"),
            json!(24),
            json!(""),
            json!("99999999999999999999h"),
            json!("9999999w"),
        ] {
            assert!(Period::parse(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn sizes_are_powers_of_1024() {
        assert_eq!(ByteSize::parse(&json!("10MB")).unwrap().bytes(), 10 << 20);
        assert_eq!(ByteSize::parse(&json!("512m")).unwrap().bytes(), 512 << 20);
        assert_eq!(ByteSize::parse(&json!("1g")).unwrap().bytes(), 1 << 30);
        assert_eq!(ByteSize::parse(&json!(77)).unwrap().bytes(), 77);
        for bad in [
            json!("MB"),
            json!("-1k"),
            json!("1t"),
            json!(-1),
            json!(1.5),
            json!("99999999999999999999"),
            json!("18446744073709551615g"),
        ] {
            assert!(ByteSize::parse(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn decimals_and_modes_refuse_what_is_neither() {
        assert!((Decimal::parse(&json!("0.5")).unwrap().value() - 0.5).abs() < f64::EPSILON);
        for bad in [json!("NaN"), json!("inf"), json!(-0.1), json!(true)] {
            assert!(Decimal::parse(&bad).is_err(), "{bad}");
        }
        assert_eq!(FileMode::parse(&json!("640")).unwrap().bits(), 0o640);
        for bad in [json!("999"), json!(600), json!("1777"), json!("6")] {
            assert!(FileMode::parse(&bad).is_err(), "{bad}");
        }
    }
}

//! Whether a figure grows: a straight line through samples, by least squares.

use std::time::Duration;

/// How much one hour adds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Slope {
    /// Units of the figure per hour.
    pub(crate) per_hour: f64,
    /// Standard error of it, in the same unit.
    pub(crate) error: f64,
}

/// The line through `samples`; `None` when there are too few for one, or they lie at one moment.
pub(crate) fn slope(samples: &[(Duration, f64)]) -> Option<Slope> {
    let count = f64::from(u32::try_from(samples.len()).ok()?);
    if samples.len() < 3 {
        return None;
    }
    let hours = |at: Duration| at.as_secs_f64() / 3600.0;
    let mean_x = samples.iter().map(|(at, _)| hours(*at)).sum::<f64>() / count;
    let mean_y = samples.iter().map(|(_, value)| value).sum::<f64>() / count;
    let (mut xx, mut xy) = (0.0, 0.0);
    for (at, value) in samples {
        let x = hours(*at) - mean_x;
        xx += x * x;
        xy += x * (value - mean_y);
    }
    if xx <= 0.0 {
        return None;
    }
    let per_hour = xy / xx;
    let residual = |(at, value): &(Duration, f64)| value - mean_y - per_hour * (hours(*at) - mean_x);
    let squares: f64 = samples.iter().map(residual).map(|off| off * off).sum();
    Some(Slope { per_hour, error: (squares / (count - 2.0) / xx).sqrt() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(values: &[f64]) -> Vec<(Duration, f64)> {
        values.iter().enumerate().map(|(minute, value)| (Duration::from_secs(minute as u64 * 60), *value)).collect()
    }

    #[test]
    fn a_straight_line_has_its_slope_and_no_error() {
        let found = slope(&samples(&[5.0, 6.0, 7.0, 8.0])).unwrap();
        assert!((found.per_hour - 60.0).abs() < 1e-9 && found.error < 1e-6, "{found:?}");
    }

    #[test]
    fn noise_without_growth_lies_within_its_error() {
        let noise: Vec<f64> = (0..60).map(|n| if n % 2 == 0 { 100.0 } else { 101.0 }).collect();
        let found = slope(&samples(&noise)).unwrap();
        assert!(found.error > 0.0 && found.per_hour.abs() < 2.0 * found.error, "{found:?}");
    }

    #[test]
    fn too_few_samples_make_no_line() {
        assert_eq!(slope(&samples(&[1.0, 2.0])), None);
        let same = [(Duration::ZERO, 1.0), (Duration::ZERO, 2.0), (Duration::ZERO, 3.0)];
        assert_eq!(slope(&same), None);
    }
}

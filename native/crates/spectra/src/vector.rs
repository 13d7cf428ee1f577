//! What changed in a tensor with one axis: norms and biases.

/// Norms of two vectors and of their difference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VectorNorms {
    /// ‖base‖₂.
    pub base: f64,
    /// ‖tuned‖₂.
    pub tuned: f64,
    /// ‖tuned − base‖₂.
    pub delta: f64,
    /// Largest |tuned − base|.
    pub maximum: f64,
}

/// Comparison of two vectors of one length.
#[derive(Debug, Clone, PartialEq)]
pub struct VectorDelta {
    /// Length.
    pub elements: usize,
    /// `None` when a value is not finite.
    pub norms: Option<VectorNorms>,
    /// Positions with equal values.
    pub equal: usize,
    /// Positions where either value is NaN or infinite.
    pub not_finite: usize,
}

/// Compares two vectors of one length.
///
/// # Panics
/// When the lengths differ.
#[must_use]
pub fn compare(base: &[f64], tuned: &[f64]) -> VectorDelta {
    assert_eq!(base.len(), tuned.len(), "vectors of one length are compared");
    let pairs = || base.iter().copied().zip(tuned.iter().copied());
    let not_finite = pairs().filter(|(before, after)| !(before.is_finite() && after.is_finite())).count();
    #[allow(clippy::float_cmp)] // Equal means untouched by training.
    let equal = pairs().filter(|(before, after)| before == after).count();
    let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|value| value * value).sum::<f64>().sqrt();
    let norms = (not_finite == 0).then(|| VectorNorms {
        base: norm(&mut base.iter().copied()),
        tuned: norm(&mut tuned.iter().copied()),
        delta: norm(&mut pairs().map(|(before, after)| after - before)),
        maximum: pairs().map(|(before, after)| (after - before).abs()).fold(0.0, f64::max),
    });
    VectorDelta { elements: base.len(), norms, equal, not_finite }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)] // Small integers: exact.
    use super::*;

    #[test]
    fn norms_and_counts() {
        let delta = compare(&[3.0, 4.0, 1.0], &[3.0, 8.0, 4.0]);
        let norms = delta.norms.unwrap();
        assert_eq!((norms.delta, norms.maximum, delta.equal, delta.not_finite), (5.0, 4.0, 1, 0));
        assert!((norms.base - 26f64.sqrt()).abs() < 1e-15 && (norms.tuned - 89f64.sqrt()).abs() < 1e-15);
    }

    #[test]
    fn values_that_are_not_finite_are_counted_and_leave_the_norms_undefined() {
        let delta = compare(&[1.0, f64::NAN, 0.0], &[1.0, 2.0, f64::INFINITY]);
        assert_eq!((delta.norms, delta.not_finite, delta.equal), (None, 2, 1));
    }
}

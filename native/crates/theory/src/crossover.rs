//! Where two sampled curves meet.

use serde::Serialize;

/// A crossing of LoRA with full fine-tuning.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Crossover {
    /// Rank of LoRA.
    pub r: usize,
    /// Place on the x axis.
    pub x: f64,
    /// Standard error by a jackknife over groups of replicates; `None` where there was one group only.
    pub se: Option<f64>,
}

/// Sign changes of ln(lora / full) between neighbours, interpolated linearly in x, or in ln x where `logarithmic`.
/// A point without a value (rank at or above full rank there) takes no part.
#[must_use]
pub fn crossings(x: &[f64], lora: &[Option<f64>], full: &[f64], logarithmic: bool) -> Vec<f64> {
    let place = |value: f64| if logarithmic { value.ln() } else { value };
    let difference = |index: usize| lora[index].map(|value| (value / full[index]).ln());
    let mut found = Vec::new();
    for index in 1..x.len() {
        let (Some(before), Some(after)) = (difference(index - 1), difference(index)) else { continue };
        if (before < 0.0) == (after < 0.0) {
            continue;
        }
        let (left, right) = (place(x[index - 1]), place(x[index]));
        let meeting = left + (right - left) * before / (before - after);
        found.push(if logarithmic { meeting.exp() } else { meeting });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn straight_lines_meet_where_they_do() {
        let x: Vec<f64> = (1..=10).map(f64::from).collect();
        let full = vec![1.0; 10];
        let lora: Vec<_> = x.iter().map(|x| Some((0.3 * (x - 4.25)).exp())).collect();
        assert!((crossings(&x, &lora, &full, false)[0] - 4.25).abs() < 1e-12);
        let powers: Vec<_> = x.iter().map(|x| Some((x / 4.25).powi(2))).collect();
        assert!((crossings(&x, &powers, &full, true)[0] - 4.25).abs() < 1e-12);
    }

    #[test]
    fn points_without_a_value_are_passed_over() {
        assert!(crossings(&[1.0, 2.0], &[Some(0.5), None], &[1.0, 1.0], false).is_empty());
    }
}

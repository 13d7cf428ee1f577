//! Eigenvalues of a symmetric tridiagonal matrix by the QL iteration without square roots (Pal, Walker and Kahan;
//! Parlett, The Symmetric Eigenvalue Problem, section 8.15; LAPACK's `sterf`).

use crate::error::{Error, ErrorKind, Result};

/// Half the spacing of f64 at one, squared: a coupling this small against its neighbours is none.
const NEGLIGIBLE: f64 = 0.25 * f64::EPSILON * f64::EPSILON;
/// The same against the largest entry: far below the rounding errors that the matrix carries already.
const TINY: f64 = 1e-6 * NEGLIGIBLE;
/// Iterations allowed per eigenvalue; fewer than two are needed on average.
const ITERATIONS: usize = 30;

/// All eigenvalues, in no order, of the matrix with that diagonal and subdiagonal (`coupling[i]` links i and i + 1;
/// what follows the last link is ignored). Entries should be of order one at most: they are squared.
///
/// # Errors
/// [`ErrorKind::NoConvergence`].
pub(crate) fn tridiagonal_eigenvalues(mut diagonal: Vec<f64>, coupling: &[f64]) -> Result<Vec<f64>> {
    let order = diagonal.len();
    let mut squares: Vec<f64> = coupling.iter().take(order.saturating_sub(1)).map(|value| value * value).collect();
    let largest = diagonal.iter().map(|value| value * value).chain(squares.iter().copied()).fold(0.0, f64::max);
    let mut blocks = Blocks { floor: TINY * largest, left: ITERATIONS * order };
    let mut first = 0;
    while first < order {
        let last = blocks.end(&diagonal, &squares, first);
        blocks.solve(&mut diagonal[first..=last], &mut squares[first..last])?;
        first = last + 1;
    }
    Ok(diagonal)
}

struct Blocks {
    /// Squared couplings at or below this are none.
    floor: f64,
    /// Iterations left.
    left: usize,
}

impl Blocks {
    /// Last index that is linked with `first`.
    fn end(&self, diagonal: &[f64], squares: &[f64], first: usize) -> usize {
        let is_cut = |i: &usize| squares[*i] <= (NEGLIGIBLE * (diagonal[*i] * diagonal[*i + 1]).abs()).max(self.floor);
        (first..squares.len()).find(is_cut).unwrap_or(squares.len())
    }

    fn solve(&mut self, diagonal: &mut [f64], squares: &mut [f64]) -> Result<()> {
        let order = diagonal.len();
        // QL finds the values at the front first; graded matrices want the small ones there.
        if diagonal[order - 1].abs() < diagonal[0].abs() {
            diagonal.reverse();
            squares.reverse();
        }
        let mut first = 0;
        while first < order {
            let last = self.end(diagonal, squares, first);
            if last == first {
                first += 1;
                continue;
            }
            if self.left == 0 {
                let sentence = format!("the eigenvalues of a tridiagonal matrix of order {order} did not converge");
                return Err(Error::new(ErrorKind::NoConvergence, sentence));
            }
            self.left -= 1;
            iterate(&mut diagonal[first..=last], &mut squares[first..last]);
        }
        Ok(())
    }
}

/// One QL step with Wilkinson's shift, from the end to the front.
fn iterate(diagonal: &mut [f64], squares: &mut [f64]) {
    let last = diagonal.len() - 1;
    let shift = wilkinson(diagonal, squares);
    let (mut cosine, mut sine) = (1.0, 0.0);
    let mut gamma = diagonal[last] - shift;
    let mut power = gamma * gamma;
    for i in (0..last).rev() {
        let square = squares[i];
        let sum = power + square;
        if i + 1 < last {
            squares[i + 1] = sine * sum;
        }
        let before = cosine;
        cosine = power / sum;
        sine = square / sum;
        let old = gamma;
        gamma = cosine * (diagonal[i] - shift) - sine * old;
        diagonal[i + 1] = old + (diagonal[i] - gamma);
        power = if cosine == 0.0 { before * square } else { gamma * gamma / cosine };
    }
    squares[0] = sine * power;
    diagonal[0] = shift + gamma;
}

/// The eigenvalue of the leading 2 × 2 block that is nearer to its first entry.
fn wilkinson(diagonal: &[f64], squares: &[f64]) -> f64 {
    let link = squares[0].sqrt();
    let half = (diagonal[1] - diagonal[0]) / (2.0 * link);
    diagonal[0] - link / (half + half.hypot(1.0).copysign(half))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(diagonal: Vec<f64>, coupling: &[f64]) -> Vec<f64> {
        let mut values = tridiagonal_eigenvalues(diagonal, coupling).expect("eigenvalues");
        values.sort_by(f64::total_cmp);
        values
    }

    #[test]
    fn the_second_difference_has_cosines() {
        // 2 − 2·cos(jπ/(n + 1)), j = 1…n.
        for order in [1, 2, 3, 10, 257] {
            let found = sorted(vec![2.0; order], &vec![-1.0; order]);
            for (j, value) in found.iter().enumerate() {
                let expected = 2.0 - 2.0 * (std::f64::consts::PI * (j + 1) as f64 / (order + 1) as f64).cos();
                assert!((value - expected).abs() < 1e-13, "{value} instead of {expected}");
            }
        }
    }

    #[test]
    fn zero_diagonals_and_cut_matrices() {
        assert_eq!(sorted(vec![3.0, 1.0, 2.0], &[0.0, 0.0, 0.0]), [1.0, 2.0, 3.0]);
        let pairs = sorted(vec![0.0; 6], &[1.0, 0.0, 2.0, 0.0, 3.0]);
        for (found, expected) in pairs.iter().zip([-3.0, -2.0, -1.0, 1.0, 2.0, 3.0]) {
            assert!((found - expected).abs() < 1e-14);
        }
        assert_eq!(sorted(vec![0.0; 5], &[0.0; 5]), [0.0; 5]);
        assert!(sorted(Vec::new(), &[]).is_empty());
    }

    #[test]
    fn wilkinsons_matrix_has_its_close_pairs() {
        let diagonal = (0..21).map(|i| f64::from(i - 10).abs()).collect();
        let found = sorted(diagonal, &[1.0; 21]);
        assert!((found[20] - 10.746_194_182_903_393).abs() < 1e-12);
        assert!((found[19] - 10.746_194_182_903_322).abs() < 1e-12);
        assert!((found[0] + 1.125_441_522_119_985).abs() < 1e-12);
    }
}

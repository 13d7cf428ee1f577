//! The upper bound on the risk of LoRA: proven, never violated, and typically 4 to 45 times too
//! large. ‖T_r(A + N) − T_r(A)‖_F² ≤ 8r(‖N‖₂ + σ_{r+1}(A))², Weyl, and Eckart and Young give, for every data set,
//! R ≤ κ(√(8r)(‖N‖₂ + σ_{r+1}(A)) + τ_r(A))², and below d samples ‖Δ⋆P⊥‖² more.

use faer::{Mat, MatRef, Par};
use spectra::matrix::{thin_qr, thin_svd};

use crate::draws::{Draws, Stream};
use crate::setting::Setting;
use crate::simulation::{Point, whitened};
use crate::{Result, invalid};

/// Bounds on R[0…q] for the data set of one replicate, which [`crate::simulation::replicate_risks`] draws too.
///
/// # Errors
/// `InvalidArgument` for a covariance below d samples, where no bound is known; `NoConvergence`.
pub fn replicate_bounds(point: &Point, seed: u64, replicate: usize) -> Result<Vec<f64>> {
    let Setting { k, d, n, sigma } = point.setting;
    let mut draws = Draws::new(seed, Stream::Simulation, point.stream, replicate);
    let values = draws.shift(&point.shift, k, d)?;
    if point.setting.is_under() && !point.covariance.is_empty() {
        return Err(invalid("with fewer samples than inputs and a covariance no bound is known"));
    }
    // Rows of the inputs in a basis in which the samples count once: X itself, or L with L·Lᵀ like X·Xᵀ.
    let (values, inputs, unseen) = if point.setting.is_under() {
        let inputs = draws.normals(d, n);
        let (basis, _) = thin_qr(inputs.clone(), Par::Seq);
        let seen = signal(&values, basis.as_ref(), k).squared_norm_l2();
        let unseen = values.iter().map(|s| s * s).sum::<f64>() - seen;
        (values, inputs, unseen.max(0.0))
    } else {
        (whitened(values, &point.covariance), draws.bartlett(d, n)?, 0.0)
    };
    let noise = singular_values(draws.normals(k, inputs.ncols()).as_ref())?[0] * sigma;
    let kept = singular_values(signal(&values, inputs.as_ref(), k).as_ref())?;
    let least = singular_values(inputs.as_ref())?.last().copied().unwrap_or(0.0);
    // The factors 1/√n of A and N and n of κ cancel.
    let bound = |rank: usize| {
        let tail = kept.iter().skip(rank).map(|value| value * value).sum::<f64>().sqrt();
        let next = kept.get(rank).copied().unwrap_or(0.0);
        let inner = (8.0 * rank as f64).sqrt() * (noise + next) + tail;
        (inner / least).powi(2) + unseen
    };
    Ok((0..=point.setting.full_rank()).map(bound).collect())
}

/// diag(s)·X.
fn signal(values: &[f64], inputs: MatRef<'_, f64>, k: usize) -> Mat<f64> {
    Mat::from_fn(k, inputs.ncols(), |i, j| values.get(i).map_or(0.0, |s| s * inputs[(i, j)]))
}

fn singular_values(matrix: MatRef<'_, f64>) -> Result<Vec<f64>> {
    Ok(thin_svd(matrix, false, Par::Seq)?.values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shift::Shift;
    use crate::simulation::replicate_risks;

    #[test]
    fn no_draw_is_above_its_bound() {
        for (k, d, n, sigma) in [(6, 8, 20, 0.5), (8, 6, 14, 2.0), (5, 12, 7, 0.1), (9, 10, 5, 3.0)] {
            for shift in [Shift::Ba { rank: 3 }, Shift::Pow { decay: 1.0, scale: 2.0, count: None }] {
                let setting = Setting::new(k, d, n, sigma).unwrap();
                let point = Point { setting, shift, covariance: Vec::new(), stream: 0 };
                for replicate in 0..100 {
                    let risks = replicate_risks(&point, 5, replicate).unwrap();
                    let bounds = replicate_bounds(&point, 5, replicate).unwrap();
                    assert_eq!(risks.len(), bounds.len());
                    for (risk, bound) in risks.iter().zip(&bounds) {
                        assert!(*risk <= bound * (1.0 + 1e-9), "{risk} above {bound}");
                    }
                }
            }
        }
    }

    #[test]
    fn without_noise_the_rank_of_the_shift_leaves_what_the_data_do_not_show() {
        let setting = Setting::new(6, 8, 20, 0.0).unwrap();
        let point = Point { setting, shift: Shift::Ba { rank: 3 }, covariance: Vec::new(), stream: 0 };
        assert!(replicate_bounds(&point, 1, 0).unwrap()[3] < 1e-20);
    }
}

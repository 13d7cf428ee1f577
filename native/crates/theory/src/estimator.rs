//! The two estimators on given data: what the closed forms and the simulation are about.

use faer::{Mat, MatRef, Par};
use spectra::matrix::{product, thin_svd};

use crate::{Result, invalid};

/// Singular values below this share of the largest count as zero in the pseudoinverse.
const CUTOFF: f64 = 1e-12;

/// Fits of one data set.
pub struct Fits {
    /// W₀ + (Y − W₀X)X⁺.
    pub full: Mat<f64>,
    /// LoRA of rank 0, 1, …, min(k, n, d); the last one is `full`.
    pub lora: Vec<Mat<f64>>,
}

/// Full fine-tuning and LoRA at every rank from W₀ (k × d), X (d × n) and Y (k × n). LoRA is the full fine-tune seen
/// through the r strongest output directions of its own fit.
///
/// # Errors
/// `InvalidArgument` for shapes that do not fit, `NoConvergence`.
pub fn fit(start: MatRef<'_, f64>, inputs: MatRef<'_, f64>, outputs: MatRef<'_, f64>) -> Result<Fits> {
    let fits = start.ncols() == inputs.nrows() && outputs.nrows() == start.nrows() && outputs.ncols() == inputs.ncols();
    if !fits || inputs.ncols() == 0 || start.nrows() == 0 || start.ncols() == 0 {
        return Err(invalid("W₀ (k × d), X (d × n) and Y (k × n) do not fit together"));
    }
    let residual = outputs - product(start, inputs, Par::Seq);
    let change = product(residual.as_ref(), pseudoinverse(inputs)?.as_ref(), Par::Seq);
    let fitted = thin_svd(product(change.as_ref(), inputs, Par::Seq).as_ref(), true, Par::Seq)?;
    let most = start.nrows().min(start.ncols()).min(inputs.ncols());
    let full = start + &change;
    let lora = (0..=most)
        .map(|rank| {
            let basis = fitted.left.as_ref().subcols(0, rank);
            start + product(basis, product(basis.transpose(), change.as_ref(), Par::Seq).as_ref(), Par::Seq)
        })
        .collect();
    Ok(Fits { full, lora })
}

fn pseudoinverse(matrix: MatRef<'_, f64>) -> Result<Mat<f64>> {
    let svd = thin_svd(matrix, true, Par::Seq)?;
    let limit = svd.values.first().copied().unwrap_or(0.0) * CUTOFF;
    let mut scaled = svd.right.clone();
    for (index, value) in svd.values.iter().enumerate() {
        let factor = if *value > limit { value.recip() } else { 0.0 };
        scaled.col_mut(index).iter_mut().for_each(|entry| *entry *= factor);
    }
    Ok(product(scaled.as_ref(), svd.left.transpose(), Par::Seq))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draws::{Draws, Stream};
    use crate::setting::Setting;
    use crate::shift::Shift;
    use crate::simulation::{Mean, Point, replicate_risks};

    /// ‖Ŵ − W⋆‖² of literal data, all ranks.
    fn literal(k: usize, d: usize, n: usize, sigma: f64, values: &[f64], replicate: usize) -> Vec<f64> {
        let mut draws = Draws::new(99, Stream::Simulation, 7, replicate);
        let (start, inputs) = (draws.normals(k, d), draws.normals(d, n));
        let (left, right) = (draws.normals(k, k), draws.normals(d, d));
        let (left, _) = spectra::matrix::thin_qr(left, Par::Seq);
        let (right, _) = spectra::matrix::thin_qr(right, Par::Seq);
        let diagonal = Mat::from_fn(k, d, |i, j| if i == j { values.get(i).copied().unwrap_or(0.0) } else { 0.0 });
        let shift = &left * &diagonal * right.transpose();
        let truth = &start + &shift;
        let outputs = &truth * &inputs + draws.normals(k, n) * faer::Scale(sigma);
        let fits = fit(start.as_ref(), inputs.as_ref(), outputs.as_ref()).unwrap();
        fits.lora.iter().map(|fit| (fit - &truth).squared_norm_l2()).collect()
    }

    #[test]
    fn simulated_and_literal_risks_agree() {
        for (k, d, n) in [(6, 8, 20), (8, 6, 14), (5, 12, 7), (9, 10, 5)] {
            let values = [3.0, 1.5, 0.7];
            let setting = Setting::new(k, d, n, 0.8).unwrap();
            let shift = Shift::Given { values: values.to_vec() };
            let point = Point { setting, shift, covariance: Vec::new(), stream: 0 };
            let fast: Vec<_> = (0..1500).map(|i| replicate_risks(&point, 3, i).unwrap()).collect();
            let slow: Vec<_> = (0..1500).map(|i| literal(k, d, n, 0.8, &values, i)).collect();
            for rank in 0..=setting.full_rank() {
                let of = |all: &[Vec<f64>]| Mean::of(&all.iter().map(|risks| risks[rank]).collect::<Vec<_>>());
                let (one, other) = (of(&fast), of(&slow));
                let error = (one.se * one.se + other.se * other.se).sqrt().max(1e-12);
                assert!(((one.mean - other.mean) / error).abs() < 4.5, "{k} {d} {n} rank {rank}: {one:?} {other:?}");
            }
        }
    }
}

//! Eigenvalues of a large symmetric matrix without vectors, in two stages: dense to band by blocked Householder
//! reflections, which are matrix products, then band to tridiagonal by chasing bulges, which stays in the cache
//! (Bischof, Lang and Sun 2000). The usual one-stage reduction spends half of its work in matrix-vector products
//! that wait for memory: measured 5 to 9 times slower.

use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::linalg::triangular_solve::solve_lower_triangular_in_place;
use faer::{Accum, Mat, MatMut, MatRef, Par};

use crate::chase::{Band, WIDTH};
use crate::control::Control;
use crate::error::Result;
use crate::matrix::{add_product, packed_reflectors, product};
use crate::tridiagonal::tridiagonal_eigenvalues;

/// All eigenvalues, rising. The lower triangle is read; every entry must be finite.
///
/// # Errors
/// [`crate::error::ErrorKind::NoConvergence`] and [`crate::error::ErrorKind::Cancelled`].
pub(crate) fn eigenvalues_by_band(matrix: MatRef<'_, f64>, control: &Control<'_>) -> Result<Vec<f64>> {
    let mut work = matrix.to_owned();
    // Entries around one: the reflections square them.
    let size = largest_entry(work.as_ref());
    if size == 0.0 {
        return Ok(vec![0.0; work.nrows()]);
    }
    // A power of two, so that scaling rounds nothing.
    let scale = size.log2().floor().clamp(-1000.0, 1000.0).exp2();
    scale_by(&mut work, scale.recip());
    reduce_to_band(&mut work, control)?;
    let mut band = Band::of(work.as_ref());
    drop(work);
    band.reduce(control)?;
    let (diagonal, coupling) = band.tridiagonal();
    let mut values = tridiagonal_eigenvalues(diagonal, &coupling)?;
    for value in &mut values {
        *value *= scale;
    }
    values.sort_by(f64::total_cmp);
    Ok(values)
}

fn scale_by(matrix: &mut Mat<f64>, factor: f64) {
    for column in matrix.as_mut().col_iter_mut() {
        for value in column.iter_mut() {
            *value *= factor;
        }
    }
}

fn largest_entry(matrix: MatRef<'_, f64>) -> f64 {
    let column = |j: usize| matrix.col(j).subrows(j, matrix.nrows() - j).norm_max();
    (0..matrix.ncols()).map(column).fold(0.0, f64::max)
}

/// Leaves [`WIDTH`] subdiagonals: each panel of columns is triangularised below the band, and its reflections are
/// applied to both sides of what is left.
fn reduce_to_band(matrix: &mut Mat<f64>, control: &Control<'_>) -> Result<()> {
    let (order, par) = (matrix.nrows(), control.parallelism());
    for first in (0..order).step_by(WIDTH) {
        control.check()?;
        let below = first + WIDTH;
        if below + 1 >= order {
            break;
        }
        let (left, trailing) = matrix.as_mut().subrows_mut(below, order - below).split_at_col_mut(below);
        let reflectors = packed_reflectors(left.subcols_mut(first, WIDTH), par);
        apply_both_sides(trailing, reflectors.as_ref(), par);
    }
    Ok(())
}

/// A ← QᵀAQ on the lower triangle, for Q = I − V·T⁻¹·Vᵀ with T the upper triangle of VᵀV, its diagonal halved: with
/// X = A·V·T⁻¹ and W = X − ½·V·T⁻ᵀ·VᵀX that is A − W·Vᵀ − V·Wᵀ.
fn apply_both_sides(matrix: MatMut<'_, f64>, vectors: MatRef<'_, f64>, par: Par) {
    let (order, count) = vectors.shape();
    let triangle = half_gram(vectors, par);
    let mut image = symmetric_product(matrix.as_ref(), vectors, par);
    solve_lower_triangular_in_place(triangle.as_ref().transpose(), image.as_mut().transpose_mut(), par);
    let mut inner = product(vectors.transpose(), image.as_ref(), par);
    solve_lower_triangular_in_place(triangle.as_ref().transpose(), inner.as_mut(), par);
    add_product(image.as_mut(), vectors, inner.as_ref(), -0.5, par);
    let (mut left, mut right) = (Mat::zeros(order, 2 * count), Mat::zeros(order, 2 * count));
    left.as_mut().subcols_mut(0, count).copy_from(&image);
    left.as_mut().subcols_mut(count, count).copy_from(vectors);
    right.as_mut().subcols_mut(0, count).copy_from(vectors);
    right.as_mut().subcols_mut(count, count).copy_from(&image);
    triangular::matmul(
        matrix,
        BlockStructure::TriangularLower,
        Accum::Add,
        left.as_ref(),
        BlockStructure::Rectangular,
        right.transpose(),
        BlockStructure::Rectangular,
        -1.0,
        par,
    );
}

/// Upper triangle of VᵀV with half the diagonal. A column of zeros is a reflection that does nothing.
fn half_gram(vectors: MatRef<'_, f64>, par: Par) -> Mat<f64> {
    let inner = product(vectors.transpose(), vectors, par);
    let entry = |i: usize, j: usize| match i.cmp(&j) {
        std::cmp::Ordering::Less => inner[(i, j)],
        std::cmp::Ordering::Equal if inner[(i, j)] == 0.0 => 1.0,
        std::cmp::Ordering::Equal => 0.5 * inner[(i, j)],
        std::cmp::Ordering::Greater => 0.0,
    };
    Mat::from_fn(inner.nrows(), inner.ncols(), entry)
}

/// A·V from the lower triangle of A.
fn symmetric_product(matrix: MatRef<'_, f64>, vectors: MatRef<'_, f64>, par: Par) -> Mat<f64> {
    let mut out = Mat::zeros(vectors.nrows(), vectors.ncols());
    let halves = [
        (matrix, BlockStructure::TriangularLower, Accum::Replace),
        (matrix.transpose(), BlockStructure::StrictTriangularUpper, Accum::Add),
    ];
    for (half, structure, accumulate) in halves {
        triangular::matmul(
            out.as_mut(),
            BlockStructure::Rectangular,
            accumulate,
            half,
            structure,
            vectors,
            BlockStructure::Rectangular,
            1.0,
            par,
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::matrix::{symmetric_eigenvalues_direct, thin_qr};
    use crate::random::Random;

    fn with_values(values: &[f64], seed: u64) -> Mat<f64> {
        let p = values.len();
        let (q, _) = thin_qr(Random::new(seed).normals(p, p), Par::Seq);
        let scaled = Mat::from_fn(p, p, |i, j| q[(i, j)] * values[j]);
        product(scaled.as_ref(), q.transpose(), Par::Seq)
    }

    fn check(values: &mut [f64], seed: u64) {
        let matrix = with_values(values, seed);
        let found = eigenvalues_by_band(matrix.as_ref(), &Control::SINGLE).expect("eigenvalues");
        values.sort_by(f64::total_cmp);
        let largest = values.iter().fold(0.0_f64, |sum, value| sum.max(value.abs()));
        let limit = 4.0 * f64::EPSILON * (values.len() as f64).sqrt() * largest;
        for (found, value) in found.iter().zip(values.iter()) {
            assert!((found - value).abs() <= limit, "{found} instead of {value}");
        }
    }

    #[test]
    fn known_values_come_back_at_every_order_around_the_width() {
        for order in [1, 2, 3, WIDTH - 1, WIDTH, WIDTH + 1, WIDTH + 2, 2 * WIDTH, 2 * WIDTH + 1, 3 * WIDTH + 5, 200] {
            let mut values: Vec<f64> = (0..order).map(|i| (i as f64 + 1.0).powf(-1.3)).collect();
            check(&mut values, order as u64);
        }
    }

    #[test]
    fn repeated_graded_and_negative_values() {
        check(&mut (0..150).map(|i| f64::from(i / 30)).collect::<Vec<_>>(), 1);
        check(&mut (0..150).map(|i| 10_f64.powi(-(i / 10))).collect::<Vec<_>>(), 2);
        check(&mut (0..150).map(|i| f64::from(i) - 75.0).collect::<Vec<_>>(), 3);
    }

    #[test]
    fn diagonal_and_extreme_scales() {
        let diagonal = Mat::from_fn(100, 100, |i, j| if i == j { i as f64 } else { 0.0 });
        let found = eigenvalues_by_band(diagonal.as_ref(), &Control::SINGLE).expect("eigenvalues");
        assert!(found.iter().enumerate().all(|(i, value)| (value - i as f64).abs() < 1e-12));
        for scale in [1e-290, 1e290] {
            let matrix = with_values(&(0..70).map(|i| scale * f64::from(i + 1)).collect::<Vec<_>>(), 5);
            let found = eigenvalues_by_band(matrix.as_ref(), &Control::SINGLE).expect("eigenvalues");
            assert!(found.iter().enumerate().all(|(i, value)| (value / scale - i as f64 - 1.0).abs() < 1e-11));
        }
        let zero = Mat::<f64>::zeros(70, 70);
        assert_eq!(eigenvalues_by_band(zero.as_ref(), &Control::SINGLE).expect("eigenvalues"), vec![0.0; 70]);
    }

    #[test]
    fn one_stage_and_two_stages_agree_on_a_gram_matrix() {
        let panel = Random::new(7).normals(300, 400);
        let gram = product(panel.as_ref(), panel.transpose(), Par::Seq);
        let mut expected = symmetric_eigenvalues_direct(gram.as_ref(), Par::Seq).expect("one stage");
        expected.sort_by(f64::total_cmp);
        let found = eigenvalues_by_band(gram.as_ref(), &Control::SINGLE).expect("two stages");
        let limit = 1e-14 * expected[299] * 300_f64.sqrt();
        assert!(found.iter().zip(&expected).all(|(left, right)| (left - right).abs() <= limit));
    }

    #[test]
    fn cancelling_ends_it() {
        let flag = std::sync::atomic::AtomicBool::new(true);
        let control = Control { threads: 1, cancel: Some(&flag) };
        let error = eigenvalues_by_band(Mat::<f64>::identity(100, 100).as_ref(), &control).expect_err("cancelled");
        assert_eq!(error.kind, ErrorKind::Cancelled);
    }
}

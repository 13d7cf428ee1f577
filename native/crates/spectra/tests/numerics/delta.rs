//! Spectra of ΔW from factors and from dense matrices, and the rounding audit.

use faer::Mat;
use spectra::control::Control;
use spectra::factors::factor_spectrum;
use spectra::gram::Shape;
use spectra::module::analyze_module;
use spectra::outcome::{Grid, LowRank, Question, RunOutcome, Side, SpectrumMethod, Tuned};
use spectra::rounding::step;

use crate::support::{
    Memory, adapter, assert_close, assert_side, base_matrix, best_cosines, formed, normals, question, reference,
    with_values,
};

fn dense_run(base: &Mat<f64>, tuned: &Mat<f64>, question: &Question) -> RunOutcome {
    let tuned = Memory(tuned.clone());
    let outcome = analyze_module(&Memory(base.clone()), &[Ok(Tuned::Dense(&tuned))], question, &Control::SINGLE);
    outcome.expect("base").runs.remove(0).expect("run")
}

fn entropy_rank(values: &[f64]) -> f64 {
    let sum: f64 = values.iter().sum();
    let terms = values.iter().filter(|s| **s > 0.0).map(|s| s / sum * (s / sum).ln());
    (-terms.sum::<f64>()).exp()
}

/// Values, entropy, stable and participation rank and energy ranks against the reference.
fn assert_spectrum(actual: &[f64], expected: &[f64], floor: f64, relative: f64, name: &str) {
    for (a, e) in actual.iter().zip(expected).filter(|(_, e)| **e >= floor * expected[0]) {
        assert_close(*a, *e, relative, name);
    }
    assert_close(entropy_rank(actual), entropy_rank(expected), 1e-4, &format!("{name}: entropy rank"));
    let power = |values: &[f64], exponent: i32| values.iter().map(|s| s.powi(exponent)).sum::<f64>();
    assert_close(power(actual, 2) / actual[0].powi(2), power(expected, 2) / expected[0].powi(2), 1e-4, name);
    assert_close(
        power(actual, 2).powi(2) / power(actual, 4),
        power(expected, 2).powi(2) / power(expected, 4),
        1e-4,
        name,
    );
    for share in [0.5, 0.9, 0.95, 0.99] {
        let rank = |values: &[f64]| {
            let total = power(values, 2);
            values
                .iter()
                .scan(0.0, |sum, s| {
                    *sum += s * s;
                    Some(*sum)
                })
                .position(|sum| sum >= share * total)
        };
        assert_eq!(rank(actual), rank(expected), "{name}: energy rank at {share}");
    }
}

#[test]
fn dense_spectra_agree_with_svd_on_every_path() {
    let steep: Vec<f64> = (0..200).map(|i| 10_f64.powf(-12.0 * f64::from(i) / 199.0)).collect();
    let middling: Vec<f64> = (0..200).map(|i| 10_f64.powf(-2.5 * f64::from(i) / 199.0)).collect();
    let cliff: Vec<f64> = (0..200).map(|i| if i < 16 { 1.0 } else { 1e-7 }).collect();
    let cases =
        [(steep, SpectrumMethod::Bidiagonal), (middling, SpectrumMethod::Gram), (cliff, SpectrumMethod::Bidiagonal)];
    for (m, n) in [(200, 330), (330, 200), (200, 200)] {
        let base = base_matrix(m, n, 31);
        for (values, method) in &cases {
            let delta = with_values(m, n, &values.iter().map(|s| s * 0.1).collect::<Vec<_>>(), 33);
            // A zero base keeps the subtraction exact, so that the reference holds to the last value.
            let run = dense_run(&Mat::zeros(m, n), &delta, &question(&[]));
            assert_eq!(run.delta.method, *method);
            assert_spectrum(&run.delta.singular_values, &reference(&delta).values, 1e-5, 1e-5, "dense");
            let tuned = &base + &delta;
            let run = dense_run(&base, &tuned, &question(&[]));
            assert_spectrum(
                &run.delta.singular_values,
                &reference(&(&tuned - &base)).values,
                1e-5,
                1e-5,
                "dense on a base",
            );
        }
    }
}

#[test]
fn dense_runs_are_decided_like_factors() {
    for (m, n) in [(250, 420), (420, 250)] {
        let base = base_matrix(m, n, 41);
        let delta = formed(&adapter(m, n, 8, 2.0, 5), m, n) + faer::Scale(0.004) * normals(m, n, 43);
        let tuned = &base + &delta;
        let run = dense_run(&base, &tuned, &question(&[Side::Left, Side::Right]));
        let (from, to) = (reference(&base), reference(&tuned));
        for side in &run.sides {
            assert_side(side, &best_cosines(&from, &to, side.side, 10), 0.5, "dense");
        }
        assert_close(run.tuned.expect("top").singular_values[0], to.values[0], 1e-9, "σ₁");
    }
}

#[test]
fn factor_spectra_agree_with_svd() {
    for (m, n, rank) in [(90, 130, 16), (130, 90, 8), (20, 300, 32), (1, 40, 3), (40, 1, 3)] {
        let term = adapter(m, n, rank, 1.7, 51);
        let delta = factor_spectrum(std::slice::from_ref(&term), Shape { rows: m, cols: n }).expect("spectrum");
        let expected = reference(&formed(&term, m, n)).values;
        let count = delta.singular_values.len();
        assert!(count <= rank.min(m).min(n));
        assert_spectrum(&delta.singular_values, &expected[..count], 1e-6, 1e-6, "factors");
        assert_close(delta.frobenius, expected.iter().map(|s| s * s).sum::<f64>().sqrt(), 1e-10, "norm");
    }
}

#[test]
fn terms_add_up_and_may_cancel() {
    let shape = Shape { rows: 60, cols: 80 };
    let (one, two) = (adapter(60, 80, 4, 1.0, 1), adapter(60, 80, 6, 0.5, 3));
    let sum = factor_spectrum(&[one.clone(), two.clone()], shape).expect("spectrum");
    let expected = reference(&(formed(&one, 60, 80) + formed(&two, 60, 80))).values;
    assert_spectrum(&sum.singular_values, &expected[..10], 1e-6, 1e-6, "sum");
    let opposite = LowRank { scale: -one.scale, ..one.clone() };
    let cancelled = factor_spectrum(&[one, opposite], shape).expect("spectrum");
    assert!(cancelled.singular_values[0] < 1e-13);
}

#[test]
fn rank_deficient_and_zero_factors_work() {
    let shape = Shape { rows: 50, cols: 70 };
    let mut term = adapter(50, 70, 4, 1.0, 8);
    for row in term.left.chunks_mut(4) {
        row[3] = row[0];
    }
    let values = factor_spectrum(std::slice::from_ref(&term), shape).expect("spectrum").singular_values;
    let expected = reference(&formed(&term, 50, 70)).values;
    assert_close(values[2], expected[2], 1e-9, "third value");
    assert!(values[3] < 1e-14);
    term.left.fill(0.0);
    let zero = factor_spectrum(&[term], shape).expect("spectrum");
    assert_eq!((zero.method, zero.frobenius, zero.singular_values.len()), (SpectrumMethod::Zero, 0.0, 50));
    let none = factor_spectrum(&[], shape).expect("spectrum");
    assert_eq!(none.method, SpectrumMethod::Zero);
}

#[test]
fn an_identical_checkpoint_has_a_zero_delta() {
    let base = base_matrix(220, 260, 61);
    let run = dense_run(&base, &base, &Question { rounding: Some(Grid::Bf16), ..question(&[Side::Left]) });
    assert_eq!((run.delta.method, run.delta.frobenius), (SpectrumMethod::Zero, 0.0));
    let sums = run.rounding.expect("audit");
    assert_eq!((sums.equal, sums.total), (220 * 260, 220 * 260));
    assert!(run.sides[0].lower.iter().all(|cosine| *cosine > 0.999));
}

#[test]
fn rounding_sums_match_the_plain_loop() {
    // The same values by log₂ and loops, on a base off the grid and one on it.
    let cast = |w: f64| half::bf16::from_f64(w).to_f64();
    let (m, n) = (70, 90);
    let base = normals(m, n, 71);
    let tuned = Mat::from_fn(m, n, |i, j| cast(base[(i, j)]));
    let audit = |base: &Mat<f64>, tuned: &Mat<f64>| {
        dense_run(base, tuned, &Question { rounding: Some(Grid::Bf16), ..question(&[]) }).rounding.expect("audit")
    };
    let unit = |i: usize, j: usize| 2_f64.powf(base[(i, j)].abs().log2().floor() - 7.0).powi(2);
    let row = |i: usize| (0..n).map(|j| unit(i, j)).sum::<f64>();
    let column = |j: usize| (0..m).map(|i| unit(i, j)).sum::<f64>();
    let sums = audit(&base, &tuned);
    assert_close(sums.step_squares, (0..m).map(row).sum(), 1e-12, "Σu²");
    assert_close(sums.row_maximum, (0..m).map(row).fold(0.0, f64::max), 1e-12, "rows");
    assert_close(sums.column_maximum, (0..n).map(column).fold(0.0, f64::max), 1e-12, "columns");
    assert!(sums.within_half_step && !sums.base_on_grid && sums.tuned_on_grid);
    let moved = Mat::from_fn(m, n, |i, j| cast(tuned[(i, j)] * if i == 3 { 1.1 } else { 1.0 }));
    let sums = audit(&tuned, &moved);
    assert!(!sums.within_half_step && sums.base_on_grid && sums.tuned_on_grid);
    assert_eq!(sums.equal, ((m - 1) * n) as u64);
}

#[test]
fn grid_steps_follow_the_definition() {
    let cases = [
        (1.0, Grid::Bf16, -7),
        (1.99, Grid::Bf16, -7),
        (-0.5, Grid::Bf16, -8),
        (0.02, Grid::Bf16, -13),
        (1.0, Grid::F16, -10),
        (1e-6, Grid::F16, -24),
        (0.0, Grid::F16, -24),
    ];
    for (value, grid, power) in cases {
        assert_eq!(step(value, grid).to_bits(), 2_f64.powi(power).to_bits(), "{value} {grid:?}");
    }
    assert!(step(0.0, Grid::Bf16) > 0.0);
}

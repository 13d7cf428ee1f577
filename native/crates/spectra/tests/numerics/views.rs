//! The exact view, overlaps of two updates, and the critical strength.

use std::slice::from_ref;

use faer::Mat;
use spectra::control::Control;
use spectra::exact::exact_view;
use spectra::gram::Shape;
use spectra::module::analyze_module;
use spectra::outcome::{LowRank, Question, Side, Tuned};
use spectra::overlap::{dense_cosine, factor_overlap};

use crate::support::{
    Memory, Reference, adapter, assert_close, base_matrix, formed, orthonormal, question, reference, with_values,
};

/// |cosines| of the first k tuned vectors with all base vectors of one side.
fn table(base: &Reference, tuned: &Reference, side: Side, k: usize) -> Vec<f64> {
    let pick =
        |reference: &Reference| if side == Side::Left { reference.left.clone() } else { reference.right.clone() };
    let cosines = pick(base).transpose() * pick(tuned);
    (0..k).flat_map(|j| (0..base.values.len()).map(move |i| (i, j))).map(|(i, j)| cosines[(i, j)].abs()).collect()
}

#[test]
fn the_exact_view_is_that_of_two_svds() {
    for (m, n) in [(60, 90), (90, 60), (70, 70)] {
        let base = base_matrix(m, n, 3);
        let term = adapter(m, n, 4, 2.0, 5);
        let tuned = &base + formed(&term, m, n);
        let view = exact_view(&Memory(base.clone()), &Tuned::Factors(vec![term]), 6, &Control::SINGLE).expect("view");
        let (from, to) = (reference(&base), reference(&tuned));
        for (actual, expected) in view.base.iter().zip(&from.values).chain(view.tuned.iter().zip(&to.values)) {
            assert_close(*actual, *expected, 1e-6, "σ");
        }
        assert_eq!((view.examined, view.left.len()), (6, 6 * m.min(n)));
        for (actual, side) in [(&view.left, Side::Left), (&view.right, Side::Right)] {
            let worst = actual.iter().zip(table(&from, &to, side, 6)).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(worst < 1e-6, "{m}×{n} {side:?}: {worst}");
        }
    }
}

#[test]
fn overlap_matches_the_formed_updates() {
    let (m, n) = (50, 40);
    let (one, two) = (adapter(m, n, 3, 1.0, 1), adapter(m, n, 5, 1.0, 7));
    let overlap = factor_overlap(from_ref(&one), from_ref(&two), Shape { rows: m, cols: n }).expect("overlap");
    let (a, b) = (formed(&one, m, n), formed(&two, m, n));
    let (from, to) = (reference(&a), reference(&b));
    let expect = |x: Mat<f64>, y: Mat<f64>| reference(&(x.subcols(0, 3).transpose() * y.subcols(0, 5))).values;
    for (actual, expected) in overlap.left.iter().zip(expect(from.left, to.left)) {
        assert_close(*actual, expected, 1e-9, "left");
    }
    for (actual, expected) in overlap.right.iter().zip(expect(from.right, to.right)) {
        assert_close(*actual, expected, 1e-9, "right");
    }
    let inner: f64 = (0..n).map(|j| a.col(j).transpose() * b.col(j)).sum();
    let expected = inner / a.norm_l2() / b.norm_l2();
    assert_close(overlap.cosine.expect("cosine"), expected, 1e-9, "cosine");
    let base = base_matrix(m, n, 9);
    let (x, y) = (Memory(&base + a), Memory(&base + b));
    let dense = dense_cosine(&Memory(base), &x, &y, &Control::SINGLE).expect("cosine").expect("not zero");
    assert!((dense - expected).abs() < 1e-9);
}

#[test]
fn overlap_of_an_update_with_itself_and_with_nothing() {
    let shape = Shape { rows: 30, cols: 50 };
    let term = adapter(30, 50, 4, 1.0, 3);
    let doubled = [term.clone(), LowRank { scale: -3.0 * term.scale, ..term.clone() }];
    let same = factor_overlap(from_ref(&term), &doubled, shape).expect("overlap");
    assert_eq!(same.left.len(), 4);
    assert!(same.left.iter().chain(&same.right).all(|cosine| *cosine > 1.0 - 1e-9));
    assert_close(same.cosine.expect("cosine"), -1.0, 1e-9, "opposite");
    let nothing = factor_overlap(&[term], &[], shape).expect("overlap");
    assert!(nothing.left.is_empty() && nothing.cosine.is_none());
}

/// By its definition, from the whole spectrum.
fn critical(values: &[f64], m: usize, n: usize, k: usize) -> f64 {
    let (y, q) = (values[k - 1], m.min(n) as f64);
    let sum: f64 = values[k..].iter().map(|s| y / (y * y - s * s)).sum();
    let phi = |size: usize| (sum + (size as f64 - q) / y) / size as f64;
    1.0 / (phi(m) * phi(n)).sqrt()
}

#[test]
fn critical_strength_matches_the_full_spectrum() {
    for (m, n) in [(300, 300), (260, 420), (420, 260), (80, 120)] {
        for k in [1, 10] {
            let base = base_matrix(m, n, 15);
            let question = Question { k, ..question(&[Side::Left]) };
            let outcome = analyze_module(&Memory(base.clone()), &[], &question, &Control::SINGLE).expect("base");
            let expected = critical(&reference(&base).values, m, n, k);
            assert_close(outcome.critical_strength.expect("strength"), expected, 1e-4, &format!("{m}×{n}, k {k}"));
        }
    }
}

#[test]
fn a_narrow_gap_at_k_stays_accurate() {
    // σ_10 and σ_11 differ by 1e-4: too close for single precision.
    let values: Vec<f64> =
        (0..240).map(|i| if i < 10 { 2.0 - 0.1 * f64::from(i) } else { 1.0999 - 0.004 * f64::from(i - 10) }).collect();
    let base = with_values(240, 240, &values, 23);
    let outcome = analyze_module(&Memory(base), &[], &question(&[Side::Left]), &Control::SINGLE).expect("base");
    assert_close(outcome.critical_strength.expect("strength"), critical(&values, 240, 240, 10), 1e-3, "narrow gap");
}

#[test]
#[expect(clippy::unreadable_literal, reason = "digits as in the golden table")]
fn the_published_critical_strength_holds() {
    // Case intruder_critical-1 of the golden table: a base of 60 × 60 given by its singular values.
    let values = [
        6.6, 4.551506, 3.68962, 3.190491, 2.856096, 2.612218, 2.424118, 2.273144, 2.148293, 2.042613, 1.951473,
        1.871654, 1.800845, 1.737338, 1.679839, 1.62735, 1.579086, 1.53442, 1.492847, 1.453951, 1.417389, 1.382873,
        1.350161, 1.319048, 1.289357, 1.260935, 1.23365, 1.207387, 1.182044, 1.157531, 1.133767, 1.110682, 1.08821,
        1.066293, 1.044878, 1.023917, 1.003364, 0.983179, 0.963322, 0.943756, 0.924447, 0.905362, 0.886467, 0.867731,
        0.849121, 0.830606, 0.812153, 0.793726, 0.775288, 0.756799, 0.738211, 0.719473, 0.70052, 0.681274, 0.661634,
        0.641463, 0.620562, 0.598615, 0.575049, 0.548506,
    ];
    let left = orthonormal(60, 60, 77);
    let base = Mat::from_fn(60, 60, |i, j| left[(i, j)] * values[j]);
    let outcome = analyze_module(&Memory(base), &[], &question(&[Side::Left]), &Control::SINGLE).expect("base");
    assert_close(outcome.critical_strength.expect("strength"), 1.305_049_947_06, 1e-8, "golden");
}

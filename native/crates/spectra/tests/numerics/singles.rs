//! Matrices of f32 values, whose Gram matrices are summed in f32: the same demands as for f64, and the way back to
//! f64 where the spectrum is too steep, too flat or out of range.

use faer::Mat;
use spectra::control::Control;
use spectra::module::analyze_module;
use spectra::outcome::{LowRank, ModuleOutcome, Question, RunOutcome, Side, Tuned};

use crate::support::{
    Memory, Reference, Singles, adapter, assert_close, assert_side, base_matrix, best_cosines, formed, normals,
    orthonormal, question, reference, with_values,
};

const BOTH: [Side; 2] = [Side::Left, Side::Right];

/// Asks for an adapter and for the same update stored as a dense f32 matrix; checks both against thin SVDs.
fn check(base: &Mat<f64>, term: &LowRank, question: &Question, name: &str) -> ModuleOutcome {
    let base = Singles::rounded(base);
    let merged = &base.0 + formed(term, base.0.nrows(), base.0.ncols());
    let dense = Singles::rounded(&merged);
    let runs = [Ok(Tuned::Factors(vec![term.clone()])), Ok(Tuned::Dense(&dense))];
    let outcome = analyze_module(&base, &runs, question, &Control::SINGLE).expect("base");
    let truth = reference(&base.0);
    let top = outcome.base.as_ref().expect("top of the base");
    for (actual, expected) in top.singular_values.iter().zip(&truth.values) {
        assert_close(*actual, *expected, 1e-5, &format!("{name}, σ of W0"));
    }
    for (run, tuned) in outcome.runs.iter().zip([&merged, &dense.0]) {
        check_run(run.as_ref().expect("run"), &truth, &reference(tuned), question, name);
    }
    outcome
}

fn check_run(run: &RunOutcome, base: &Reference, tuned: &Reference, question: &Question, name: &str) {
    for (actual, expected) in run.tuned.as_ref().expect("top").singular_values.iter().zip(&tuned.values) {
        assert_close(*actual, *expected, 1e-5, &format!("{name}, σ of W"));
    }
    for side in &run.sides {
        assert_side(side, &best_cosines(base, tuned, side.side, question.k), question.epsilon, name);
    }
}

#[test]
fn shapes_and_strengths_agree_with_thin_svds() {
    for (m, n) in [(300, 300), (260, 900), (900, 260), (1400, 64)] {
        for (index, strength) in [0.3, 1.0, 2.0, 6.0].into_iter().enumerate() {
            let term = adapter(m, n, 8, strength, 100 + index as u64);
            check(&base_matrix(m, n, 5), &term, &question(&BOTH), &format!("{m}×{n}, strength {strength}"));
        }
    }
}

#[test]
fn outliers_a_hundred_times_the_bulk() {
    for (m, n) in [(280, 800), (800, 280), (260, 260)] {
        let bulk = 0.02 * ((m as f64).sqrt() + (n as f64).sqrt());
        let spread = with_values(m, n, &[100.0 * bulk, 60.0 * bulk], 31);
        // One whole row and one whole column far larger than the others: outlier channels.
        let mut channels = Mat::zeros(m, n);
        (0..n).for_each(|j| channels[(7, j)] = 100.0 * bulk / (n as f64).sqrt());
        (0..m).for_each(|i| channels[(i, 11)] += 80.0 * bulk / (m as f64).sqrt());
        for (outliers, name) in [(spread, "spread"), (channels, "channels")] {
            for strength in [0.5, 1.5, 4.0] {
                let base = base_matrix(m, n, 6) + &outliers;
                let term = adapter(m, n, 8, strength, 200);
                check(&base, &term, &question(&BOTH), &format!("{m}×{n}, outliers {name}, strength {strength}"));
            }
        }
    }
}

#[test]
fn flat_and_steep_bases() {
    let steep: Vec<f64> = (0..240).map(|i| 10_f64.powf(-12.0 * f64::from(i) / 239.0)).collect();
    for (m, n) in [(240, 500), (500, 240)] {
        check(&(faer::Scale(0.02) * normals(m, n, 3)), &adapter(m, n, 8, 1.5, 8), &question(&BOTH), "flat");
        for scale in [1e-3, 0.05, 1.0] {
            let term = LowRank { scale, ..adapter(m, n, 4, 1.0, 21) };
            check(&with_values(m, n, &steep, 9), &term, &question(&BOTH), "twelve decades");
        }
    }
}

#[test]
fn two_base_values_closer_than_sums_in_single_precision_resolve() {
    let (m, n) = (260, 700);
    let mut values: Vec<f64> = (0..m).map(|i| 8.0 * (i as f64 + 1.0).powf(-0.6)).collect();
    values[4] = values[3] * (1.0 - 3e-7);
    let base = with_values(m, n, &values, 41);
    let outcome = check(&base, &adapter(m, n, 8, 1.5, 8), &question(&[Side::Left]), "close pair");
    let double = Memory(Singles::rounded(&base).0);
    let run = Ok(Tuned::Factors(vec![adapter(m, n, 8, 1.5, 8)]));
    let expected = analyze_module(&double, &[run], &question(&[Side::Left]), &Control::SINGLE).expect("base");
    let side = |outcome: &ModuleOutcome| outcome.runs[0].as_ref().expect("run").sides[0].clone();
    let (found, expected) = (side(&outcome), side(&expected));
    assert_eq!((found.lower, found.upper), (expected.lower, expected.upper), "summed in f64 after all");
    assert!(found.climbed[0].contains("summed in f64"), "{:?}", found.climbed);
}

#[test]
fn values_whose_squares_leave_the_range_of_f32() {
    for scale in [1e-25, 1e25] {
        let base = faer::Scale(scale) * base_matrix(260, 500, 5);
        let term = LowRank { scale: scale * adapter(260, 500, 8, 2.0, 3).scale, ..adapter(260, 500, 8, 2.0, 3) };
        check(&base, &term, &question(&BOTH), "scaled");
    }
}

#[test]
fn a_large_common_component_is_no_trouble() {
    // Every entry shifted by a constant: sums of f32 then all round the same way.
    let (m, n) = (300, 800);
    let base = base_matrix(m, n, 5) + Mat::from_fn(m, n, |_, _| 0.3);
    let (u, v) = (orthonormal(m, 1, 1), orthonormal(n, 1, 2));
    let term = LowRank {
        left: (0..m).map(|i| u[(i, 0)]).collect(),
        right: (0..n).map(|j| v[(j, 0)]).collect(),
        rank: 1,
        scale: 20.0,
    };
    check(&base, &term, &question(&BOTH), "common component");
}

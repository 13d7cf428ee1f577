//! Share of the update along the top vectors, against full SVDs.

use faer::Mat;
use spectra::control::Control;
use spectra::module::analyze_module;
use spectra::outcome::{RunOutcome, Side, Tuned};

use crate::support::{Memory, adapter, base_matrix, formed, question, reference};

/// ‖uᵀΔW‖² / ‖ΔW‖² (left) or ‖ΔW·v‖² / ‖ΔW‖² (right) of the top k vectors of W.
fn expected(base: &Mat<f64>, change: &Mat<f64>, side: Side, k: usize) -> Vec<f64> {
    let tuned = reference(&(base + change));
    let image = match side {
        Side::Left => change.transpose() * &tuned.left,
        Side::Right => change * &tuned.right,
    };
    let whole = change.squared_norm_l2();
    (0..k).map(|j| image.col(j).squared_norm_l2() / whole).collect()
}

fn assert_shares(run: &RunOutcome, base: &Mat<f64>, change: &Mat<f64>, name: &str) {
    assert_eq!(run.sides.len(), 2);
    for side in &run.sides {
        let truth = expected(base, change, side.side, side.lower.len());
        assert_eq!(side.delta_share.len(), truth.len());
        for (actual, expected) in side.delta_share.iter().zip(&truth) {
            assert!((actual - expected).abs() < 1e-6, "{name}, {:?}: {actual} for {expected}", side.side);
        }
    }
}

#[test]
fn shares_agree_with_svds_for_factors_and_dense_runs() {
    for (m, n) in [(60, 90), (90, 60), (300, 420), (420, 300)] {
        let base = base_matrix(m, n, 3);
        let term = adapter(m, n, 4, 2.0, 8);
        let change = formed(&term, m, n);
        let dense = Memory(&base + &change);
        let runs = [Ok(Tuned::Factors(vec![term])), Ok(Tuned::Dense(&dense))];
        let question = question(&[Side::Left, Side::Right]);
        let outcome = analyze_module(&Memory(base.clone()), &runs, &question, &Control::SINGLE).expect("base");
        for (run, name) in outcome.runs.iter().zip(["factors", "dense"]) {
            assert_shares(run.as_ref().expect("run"), &base, &change, &format!("{name} {m}×{n}"));
        }
    }
}

#[test]
fn no_update_has_no_share() {
    let base = base_matrix(40, 50, 3);
    let runs = [Ok(Tuned::Factors(vec![adapter(40, 50, 4, 0.0, 8)]))];
    let outcome = analyze_module(&Memory(base), &runs, &question(&[Side::Left]), &Control::SINGLE).expect("base");
    let run = outcome.runs[0].as_ref().expect("run");
    assert!(run.sides[0].delta_share.iter().all(|share| *share == 0.0));
}

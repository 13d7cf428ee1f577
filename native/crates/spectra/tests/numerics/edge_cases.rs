//! Thin shapes, zeros, NaN, mismatches and cancel.

use std::sync::atomic::AtomicBool;

use faer::Mat;
use spectra::control::Control;
use spectra::error::{Error, ErrorKind};
use spectra::module::analyze_module;
use spectra::outcome::{LowRank, Side, SpectrumMethod, Tuned};

use crate::support::{
    Memory, adapter, assert_close, assert_side, base_matrix, best_cosines, formed, question, reference,
};

const BOTH: [Side; 2] = [Side::Left, Side::Right];

#[test]
fn single_rows_and_columns_work() {
    for (m, n) in [(1, 30), (30, 1), (1, 1), (3, 5), (12, 400)] {
        let base = base_matrix(m, n, 3);
        let term = adapter(m, n, 2, 0.5, 4);
        let runs = [Ok(Tuned::Factors(vec![term.clone()]))];
        let outcome = analyze_module(&Memory(base.clone()), &runs, &question(&BOTH), &Control::SINGLE).expect("base");
        let run = outcome.runs[0].as_ref().expect("run");
        let (from, to) = (reference(&base), reference(&(&base + formed(&term, m, n))));
        assert_eq!(run.tuned.as_ref().expect("top").singular_values.len(), 10.min(m).min(n));
        for side in &run.sides {
            assert_side(side, &best_cosines(&from, &to, side.side, 10), 0.5, &format!("{m}×{n}"));
        }
    }
}

#[test]
fn a_zero_base_inherits_nothing() {
    for (m, n) in [(230, 260), (260, 230)] {
        let term = adapter(m, n, 3, 1.0, 5);
        let runs = [Ok(Tuned::Factors(vec![term]))];
        let base = Memory(Mat::zeros(m, n));
        let outcome = analyze_module(&base, &runs, &question(&BOTH), &Control::SINGLE).expect("base");
        let run = outcome.runs[0].as_ref().expect("run");
        assert!(outcome.critical_strength.is_none());
        for side in &run.sides {
            assert_eq!(
                (side.lower.clone(), side.upper.clone()),
                (vec![0.0; 3], vec![0.0; 3]),
                "three directions exist"
            );
        }
        let top = run.tuned.as_ref().expect("top");
        for (actual, expected) in top.singular_values.iter().take(3).zip(&run.delta.singular_values) {
            assert_close(*actual, *expected, 1e-8, "σ of W");
        }
    }
}

#[test]
fn a_zero_update_is_inherited() {
    for (m, n) in [(230, 260), (260, 230), (40, 50)] {
        let zero = LowRank { left: vec![0.0; m * 2], right: vec![0.0; 2 * n], rank: 2, scale: 1.0 };
        let runs = [Ok(Tuned::Factors(vec![zero])), Ok(Tuned::Factors(vec![]))];
        let base = Memory(base_matrix(m, n, 7));
        let outcome = analyze_module(&base, &runs, &question(&BOTH), &Control::SINGLE).expect("base");
        for run in &outcome.runs {
            let run = run.as_ref().expect("run");
            assert_eq!((run.delta.method, run.delta.singular_values.len()), (SpectrumMethod::Zero, m.min(n)));
            for side in &run.sides {
                assert!(side.lower.iter().all(|cosine| *cosine > 1.0 - 1e-4), "{:?}", side.lower);
                assert_eq!(side.best, (0..10).map(Some).collect::<Vec<_>>());
            }
        }
    }
}

#[test]
fn a_failing_run_fails_alone() {
    let (m, n) = (200, 220);
    let base = base_matrix(m, n, 9);
    let good = adapter(m, n, 4, 1.0, 11);
    let mut broken = good.clone();
    broken.left[4 * 7 + 2] = f64::NAN;
    let short = LowRank { rank: 5, ..good.clone() };
    let mut holed = &base + formed(&good, m, n);
    holed[(13, 17)] = f64::INFINITY;
    holed[(150, 3)] = f64::NAN;
    let (holed, small) = (Memory(holed), Memory(Mat::zeros(3, 3)));
    let given = Error::new(ErrorKind::DtypeUnsupported, "quantised");
    let runs = [
        Ok(Tuned::Factors(vec![broken])),
        Ok(Tuned::Factors(vec![good.clone()])),
        Ok(Tuned::Factors(vec![short])),
        Ok(Tuned::Dense(&holed)),
        Ok(Tuned::Dense(&small)),
        Err(given.clone()),
    ];
    let outcome =
        analyze_module(&Memory(base.clone()), &runs, &question(&[Side::Left]), &Control::SINGLE).expect("base");
    let kind = |index: usize| outcome.runs[index].as_ref().expect_err("error").kind;
    assert_eq!(
        [kind(0), kind(2), kind(3), kind(4)],
        [ErrorKind::NotFinite, ErrorKind::ShapeMismatch, ErrorKind::NotFinite, ErrorKind::ShapeMismatch]
    );
    assert_eq!(outcome.runs[5].as_ref().err(), Some(&given));
    let message = &outcome.runs[3].as_ref().expect_err("error").message;
    assert_eq!(message, "2 entries are NaN or infinite, the first at row 13, column 17");
    assert!(outcome.runs[0].as_ref().expect_err("error").message.contains("row 7, column 2"));
    let alone =
        analyze_module(&Memory(base), &[Ok(Tuned::Factors(vec![good]))], &question(&[Side::Left]), &Control::SINGLE);
    assert_eq!(outcome.runs[1].as_ref().expect("run").sides, alone.expect("base").runs[0].as_ref().expect("run").sides);
}

#[test]
fn a_base_that_is_not_finite_is_named() {
    for (m, n, sides) in [(40, 60, vec![]), (40, 60, vec![Side::Left]), (60, 40, vec![Side::Left])] {
        let mut base = base_matrix(m, n, 2);
        base[(5, 6)] = f64::NAN;
        let error = analyze_module(&Memory(base), &[], &question(&sides), &Control::SINGLE).expect_err("NaN");
        assert_eq!(error.kind, ErrorKind::NotFinite);
        assert_eq!(error.to_string(), "base: 1 entry is NaN or infinite, the first at row 5, column 6");
    }
}

#[test]
fn a_set_flag_cancels() {
    let flag = AtomicBool::new(true);
    let control = Control { threads: 2, cancel: Some(&flag) };
    let error =
        analyze_module(&Memory(base_matrix(64, 64, 1)), &[], &question(&[Side::Left]), &control).expect_err("cancel");
    assert_eq!(error.kind, ErrorKind::Cancelled);
}

//! Intruder decisions, bounds and top values over shapes, strengths and paths.

use faer::Mat;
use spectra::control::Control;
use spectra::module::analyze_module;
use spectra::outcome::{DecisionMethod, LowRank, ModuleOutcome, Question, Side, Tuned};

use crate::support::{
    Memory, adapter, assert_close, assert_side, base_matrix, best_cosines, formed, question, reference, with_values,
};

const BOTH: [Side; 2] = [Side::Left, Side::Right];

fn analyze(base: &Mat<f64>, terms: &[LowRank], question: &Question) -> ModuleOutcome {
    let runs: Vec<_> = terms.iter().map(|term| Ok(Tuned::Factors(vec![term.clone()]))).collect();
    analyze_module(&Memory(base.clone()), &runs, question, &Control::SINGLE).expect("base")
}

/// Checks every run against thin SVDs; gives the outcome for further assertions.
fn check(base: &Mat<f64>, terms: &[LowRank], question: &Question, name: &str) -> ModuleOutcome {
    let outcome = analyze(base, terms, question);
    let base_reference = reference(base);
    for (index, term) in terms.iter().enumerate() {
        let run = outcome.runs[index].as_ref().expect("run");
        let tuned = reference(&(base + formed(term, base.nrows(), base.ncols())));
        let top = run.tuned.as_ref().expect("top");
        for (actual, expected) in top.singular_values.iter().zip(&tuned.values) {
            assert_close(*actual, *expected, 1e-5, &format!("{name}, run {index}, σ of W"));
        }
        assert_close(top.frobenius, tuned.values.iter().map(|s| s * s).sum::<f64>().sqrt(), 1e-8, "norm of W");
        for side in &run.sides {
            let truth = best_cosines(&base_reference, &tuned, side.side, question.k);
            assert_side(side, &truth, question.epsilon, &format!("{name}, run {index}"));
        }
    }
    let top = outcome.base.as_ref().expect("base top");
    for (actual, expected) in top.singular_values.iter().zip(&base_reference.values) {
        assert_close(*actual, *expected, 1e-5, &format!("{name}, σ of W0"));
    }
    outcome
}

fn strengths(m: usize, n: usize) -> Vec<LowRank> {
    [0.3, 1.0, 2.0, 6.0].iter().enumerate().map(|(i, s)| adapter(m, n, 8, *s, 100 + i as u64)).collect()
}

#[test]
fn shapes_and_strengths_agree_with_thin_svds() {
    for (m, n) in [(300, 300), (260, 700), (700, 260), (64, 400), (400, 64), (1000, 220)] {
        check(&base_matrix(m, n, 5), &strengths(m, n), &question(&BOTH), &format!("{m}×{n}"));
    }
}

#[test]
fn exact_path_agrees_with_thin_svds() {
    let question = Question { exact: true, ..question(&BOTH) };
    for (m, n) in [(220, 330), (330, 220)] {
        let outcome = check(&base_matrix(m, n, 6), &strengths(m, n), &question, "exact");
        let run = outcome.runs[0].as_ref().expect("run");
        assert!(
            run.sides.iter().all(|side| side.method == DecisionMethod::Exact && side.upper[0] - side.lower[0] < 1e-6)
        );
    }
}

#[test]
fn both_cheap_rungs_are_taken() {
    let outcome = analyze(
        &base_matrix(300, 500, 7),
        &[adapter(300, 500, 8, 0.0, 1), adapter(300, 500, 8, 2.0, 1)],
        &question(&BOTH),
    );
    let methods: Vec<_> = outcome.runs.iter().map(|run| run.as_ref().expect("run").sides[0].method).collect();
    assert_eq!(methods, [DecisionMethod::Matched, DecisionMethod::Lanczos]);
}

#[test]
fn a_flat_gaussian_base_is_decided() {
    let base = with_values(260, 400, &[0.0], 1) + faer::Scale(0.02) * crate::support::normals(260, 400, 3);
    check(&base, &strengths(260, 400), &question(&BOTH), "flat");
}

#[test]
fn spectra_over_twelve_decades_are_decided() {
    let values: Vec<f64> = (0..240).map(|i| 10_f64.powf(-12.0 * f64::from(i) / 239.0)).collect();
    for (m, n) in [(240, 300), (300, 240)] {
        let base = with_values(m, n, &values, 9);
        let terms: Vec<_> =
            [1e-3, 0.05, 1.0].iter().map(|s| LowRank { scale: *s, ..adapter(m, n, 4, 1.0, 21) }).collect();
        check(&base, &terms, &question(&BOTH), "twelve decades");
    }
}

#[test]
fn repeated_values_are_one_eigenspace() {
    let values: Vec<f64> = (0..220).map(|i| [3.0, 2.0, 1.0, 0.4][i / 55]).collect();
    for (m, n) in [(220, 300), (300, 220)] {
        let base = with_values(m, n, &values, 13);
        let outcome = check(&base, &[adapter(m, n, 3, 40.0, 2)], &question(&BOTH), "repeated");
        assert!(outcome.critical_strength.is_none(), "σ_10 ties with σ_11");
    }
}

#[test]
fn rank_deficient_bases_are_decided() {
    let values: Vec<f64> = (0..60).map(|i| 1.0 / f64::from(i + 1)).collect();
    for (m, n) in [(230, 280), (280, 230), (230, 230)] {
        let base = with_values(m, n, &values, 17);
        check(&base, &[adapter(m, n, 4, 0.05, 3), adapter(m, n, 4, 1.0, 4)], &question(&BOTH), "rank-deficient");
    }
}

#[test]
fn a_second_seed_and_more_threads_change_nothing() {
    let base = base_matrix(640, 300, 19);
    let terms = strengths(640, 300);
    let runs: Vec<_> = terms.iter().map(|term| Ok(Tuned::Factors(vec![term.clone()]))).collect();
    let ask = |seed: u64, threads: usize| {
        let question = Question { seed, ..question(&BOTH) };
        let control = Control { threads, cancel: None };
        analyze_module(&Memory(base.clone()), &runs, &question, &control).expect("base")
    };
    let (first, again, threaded, reseeded) = (ask(1, 1), ask(1, 1), ask(1, 2), ask(2, 1));
    for (index, run) in first.runs.iter().enumerate() {
        let pick = |outcome: &ModuleOutcome| outcome.runs[index].as_ref().expect("run").clone();
        let run = run.as_ref().expect("run");
        assert_eq!(pick(&again).sides, run.sides, "same seed, same threads");
        for (one, two) in run.sides.iter().zip(&pick(&threaded).sides) {
            let pairs = one.lower.iter().chain(&one.upper).zip(two.lower.iter().chain(&two.upper));
            pairs.for_each(|(a, b)| assert!((a - b).abs() < 1e-8, "threads: {a} and {b}"));
        }
        for (one, two) in run.sides.iter().zip(&pick(&reseeded).sides) {
            assert_eq!(
                one.lower.iter().map(|c| *c >= 0.5).collect::<Vec<_>>(),
                two.lower.iter().map(|c| *c >= 0.5).collect::<Vec<_>>()
            );
        }
    }
}

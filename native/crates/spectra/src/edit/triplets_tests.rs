use super::*;
use crate::edit::arms::{Arm, Chosen};
use crate::edit::tests::{SHAPES, dense, distance, held, norm, plus, random, term};
use crate::matrix::thin_svd;

/// A base with a falling spectrum, so that its vectors are well defined.
fn base_values(shape: Shape) -> Vec<f64> {
    let terms: Vec<LowRank> =
        (0..shape.small()).map(|i| term(40 + 2 * i as u64, shape, 1, 0.8_f64.powf(i as f64))).collect();
    dense(&terms, shape)
}

fn exact(shape: Shape, values: &[f64]) -> (Vec<f64>, Mat<f64>, Mat<f64>) {
    let svd = thin_svd(MatRef::from_row_major_slice(values, shape.rows, shape.cols), true, faer::Par::Seq).unwrap();
    (svd.values, svd.left, svd.right)
}

/// Against a full SVD of W, up to the sign that is fixed here.
fn check(found: &Triplets, shape: Shape, base: &[f64], change: &[f64], tolerance: f64) {
    let (values, left, right) = exact(shape, &plus(base, change, 1.0));
    assert!((found.base_frobenius / norm(base) - 1.0).abs() < 1e-12);
    assert!((found.delta_frobenius - norm(change)).abs() < 1e-12 * norm(base));
    for (j, sigma) in found.singular_values.iter().enumerate() {
        assert!((sigma / values[j] - 1.0).abs() < 1e-9, "σ {j} of {shape:?}");
        let (u, v) = (&found.left[j], &found.right[j]);
        let largest = u.iter().copied().fold(0.0_f64, |best, x| if x.abs() > best.abs() { x } else { best });
        assert!(largest > 0.0);
        let sign = (u.iter().zip(left.col(j).iter()).map(|(x, y)| x * y).sum::<f64>()).signum();
        let expected = |column: faer::ColRef<'_, f64>| column.iter().map(|x| sign * x).collect::<Vec<_>>();
        assert!(distance(u, &expected(left.col(j))) < tolerance, "u {j} of {shape:?}");
        assert!(distance(v, &expected(right.col(j))) < tolerance, "v {j} of {shape:?}");
        let overlap: f64 = (0..shape.rows * shape.cols)
            .map(|index| u[index / shape.cols] * change[index] * v[index % shape.cols])
            .sum();
        assert!((found.overlaps[j] - overlap).abs() < 1e-11 * norm(base), "overlap {j} of {shape:?}");
        assert!(found.residuals[j] <= 1e-7);
    }
}

fn both_forms(shape: Shape, base: &[f64], terms: &[LowRank], count: usize) -> [Triplets; 2] {
    let tuned = held(shape, &plus(base, &dense(terms, shape), 1.0));
    let forms = [Tuned::Factors(terms.to_vec()), Tuned::Dense(&tuned)];
    let control = Control { threads: 2, cancel: None };
    forms.map(|form| triplets(&held(shape, base), &form, count, 7, &control).unwrap())
}

#[test]
fn triplets_are_those_of_a_full_decomposition() {
    for shape in SHAPES {
        let (base, terms) = (base_values(shape), [term(3, shape, 2, 0.3), term(9, shape, 1, -0.2)]);
        for found in both_forms(shape, &base, &terms, 5) {
            assert_eq!(found.singular_values.len(), 5.min(shape.small()));
            check(&found, shape, &base, &dense(&terms, shape), 1e-7);
        }
    }
}

#[test]
fn the_iteration_finds_them_too() {
    for shape in [Shape { rows: 210, cols: 400 }, Shape { rows: 400, cols: 210 }] {
        let base = plus(&base_values(shape), &random(5, shape.rows * shape.cols), 0.02);
        let terms = [term(3, shape, 4, 0.1)];
        for found in both_forms(shape, &base, &terms, 8) {
            assert_eq!(found.singular_values.len(), 8);
            check(&found, shape, &base, &dense(&terms, shape), 3e-5);
        }
    }
}

#[test]
fn deficient_and_vanishing_updates_work() {
    for shape in SHAPES {
        let base = base_values(shape);
        let zero = LowRank { left: vec![0.0; shape.rows * 3], ..term(5, shape, 3, 1.0) };
        let twice = [term(3, shape, 1, 0.3), term(3, shape, 1, 0.3)];
        for terms in [vec![], vec![zero], twice.to_vec()] {
            for found in both_forms(shape, &base, &terms, 3) {
                check(&found, shape, &base, &dense(&terms, shape), 1e-7);
            }
        }
        let nothing = vec![0.0; shape.rows * shape.cols];
        for found in both_forms(shape, &nothing, &[], 3) {
            assert!(found.singular_values.is_empty() && found.base_frobenius == 0.0);
        }
        for found in both_forms(shape, &nothing, &twice, 3) {
            assert_eq!(found.singular_values.len(), 1, "rank 1 has one triplet");
        }
        for found in both_forms(shape, &base, &twice, 0) {
            assert!(found.singular_values.is_empty() && found.delta_frobenius > 0.0 && found.base_frobenius > 0.0);
        }
    }
}

#[test]
fn arms_do_what_they_say_to_the_matrix() {
    for shape in SHAPES {
        let (base, terms) = (base_values(shape), [term(3, shape, 2, 0.3)]);
        let change = dense(&terms, shape);
        let [found, _] = both_forms(shape, &base, &terms, 3);
        let chosen: Vec<usize> = if found.singular_values.len() > 2 { vec![2, 0] } else { vec![0] };
        for lambda in [0.0, 0.3, 1.0, 1.9] {
            let pick = |values: &[f64]| chosen.iter().map(|index| values[*index]).collect::<Vec<_>>();
            let (sigmas, overlaps) = (pick(&found.singular_values), pick(&found.overlaps));
            let delta_frobenius = found.delta_frobenius;
            let given = Chosen { lambda, delta_frobenius, singular_values: &sigmas, overlaps: &overlaps };
            let applied = |arm: Arm| {
                let outcome = arm.apply(given).unwrap();
                let vectors: Vec<(usize, f64)> =
                    chosen.iter().copied().zip(outcome.coefficients.iter().copied()).collect();
                let edit = dense(&[found.term(&vectors).unwrap()], shape);
                let result = plus(&edit, &change, outcome.weight);
                assert!((norm(&result) - outcome.delta_frobenius).abs() < 1e-9, "{arm:?} {lambda} {shape:?}");
                assert!((distance(&result, &change) - outcome.step).abs() < 1e-9, "{arm:?} {lambda} {shape:?}");
                (result, outcome)
            };
            let (scaled, scale) = applied(Arm::Scale);
            let (_, left, right) = exact(shape, &plus(&base, &change, 1.0));
            let mut edit = vec![0.0; change.len()];
            for (index, sigma) in chosen.iter().zip(&sigmas) {
                let at = |place: usize| left[(place / shape.cols, *index)] * right[(place % shape.cols, *index)];
                edit.iter_mut().enumerate().for_each(|(place, sum)| *sum += (lambda - 1.0) * sigma * at(place));
            }
            assert!(distance(&scaled, &plus(&change, &edit, 1.0)) < 1e-6, "{lambda} {shape:?}");
            assert_eq!(applied(Arm::Neighbour).1, scale);
            assert!((norm(&applied(Arm::Shrink).0) - norm(&scaled)).abs() < 1e-9);
            assert!((norm(&applied(Arm::Rescaled).0) - norm(&change)).abs() < 1e-9);
            assert!(distance(&applied(Arm::Interpolate).0, &plus(&vec![0.0; change.len()], &change, lambda)) < 1e-12);
            let (_, step) = applied(Arm::Step);
            assert_eq!(step.clamped, norm(&edit) > norm(&change));
            assert!((step.step - norm(&edit).min(norm(&change))).abs() < 1e-9);
        }
    }
}

#[test]
fn arms_of_a_vanishing_update_stay_finite_and_bad_numbers_are_refused() {
    let chosen = Chosen { lambda: 0.0, delta_frobenius: 0.0, singular_values: &[2.0], overlaps: &[0.0] };
    for arm in [Arm::Scale, Arm::Step, Arm::Shrink, Arm::Rescaled, Arm::Interpolate, Arm::Neighbour] {
        let outcome = arm.apply(chosen).unwrap();
        assert!(outcome.weight.is_finite() && outcome.step.is_finite() && outcome.delta_frobenius.is_finite());
        assert!(arm.apply(Chosen { overlaps: &[], ..chosen }).is_err());
        assert!(arm.apply(Chosen { lambda: f64::NAN, ..chosen }).is_err());
    }
}

#[test]
fn a_freed_vector_is_refused() {
    let shape = SHAPES[0];
    let [mut found, _] = both_forms(shape, &base_values(shape), &[], 3);
    found.keep(&[1]);
    assert!(found.term(&[(1, 2.0)]).is_ok());
    for vectors in [[(0, 1.0)], [(3, 1.0)], [(1, f64::NAN)]] {
        assert_eq!(found.term(&vectors).unwrap_err().kind, ErrorKind::InvalidArgument);
    }
}

#[test]
fn values_that_are_not_finite_are_named() {
    let shape = SHAPES[0];
    let good = base_values(shape);
    let mut bad = good.clone();
    bad[23] = f64::INFINITY;
    let kind = |base: &[f64], tuned: &[f64]| {
        let tuned = held(shape, tuned);
        triplets(&held(shape, base), &Tuned::Dense(&tuned), 2, 0, &Control::SINGLE).unwrap_err()
    };
    assert_eq!(kind(&good, &bad).kind, ErrorKind::NotFinite);
    let error = kind(&bad, &good);
    assert_eq!((error.kind, error.place.as_deref()), (ErrorKind::NotFinite, Some("base")));
    assert!(error.message.contains("row 1, column 3"), "{error}");
}

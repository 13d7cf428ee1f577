use std::collections::HashMap;
use std::sync::Arc;

use super::permutation::{Twister, first_of_permutation};
use super::{Formula, Inputs};
use crate::control::Control;
use crate::error::ErrorKind;
use crate::rows::{Dense, Rows};

fn inputs(matrices: Vec<(&str, Dense)>, numbers: &[(&str, f64)]) -> Inputs {
    Inputs {
        matrices: matrices.into_iter().map(|(name, matrix)| (name.to_owned(), matrix)).collect(),
        numbers: numbers.iter().map(|(name, number)| ((*name).to_owned(), *number)).collect::<HashMap<_, _>>(),
        ..Inputs::default()
    }
}

/// Every row read alone.
fn changed(formula: &Formula, start: &Dense) -> Vec<f64> {
    let (matrix, terms) = formula.over(Box::new(start), &Control::SINGLE).unwrap();
    let columns = start.cols();
    let mut values = vec![0.0; start.rows() * columns];
    for row in 0..start.rows() {
        matrix.read(row..row + 1, &mut values[row * columns..(row + 1) * columns]).unwrap();
    }
    for term in terms {
        for (place, value) in values.iter_mut().enumerate() {
            let (row, column) = (place / columns, place % columns);
            let sum = (0..term.rank).map(|k| term.left[row * term.rank + k] * term.right[k * columns + column]);
            *value += term.scale * sum.sum::<f64>();
        }
    }
    values
}

fn assert_near(found: &[f64], expected: &[f64]) {
    assert_eq!(found.len(), expected.len());
    for (one, other) in found.iter().zip(expected) {
        assert!((one - other).abs() < 1e-12, "{found:?} is not {expected:?}");
    }
}

#[test]
fn twister_gives_the_published_numbers() {
    let mut twister = Twister::new(5489);
    assert_eq!(twister.draw(), 3_499_211_612);
    assert_eq!((1..10_000).map(|_| twister.draw()).last(), Some(4_123_659_995));
}

#[test]
fn a_permutation_holds_every_number_once() {
    let mut all = first_of_permutation(777, 50, 50);
    assert_eq!(first_of_permutation(777, 50, 7), all[..7]);
    all.sort_unstable();
    assert_eq!(all, (0..50).collect::<Vec<_>>());
}

#[test]
fn the_largest_direction_of_a_diagonal_matrix_is_its_largest_entry() {
    for (part, expected) in [(0.0, [2.0, 0.0, 0.0, 0.0, 0.0, 0.0]), (1.0, [0.0, 0.0, 0.0, 0.0, -3.0, 0.0])] {
        let start = Dense::new(2, 3, vec![2.0, 0.0, 0.0, 0.0, -3.0, 0.0]);
        let numbers = inputs(vec![], &[("rank", 1.0), ("part", part), ("factor", 1.0)]);
        let taken = Formula::open("taken", &numbers, (2, 3)).unwrap();
        assert_near(&changed(&taken, &start), &expected);
        let tall = start.transposed();
        let turned = Dense::new(2, 3, expected.to_vec()).transposed();
        let taken = Formula::open("taken", &numbers, (3, 2)).unwrap();
        assert_near(&changed(&taken, &tall), turned.values());
    }
}

#[test]
fn a_reflection_in_an_axis_changes_the_sign_of_a_column() {
    let directions = Dense::new(2, 1, vec![0.0, 5.0]);
    let formula = Formula::open("reflection", &inputs(vec![("directions", directions)], &[]), (2, 2)).unwrap();
    let start = Dense::new(2, 2, vec![1.0, 2.0, 3.0, 4.0]);
    assert_near(&changed(&formula, &start), &[1.0, -2.0, 3.0, -4.0]);
}

#[test]
fn the_exact_rotation_keeps_lengths() {
    let skew = Dense::new(1, 1, vec![0.5]);
    let numbers = [("block", 2.0), ("terms", 0.0)];
    let formula = Formula::open("rotation", &inputs(vec![("skew", skew)], &numbers), (1, 4)).unwrap();
    // Q = ((0, ½), (−½, 0)): cosine (1 − ¼) / (1 + ¼), sine 1 / (1 + ¼).
    let start = Dense::new(1, 4, vec![1.0, 0.0, 0.0, 2.0]);
    assert_near(&changed(&formula, &start), &[0.6, 0.8, -1.6, 1.2]);
}

#[test]
fn groups_of_rows_are_read_whole() {
    let (angle, length) = (Dense::new(1, 1, vec![0.0]), Dense::new(1, 1, vec![2.0]));
    let numbers = [("group", 2.0), ("variant", 1.0)];
    let matrices = vec![("angle", angle), ("length", length)];
    let formula = Formula::open("pairs", &inputs(matrices, &numbers), (2, 1)).unwrap();
    assert_near(&changed(&formula, &Dense::new(2, 1, vec![1.0, 3.0])), &[2.0, 6.0]);
}

#[test]
fn an_affine_change_of_a_bias_sees_the_base() {
    let bias = Dense::new(2, 1, vec![10.0, 20.0]);
    let mut given = inputs(
        vec![
            ("gain", Dense::new(1, 1, vec![0.5])),
            ("shift", Dense::new(2, 1, vec![1.0, -1.0])),
            ("column", Dense::new(2, 1, vec![1.0, 2.0])),
        ],
        &[],
    );
    given.source = Some(Arc::new(Dense::new(2, 2, vec![1.0, 0.0, 3.0, 4.0])));
    let formula = Formula::open("affine", &given, (2, 1)).unwrap();
    assert_near(&changed(&formula, &bias), &[10.0 + 5.0 + 1.0 + 1.0, 20.0 + 10.0 - 1.0 + 11.0]);
}

#[test]
fn a_projection_onto_the_first_axis_has_the_signs_of_lapack() {
    // Q of (3, 4)ᵀ is −(0.6, 0.8)ᵀ, as numpy.linalg.qr says; that of (−3, 4)ᵀ is (−0.6, 0.8)ᵀ.
    let start = Dense::new(2, 1, vec![1.0, 1.0]);
    for (first, expected) in [(3.0, [1.0 - 0.84 - 0.6, 1.0 - 1.12 - 0.8]), (-3.0, [1.0 + 0.12 - 0.6, 1.0 - 0.16 + 0.8])]
    {
        let matrices = vec![("left", Dense::new(2, 1, vec![first, 4.0])), ("right", Dense::new(1, 1, vec![1.0]))];
        let formula = Formula::open("projection", &inputs(matrices, &[("orthonormal", 1.0), ("scale", 1.0)]), (2, 1));
        assert_near(&changed(&formula.unwrap(), &start), &expected);
    }
}

#[test]
fn a_network_without_depth_is_one_activation_between_two_maps() {
    let matrices = vec![("first", Dense::new(1, 2, vec![1.0, -1.0])), ("last", Dense::new(2, 1, vec![2.0, 3.0]))];
    let numbers = [("depth", 0.0), ("activation", 0.0), ("scale", 0.5)];
    let formula = Formula::open("network", &inputs(matrices, &numbers), (2, 2)).unwrap();
    // Columns (5, 1) and (1, 5): relu(4) = 4 and relu(−4) = 0.
    let start = Dense::new(2, 2, vec![5.0, 1.0, 1.0, 5.0]);
    assert_near(&changed(&formula, &start), &[5.0 + 4.0, 1.0, 1.0 + 6.0, 5.0]);
}

/// l and one entry of S, over the basis V.
fn joint(basis: &Dense, diagonal: Vec<f64>, place: [f64; 2], value: f64) -> Inputs {
    let matrices = vec![
        ("diagonal", Dense::new(1, diagonal.len(), diagonal)),
        ("values", Dense::new(1, 1, vec![value])),
        ("places", Dense::new(1, 2, place.to_vec())),
    ];
    Inputs { source: Some(Arc::new(basis.clone())), ..inputs(matrices, &[]) }
}

#[test]
fn a_joint_basis_with_the_lengths_of_its_columns_changes_nothing() {
    // V diagonal: U = W·V⁻¹ with unit columns, and l their lengths.
    let basis = Dense::new(2, 2, vec![2.0, 0.0, 0.0, 4.0]);
    let start = Dense::new(2, 2, vec![6.0, 0.0, 8.0, 12.0]);
    let given = |place| joint(&basis, vec![5.0, 3.0], place, 1.0);
    let formula = Formula::open("joint", &given([0.0, 1.0]), (2, 2)).unwrap();
    // S has a one in row 0 and column 1: U's first column (0.6, 0.8) times V's second (0, 4) is added.
    assert_near(&changed(&formula, &start), &[6.0, 2.4, 8.0, 12.0 + 3.2]);
    let outside = Formula::open("joint", &given([0.0, 2.0]), (2, 2));
    assert_eq!(outside.err().map(|error| error.kind), Some(ErrorKind::ShapeMismatch));
}

/// U·(diag(l) + S)·Vᵀ as it is defined, with V⁻¹ given.
fn joint_by_hand(start: &Dense, basis: &Dense, inverse: &Dense, l: &[f64], (i, j): (usize, usize), s: f64) -> Vec<f64> {
    let (rows, n) = (start.rows(), start.cols());
    let entry = |matrix: &Dense, row: usize, column: usize| matrix.values()[row * matrix.cols() + column];
    let solved =
        |row: usize, k: usize| -> f64 { (0..n).map(|c| entry(start, row, c) * entry(inverse, k, c)).sum::<f64>() };
    let length = |k: usize| (0..rows).map(|row| solved(row, k).powi(2)).sum::<f64>().sqrt();
    let unit = |row: usize, k: usize| if length(k) > 1e-12 { solved(row, k) / length(k) } else { 0.0 };
    let value = |row: usize, c: usize| {
        let own: f64 = (0..n).map(|k| unit(row, k) * l[k] * entry(basis, c, k)).sum();
        own + unit(row, i) * s * entry(basis, c, j)
    };
    (0..rows * n).map(|place| value(place / n, place % n)).collect()
}

#[test]
fn a_joint_basis_changes_tall_and_wide_matrices_alike() {
    let basis = Dense::new(3, 3, vec![2.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 4.0]);
    let inverse = Dense::new(3, 3, vec![0.5, -0.5, 0.0, 0.0, 1.0, 0.0, -0.125, 0.125, 0.25]);
    let (l, place, value) = (vec![1.5, -2.0, 0.5], [2.0, 1.0], 3.0);
    for rows in [1, 3, 5] {
        let start = Dense::new(rows, 3, (0..rows * 3).map(|i| ((i * 7 + 3) % 11) as f64 - 4.0).collect());
        let formula = Formula::open("joint", &joint(&basis, l.clone(), place, value), (rows, 3)).unwrap();
        let expected = joint_by_hand(&start, &basis, &inverse, &l, (2, 1), value);
        assert_near(&changed(&formula, &start), &expected);
    }
}

#[test]
fn a_joint_basis_with_an_empty_row_has_a_pseudo_inverse() {
    // Of V with the rows (3, 0), (0, 0): everything in the second direction is lost.
    let basis = Dense::new(2, 2, vec![3.0, 0.0, 0.0, 0.0]);
    let inverse = Dense::new(2, 2, vec![1.0 / 3.0, 0.0, 0.0, 0.0]);
    for rows in [1, 4] {
        let start = Dense::new(rows, 2, (1..=2 * rows).map(|i| i as f64).collect());
        let formula = Formula::open("joint", &joint(&basis, vec![2.0, 5.0], [0.0, 1.0], 1.0), (rows, 2)).unwrap();
        let expected = joint_by_hand(&start, &basis, &inverse, &[2.0, 5.0], (0, 1), 1.0);
        assert_near(&changed(&formula, &start), &expected);
    }
}

#[test]
fn a_joint_basis_that_rounding_decides_is_refused() {
    let refusal = |basis: Vec<f64>| {
        let given = joint(&Dense::new(2, 2, basis), vec![1.0, 1.0], [0.0, 1.0], 1.0);
        let formula = Formula::open("joint", &given, (2, 2)).unwrap();
        let start = Dense::new(2, 2, vec![1.0; 4]);
        formula.over(Box::new(&start), &Control::SINGLE).err().map(|error| error.kind)
    };
    assert_eq!(refusal(vec![1.0, 2.0, 2.0, 4.0]), Some(ErrorKind::NotReproducible));
    assert_eq!(refusal(vec![1.0, 2.0, 2.0, 4.0 + 1e-13]), Some(ErrorKind::NotReproducible));
    assert_eq!(refusal(vec![1.0, 2.0, 2.0, 4.0 + 1e-6]), None);
    assert_eq!(refusal(vec![1.0, f64::NAN, 2.0, 4.0]), Some(ErrorKind::NotFinite));
}

#[test]
fn inputs_that_do_not_fit_are_named() {
    let kind = |kind: &str, inputs: &Inputs| Formula::open(kind, inputs, (2, 2)).err().map(|error| error.kind);
    assert_eq!(kind("nothing", &inputs(vec![], &[])), Some(ErrorKind::InvalidArgument));
    assert_eq!(kind("tiles", &inputs(vec![], &[])), Some(ErrorKind::InvalidArgument));
    let block = vec![("block", Dense::new(1, 3, vec![0.0; 3]))];
    assert_eq!(kind("tiles", &inputs(block, &[])), Some(ErrorKind::ShapeMismatch));
    let spectrum = vec![("spectrum", Dense::new(1, 5, vec![0.0; 5]))];
    let numbers = [("seed", 1.0), ("scale", 1.0)];
    assert_eq!(kind("fourier", &inputs(spectrum, &numbers)), Some(ErrorKind::ShapeMismatch));
}

/// Numbers that are all different: 1, 2, 3, …
fn counting(rows: usize, columns: usize) -> Dense {
    Dense::new(rows, columns, (1..=rows * columns).map(|value| value as f64).collect())
}

#[test]
fn entries_at_the_same_place_add_up() {
    let values = || ("values", counting(1, 3));
    let flat = inputs(vec![values(), ("places", Dense::new(1, 3, vec![5.0, 1.0, 5.0]))], &[]);
    let pairs = inputs(vec![values(), ("places", Dense::new(1, 6, vec![1.0, 0.0, 1.0, 2.0, 1.0, 2.0]))], &[]);
    for given in [flat, pairs] {
        let formula = Formula::open("sparse", &given, (2, 3)).unwrap();
        assert_near(&changed(&formula, &Dense::new(2, 3, vec![0.0; 6])), &[0.0, 2.0, 0.0, 0.0, 0.0, 4.0]);
    }
}

#[test]
fn positions_outside_are_refused() {
    let refusal = |places: Vec<f64>, shape| {
        let count = places.len();
        let given = inputs(vec![("values", counting(1, 1)), ("places", Dense::new(1, count, places))], &[]);
        Formula::open("sparse", &given, shape).err().map(|error| error.kind)
    };
    assert_eq!(refusal(vec![5.0], (2, 3)), None);
    assert_eq!(refusal(vec![1.0, 2.0], (2, 3)), None);
    for (places, shape) in [
        (vec![6.0], (2, 3)),
        (vec![-1.0], (2, 3)),
        (vec![0.5], (2, 3)),
        (vec![2.0, 0.0], (2, 3)),
        (vec![0.0, 2.0], (3, 2)),
        (vec![0.0, 0.0, 0.0], (2, 3)),
    ] {
        assert_eq!(refusal(places.clone(), shape), Some(ErrorKind::ShapeMismatch), "{places:?}");
    }
}

#[test]
fn logits_may_exclude_vectors_but_hold_no_other_infinity() {
    let mixed = |logits: [f64; 3]| {
        let given = vec![
            ("bank", Dense::new(3, 1, vec![1.0, 2.0, 4.0])),
            ("logits_a", Dense::new(1, 3, logits.to_vec())),
            ("logits_b", Dense::new(1, 3, vec![0.0, 0.0, f64::NEG_INFINITY])),
        ];
        let formula = Formula::open("bank", &inputs(given, &[("rank", 1.0), ("topk", 2.0)]), (1, 1));
        formula.map(|formula| formula.terms().unwrap()[0].clone()).map_err(|error| (error.kind, error.place))
    };
    let term = mixed([f64::NEG_INFINITY, 3.0, 3.0]).unwrap();
    assert_eq!((term.left, term.right), (vec![1.5], vec![3.0]));
    for value in [f64::NAN, -f64::NAN, f64::INFINITY] {
        let place = Some("logits_a".to_owned());
        assert_eq!(mixed([0.0, value, 1.0]).unwrap_err(), (ErrorKind::NotFinite, place));
    }
}

#[test]
fn values_that_would_be_lost_on_the_way_are_refused() {
    // relu makes 0 of NaN.
    let given = vec![("left", Dense::new(2, 1, vec![1.0, f64::NAN])), ("right", counting(1, 2))];
    let error = Formula::open("projection", &inputs(given, &[("relu", 1.0)]), (2, 2)).err().unwrap();
    assert_eq!((error.kind, error.place.as_deref()), (ErrorKind::NotFinite, Some("left")));
}

#[test]
fn grains_as_factors_and_as_rows_are_the_same() {
    let open = |rows: usize, rank: usize| {
        let given = vec![("right", counting(rows, rank)), ("left", counting(2 * rank, rows / 2))];
        Formula::open("grains", &inputs(given, &[("blocks", 2.0), ("scale", 0.5)]), (rows, rows)).unwrap()
    };
    assert!(open(4, 2).terms().is_some());
    assert!(open(4, 4).terms().is_none());
    for rank in [2, 4] {
        // Block (j, n) is ½ · (slice n of left's part j)ᵀ · (slice j of right's part n)ᵀ.
        let (right, left, slice) = (counting(4, rank), counting(2 * rank, 2), rank / 2);
        let expected = |row: usize, column: usize| {
            let (j, n) = (row / 2, column / 2);
            let entry = |s: usize| {
                let lower = left.values()[(j * rank + n * slice + s) * 2 + row % 2];
                lower * right.values()[column * rank + j * slice + s]
            };
            0.5 * (0..slice).map(entry).sum::<f64>()
        };
        let expected: Vec<f64> = (0..16).map(|place| expected(place / 4, place % 4)).collect();
        assert_near(&changed(&open(4, rank), &Dense::new(4, 4, vec![0.0; 16])), &expected);
    }
}

#[test]
fn mixtures_take_the_best_vectors() {
    let bank = || ("bank", Dense::new(3, 1, vec![1.0, 10.0, 100.0]));
    // Softmax of ln 3 and 0 is ¾ and ¼; the lowest logit does not count.
    let logits = |count: usize| Dense::new(count, 3, [3.0_f64.ln(), -5.0, 0.0].repeat(count));
    let numbers = [("rank", 1.0), ("topk", 2.0)];
    let given = inputs(vec![bank(), ("logits_a", logits(2)), ("logits_b", logits(1))], &numbers);
    let formula = Formula::open("bank", &given, (1, 2)).unwrap();
    let mixed = 0.75 + 25.0;
    let zero = Dense::new(1, 2, vec![0.0; 2]);
    assert_near(&changed(&formula, &zero), &[mixed * mixed, mixed * mixed]);

    let stored =
        vec![bank(), ("indices_a", Dense::new(1, 2, vec![0.0, 2.0])), ("indices_b", Dense::new(1, 1, vec![1.0]))];
    let one = [("rank", 1.0), ("topk", 1.0)];
    let formula = Formula::open("bank", &inputs(stored, &one), (1, 2)).unwrap();
    assert_near(&changed(&formula, &zero), &[10.0, 1000.0]);

    let kind = |matrices, numbers: &[(&str, f64)], shape| {
        Formula::open("bank", &inputs(matrices, numbers), shape).err().map(|error| error.kind)
    };
    let outside = vec![bank(), ("indices_a", Dense::new(1, 1, vec![3.0])), ("indices_b", Dense::new(1, 1, vec![0.0]))];
    assert_eq!(kind(outside, &one, (1, 1)), Some(ErrorKind::ShapeMismatch));
    let many = vec![bank(), ("logits_a", logits(5)), ("logits_b", logits(5))];
    assert_eq!(kind(many, &[("rank", 5.0), ("topk", 2.0)], (1, 1)), Some(ErrorKind::ShapeMismatch));
}

#[test]
fn a_spectrum_is_summed_over_its_rows_or_its_columns() {
    for (rows, columns) in [(2, 7), (7, 2), (5, 5)] {
        let spectrum = counting(1, 6);
        let numbers = [("seed", 777.0), ("scale", 3.0)];
        let formula =
            Formula::open("fourier", &inputs(vec![("spectrum", spectrum)], &numbers), (rows, columns)).unwrap();
        let entry = |place: usize| {
            let (row, column) = ((place / columns) as f64, (place % columns) as f64);
            let wave = |(index, at): (usize, usize)| {
                let (i, j) = ((at / columns) as f64, (at % columns) as f64);
                let turns = i * row / rows as f64 + j * column / columns as f64;
                (index + 1) as f64 * (std::f64::consts::TAU * turns).cos()
            };
            let waves = first_of_permutation(777, rows * columns, 6).into_iter().enumerate().map(wave);
            3.0 * waves.sum::<f64>() / (rows * columns) as f64
        };
        let expected: Vec<f64> = (0..rows * columns).map(entry).collect();
        assert_near(&changed(&formula, &Dense::new(rows, columns, vec![0.0; rows * columns])), &expected);
    }
}

#[test]
fn the_wavelet_of_an_odd_side_is_cut() {
    let spectrum = vec![("spectrum", Dense::new(1, 9, vec![1.0; 9]))];
    let numbers = [("seed", 1.0), ("scale", 2.0), ("transform", 1.0)];
    let formula = Formula::open("wavelet", &inputs(spectrum, &numbers), (3, 3)).unwrap();
    // All coefficients of the 4 × 4 square but those of its last row and column are one.
    let quarter = |inside: bool| if inside { 1.0 } else { 0.0 };
    let entry = |row: usize, column: usize| {
        let (below, beside) = (quarter(row < 2), quarter(column < 2));
        let (p, q) = (if row % 2 == 1 { -1.0 } else { 1.0 }, if column % 2 == 1 { -1.0 } else { 1.0 });
        1.0 + p * beside + q * below + p * q * below * beside
    };
    let expected: Vec<f64> = (0..9).map(|place| entry(place / 3, place % 3)).collect();
    assert_near(&changed(&formula, &Dense::new(3, 3, vec![0.0; 9])), &expected);
}

#[test]
fn a_picked_factor_points_into_one_vector() {
    let given = vec![
        ("theta", Dense::new(1, 2, vec![3.0, 5.0])),
        ("indices_a", Dense::new(1, 2, vec![0.0, 1.0])),
        ("scales_a", Dense::new(1, 2, vec![1.0, 2.0])),
        ("indices_b", Dense::new(1, 1, vec![1.0])),
        ("scales_b", Dense::new(1, 1, vec![0.1])),
    ];
    let formula = Formula::open("picked", &inputs(given, &[("rank", 1.0)]), (1, 2)).unwrap();
    assert_near(&changed(&formula, &Dense::new(1, 2, vec![0.0; 2])), &[1.5, 5.0]);
}

#![allow(clippy::float_cmp)] // Reading is exact or wrong.

use super::*;
use crate::dtype::ElementType;
use crate::scale::{Scale, ScaleKind};
use crate::testing::Stored;

fn counted(count: usize) -> Vec<f64> {
    (0..count).map(|index| index as f64).collect()
}

fn read(view: &ViewRef) -> Vec<f64> {
    view.open().unwrap().read_all().unwrap()
}

#[test]
fn one_column_may_stand_any_distance_from_the_next() {
    let stored = Stored::new();
    let whole = ViewRef::whole(stored.tensor("w", ElementType::F32, &[2, 3], &counted(6)));
    for step in [1 << 62, usize::MAX] {
        let columns = Some(Stride { start: 2, count: 1, step });
        assert_eq!(read(&ViewRef { columns, ..whole.clone() }), [2.0, 5.0]);
    }
}

#[test]
fn a_whole_matrix_its_parts_and_its_transpose() {
    let stored = Stored::new();
    let whole = ViewRef::whole(stored.tensor("w", ElementType::Bf16, &[4, 6], &counted(24)));
    assert_eq!(read(&whole), counted(24));

    let rows = Some(Stride { start: 1, count: 2, step: 2 });
    let columns = Some(Stride { start: 1, count: 3, step: 2 });
    let part = ViewRef { rows, columns, ..whole.clone() };
    assert_eq!(read(&part), [7.0, 9.0, 11.0, 19.0, 21.0, 23.0]);
    let transposed = ViewRef { transpose: true, ..part };
    assert_eq!(read(&transposed), [7.0, 19.0, 9.0, 21.0, 11.0, 23.0]);

    let open = transposed.open().unwrap();
    let mut middle = [0.0; 2];
    open.read(1..2, &mut middle).unwrap();
    assert_eq!(((open.rows(), open.cols()), middle), ((3, 2), [9.0, 21.0]));
}

#[test]
fn rows_in_single_precision_where_every_value_is_one() {
    let stored = Stored::new();
    let whole = ViewRef::whole(stored.tensor("w", ElementType::Bf16, &[4, 6], &counted(24)));
    let rows = ViewRef { rows: Some(Stride { start: 1, count: 3, step: 1 }), ..whole.clone() }.open().unwrap();
    assert!(rows.holds_singles());
    let mut found = [0.0_f32; 12];
    rows.read_singles(1..3, &mut found).unwrap();
    assert!(found.iter().zip(12..).all(|(value, expected)| *value == expected as f32));
    assert_eq!(rows.read_singles(2..4, &mut found).unwrap_err().kind, ErrorKind::InvalidArgument);

    let doubles = ViewRef::whole(stored.tensor("d", ElementType::F64, &[4, 6], &counted(24)));
    assert!(!doubles.open().unwrap().holds_singles());
    assert!(!ViewRef { transpose: true, ..whole }.open().unwrap().holds_singles());
}

/// peft's layout: a = A.reshape(E, r, in)[e], b = B.reshape(out, r, E)[:, :, e].
#[test]
fn expert_factors_and_fused_expert_weights() {
    let (experts, rank, inputs, outputs) = (3, 2, 4, 5);
    let stored = Stored::new();
    let right = stored.tensor("A", ElementType::F32, &[rank * experts, inputs], &counted(24));
    let left = stored.tensor("B", ElementType::F32, &[outputs, rank * experts], &counted(30));
    let fused = stored.tensor("W", ElementType::F32, &[experts, outputs, inputs], &counted(60));
    for expert in 0..experts {
        let rows = Some(Stride { start: expert * rank, count: rank, step: 1 });
        let a = ViewRef { rows, ..ViewRef::whole(right.clone()) };
        assert_eq!(read(&a), counted(24)[expert * 8..][..8]);
        let columns = Some(Stride { start: expert, count: rank, step: experts });
        let b = ViewRef { columns, ..ViewRef::whole(left.clone()) };
        let expected: Vec<f64> = (0..outputs)
            .flat_map(|out| (0..rank).map(move |index| (out * rank * experts + index * experts + expert) as f64))
            .collect();
        assert_eq!(read(&b), expected);
        let w = ViewRef { offset: expert * 20, ..ViewRef::whole(fused.clone()) };
        assert_eq!(read(&w), counted(60)[expert * 20..][..20]);
    }
}

#[test]
fn scales_by_tensor_row_and_ragged_block_follow_absolute_positions() {
    let stored = Stored::new();
    let weight = stored.tensor("w", ElementType::F64, &[5, 7], &[1.0; 35]);
    let scaled = |kind, factors: &[f64], shape: &[usize]| {
        let tensor = Box::new(stored.tensor("s", ElementType::F64, shape, factors));
        ViewRef::whole(TensorRef { scale: Some(Scale { kind, tensor }), ..weight.clone() })
    };
    assert_eq!(read(&scaled(ScaleKind::Tensor, &[3.0], &[])), [3.0; 35]);
    let rows = read(&scaled(ScaleKind::Row, &counted(5), &[5, 1]));
    assert_eq!(rows, (0..35).map(|index| f64::from(index / 7)).collect::<Vec<_>>());

    let block = scaled(ScaleKind::Block { rows: 2, columns: 3 }, &counted(9), &[3, 3]);
    let expected = |row: usize, column: usize| (row / 2 * 3 + column / 3) as f64;
    let all: Vec<f64> = (0..35).map(|index| expected(index / 7, index % 7)).collect();
    assert_eq!(read(&block), all);
    let rows = Some(Stride { start: 1, count: 4, step: 1 });
    let columns = Some(Stride { start: 2, count: 3, step: 2 });
    let part = ViewRef { rows, columns, transpose: true, ..block.clone() };
    let expected_part: Vec<f64> =
        (0..3).flat_map(|column| (0..4).map(move |row| expected(row + 1, 2 + 2 * column))).collect();
    assert_eq!(read(&part), expected_part);
    let shifted = ViewRef { offset: 7, shape: Some((4, 7)), ..block };
    assert_eq!(shifted.open().unwrap_err().kind, ErrorKind::DtypeUnsupported);
}

#[test]
fn windows_outside_the_tensor_are_refused() {
    let stored = Stored::new();
    let whole = ViewRef::whole(stored.tensor("w", ElementType::F32, &[4, 6], &counted(24)));
    let stride = |start, count, step| Some(Stride { start, count, step });
    let wrong = [
        ViewRef { rows: stride(3, 2, 1), ..whole.clone() },
        ViewRef { rows: stride(0, 0, 1), ..whole.clone() },
        ViewRef { columns: stride(0, 3, 0), ..whole.clone() },
        ViewRef { columns: stride(1, usize::MAX, 2), ..whole.clone() },
        ViewRef { columns: stride(usize::MAX, 2, 1), ..whole.clone() },
        ViewRef { offset: 1, ..whole.clone() },
        ViewRef { shape: Some((5, 6)), ..whole.clone() },
        ViewRef { shape: Some((usize::MAX, usize::MAX)), ..whole.clone() },
    ];
    for view in wrong {
        assert_eq!(view.open().unwrap_err().kind, ErrorKind::InvalidArgument, "{view:?}");
    }
    let vector = ViewRef::whole(stored.tensor("v", ElementType::F32, &[4], &counted(4)));
    assert_eq!(vector.open().unwrap_err().kind, ErrorKind::ShapeMismatch);
    let open = whole.open().unwrap();
    assert_eq!(open.read(3..5, &mut [0.0; 12]).unwrap_err().kind, ErrorKind::InvalidArgument);
    assert_eq!(open.read(0..1, &mut [0.0; 5]).unwrap_err().kind, ErrorKind::InvalidArgument);
}

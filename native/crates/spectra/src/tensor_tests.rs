#![allow(clippy::float_cmp)] // Reading is exact or wrong.

use super::*;
use crate::scale::ScaleKind;
use crate::testing::Stored;

#[test]
fn elements_are_read_with_and_without_a_step_across_chunks() {
    let stored = Stored::new();
    let values: Vec<f64> = (0..300_000).map(|index| f64::from(index % 2048)).collect();
    let tensor = stored.tensor("long", ElementType::F32, &[300_000], &values).open().unwrap();
    assert_eq!(tensor.read_vector().unwrap(), values);
    for (first, step, count) in [(5, 7, 1000), (1, 3, 99_999), (299_999, 1, 1), (0, 100_000, 3)] {
        let mut out = vec![0.0; count];
        tensor.read_elements(first, step, &mut out).unwrap();
        let expected: Vec<f64> = (0..count).map(|index| values[first + index * step]).collect();
        assert_eq!(out, expected, "{first} {step}");
    }
}

#[test]
fn reading_outside_the_tensor_is_an_error() {
    let stored = Stored::new();
    let tensor = stored.tensor("short", ElementType::F64, &[4], &[1.0, 2.0, 3.0, 4.0]).open().unwrap();
    for (first, step, count) in [(0, 1, 5), (4, 1, 1), (0, 4, 2), (usize::MAX, 1, 1), (1, usize::MAX, 3), (0, 0, 2)] {
        let error = tensor.read_elements(first, step, &mut vec![0.0; count]).unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidArgument, "{first} {step} {count}");
    }
}

#[test]
fn a_file_that_changes_or_shrinks_is_noticed_before_and_after_reading() {
    let stored = Stored::new();
    let source = stored.tensor("weights", ElementType::F32, &[1000], &vec![1.0; 1000]);
    let open = source.open().unwrap();
    let mut out = vec![0.0; 1000];
    open.read_elements(0, 1, &mut out).unwrap();

    let file = std::fs::OpenOptions::new().write(true).open(&source.path).unwrap();
    file.set_len(100).unwrap();
    assert_eq!(open.read_elements(0, 1, &mut out).unwrap_err().kind, ErrorKind::Truncated);
    assert_eq!(source.open().unwrap_err().kind, ErrorKind::Truncated);

    file.set_len(source.file_size).unwrap();
    file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    let error = open.read_elements(0, 1, &mut out).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Changed);
    assert_eq!(error.place.as_deref(), Some(source.path.to_str().unwrap()));
    assert_eq!(source.open().unwrap_err().kind, ErrorKind::Changed);

    file.set_len(source.file_size + 8).unwrap();
    assert_eq!(source.open().unwrap_err().kind, ErrorKind::Changed);
    std::fs::remove_file(&source.path).unwrap();
    assert_eq!(source.open().unwrap_err().kind, ErrorKind::Unreadable);
}

#[cfg(unix)]
#[test]
fn a_pipe_in_the_place_of_the_file_holds_nobody() {
    let stored = Stored::new();
    let source = stored.tensor("weights", ElementType::F32, &[2], &[1.0, 2.0]);
    std::fs::remove_file(&source.path).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&source.path).status().unwrap().success());
    let error = source.open().unwrap_err();
    assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Unreadable, "not a regular file"));
}

#[test]
fn a_range_that_does_not_fit_the_shape_is_refused() {
    let stored = Stored::new();
    let source = stored.tensor("weights", ElementType::F32, &[10], &[1.0; 10]);
    let wrong = [
        TensorRef { shape: vec![11], ..source.clone() },
        TensorRef { shape: vec![usize::MAX, usize::MAX], ..source.clone() },
        TensorRef { begin: source.end, end: source.begin, ..source.clone() },
        TensorRef { begin: 4, end: 44, file_size: 40, ..source.clone() },
    ];
    for source in wrong {
        assert_eq!(source.open().unwrap_err().kind, ErrorKind::InvalidArgument);
    }
}

#[test]
fn scales_that_do_not_fit_the_matrix_are_refused() {
    let stored = Stored::new();
    let weight = stored.tensor("weight", ElementType::F32, &[5, 7], &[1.0; 35]);
    let factors = Box::new(stored.tensor("scale", ElementType::F32, &[2, 2], &[1.0; 4]));
    let with = |kind| TensorRef { scale: Some(Scale { kind, tensor: factors.clone() }), ..weight.clone() };
    let kind = |scale| with(scale).open().map(|_| ()).map_err(|error| error.kind);
    assert_eq!(kind(ScaleKind::Block { rows: 3, columns: 4 }), Ok(()));
    assert_eq!(kind(ScaleKind::Block { rows: 2, columns: 4 }), Err(ErrorKind::ShapeMismatch));
    assert_eq!(kind(ScaleKind::Block { rows: 0, columns: 4 }), Err(ErrorKind::InvalidArgument));
    assert_eq!(kind(ScaleKind::Row), Err(ErrorKind::ShapeMismatch));
    assert_eq!(kind(ScaleKind::Tensor), Err(ErrorKind::ShapeMismatch));
}

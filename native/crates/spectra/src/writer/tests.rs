use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::flat::Flat;
use super::patched::patched;
use super::*;
use crate::header;
use crate::rows::Dense;
use crate::tensor::TensorRef;
use crate::view::{Stride, ViewRef};

fn values(name: &str, dtype: Dtype, shape: &[usize], numbers: Vec<f64>) -> PlannedTensor {
    let matrix = Dense::new(numbers.len(), 1, numbers);
    let source = Source::Values(Box::new(move |_| Ok(Box::new(matrix))));
    PlannedTensor { name: name.to_owned(), dtype, shape: shape.to_vec(), source }
}

fn write(folder: &TempDir, name: &str, tensors: Vec<PlannedTensor>) -> Result<FileReport> {
    let control = Control { threads: 2, cancel: None };
    write_file(&folder.path().join(name), tensors, &[], &control, &AtomicU64::new(0))
}

/// Numbers of a tensor, read through its header.
fn read(folder: &TempDir, file: &str, name: &str) -> (TensorRef, Vec<f64>) {
    let path = folder.path().join(file);
    let table = header::read(&path).unwrap();
    let entry = table.tensors.iter().find(|entry| entry.name == name).unwrap();
    let tensor = TensorRef {
        path,
        begin: entry.begin,
        end: entry.end,
        element_type: ElementType::parse(&entry.dtype.to_string()).unwrap(),
        shape: entry.shape.clone(),
        file_size: table.file_size,
        modified_nanoseconds: table.modified_nanoseconds,
        scale: None,
    };
    let numbers = tensor.open().unwrap().read_vector().unwrap();
    (tensor, numbers)
}

fn count(number: usize) -> Vec<f64> {
    (0..number).map(|index| index as f64 + 0.5).collect()
}

#[test]
fn the_reference_reader_accepts_what_is_written() {
    let folder = TempDir::new().unwrap();
    let tensors = vec![
        values("half", Dtype::BF16, &[3], vec![1.0, -2.5, 1e-3]),
        values("b.single", Dtype::F32, &[2, 3], count(6)),
        values("double", Dtype::F64, &[2], vec![0.1, 0.2]),
        values("scalar", Dtype::F16, &[], vec![4.0]),
        values("nothing", Dtype::F32, &[0, 4], vec![]),
    ];
    let metadata = [("made".to_owned(), "by \"hand\"".to_owned())];
    let path = folder.path().join("file");
    let progress = AtomicU64::new(0);
    let report = write_file(&path, tensors, &metadata, &Control::SINGLE, &progress).unwrap();
    let bytes = fs::read(&path).unwrap();
    assert_eq!((report.bytes, progress.load(Ordering::Relaxed)), (bytes.len() as u64, bytes.len() as u64));
    let digits: Vec<String> = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(report.sha256, digits.concat());
    let (length, metadata) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
    assert_eq!(length % 8, 0);
    let texts = metadata.metadata().as_ref().unwrap();
    assert_eq!((texts["format"].as_str(), texts["made"].as_str(), texts.len()), ("pt", "by \"hand\"", 2));
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let single = file.tensor("b.single").unwrap();
    assert_eq!(single.shape(), [2, 3]);
    let numbers: Vec<f32> = single.data().as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four)).collect();
    assert_eq!(numbers, [0.5, 1.5, 2.5, 3.5, 4.5, 5.5]);
    for (name, tensor) in file.tensors() {
        let begin = tensor.data().as_ptr() as usize - bytes.as_ptr() as usize;
        assert_eq!(begin % (tensor.dtype().bitsize() / 8), 0, "{name} is not aligned");
    }
    assert!(report.tensors[0].unwrap().error > 0.0 && report.tensors[2].unwrap().error == 0.0);
    assert_eq!(read(&folder, "file", "half").1[..2], [1.0, -2.5]);
}

#[cfg(unix)]
#[test]
fn others_may_read_what_is_written() {
    use std::os::unix::fs::PermissionsExt;
    let folder = TempDir::new().unwrap();
    write(&folder, "file", vec![values("a", Dtype::F32, &[1], vec![1.0])]).unwrap();
    let mode = fs::metadata(folder.path().join("file")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777 | 0o022, 0o644 | 0o022);
    assert_eq!(mode & 0o400, 0o400);
}

#[test]
fn large_tensors_come_in_order_whatever_the_threads() {
    let folder = TempDir::new().unwrap();
    let numbers: Vec<f64> = (0..700_001).map(|index| f64::from(index) * 0.25).collect();
    let report = write(&folder, "file", vec![values("a", Dtype::F32, &[700_001], numbers.clone())]).unwrap();
    assert_eq!(read(&folder, "file", "a").1, numbers);
    let norm = numbers.iter().map(|value| value * value).sum::<f64>().sqrt();
    assert!((report.tensors[0].unwrap().frobenius / norm - 1.0).abs() < 1e-12);
}

#[test]
fn rounding_is_to_nearest_even_and_measured() {
    let folder = TempDir::new().unwrap();
    // Halfway between two bfloat16: 1 + 2⁻⁸ goes down to the even 1, 1 + 3·2⁻⁸ up to the even 1 + 2⁻⁶.
    let given = vec![1.0 + 2f64.powi(-8), 1.0 + 3.0 * 2f64.powi(-8)];
    let report = write(&folder, "file", vec![values("a", Dtype::BF16, &[2], given)]).unwrap();
    assert_eq!(read(&folder, "file", "a").1, [1.0, 1.0 + 2f64.powi(-6)]);
    assert!((report.tensors[0].unwrap().error / (2f64.sqrt() * 2f64.powi(-8)) - 1.0).abs() < 1e-12);
}

#[test]
fn failures_leave_no_file_and_say_why() {
    let folder = TempDir::new().unwrap();
    let mut cases: Vec<(ErrorKind, Vec<PlannedTensor>)> = vec![
        (ErrorKind::NotFinite, vec![values("a", Dtype::F16, &[2], vec![1.0, 70_000.0])]),
        (ErrorKind::ShapeMismatch, vec![values("a", Dtype::F32, &[3], vec![1.0, 2.0])]),
        (ErrorKind::DtypeUnsupported, vec![values("a", Dtype::I32, &[1], vec![1.0])]),
        (ErrorKind::InvalidArgument, vec![values("__metadata__", Dtype::F32, &[1], vec![1.0])]),
        (ErrorKind::HeaderInvalid, vec![values("a", Dtype::F32, &[usize::MAX, 8], vec![1.0])]),
    ];
    let twice = || values("a", Dtype::F32, &[1], vec![1.0]);
    cases.push((ErrorKind::InvalidArgument, vec![twice(), twice()]));
    for (kind, tensors) in cases {
        let error = write(&folder, "file", tensors).unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
        assert!(!folder.path().join("file").exists());
    }
}

#[test]
fn nothing_is_overwritten() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("file"), "kept").unwrap();
    let error = write(&folder, "file", vec![]).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unwritable);
    assert!(error.place.unwrap().ends_with("file"));
    assert_eq!(fs::read(folder.path().join("file")).unwrap(), b"kept");
    let error = write(&folder, "missing/file", vec![]).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unwritable);
}

#[test]
fn cancelling_removes_the_file() {
    static FLAG: AtomicBool = AtomicBool::new(false);
    let folder = TempDir::new().unwrap();
    let stop = Source::Values(Box::new(|_| {
        FLAG.store(true, Ordering::Relaxed);
        Ok(Box::new(Dense::new(1, 1, vec![1.0])))
    }));
    let tensor = PlannedTensor { name: "a".to_owned(), dtype: Dtype::F32, shape: vec![1], source: stop };
    let path = folder.path().join("file");
    let control = Control { threads: 1, cancel: Some(&FLAG) };
    let error = write_file(&path, vec![tensor], &[], &control, &AtomicU64::new(0)).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Cancelled);
    assert!(!path.exists());
}

/// A file with one tensor of counted numbers.
fn stored(folder: &TempDir, dtype: Dtype, shape: &[usize]) -> TensorRef {
    let elements = shape.iter().product();
    write(folder, "stored", vec![values("t", dtype, shape, count(elements))]).unwrap();
    read(folder, "stored", "t").0
}

fn bytes_of(tensor: &TensorRef) -> StoredBytes {
    StoredBytes {
        path: tensor.path.clone(),
        begin: tensor.begin,
        end: tensor.end,
        file_size: tensor.file_size,
        modified_nanoseconds: tensor.modified_nanoseconds,
    }
}

#[test]
fn copies_keep_every_byte_and_notice_a_changed_file() {
    let folder = TempDir::new().unwrap();
    let tensor = stored(&folder, Dtype::F32, &[2, 3]);
    let copy = |shape: &[usize]| {
        let source = Source::Bytes(bytes_of(&tensor));
        // The bytes are not looked at: any type of that size will do.
        PlannedTensor { name: "i".to_owned(), dtype: Dtype::I32, shape: shape.to_vec(), source }
    };
    let report = write(&folder, "copied", vec![copy(&[6])]).unwrap();
    assert_eq!(report.tensors, [None]);
    let (before, after) = (fs::read(&tensor.path).unwrap(), fs::read(folder.path().join("copied")).unwrap());
    assert_eq!(before[before.len() - 24..], after[after.len() - 24..]);
    assert_eq!(write(&folder, "short", vec![copy(&[5])]).unwrap_err().kind, ErrorKind::ShapeMismatch);
    fs::write(&tensor.path, "other").unwrap();
    assert_eq!(write(&folder, "late", vec![copy(&[6])]).unwrap_err().kind, ErrorKind::Changed);
}

#[test]
fn flat_tensors_of_any_shape_read_in_order() {
    let folder = TempDir::new().unwrap();
    for shape in [vec![], vec![5], vec![2, 3], vec![2, 1, 4], vec![0, 3]] {
        let tensor = stored(&folder, Dtype::F32, &shape);
        let flat = Dense::of(&Flat::open(&tensor).unwrap(), &Control::SINGLE).unwrap();
        assert_eq!(flat.values(), count(shape.iter().product()));
        fs::remove_file(folder.path().join("stored")).unwrap();
    }
}

/// The windows that adapters use: part of the rows, every third column, one expert, and a transposed one.
#[test]
fn windows_are_patched_and_nothing_else() {
    let folder = TempDir::new().unwrap();
    let tensor = stored(&folder, Dtype::F32, &[2, 6, 4]);
    let whole = |offset: usize| ViewRef { offset, shape: Some((6, 4)), ..ViewRef::whole(tensor.clone()) };
    let stride = |start, count, step| Some(Stride { start, count, step });
    let places = [
        ViewRef { rows: stride(1, 2, 3), ..whole(0) },
        ViewRef { columns: stride(1, 2, 2), ..whole(24) },
        ViewRef { rows: stride(2, 3, 1), columns: stride(0, 2, 1), transpose: true, ..whole(24) },
        ViewRef { offset: 3, shape: Some((9, 5)), rows: stride(0, 3, 4), ..whole(0) },
        whole(24),
    ];
    for place in places {
        let window = place.open().unwrap();
        let (rows, columns) = (window.rows(), window.cols());
        let new = Dense::new(rows, columns, (0..rows * columns).map(|index| -1.0 - index as f64).collect());
        let matrix = patched(&tensor, vec![(place.clone(), Box::new(new.clone()))], &Control::SINGLE).unwrap();
        let matrix = Dense::of(&matrix, &Control::SINGLE).unwrap();
        let source = Source::Values(Box::new(move |_| Ok(Box::new(matrix))));
        let plan = PlannedTensor { name: "t".to_owned(), dtype: Dtype::F32, shape: vec![2, 6, 4], source };
        write(&folder, "patched", vec![plan]).unwrap();
        let (written, numbers) = read(&folder, "patched", "t");
        let found = ViewRef { tensor: written, ..place.clone() }.open().unwrap().read_all().unwrap();
        assert_eq!(found, new.values(), "{place:?}");
        assert_eq!(numbers.iter().filter(|number| **number > 0.0).count(), 48 - rows * columns);
        assert!(numbers.iter().zip(count(48)).all(|(now, before)| *now < 0.0 || now.to_bits() == before.to_bits()));
        fs::remove_file(folder.path().join("patched")).unwrap();
    }
}

#[test]
fn several_windows_of_one_tensor_and_a_whole_one() {
    let folder = TempDir::new().unwrap();
    let tensor = stored(&folder, Dtype::F32, &[4, 6]);
    let part =
        |start: usize| ViewRef { columns: Some(Stride { start, count: 2, step: 1 }), ..ViewRef::whole(tensor.clone()) };
    let constant =
        |value: f64, columns: usize| -> Box<dyn Rows> { Box::new(Dense::new(4, columns, vec![value; 4 * columns])) };
    let matrix =
        patched(&tensor, vec![(part(0), constant(-1.0, 2)), (part(4), constant(-2.0, 2))], &Control::SINGLE).unwrap();
    let row = &Dense::of(&matrix, &Control::SINGLE).unwrap().values()[6..12].to_vec();
    assert_eq!(row, &[-1.0, -1.0, 8.5, 9.5, -2.0, -2.0]);
    let matrix = patched(&tensor, vec![(ViewRef::whole(tensor.clone()), constant(-3.0, 6))], &Control::SINGLE).unwrap();
    assert_eq!(Dense::of(&matrix, &Control::SINGLE).unwrap().values(), [-3.0; 24]);
    let error = patched(&tensor, vec![(part(0), constant(0.0, 2)), (part(0), constant(1.0, 2))], &Control::SINGLE)
        .err()
        .unwrap();
    assert_eq!(error.kind, ErrorKind::InvalidArgument);
    let error = patched(&tensor, vec![(part(0), constant(0.0, 3))], &Control::SINGLE).err().unwrap();
    assert_eq!(error.kind, ErrorKind::ShapeMismatch);
    let other = TensorRef { begin: tensor.begin + 4, end: tensor.end + 4, ..tensor.clone() };
    let error = patched(&other, vec![(part(0), constant(0.0, 2))], &Control::SINGLE).err().unwrap();
    assert_eq!(error.kind, ErrorKind::InvalidArgument);
}

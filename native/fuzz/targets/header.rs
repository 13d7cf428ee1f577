//! Any bytes, taken for the start of a safetensors file: an error or a table that keeps its promises, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use spectra::header::parse;

fuzz_target!(|bytes: &[u8]| {
    // The bytes alone, and as the start of a file whose data makes every byte range possible.
    for file_size in [bytes.len() as u64, bytes.len() as u64 + 64, u64::MAX] {
        let Ok(header) = parse(bytes, file_size) else { continue };
        let mut covered = None;
        for tensor in &header.tensors {
            assert!(tensor.begin <= tensor.end && tensor.end <= file_size);
            assert!(covered.is_none_or(|end| end == tensor.begin));
            let bits: usize = tensor.shape.iter().product::<usize>() * tensor.dtype.bitsize();
            assert_eq!(bits as u64 / 8, tensor.end - tensor.begin);
            covered = Some(tensor.end);
        }
        assert!(covered.is_none_or(|end| end == file_size));
    }
});

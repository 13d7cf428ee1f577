//! Any bytes, taken for the start of a safetensors file: an error or a table that keeps its promises, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use safetensors::SafeTensors;
use spectra::header::{Header, parse};

fuzz_target!(|bytes: &[u8]| {
    // The bytes alone, and as the start of a file whose data makes every byte range possible.
    for file_size in [bytes.len() as u64, bytes.len() as u64 + 64, u64::MAX] {
        check(parse(bytes, file_size).ok().as_ref(), file_size);
    }
    check_text(bytes);
});

/// The same bytes as the text of a header with a length field that fits: a mutation rarely keeps the two in step.
fn check_text(text: &[u8]) {
    const DATA: usize = 64;
    let mut file = (text.len() as u64).to_le_bytes().to_vec();
    file.extend_from_slice(text);
    let header_end = file.len();
    for data in [0, 4, DATA] {
        file.resize(header_end + data, 0);
        let ours = parse(&file[..header_end], file.len() as u64).ok();
        check(ours.as_ref(), file.len() as u64);
        // Whoever opens what the reference refuses shows numbers of a file that nobody else can load.
        assert!(ours.is_none() || SafeTensors::deserialize(&file).is_ok());
    }
}

fn check(header: Option<&Header>, file_size: u64) {
    let Some(header) = header else { return };
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

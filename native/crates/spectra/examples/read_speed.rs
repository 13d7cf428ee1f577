//! Positioned reads against a memory map: seconds to decode a bf16 matrix block by block.
//!
//! `cargo run --release --example read_speed -- FILE [MIB]` writes FILE (default 512 MiB) if it is absent. Both ways
//! alternate, so that both meet the same state of the page cache; the first round is not counted.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Instant;

use memmap2::Mmap;
use spectra::dtype::ElementType;
use spectra::rows::Rows;
use spectra::tensor::{TensorRef, modified_nanoseconds};
use spectra::view::ViewRef;

const COLUMNS: usize = 2048;
const BLOCK_ROWS: usize = 256;
const ROUNDS: usize = 7;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let path = PathBuf::from(arguments.next().expect("a file name"));
    let mebibytes: usize = arguments.next().map_or(512, |text| text.parse().expect("a number of MiB"));
    if !path.exists() {
        std::fs::write(&path, pattern(mebibytes << 20)).expect("room for the file");
    }
    let bytes = std::fs::metadata(&path).expect("the file").len() as f64;
    let (mut mapped, mut positioned) = (Vec::new(), Vec::new());
    for _ in 0..=ROUNDS {
        mapped.push(time(|| sum_mapped(&path)));
        positioned.push(time(|| sum_positioned(&path)));
    }
    for (name, seconds) in [("memory map", &mut mapped), ("positioned reads", &mut positioned)] {
        seconds.remove(0);
        seconds.sort_by(f64::total_cmp);
        let median = seconds[ROUNDS / 2];
        println!("{name}: {median:.3} s (best {:.3}), {:.2} GB/s of file", seconds[0], bytes / median / 1e9);
    }
}

fn time(work: impl Fn() -> f64) -> f64 {
    let start = Instant::now();
    assert!(work().is_finite());
    start.elapsed().as_secs_f64()
}

/// Small finite bf16 values.
fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|index| if index % 2 == 0 { (index / 2 % 251) as u8 } else { 0x3c }).collect()
}

fn sum_mapped(path: &Path) -> f64 {
    let file = File::open(path).expect("the file");
    // SAFETY: the file belongs to this benchmark; nobody shortens it while it is mapped.
    let map = unsafe { Mmap::map(&file) }.expect("a map");
    let mut block = vec![0.0; BLOCK_ROWS * COLUMNS];
    let mut sum = 0.0;
    for bytes in map.chunks(BLOCK_ROWS * COLUMNS * 2) {
        let values = &mut block[..bytes.len() / 2];
        ElementType::Bf16.decode(bytes, values);
        sum += touch(values);
    }
    sum
}

fn sum_positioned(path: &Path) -> f64 {
    let facts = std::fs::metadata(path).expect("the file");
    let rows = facts.len() as usize / 2 / COLUMNS;
    let tensor = TensorRef {
        path: path.to_path_buf(),
        begin: 0,
        end: (rows * COLUMNS * 2) as u64,
        element_type: ElementType::Bf16,
        shape: vec![rows, COLUMNS],
        file_size: facts.len(),
        modified_nanoseconds: modified_nanoseconds(&facts).expect("a modification time"),
        scale: None,
    };
    let view = ViewRef::whole(tensor).open().expect("a matrix");
    let mut block = vec![0.0; BLOCK_ROWS * COLUMNS];
    let mut sum = 0.0;
    for start in (0..rows).step_by(BLOCK_ROWS) {
        let range = start..(start + BLOCK_ROWS).min(rows);
        let values = &mut block[..range.len() * COLUMNS];
        view.read(range, values).expect("a block");
        sum += touch(values);
    }
    sum
}

/// Uses a few values, so that the decoding cannot be left out.
fn touch(values: &[f64]) -> f64 {
    values.iter().step_by(997).sum()
}

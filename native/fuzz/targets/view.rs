//! Windows of any size and place on a stored tensor: a typed error, or exactly the elements that they name.
#![no_main]

use std::path::PathBuf;
use std::sync::LazyLock;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use spectra::dtype::ElementType;
use spectra::header::read;
use spectra::tensor::TensorRef;
use spectra::view::{Stride, ViewRef};

/// Bytes 0, 1, 2… of an eight-bit tensor between two others: an element that lies outside shows by its value.
const LENGTH: usize = 60;

static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
    let path = std::env::temp_dir().join(format!("spectra-fuzz-{}.safetensors", std::process::id()));
    let entry = |name: &str, begin: usize, end: usize| {
        format!(r#""{name}":{{"dtype":"F32","shape":[{}],"data_offsets":[{begin},{end}]}}"#, (end - begin) / 4)
    };
    let json = format!("{{{},{},{}}}", entry("a", 0, 400), entry("b", 400, 400 + 4 * LENGTH), entry("c", 640, 1040));
    let outside = [0xff; 400];
    let inside: Vec<u8> = (0..LENGTH).flat_map(|place| (place as f32).to_le_bytes()).collect();
    let parts = [&(json.len() as u64).to_le_bytes()[..], json.as_bytes(), &outside, &inside, &outside];
    std::fs::write(&path, parts.concat()).expect("a temporary file");
    path
});

#[derive(Debug, Arbitrary)]
struct Input {
    offset: Size,
    shape: Option<(Size, Size)>,
    rows: Option<(Size, Size, Size)>,
    columns: Option<(Size, Size, Size)>,
    transpose: bool,
}

#[derive(Debug, Arbitrary, Clone, Copy)]
enum Size {
    Small(u8),
    Any(u64),
}

impl Size {
    fn value(self) -> usize {
        match self {
            Self::Small(value) => usize::from(value % 70),
            Self::Any(value) => value as usize,
        }
    }
}

fn stride((start, count, step): (Size, Size, Size)) -> Stride {
    Stride { start: start.value(), count: count.value(), step: step.value() }
}

fuzz_target!(|input: Input| {
    let header = read(&FILE).expect("the file above");
    let entry = &header.tensors[1];
    let tensor = TensorRef {
        path: FILE.clone(),
        begin: entry.begin,
        end: entry.end,
        element_type: ElementType::F32,
        shape: entry.shape.clone(),
        file_size: header.file_size,
        modified_nanoseconds: header.modified_nanoseconds,
        scale: None,
    };
    let view = ViewRef {
        tensor,
        offset: input.offset.value(),
        shape: input.shape.map(|(height, width)| (height.value(), width.value())),
        rows: input.rows.map(stride),
        columns: input.columns.map(stride),
        transpose: input.transpose,
    };
    let Ok(open) = view.open() else { return };
    let values = open.read_all().expect("a window inside the tensor");
    let (height, width) = view.shape.expect("the tensor has one axis");
    let rows = view.rows.unwrap_or(Stride::all(height));
    let columns = view.columns.unwrap_or(Stride::all(width));
    assert_eq!(values.len(), rows.count * columns.count);
    let mut expected = Vec::with_capacity(values.len());
    for row in 0..rows.count {
        for column in 0..columns.count {
            let place = (rows.start + row * rows.step) * width + columns.start + column * columns.step;
            expected.push((view.offset + place) as f64);
        }
    }
    if view.transpose {
        expected = (0..columns.count)
            .flat_map(|c| (0..rows.count).map(move |r| (r, c)))
            .map(|(r, c)| expected[r * columns.count + c])
            .collect();
    }
    assert_eq!(values, expected);
});

//! Tensors in temporary files, for tests.

use std::cell::Cell;

use tempfile::TempDir;

use crate::dtype::ElementType;
use crate::tensor::{TensorRef, modified_nanoseconds};

/// A folder of one-tensor files, removed at the end of the test.
pub(crate) struct Stored {
    folder: TempDir,
    count: Cell<usize>,
}

impl Stored {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), count: Cell::new(0) }
    }

    /// Writes the values behind a few bytes that stand for a header.
    pub(crate) fn tensor(&self, name: &str, element_type: ElementType, shape: &[usize], values: &[f64]) -> TensorRef {
        let path = self.folder.path().join(format!("{}-{name}", self.count.get()));
        self.count.set(self.count.get() + 1);
        let mut bytes = vec![0xaa; 13];
        element_type.encode(values, &mut bytes).unwrap();
        std::fs::write(&path, &bytes).unwrap();
        let facts = std::fs::metadata(&path).unwrap();
        TensorRef {
            path,
            begin: 13,
            end: bytes.len() as u64,
            element_type,
            shape: shape.to_vec(),
            file_size: facts.len(),
            modified_nanoseconds: modified_nanoseconds(&facts).unwrap(),
            scale: None,
        }
    }
}

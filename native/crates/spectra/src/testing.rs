//! Matrices in memory and tensors in temporary files, for tests.

use std::cell::Cell;
use std::ops::Range;

use tempfile::TempDir;

use crate::dtype::ElementType;
use crate::error::Result;
use crate::rows::Rows;
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

/// A matrix in memory, row-major.
pub(crate) struct Held {
    rows: usize,
    columns: usize,
    values: Vec<f64>,
}

impl Held {
    pub(crate) fn new(rows: usize, columns: usize, values: Vec<f64>) -> Self {
        assert_eq!(values.len(), rows * columns);
        Self { rows, columns, values }
    }

    pub(crate) fn at(&self, row: usize, column: usize) -> f64 {
        self.values[row * self.columns + column]
    }
}

impl Rows for Held {
    fn rows(&self) -> usize {
        self.rows
    }

    fn cols(&self) -> usize {
        self.columns
    }

    fn read(&self, range: Range<usize>, out: &mut [f64]) -> Result<()> {
        out.copy_from_slice(&self.values[range.start * self.columns..range.end * self.columns]);
        Ok(())
    }
}

//! Stored tensors of any shape: as bytes to copy, and as a matrix to add up.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::PathBuf;

use crate::control::Control;
use crate::error::{Error, ErrorKind, Result};
use crate::rows::Rows;
use crate::tensor::{OpenTensor, TensorRef, modified_nanoseconds};
use crate::writer::output::Output;

/// Bytes between two looks at the cancel flag.
const CHUNK_BYTES: u64 = 1 << 20;

/// A byte range of a file whose header was read, of any element type.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredBytes {
    /// File that holds it.
    pub path: PathBuf,
    /// First byte, from the start of the file.
    pub begin: u64,
    /// One past the last byte.
    pub end: u64,
    /// Size of the file when its header was read.
    pub file_size: u64,
    /// Modification time then, nanoseconds since 1970.
    pub modified_nanoseconds: i64,
}

impl StoredBytes {
    /// # Errors
    /// [`ErrorKind::ShapeMismatch`] when another number of bytes is expected.
    pub(super) fn check_size(&self, expected: u64) -> Result<()> {
        let bytes = self.end.checked_sub(self.begin).filter(|_| self.end <= self.file_size);
        if bytes == Some(expected) {
            return Ok(());
        }
        let message = format!("bytes {} to {} are not the {expected} of the tensor", self.begin, self.end);
        Err(Error::new(ErrorKind::ShapeMismatch, message))
    }

    /// # Errors
    /// [`ErrorKind::Unreadable`], [`ErrorKind::Truncated`], [`ErrorKind::Changed`], [`ErrorKind::Unwritable`],
    /// [`ErrorKind::Cancelled`].
    pub(super) fn copy(&self, target: &mut Output, control: &Control<'_>) -> Result<()> {
        let at = |error: Error| error.at(self.path.display().to_string());
        let unreadable = |error: std::io::Error| at(Error::new(ErrorKind::Unreadable, error.to_string()));
        let mut file = File::open(&self.path).map_err(unreadable)?;
        self.check_unchanged(&file).map_err(at)?;
        file.seek(SeekFrom::Start(self.begin)).map_err(unreadable)?;
        let mut buffer = vec![0; CHUNK_BYTES.min(self.end - self.begin) as usize];
        let mut position = self.begin;
        while position < self.end {
            control.check()?;
            let count = (self.end - position).min(CHUNK_BYTES) as usize;
            file.read_exact(&mut buffer[..count]).map_err(|error| match error.kind() {
                std::io::ErrorKind::UnexpectedEof => at(Error::new(ErrorKind::Truncated, "the file ends too early")),
                _ => unreadable(error),
            })?;
            target.write_all(&buffer[..count]).map_err(|error| target.failure(&error))?;
            position += count as u64;
        }
        self.check_unchanged(&file).map_err(at)
    }

    fn check_unchanged(&self, file: &File) -> Result<()> {
        let facts = file.metadata().map_err(|error| Error::new(ErrorKind::Unreadable, error.to_string()))?;
        if facts.len() != self.file_size || modified_nanoseconds(&facts)? != self.modified_nanoseconds {
            return Err(Error::new(ErrorKind::Changed, "the file changed since its header was read"));
        }
        Ok(())
    }
}

/// A tensor of any shape as a matrix: the last axis runs along the columns; a vector stands upright, so that blocks of
/// it stay small.
#[derive(Debug)]
pub struct Flat {
    tensor: OpenTensor,
    rows: usize,
    columns: usize,
}

impl Flat {
    /// # Errors
    /// As [`TensorRef::open`]; [`ErrorKind::DtypeUnsupported`] for a quantised tensor with scales.
    pub fn open(source: &TensorRef) -> Result<Self> {
        if source.scale.is_some() {
            let message = "a quantised tensor with scales can only be read as a matrix";
            return Err(Error::new(ErrorKind::DtypeUnsupported, message).at(source.path.display().to_string()));
        }
        let columns = match source.shape.as_slice() {
            [] | [_] => 1,
            [.., columns] => *columns,
        };
        let rows = source.elements().checked_div(columns).unwrap_or(0);
        Ok(Self { tensor: source.open()?, rows, columns })
    }
}

impl Rows for Flat {
    fn rows(&self) -> usize {
        self.rows
    }

    fn cols(&self) -> usize {
        self.columns
    }

    fn read(&self, range: Range<usize>, out: &mut [f64]) -> Result<()> {
        self.tensor.read_elements(range.start * self.columns, 1, out)
    }
}

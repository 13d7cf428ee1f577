//! One stored tensor, read by positioned reads: a file that shrinks is an error here, not a signal.

use std::fs::{File, Metadata};
use std::io::ErrorKind as IoKind;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use crate::dtype::ElementType;
use crate::error::{Error, ErrorKind, Result};
use crate::scale::{OpenScale, Scale};

/// Bytes per positioned read: large enough to make the call's cost vanish, small enough to stay in the cache
/// between reading and decoding.
const CHUNK_BYTES: usize = 256 * 1024;

/// Where the values of a tensor lie, as the header said when it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct TensorRef {
    /// File that holds it.
    pub path: PathBuf,
    /// First byte of the data, from the start of the file.
    pub begin: u64,
    /// One past the last byte.
    pub end: u64,
    /// Element type.
    pub element_type: ElementType,
    /// Dimensions, outermost first.
    pub shape: Vec<usize>,
    /// Size of the file when its header was read.
    pub file_size: u64,
    /// Modification time then, nanoseconds since 1970.
    pub modified_nanoseconds: i64,
    /// Factors of a quantised tensor.
    pub scale: Option<Scale>,
}

/// A tensor whose file is open and was found unchanged.
#[derive(Debug)]
pub struct OpenTensor {
    source: TensorRef,
    file: File,
    scale: Option<OpenScale>,
}

impl TensorRef {
    /// Number of elements.
    #[must_use]
    pub fn elements(&self) -> usize {
        self.shape.iter().product()
    }

    /// Opens the file, checks that it is still the one whose header was read, and reads the scales.
    ///
    /// # Errors
    /// [`ErrorKind::Unreadable`], [`ErrorKind::Changed`], [`ErrorKind::Truncated`];
    /// [`ErrorKind::InvalidArgument`] when byte range and shape disagree; as [`Scale`] for the scales.
    pub fn open(&self) -> Result<OpenTensor> {
        self.open_inner().map_err(|error| error.at(self.path.display().to_string()))
    }

    fn open_inner(&self) -> Result<OpenTensor> {
        self.check_range()?;
        let file = open_regular(&self.path).map_err(|error| Error::new(ErrorKind::Unreadable, error.to_string()))?;
        let scale = self.scale.as_ref().map(|scale| scale.open(&self.shape)).transpose()?;
        let tensor = OpenTensor { source: self.clone(), file, scale };
        tensor.check_unchanged()?;
        Ok(tensor)
    }

    fn check_range(&self) -> Result<()> {
        let bytes =
            self.shape.iter().try_fold(self.element_type.size() as u64, |all, size| all.checked_mul(*size as u64));
        if bytes.is_none() || bytes != self.end.checked_sub(self.begin) || self.end > self.file_size {
            let message = format!("shape {:?} does not fill bytes {} to {}", self.shape, self.begin, self.end);
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        Ok(())
    }
}

impl OpenTensor {
    /// What was opened.
    #[must_use]
    pub fn source(&self) -> &TensorRef {
        &self.source
    }

    /// The factors of a quantised tensor.
    pub(crate) fn scale(&self) -> Option<&OpenScale> {
        self.scale.as_ref()
    }

    /// Decodes `out.len()` elements, `step` apart, from element `first` on; scales are *not* applied.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] outside the tensor; [`ErrorKind::Truncated`], [`ErrorKind::Changed`] and
    /// [`ErrorKind::Unreadable`] when the file fails.
    pub fn read_elements(&self, first: usize, step: usize, out: &mut [f64]) -> Result<()> {
        self.read_decoded(first, step, out, ElementType::decode)
    }

    /// As [`OpenTensor::read_elements`], in f32.
    ///
    /// # Errors
    /// As [`OpenTensor::read_elements`].
    pub fn read_singles(&self, first: usize, step: usize, out: &mut [f32]) -> Result<()> {
        self.read_decoded(first, step, out, ElementType::decode_singles)
    }

    fn read_decoded<T>(
        &self,
        first: usize,
        step: usize,
        out: &mut [T],
        decode: impl Fn(ElementType, &[u8], &mut [T]),
    ) -> Result<()> {
        if out.is_empty() {
            return Ok(());
        }
        let last = (out.len() - 1).checked_mul(step).and_then(|span| span.checked_add(first));
        if step == 0 || last.is_none_or(|last| last >= self.source.elements()) {
            let message = format!("elements {first} + {step}·{} lie outside the tensor", out.len());
            return Err(Error::new(ErrorKind::InvalidArgument, message));
        }
        // The distance to a next element that is not there means nothing, and may be any number.
        let step = if out.len() == 1 { 1 } else { step };
        self.read_chunks(first, step, out, decode).map_err(|error| error.at(self.source.path.display().to_string()))
    }

    /// All values of a tensor with one axis (or any other, flattened), scales not applied.
    ///
    /// # Errors
    /// As [`OpenTensor::read_elements`].
    pub fn read_vector(&self) -> Result<Vec<f64>> {
        let mut values = vec![0.0; self.source.elements()];
        self.read_elements(0, 1, &mut values)?;
        self.check_unchanged()?;
        Ok(values)
    }

    fn read_chunks<T>(
        &self,
        first: usize,
        step: usize,
        out: &mut [T],
        decode: impl Fn(ElementType, &[u8], &mut [T]),
    ) -> Result<()> {
        let size = self.source.element_type.size();
        let per_chunk = (CHUNK_BYTES / size / step).max(1);
        let mut bytes = Vec::new();
        let mut picked = Vec::new();
        for (index, values) in out.chunks_mut(per_chunk).enumerate() {
            let start = first + index * per_chunk * step;
            let span = (values.len() - 1) * step + 1;
            bytes.resize(span * size, 0);
            self.read_exact_at(&mut bytes, self.source.begin + (start * size) as u64)?;
            if step == 1 {
                decode(self.source.element_type, &bytes, values);
            } else {
                pick(&bytes, size, step, &mut picked);
                decode(self.source.element_type, &picked, values);
            }
        }
        self.check_unchanged()
    }

    fn read_exact_at(&self, mut buffer: &mut [u8], mut position: u64) -> Result<()> {
        while !buffer.is_empty() {
            match read_at(&self.file, buffer, position) {
                Ok(0) => return Err(Error::new(ErrorKind::Truncated, format!("the file ends at byte {position}"))),
                Ok(count) => {
                    buffer = &mut buffer[count..];
                    position += count as u64;
                }
                Err(error) if error.kind() == IoKind::Interrupted => {}
                Err(error) => return Err(Error::new(ErrorKind::Unreadable, error.to_string())),
            }
        }
        Ok(())
    }

    /// Compares size and modification time with those of the header.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`] when the tensor no longer fits, [`ErrorKind::Changed`] for any other difference.
    pub fn check_unchanged(&self) -> Result<()> {
        let facts = self.file.metadata().map_err(|error| Error::new(ErrorKind::Unreadable, error.to_string()))?;
        let place = || self.source.path.display().to_string();
        if facts.len() < self.source.end {
            let message = format!("the file has {} bytes, the tensor ends at {}", facts.len(), self.source.end);
            return Err(Error::new(ErrorKind::Truncated, message).at(place()));
        }
        if facts.len() != self.source.file_size || modified_nanoseconds(&facts)? != self.source.modified_nanoseconds {
            return Err(Error::new(ErrorKind::Changed, "the file changed since its header was read").at(place()));
        }
        Ok(())
    }
}

/// Opens a regular file for reading. What it is gets looked at before: opening a pipe would wait for a writer for ever,
/// and hold its thread.
///
/// # Errors
/// What the file system says, or that it is no regular file.
pub fn open_regular(path: &Path) -> std::io::Result<File> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(std::io::Error::other("not a regular file"));
    }
    File::open(path)
}

/// Modification time in nanoseconds since 1970; negative before.
///
/// # Errors
/// [`ErrorKind::Unreadable`] where the file system keeps no such time.
pub fn modified_nanoseconds(facts: &Metadata) -> Result<i64> {
    let modified = facts.modified().map_err(|error| Error::new(ErrorKind::Unreadable, error.to_string()))?;
    Ok(match modified.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_nanos()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_nanos()).map_or(i64::MIN, |nanoseconds| -nanoseconds),
    })
}

/// Copies every `step`-th element of `size` bytes.
fn pick(bytes: &[u8], size: usize, step: usize, out: &mut Vec<u8>) {
    out.clear();
    for element in bytes.chunks(size * step) {
        out.extend_from_slice(&element[..size]);
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], position: u64) -> std::io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, position)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], position: u64) -> std::io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, position)
}

#[cfg(test)]
#[path = "tensor_tests.rs"]
mod tests;

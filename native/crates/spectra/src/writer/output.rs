//! The file being written: hashed on the way, removed unless it is finished.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

use crate::error::{Error, ErrorKind, Result};

/// An unfinished file.
pub(super) struct Output<'a> {
    path: PathBuf,
    file: File,
    hash: Sha256,
    bytes: u64,
    progress: &'a AtomicU64,
    is_finished: bool,
}

impl<'a> Output<'a> {
    /// # Errors
    /// [`ErrorKind::Unwritable`], also when something has that name already.
    pub(super) fn create(path: &Path, progress: &'a AtomicU64) -> Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o644);
        let file = options.open(path).map_err(|error| unwritable(path, &error))?;
        Ok(Self { path: path.to_owned(), file, hash: Sha256::new(), bytes: 0, progress, is_finished: false })
    }

    /// The error of this crate for a failed write.
    pub(super) fn failure(&self, error: &std::io::Error) -> Error {
        unwritable(&self.path, error)
    }

    /// Waits until the disk has it; gives size and SHA-256.
    ///
    /// # Errors
    /// [`ErrorKind::Unwritable`].
    pub(super) fn finish(mut self) -> Result<(u64, String)> {
        self.file.sync_all().map_err(|error| self.failure(&error))?;
        self.is_finished = true;
        let hash = std::mem::take(&mut self.hash).finalize();
        Ok((self.bytes, hex(&hash)))
    }
}

impl Write for Output<'_> {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        let count = self.file.write(buffer)?;
        self.hash.update(&buffer[..count]);
        self.bytes += count as u64;
        self.progress.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Output<'_> {
    fn drop(&mut self) {
        if !self.is_finished {
            // The error that ended the writing is the one worth telling.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

/// Lower-case hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unwritable(path: &Path, error: &std::io::Error) -> Error {
    Error::new(ErrorKind::Unwritable, error.to_string()).at(path.display().to_string())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_an_error_with_the_path() {
        let (progress, path) = (AtomicU64::new(0), PathBuf::from("/nowhere/full"));
        let file = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut output = Output { path, file, hash: Sha256::new(), bytes: 0, progress: &progress, is_finished: false };
        let error = output.write_all(b"one").unwrap_err();
        let error = output.failure(&error);
        assert_eq!((error.kind, error.place.as_deref()), (ErrorKind::Unwritable, Some("/nowhere/full")));
        assert_eq!(progress.load(Ordering::Relaxed), 0);
    }
}

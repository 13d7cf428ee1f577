//! Hashes of files: whole, or of a few ranges as a quick fingerprint.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use sha2::{Digest, Sha256};
use spectra::control::Control;
use spectra::error::{Error, ErrorKind, Result};
use spectra::tensor::open_regular;
use spectra::writer::hex;

use crate::pool::{CancelFlag, Pool, Progress};
use crate::tensor::{invalid, whole};

/// Bytes between two looks at the cancel flag.
const CHUNK_BYTES: usize = 1 << 20;

/// Bytes `begin` to `end` (exclusive) of a file.
#[napi(object)]
pub struct ByteRange {
    /// First byte.
    pub begin: f64,
    /// One past the last byte.
    pub end: f64,
}

#[napi]
impl Pool {
    /// SHA-256 (hex) over the bytes of the ranges, in the order given. A range beyond the end rejects.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn fingerprint_bytes<'env>(
        &self,
        env: &'env Env,
        path: String,
        ranges: Vec<ByteRange>,
    ) -> napi::Result<Object<'env>> {
        self.run(env, "fingerprintBytes", move || fingerprint(&path, &ranges).map_err(|error| error.at(path)))
    }

    /// SHA-256 (hex) of a whole file; `progress.done` counts bytes.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn hash_file<'env>(
        &self,
        env: &'env Env,
        path: String,
        cancel: Option<&CancelFlag>,
        progress: Option<&Progress>,
    ) -> napi::Result<Object<'env>> {
        let (cancel, progress) = (CancelFlag::share(cancel), Progress::share(progress));
        self.run(env, "hashFile", move || {
            let control = Control { threads: 1, cancel: Some(&cancel) };
            hash_whole(&path, control, &progress).map_err(|error| error.at(path))
        })
    }
}

fn fingerprint(path: &str, ranges: &[ByteRange]) -> Result<String> {
    let mut file = open(path)?;
    let mut hash = Sha256::new();
    for range in ranges {
        let (begin, end) = (whole(range.begin, "begin")? as u64, whole(range.end, "end")? as u64);
        let length = end.checked_sub(begin).ok_or_else(|| invalid(format!("range {begin} to {end}")))?;
        file.seek(SeekFrom::Start(begin)).map_err(unreadable)?;
        if feed(&mut hash, &mut file, length, Control::SINGLE, &AtomicU64::new(0))? < length {
            return Err(Error::new(ErrorKind::Truncated, format!("the file ends before byte {end}")));
        }
    }
    Ok(hex(&hash.finalize()))
}

fn hash_whole(path: &str, control: Control, progress: &AtomicU64) -> Result<String> {
    let mut file = open(path)?;
    let mut hash = Sha256::new();
    feed(&mut hash, &mut file, u64::MAX, control, progress)?;
    Ok(hex(&hash.finalize()))
}

/// Hashes at most `length` bytes; returns how many there were.
fn feed(hash: &mut Sha256, file: &mut File, length: u64, control: Control, progress: &AtomicU64) -> Result<u64> {
    let mut buffer = vec![0; CHUNK_BYTES];
    let mut done = 0;
    while done < length {
        control.check()?;
        let wanted = (length - done).min(CHUNK_BYTES as u64) as usize;
        let count = file.read(&mut buffer[..wanted]).map_err(unreadable)?;
        if count == 0 {
            break;
        }
        hash.update(&buffer[..count]);
        done += count as u64;
        progress.fetch_add(count as u64, Ordering::Relaxed);
    }
    Ok(done)
}

fn open(path: &str) -> Result<File> {
    open_regular(Path::new(path)).map_err(unreadable)
}

#[allow(clippy::needless_pass_by_value)] // The shape that map_err wants.
fn unreadable(error: std::io::Error) -> Error {
    Error::new(ErrorKind::Unreadable, error.to_string())
}

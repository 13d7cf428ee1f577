//! The one error type of the crate: a kind from a closed list, a sentence, and the place it speaks of.

use std::fmt;

/// What went wrong, as a closed list. The addon maps each kind to one error code of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The file cannot be opened or read.
    Unreadable,
    /// The file ends before the bytes its header promises.
    Truncated,
    /// Size or modification time changed while the file was being read.
    Changed,
    /// The safetensors header breaks a rule of the format or a limit of this program.
    HeaderInvalid,
    /// The element type is not one this program can decode.
    DtypeUnsupported,
    /// Shapes that must agree do not.
    ShapeMismatch,
    /// A weight is NaN or infinite.
    NotFinite,
    /// An iteration ended without reaching its tolerance on every rung of the ladder.
    NoConvergence,
    /// An argument is outside its domain.
    InvalidArgument,
    /// The caller's cancel flag was set.
    Cancelled,
    /// Rounding decides what the adapter's method makes of these values.
    NotReproducible,
    /// A file could not be written.
    Unwritable,
}

/// An error with its kind, a sentence for people and, where known, the file, tensor or element it is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Error {
    /// Kind from the closed list.
    pub kind: ErrorKind,
    /// One sentence that names file, tensor and value where they are known.
    pub message: String,
    /// File, tensor or element the message speaks of.
    pub place: Option<String>,
}

/// Result with this crate's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Makes an error without a place.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), place: None }
    }

    /// Adds the place, unless an inner call already named a more exact one.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place.get_or_insert_with(|| place.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some(place) => write!(formatter, "{}: {}", place, self.message),
            None => formatter.write_str(&self.message),
        }
    }
}

impl std::error::Error for Error {}

//! What a caller hands down into long computations: how many threads, and a flag to stop.

use std::sync::atomic::{AtomicBool, Ordering};

use faer::Par;

use crate::error::{Error, ErrorKind, Result};

/// Threads and cancel flag of one computation. Cheap to copy; checked between blocks and iterations.
#[derive(Debug, Clone, Copy)]
pub struct Control<'a> {
    /// Threads this computation may use; they come from the rayon pool it runs in.
    pub threads: usize,
    /// Set by the caller to stop; `None` when nothing can cancel.
    pub cancel: Option<&'a AtomicBool>,
}

impl Control<'_> {
    /// One thread, not cancellable.
    pub const SINGLE: Control<'static> = Control { threads: 1, cancel: None };

    /// The parallelism handed to faer.
    #[must_use]
    pub fn parallelism(&self) -> Par {
        if self.threads > 1 { Par::rayon(self.threads) } else { Par::Seq }
    }

    /// # Errors
    /// [`ErrorKind::Cancelled`] once the flag is set.
    pub fn check(&self) -> Result<()> {
        match self.cancel {
            Some(flag) if flag.load(Ordering::Relaxed) => Err(Error::new(ErrorKind::Cancelled, "cancelled")),
            _ => Ok(()),
        }
    }
}

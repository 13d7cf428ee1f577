//! Threads that belong to the caller, and the flag that stops them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use napi::Env;
use napi::bindgen_prelude::{Object, ToNapiValue};
use napi_derive::napi;
use rayon::{ThreadPool, ThreadPoolBuilder};
use spectra::control::Control;
use spectra::error::{Error, ErrorKind};

use crate::failure::{Fault, thrown};
use crate::tensor::{threads, whole};

/// Threads for long computations. Calls share them; none of them is a thread of libuv's pool.
#[napi]
pub struct Pool {
    threads: Arc<ThreadPool>,
}

#[napi]
impl Pool {
    /// Starts `threads` threads (1 to 1024).
    #[napi(constructor)]
    #[allow(clippy::needless_pass_by_value)]
    pub fn new(env: Env, threads: f64) -> napi::Result<Self> {
        start(threads).map(|pool| Self { threads: Arc::new(pool) }).map_err(|error| thrown(env, error))
    }

    /// Number of threads.
    #[napi(getter)]
    #[must_use]
    pub fn threads(&self) -> u32 {
        self.threads.current_num_threads() as u32
    }
}

fn start(threads: f64) -> spectra::error::Result<ThreadPool> {
    const MAXIMUM: usize = 1024;
    let count = whole(threads, "threads")?;
    if !(1..=MAXIMUM).contains(&count) {
        return Err(Error::new(ErrorKind::InvalidArgument, format!("{count} threads, 1 to {MAXIMUM} are possible")));
    }
    let builder = ThreadPoolBuilder::new().num_threads(count).thread_name(|index| format!("spectra-{index}"));
    builder.build().map_err(|error| Error::new(ErrorKind::InvalidArgument, error.to_string()))
}

impl Pool {
    /// Number of threads, as the numerics count.
    pub(crate) fn size(&self) -> usize {
        self.threads.current_num_threads()
    }

    /// Runs a job on the pool and returns the promise of its answer. A panic rejects the promise.
    pub(crate) fn run<'env, T, F>(&self, env: &'env Env, place: &'static str, job: F) -> napi::Result<Object<'env>>
    where
        T: ToNapiValue + Send + 'static,
        F: FnOnce() -> spectra::error::Result<T> + Send + 'static,
    {
        let (deferred, promise) = env.create_deferred()?;
        self.threads.spawn(move || {
            let answer = guarded(place, job);
            deferred.resolve(move |env| answer.map_err(|fault| thrown(env, fault)));
        });
        Ok(promise)
    }
}

/// What a computation is called by, the matrix that its errors name, and the threads it asks for.
pub(crate) struct Task {
    pub(crate) place: &'static str,
    pub(crate) name: String,
    pub(crate) threads: f64,
}

impl Pool {
    /// As [`Self::run`], for a computation over one matrix.
    pub(crate) fn compute<'env, T, F>(
        &self,
        env: &'env Env,
        task: Task,
        cancel: Option<&CancelFlag>,
        job: F,
    ) -> napi::Result<Object<'env>>
    where
        T: ToNapiValue + Send + 'static,
        F: FnOnce(&Control) -> spectra::error::Result<T> + Send + 'static,
    {
        let (cancel, pool) = (CancelFlag::share(cancel), self.size());
        let Task { place, name, threads: wanted } = task;
        self.run(env, place, move || {
            let control = Control { threads: threads(wanted, pool)?, cancel: Some(&cancel) };
            job(&control).map_err(|error| error.at(name))
        })
    }
}

/// Runs a job; its panic becomes a fault that names the call.
pub(crate) fn guarded<T>(place: &'static str, job: impl FnOnce() -> spectra::error::Result<T>) -> Result<T, Fault> {
    match catch_unwind(AssertUnwindSafe(job)) {
        Ok(answer) => answer.map_err(Fault::Known),
        Err(payload) => {
            let text = payload.downcast_ref::<&str>().map(ToString::to_string);
            let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
            Err(Fault::Panic { message: text.unwrap_or_else(|| "unknown panic".to_owned()), place })
        }
    }
}

/// Stops the calls that were given it, from any time on.
#[napi]
#[derive(Default)]
pub struct CancelFlag {
    flag: Arc<AtomicBool>,
}

#[napi]
impl CancelFlag {
    /// A flag that is not set.
    #[napi(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the flag; running calls reject with code `cancelled` at their next check.
    #[napi]
    pub fn cancel(&self) {
        self.flag.store(true, Ordering::Relaxed);
    }

    /// Whether the flag is set.
    #[napi(getter)]
    #[must_use]
    pub fn cancelled(&self) -> bool {
        self.flag.load(Ordering::Relaxed)
    }
}

impl CancelFlag {
    /// The flag to hand into a job; one that nobody can set when the caller gave none.
    pub(crate) fn share(flag: Option<&Self>) -> Arc<AtomicBool> {
        flag.map(|flag| Arc::clone(&flag.flag)).unwrap_or_default()
    }
}

/// Counts the units a call has done; read it as often as progress is shown.
#[napi]
#[derive(Default)]
pub struct Progress {
    count: Arc<AtomicU64>,
}

#[napi]
impl Progress {
    /// A counter at zero.
    #[napi(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Units done so far, in the unit of the call (bytes for hashing).
    #[napi(getter)]
    #[must_use]
    pub fn done(&self) -> f64 {
        self.count.load(Ordering::Relaxed) as f64
    }
}

impl Progress {
    pub(crate) fn share(progress: Option<&Self>) -> Arc<AtomicU64> {
        progress.map(|progress| Arc::clone(&progress.count)).unwrap_or_default()
    }
}

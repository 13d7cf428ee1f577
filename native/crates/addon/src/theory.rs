//! The theory lab: questions and answers as JSON texts, since both are small and of many shapes.

use std::sync::atomic::AtomicU64;

use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use spectra::control::Control;
use theory::questions::{Context, answer_text, is_long};

use crate::pool::{CancelFlag, Pool, Progress};
use crate::statistics::answer;
use crate::tensor::invalid;

/// Answers a closed-form question at once, on the calling thread (at most some milliseconds).
#[napi]
#[allow(clippy::needless_pass_by_value)]
pub fn theory(env: Env, kind: String, input: String) -> napi::Result<String> {
    answer(env, "theory", || {
        if is_long(&kind) {
            return Err(invalid(format!("{kind} simulates; ask the pool")));
        }
        answer_text(&kind, &input, &Context { control: Control::SINGLE, done: &AtomicU64::new(0) })
    })
}

#[napi]
impl Pool {
    /// Answers any question on the threads of the pool; `progress` counts replicates.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn theory<'env>(
        &self,
        env: &'env Env,
        kind: String,
        input: String,
        cancel: Option<&CancelFlag>,
        progress: Option<&Progress>,
    ) -> napi::Result<Object<'env>> {
        let (cancel, done, threads) = (CancelFlag::share(cancel), Progress::share(progress), self.size());
        self.run(env, "theory", move || {
            let control = Control { threads, cancel: Some(&cancel) };
            answer_text(&kind, &input, &Context { control, done: &done })
        })
    }
}

//! Analysis of one module.

use napi::Env;
use napi::bindgen_prelude::Object;
use napi_derive::napi;
use spectra::error::{Error, ErrorKind, Result};

use crate::outcome::ModuleOutcome;
use crate::pool::{CancelFlag, Pool};
use crate::request::ModuleRequest;

#[napi]
impl Pool {
    /// Measures one module: base and all its runs. A run that fails is an `error` in its answer.
    #[napi(ts_return_type = "Promise<ModuleOutcome>")]
    pub fn analyze_module<'env>(
        &self,
        env: &'env Env,
        request: ModuleRequest,
        cancel: Option<&CancelFlag>,
    ) -> napi::Result<Object<'env>> {
        let cancel = CancelFlag::share(cancel);
        self.run(env, "analyzeModule", move || {
            let _ = (request.question()?, request.merged_type()?, cancel);
            analyze()
        })
    }
}

fn analyze() -> Result<ModuleOutcome> {
    Err(Error::new(ErrorKind::NoConvergence, "not wired yet"))
}

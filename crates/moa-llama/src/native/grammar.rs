//! Which tokens may come next where an answer must have a form.

use std::ffi::CString;
use std::ptr::NonNull;
use std::sync::Arc;

use llama_cpp_sys_2 as sys;

use super::model::{Model, Token};

/// A grammar and how far an answer has come in it.
#[derive(Debug)]
pub(crate) struct Grammar {
    sampler: NonNull<sys::llama_sampler>,
    /// Scratch space for the whole vocabulary.
    candidates: Vec<sys::llama_token_data>,
    /// Whose vocabulary the sampler points to.
    _model: Arc<Model>,
}

// SAFETY: the sampler is plain memory without ties to a thread, and only `&mut self` uses it.
unsafe impl Send for Grammar {}

impl Grammar {
    /// A grammar in llama.cpp's notation, whose rule `root` is the answer. `None` when llama.cpp does not understand it.
    pub(crate) fn new(model: &Arc<Model>, text: &str) -> Option<Self> {
        let text = CString::new(text).ok()?;
        // SAFETY: the vocabulary lives as long as the model, which is kept; both texts are NUL-terminated and are copied.
        let sampler =
            unsafe { sys::llama_sampler_init_grammar(model.vocabulary(), text.as_ptr(), c"root".as_ptr()) };
        Some(Self { sampler: NonNull::new(sampler)?, candidates: Vec::new(), _model: Arc::clone(model) })
    }

    /// Whether the answer may go on with this token, or end where the token says so.
    pub(crate) fn allows(&mut self, token: Token) -> bool {
        self.candidates.clear();
        self.candidates.push(sys::llama_token_data { id: token, logit: 0.0, p: 0.0 });
        self.apply();
        self.candidates.first().is_some_and(|candidate| candidate.logit.is_finite())
    }

    /// Takes the chance from every token with which the answer may not go on.
    pub(crate) fn mask(&mut self, logits: &mut [f32]) {
        self.candidates.clear();
        self.candidates.extend((0..).zip(logits.iter()).map(|(id, logit)| sys::llama_token_data {
            id,
            logit: *logit,
            p: 0.0,
        }));
        self.apply();
        for (logit, candidate) in logits.iter_mut().zip(&self.candidates) {
            *logit = candidate.logit;
        }
    }

    /// Goes on by a token. One that is not allowed, or that ends the answer, is not taken: llama.cpp would end the process.
    pub(crate) fn accept(&mut self, token: Token, ends: bool) {
        if !ends && self.allows(token) {
            // SAFETY: the sampler is alive, and the grammar allows the token, so that accepting it cannot fail.
            unsafe { sys::llama_sampler_accept(self.sampler.as_ptr(), token) };
        }
    }

    /// Gives the candidates that are not allowed a logit of minus infinity. Neither their number nor their order changes.
    fn apply(&mut self) {
        let mut array = sys::llama_token_data_array {
            data: self.candidates.as_mut_ptr(),
            size: self.candidates.len(),
            selected: -1,
            sorted: false,
        };
        // SAFETY: the array describes the vector, which nobody else uses during the call; a grammar only changes logits in it.
        unsafe { sys::llama_sampler_apply(self.sampler.as_ptr(), &raw mut array) };
    }
}

impl Drop for Grammar {
    fn drop(&mut self) {
        // SAFETY: the pointer came from llama.cpp and is freed once, before the model.
        unsafe { sys::llama_sampler_free(self.sampler.as_ptr()) }
    }
}

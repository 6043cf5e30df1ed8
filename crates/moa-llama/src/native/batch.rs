//! What goes into one decode call, and how that can fail.

use llama_cpp_sys_2 as sys;

use super::model::Token;

/// Why a decode call failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DecodeError {
    /// No room in the KV cache; nothing changed.
    #[error("the KV cache is full")]
    CacheFull,
    /// The stop flag was raised during the call.
    #[error("the call was stopped")]
    Aborted,
    /// More tokens, or more whose logits are asked for, than the context was made for.
    #[error("a decode call of {0} tokens is too large")]
    TooLarge(usize),
    /// llama.cpp failed.
    #[error("llama.cpp failed to decode (code {0})")]
    Failed(i32),
}

/// The tokens of one decode call.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    tokens: Vec<Token>,
    positions: Vec<i32>,
    sequences: Vec<i32>,
    sequence_counts: Vec<i32>,
    sequence_pointers: Vec<*mut i32>,
    outputs: Vec<i8>,
}

impl Batch {
    pub(crate) fn clear(&mut self) {
        self.tokens.clear();
        self.positions.clear();
        self.sequences.clear();
        self.outputs.clear();
    }

    pub(crate) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// The tokens whose logits are asked for.
    pub(crate) fn outputs(&self) -> usize {
        self.outputs.iter().filter(|output| **output != 0).count()
    }

    /// Adds a token of a sequence; with `output` its logits can be read after the call.
    pub(crate) fn push(&mut self, token: Token, position: usize, sequence: i32, output: bool) {
        self.tokens.push(token);
        self.positions.push(i32::try_from(position).unwrap_or(i32::MAX));
        self.sequences.push(sequence);
        self.outputs.push(i8::from(output));
    }

    /// The batch as llama.cpp takes it: every array has `n_tokens` entries. The pointers are valid until the batch is changed or dropped.
    pub(super) fn as_raw(&mut self) -> sys::llama_batch {
        self.sequence_counts.clear();
        self.sequence_counts.resize(self.tokens.len(), 1);
        self.sequence_pointers.clear();
        self.sequence_pointers.extend(self.sequences.iter_mut().map(std::ptr::from_mut));
        sys::llama_batch {
            n_tokens: i32::try_from(self.tokens.len()).unwrap_or(0),
            token: self.tokens.as_mut_ptr(),
            embd: std::ptr::null_mut(),
            pos: self.positions.as_mut_ptr(),
            n_seq_id: self.sequence_counts.as_mut_ptr(),
            seq_id: self.sequence_pointers.as_mut_ptr(),
            logits: self.outputs.as_mut_ptr(),
        }
    }
}

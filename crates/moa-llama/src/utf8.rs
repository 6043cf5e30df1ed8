//! Whole characters out of tokens that may end inside one.

/// Holds back the bytes of an unfinished character.
#[derive(Debug, Default)]
pub(crate) struct Utf8Buffer {
    bytes: Vec<u8>,
}

impl Utf8Buffer {
    /// The place to append a token's bytes to, before calling [`Self::take`].
    pub(crate) fn bytes_mut(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// The characters that are complete. Bytes that can never become one are replaced by U+FFFD.
    pub(crate) fn take(&mut self) -> String {
        let mut text = String::new();
        let mut rest = self.bytes.as_slice();
        let kept = loop {
            match std::str::from_utf8(rest) {
                Ok(valid) => {
                    text.push_str(valid);
                    break 0;
                }
                Err(error) => {
                    let (valid, after) = rest.split_at(error.valid_up_to());
                    text.push_str(&String::from_utf8_lossy(valid));
                    match error.error_len() {
                        Some(length) => {
                            text.push(char::REPLACEMENT_CHARACTER);
                            rest = &after[length..];
                        }
                        None => break after.len(),
                    }
                }
            }
        };
        self.bytes.drain(..self.bytes.len() - kept);
        text
    }

    /// What is left at the end of an answer; an unfinished character becomes U+FFFD.
    pub(crate) fn finish(&mut self) -> String {
        let text = String::from_utf8_lossy(&self.bytes).into_owned();
        self.bytes.clear();
        text
    }
}

#[cfg(test)]
#[path = "utf8_tests.rs"]
mod tests;

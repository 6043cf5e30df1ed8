//! Lines of a byte stream, whatever ends them and however they are split.

use super::decoder::SseError;

/// The mark that may stand at the beginning of a text in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Cuts a stream into lines that end with LF, CR or CRLF.
#[derive(Debug, Default)]
pub(super) struct LineSplitter {
    /// The beginning of a line whose end has not arrived.
    held: Vec<u8>,
    /// The last byte was a CR: an LF that comes next belongs to it.
    after_carriage_return: bool,
    is_past_first_line: bool,
}

impl LineSplitter {
    /// Hands every line that `bytes` complete to `take`.
    ///
    /// # Errors
    /// When a line is longer than `limit_bytes`, or `take` fails.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        limit_bytes: usize,
        mut take: impl FnMut(&[u8]) -> Result<(), SseError>,
    ) -> Result<(), SseError> {
        let mut rest = bytes;
        while let Some(first) = rest.first() {
            if std::mem::take(&mut self.after_carriage_return) && *first == b'\n' {
                rest = rest.get(1..).unwrap_or_default();
                continue;
            }
            let end = memchr::memchr2(b'\n', b'\r', rest);
            let (part, after) = rest.split_at(end.unwrap_or(rest.len()));
            if self.held.len() + part.len() > limit_bytes {
                return Err(SseError::LineTooLong { limit_bytes });
            }
            if end.is_none() {
                self.held.extend_from_slice(part);
                return Ok(());
            }
            self.after_carriage_return = after.first() == Some(&b'\r');
            rest = after.get(1..).unwrap_or_default();
            if self.held.is_empty() {
                let line = self.without_mark(part);
                take(line)?;
            } else {
                let mut held = std::mem::take(&mut self.held);
                held.extend_from_slice(part);
                let line = self.without_mark(&held);
                take(line)?;
                // Kept for its space.
                held.clear();
                self.held = held;
            }
        }
        Ok(())
    }

    /// The line that the stream ended in.
    pub(super) fn finish(&mut self) -> Option<Vec<u8>> {
        let held = std::mem::take(&mut self.held);
        (!held.is_empty()).then(|| self.without_mark(&held).to_vec())
    }

    fn without_mark<'line>(&mut self, line: &'line [u8]) -> &'line [u8] {
        if std::mem::replace(&mut self.is_past_first_line, true) {
            return line;
        }
        line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line)
    }
}

//! Server-sent events as bytes, in every way that they may be written.

use serde_json::Value;

use super::step::{Piece, STAMP};
use crate::script::{LineEnding, StampIn, StreamShape};

/// Stands for bytes that are not UTF-8 until the event is written; as long as they are.
pub(crate) const INVALID: &str = "\u{FFFD}";
const INVALID_BYTES: [u8; 3] = [0xFF, 0xC3, 0x28];

/// What an event carries.
pub(crate) enum Data<'a> {
    Json(&'a Value),
    /// JSON whose second half is missing.
    CutJson(&'a Value),
    /// JSON that holds [`INVALID`].
    InvalidUtf8(&'a Value),
    Text(&'a str),
}

/// Writes the events of one stream.
pub(crate) struct EventWriter<'a> {
    shape: &'a StreamShape,
    /// Whether each event is framed as a chunk of HTTP.
    chunked: bool,
    written: usize,
}

impl<'a> EventWriter<'a> {
    pub(crate) fn new(shape: &'a StreamShape, chunked: bool) -> Self {
        Self { shape, chunked, written: 0 }
    }

    /// One event with everything that the shape puts around it.
    pub(crate) fn event(&mut self, data: &Data<'_>, is_chunk: bool) -> Piece {
        let end = match self.shape.line_ending {
            LineEnding::Lf => "\n",
            LineEnding::CrLf => "\r\n",
            LineEnding::Cr => "\r",
        };
        let mut text = String::new();
        if self.written == 0 && self.shape.byte_order_mark {
            text.push('\u{FEFF}');
        }
        if let Some(comment) = &self.shape.comment {
            text.extend([": ", comment.as_str(), end, end]);
        }
        if self.shape.other_fields {
            let id = self.written.to_string();
            text.extend(["event: message", end, "id: ", &id, end, "retry: 3000", end]);
        }
        let field = if self.shape.no_space { "data:" } else { "data: " };
        for line in self.data(data).lines() {
            text.extend([field, line, end]);
        }
        text.push_str(end);
        self.written += 1;
        let mut bytes = text.into_bytes();
        if matches!(data, Data::InvalidUtf8(_)) {
            spoil(&mut bytes);
        }
        let bytes = self.framed(bytes);
        // Without a stamp in the shape, what looks like one is somebody's text.
        let stamped = self.shape.stamp != StampIn::Nowhere && is_chunk;
        let stamp_at = if stamped { find(&bytes, STAMP) } else { None };
        Piece { bytes, is_chunk, stamp_at, drip: self.shape.drip }
    }

    /// The end of the body, where the framing has one.
    pub(crate) fn end(&self) -> Piece {
        let bytes = if self.chunked { b"0\r\n\r\n".to_vec() } else { Vec::new() };
        Piece { drip: self.shape.drip, ..Piece::plain(bytes) }
    }

    fn data(&self, data: &Data<'_>) -> String {
        match data {
            Data::Text(text) => (*text).to_owned(),
            // Printing a value that is in memory cannot fail.
            Data::Json(value) | Data::InvalidUtf8(value) if self.shape.multi_line => {
                serde_json::to_string_pretty(value).unwrap_or_default()
            }
            Data::Json(value) | Data::InvalidUtf8(value) => value.to_string(),
            Data::CutJson(value) => {
                let whole = value.to_string();
                let half = (0..=whole.len() / 2).rev().find(|index| whole.is_char_boundary(*index));
                whole[..half.unwrap_or_default()].to_owned()
            }
        }
    }

    fn framed(&self, bytes: Vec<u8>) -> Vec<u8> {
        if !self.chunked {
            return bytes;
        }
        let mut framed = format!("{:x}\r\n", bytes.len()).into_bytes();
        framed.extend_from_slice(&bytes);
        framed.extend_from_slice(b"\r\n");
        framed
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// Puts bytes that are not UTF-8 in place of [`INVALID`]. The last one: the mock puts its own mark at the end of a text.
pub(crate) fn spoil(bytes: &mut [u8]) {
    let mark = INVALID.as_bytes();
    if let Some(index) = bytes.windows(mark.len()).rposition(|window| window == mark) {
        bytes[index..index + INVALID_BYTES.len()].copy_from_slice(&INVALID_BYTES);
    }
}

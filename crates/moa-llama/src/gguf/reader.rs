//! The head of a GGUF file: metadata and the table of tensors.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use crate::error::{ErrorKind, LlamaError};
use crate::native;

const MAGIC: [u8; 4] = *b"GGUF";
/// Counts above these are damage, not models.
const MAX_ENTRIES: u64 = 1 << 20;
const MAX_STRING_BYTES: u64 = 1 << 26;
const MAX_DIMENSIONS: u32 = 4;
/// Arrays up to this length are kept (such as heads per layer); vocabularies are skipped.
const MAX_KEPT_ITEMS: u64 = 1024;
const DEFAULT_ALIGNMENT: u64 = 32;

/// A metadata value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Bool(bool),
    String(String),
    /// A short array of whole numbers.
    Numbers(Vec<u64>),
    /// Any other array, by its length.
    Skipped(u64),
}

impl Value {
    pub(crate) fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Unsigned(number) => Some(*number),
            Self::Signed(number) => u64::try_from(*number).ok(),
            _ => None,
        }
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }
}

/// What stands before the weights.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) file_bytes: u64,
    pub(crate) metadata: HashMap<String, Value>,
    pub(crate) tensors: u64,
    pub(crate) parameters: u64,
    pub(crate) weight_bytes: u64,
    pub(crate) tiled_weight_bytes: u64,
    pub(crate) kernel_weight_bytes: u64,
}

impl Head {
    pub(crate) fn string(&self, key: &str) -> Option<&str> {
        self.metadata.get(key).and_then(Value::as_str)
    }

    pub(crate) fn number(&self, key: &str) -> Option<u64> {
        self.metadata.get(key).and_then(Value::as_u64)
    }
}

/// Reads and checks the head of a file.
///
/// # Errors
/// When the file is missing, not a GGUF file, damaged, or shorter than its table of tensors says.
pub(crate) fn read_head(path: &Path) -> Result<Head, LlamaError> {
    let file = File::open(path).map_err(|error| LlamaError::io(path, error))?;
    let about = file.metadata().map_err(|error| LlamaError::io(path, error))?;
    if about.is_dir() {
        return Err(ErrorKind::Directory(path.to_owned()).into());
    }
    let mut reader = Reader { path, input: BufReader::new(file), position: 0, file_bytes: about.len() };
    reader.head()
}

struct Reader<'path> {
    path: &'path Path,
    input: BufReader<File>,
    position: u64,
    file_bytes: u64,
}

/// The place and size of a tensor.
struct Tensor {
    kind: u32,
    offset: u64,
    bytes: u64,
}

impl Reader<'_> {
    fn head(&mut self) -> Result<Head, LlamaError> {
        let mut magic = [0; 4];
        if self.file_bytes < 4 || self.input.read_exact(&mut magic).is_err() || magic != MAGIC {
            return Err(ErrorKind::NotGguf(self.path.to_owned()).into());
        }
        self.position = 4;
        let version = self.u32()?;
        if !matches!(version, 2 | 3) {
            return Err(ErrorKind::Version { path: self.path.to_owned(), version }.into());
        }
        let tensors = self.count("tensors")?;
        let entries = self.count("metadata entries")?;
        let mut metadata = HashMap::new();
        for _ in 0..entries {
            let key = self.string()?;
            let kind = self.u32()?;
            let value = self.value(kind)?;
            if metadata.insert(key.clone(), value).is_some() {
                return Err(self.damaged(format!("the metadata key '{key}' is there twice")));
            }
        }
        let alignment = match metadata.get("general.alignment") {
            None => DEFAULT_ALIGNMENT,
            Some(value) => value
                .as_u64()
                .filter(|alignment| alignment.is_power_of_two())
                .ok_or_else(|| self.damaged("the alignment is no power of two"))?,
        };
        let (parameters, table) = self.tensor_table(tensors)?;
        let start = self
            .position
            .checked_next_multiple_of(alignment)
            .ok_or_else(|| self.damaged("the alignment is too large"))?;
        let expected_bytes = self.check_extents(start, alignment, &table)?;
        if tensors > 0 && expected_bytes > self.file_bytes {
            return Err(self.truncated(expected_bytes));
        }
        let bytes_of = |is_counted: fn(u32) -> bool| {
            table.iter().filter(|tensor| is_counted(tensor.kind)).map(|tensor| tensor.bytes).sum()
        };
        Ok(Head {
            file_bytes: self.file_bytes,
            metadata,
            tensors,
            parameters,
            weight_bytes: bytes_of(|_| true),
            tiled_weight_bytes: bytes_of(native::is_tiled),
            kernel_weight_bytes: bytes_of(native::is_known_to_kernels),
        })
    }

    /// Reads the table of tensors: the number of parameters, and where each tensor lies.
    fn tensor_table(&mut self, tensors: u64) -> Result<(u64, Vec<Tensor>), LlamaError> {
        let mut parameters = 0_u64;
        let mut table = Vec::new();
        for _ in 0..tensors {
            let name = self.string()?;
            let dimensions = self.u32()?;
            if dimensions > MAX_DIMENSIONS {
                return Err(self.damaged(format!("the tensor '{name}' has {dimensions} dimensions")));
            }
            let mut shape = [1_u64; 4];
            for extent in shape.iter_mut().take(dimensions as usize) {
                *extent = self.u64()?;
            }
            let kind = self.u32()?;
            let offset = self.u64()?;
            let bytes = native::row_bytes(kind, shape[0])
                .and_then(|row| shape[1..].iter().try_fold(row, |bytes, extent| bytes.checked_mul(*extent)))
                .ok_or_else(|| {
                    self.damaged(format!("the tensor '{name}' has an impossible type or shape"))
                })?;
            let elements = shape.iter().try_fold(1_u64, |product, extent| product.checked_mul(*extent));
            parameters = parameters.saturating_add(elements.unwrap_or(0));
            table.push(Tensor { kind, offset, bytes });
        }
        Ok((parameters, table))
    }

    /// The bytes that the file must have for all tensors to be in it.
    fn check_extents(&self, start: u64, alignment: u64, table: &[Tensor]) -> Result<u64, LlamaError> {
        let mut end = start;
        for tensor in table {
            if tensor.offset % alignment != 0 {
                return Err(self.damaged("a tensor does not lie on the file's alignment"));
            }
            let last = start
                .checked_add(tensor.offset)
                .and_then(|first| first.checked_add(tensor.bytes))
                .ok_or_else(|| self.damaged("a tensor lies beyond every possible file"))?;
            end = end.max(last);
        }
        Ok(end)
    }

    fn value(&mut self, kind: u32) -> Result<Value, LlamaError> {
        Ok(match kind {
            0 => Value::Unsigned(self.bytes::<1>()?[0].into()),
            1 => Value::Signed(i8::from_le_bytes(self.bytes()?).into()),
            2 => Value::Unsigned(u16::from_le_bytes(self.bytes()?).into()),
            3 => Value::Signed(i16::from_le_bytes(self.bytes()?).into()),
            4 => Value::Unsigned(self.u32()?.into()),
            5 => Value::Signed(i32::from_le_bytes(self.bytes()?).into()),
            6 => Value::Float(f32::from_le_bytes(self.bytes()?).into()),
            7 => Value::Bool(self.bytes::<1>()?[0] != 0),
            8 => Value::String(self.string()?),
            9 => self.array()?,
            10 => Value::Unsigned(self.u64()?),
            11 => Value::Signed(i64::from_le_bytes(self.bytes()?)),
            12 => Value::Float(f64::from_le_bytes(self.bytes()?)),
            other => return Err(self.damaged(format!("unknown metadata type {other}"))),
        })
    }

    fn array(&mut self) -> Result<Value, LlamaError> {
        let kind = self.u32()?;
        let length = self.u64()?;
        let item_bytes = match kind {
            0 | 1 | 7 => 1,
            2 | 3 => 2,
            4..=6 => 4,
            10..=12 => 8,
            8 => {
                // Each string has at least its length in front.
                if length.checked_mul(8).is_none_or(|bytes| bytes > self.remaining()) {
                    return Err(self.truncated_head());
                }
                for _ in 0..length {
                    let bytes = self.u64()?;
                    self.skip(bytes)?;
                }
                return Ok(Value::Skipped(length));
            }
            other => return Err(self.damaged(format!("unknown array type {other}"))),
        };
        if matches!(kind, 4 | 5 | 10 | 11) && length <= MAX_KEPT_ITEMS {
            let numbers: Result<Vec<Option<u64>>, LlamaError> =
                (0..length).map(|_| Ok(self.value(kind)?.as_u64())).collect();
            return Ok(Value::Numbers(numbers?.into_iter().flatten().collect()));
        }
        let bytes = length.checked_mul(item_bytes).ok_or_else(|| self.truncated_head())?;
        self.skip(bytes)?;
        Ok(Value::Skipped(length))
    }

    fn count(&mut self, what: &str) -> Result<u64, LlamaError> {
        let count = self.u64()?;
        if count > MAX_ENTRIES {
            return Err(self.damaged(format!("it claims to have {count} {what}")));
        }
        Ok(count)
    }

    fn string(&mut self) -> Result<String, LlamaError> {
        let length = self.u64()?;
        if length > self.remaining() {
            return Err(self.truncated_head());
        }
        if length > MAX_STRING_BYTES {
            return Err(self.damaged(format!("it has a text of {length} bytes")));
        }
        let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
        self.fill(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn u32(&mut self) -> Result<u32, LlamaError> {
        Ok(u32::from_le_bytes(self.bytes()?))
    }

    fn u64(&mut self) -> Result<u64, LlamaError> {
        Ok(u64::from_le_bytes(self.bytes()?))
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], LlamaError> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), LlamaError> {
        self.input.read_exact(bytes).map_err(|error| match error.kind() {
            std::io::ErrorKind::UnexpectedEof => self.truncated_head(),
            _ => LlamaError::io(self.path, error),
        })?;
        self.position += bytes.len() as u64;
        Ok(())
    }

    fn skip(&mut self, bytes: u64) -> Result<(), LlamaError> {
        if bytes > self.remaining() {
            return Err(self.truncated_head());
        }
        let offset = i64::try_from(bytes).map_err(|_| self.truncated_head())?;
        self.input.seek_relative(offset).map_err(|error| LlamaError::io(self.path, error))?;
        self.position += bytes;
        Ok(())
    }

    fn remaining(&self) -> u64 {
        self.file_bytes.saturating_sub(self.position)
    }

    fn damaged(&self, reason: impl Into<String>) -> LlamaError {
        LlamaError::malformed(self.path, reason)
    }

    fn truncated(&self, expected_bytes: u64) -> LlamaError {
        ErrorKind::Truncated { path: self.path.to_owned(), expected_bytes, actual_bytes: self.file_bytes }
            .into()
    }

    /// The file ends inside its head.
    fn truncated_head(&self) -> LlamaError {
        self.truncated(self.file_bytes.saturating_add(1))
    }
}

#[cfg(test)]
#[path = "reader_tests.rs"]
pub(in crate::gguf) mod tests;

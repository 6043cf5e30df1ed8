//! SHA-256 sums: how a file is known to be the one that was meant.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Read at once while hashing, in bytes.
const BLOCK_BYTES: usize = 1 << 20;

/// A SHA-256 sum, written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Checksum([u8; 32]);

/// A text that is not 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no SHA-256: 64 hexadecimal digits are expected")]
pub struct InvalidChecksum {
    text: String,
}

impl Checksum {
    /// The sum that a hasher has come to.
    pub(crate) fn of(hasher: Sha256) -> Self {
        Self(hasher.finalize().into())
    }

    /// The sum of a file's content and its length in bytes. `on_bytes` is told how far it has come.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(crate) fn of_file(path: &Path, mut on_bytes: impl FnMut(u64)) -> io::Result<(Self, u64)> {
        let mut hasher = Sha256::new();
        let mut done_bytes = 0;
        read_blocks(&mut File::open(path)?, |block| {
            hasher.update(block);
            done_bytes += block.len() as u64;
            on_bytes(done_bytes);
            Ok(())
        })?;
        Ok((Self::of(hasher), done_bytes))
    }
}

/// Gives everything that `source` has to `take`, block by block.
pub(crate) fn read_blocks(
    source: &mut impl Read,
    mut take: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let mut block = vec![0; BLOCK_BYTES];
    loop {
        match source.read(&mut block) {
            Ok(0) => return Ok(()),
            Ok(count) => take(block.get(..count).unwrap_or_default())?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Checksum({self})")
    }
}

impl FromStr for Checksum {
    type Err = InvalidChecksum;

    fn from_str(text: &str) -> Result<Self, InvalidChecksum> {
        let invalid = || InvalidChecksum { text: text.to_owned() };
        let digits = text
            .chars()
            .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
            .collect::<Option<Vec<u8>>>()
            .ok_or_else(invalid)?;
        let (pairs, []) = digits.as_chunks::<2>() else { return Err(invalid()) };
        let bytes: Vec<u8> = pairs.iter().map(|[high, low]| high << 4 | low).collect();
        bytes.try_into().map(Self).map_err(|_| invalid())
    }
}

impl TryFrom<String> for Checksum {
    type Error = InvalidChecksum;

    fn try_from(text: String) -> Result<Self, InvalidChecksum> {
        text.parse()
    }
}

impl From<Checksum> for String {
    fn from(checksum: Checksum) -> Self {
        checksum.to_string()
    }
}

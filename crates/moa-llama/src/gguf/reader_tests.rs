use std::io::Write;

use proptest::prelude::*;
use tempfile::NamedTempFile;

use super::*;

/// Writes GGUF files, good and bad ones.
#[derive(Default)]
pub(in crate::gguf) struct Writer {
    entries: Vec<u8>,
    entry_count: u64,
    tensors: Vec<u8>,
    tensor_count: u64,
    data_bytes: usize,
}

fn text(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend((text.len() as u64).to_le_bytes());
    bytes.extend(text.as_bytes());
}

impl Writer {
    /// A file with room for this many bytes of tensors.
    pub(in crate::gguf) fn with_data(data_bytes: usize) -> Self {
        Self { data_bytes, ..Self::default() }
    }

    pub(in crate::gguf) fn string(mut self, key: &str, value: &str) -> Self {
        text(&mut self.entries, key);
        self.entries.extend(8_u32.to_le_bytes());
        text(&mut self.entries, value);
        self.entry_count += 1;
        self
    }

    pub(in crate::gguf) fn number(mut self, key: &str, value: u32) -> Self {
        text(&mut self.entries, key);
        self.entries.extend(4_u32.to_le_bytes());
        self.entries.extend(value.to_le_bytes());
        self.entry_count += 1;
        self
    }

    pub(in crate::gguf) fn numbers(mut self, key: &str, values: &[u32]) -> Self {
        text(&mut self.entries, key);
        self.entries.extend(9_u32.to_le_bytes());
        self.entries.extend(4_u32.to_le_bytes());
        self.entries.extend((values.len() as u64).to_le_bytes());
        self.entries.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        self.entry_count += 1;
        self
    }

    /// A tensor of 32-bit floats.
    pub(in crate::gguf) fn tensor(mut self, name: &str, shape: &[u64], offset: u64) -> Self {
        text(&mut self.tensors, name);
        self.tensors.extend(u32::try_from(shape.len()).unwrap().to_le_bytes());
        self.tensors.extend(shape.iter().flat_map(|extent| extent.to_le_bytes()));
        self.tensors.extend(0_u32.to_le_bytes());
        self.tensors.extend(offset.to_le_bytes());
        self.tensor_count += 1;
        self
    }

    pub(in crate::gguf) fn bytes(&self) -> Vec<u8> {
        let mut bytes = b"GGUF".to_vec();
        bytes.extend(3_u32.to_le_bytes());
        bytes.extend(self.tensor_count.to_le_bytes());
        bytes.extend(self.entry_count.to_le_bytes());
        bytes.extend(&self.entries);
        bytes.extend(&self.tensors);
        bytes.resize(bytes.len().next_multiple_of(32) + self.data_bytes, 0);
        bytes
    }

    pub(in crate::gguf) fn file(&self) -> NamedTempFile {
        file_of(&self.bytes())
    }
}

fn file_of(bytes: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file
}

fn good() -> Writer {
    Writer::with_data(64 + 40)
        .string("general.architecture", "llama")
        .number("llama.context_length", 2048)
        .numbers("llama.attention.head_count_kv", &[2, 3])
        .tensor("a", &[4, 4], 0)
        .tensor("b", &[10], 64)
}

fn message(bytes: &[u8]) -> String {
    read_head(file_of(bytes).path()).unwrap_err().to_string()
}

#[test]
fn a_whole_file_is_read() {
    let file = good().file();
    let head = read_head(file.path()).unwrap();
    assert_eq!((head.tensors, head.parameters, head.weight_bytes), (2, 26, 104));
    assert_eq!(head.string("general.architecture"), Some("llama"));
    assert_eq!(head.number("llama.context_length"), Some(2048));
    assert_eq!(head.metadata["llama.attention.head_count_kv"], Value::Numbers(vec![2, 3]));
}

#[test]
fn a_file_that_ends_early_is_incomplete_wherever_it_ends() {
    let bytes = good().bytes();
    for length in 4..bytes.len() {
        let error = message(&bytes[..length]);
        assert!(error.contains("incomplete"), "{length} of {}: {error}", bytes.len());
    }
    let error = message(&bytes[..bytes.len() - 1]);
    assert!(
        error.contains(&bytes.len().to_string()) && error.contains(&(bytes.len() - 1).to_string()),
        "{error}"
    );
}

#[test]
fn what_is_no_gguf_file_is_said_to_be_none() {
    for bytes in [&b""[..], b"GG", b"PK\x03\x04 a zip file", b"<html>not found</html>"] {
        assert!(message(bytes).contains("not a GGUF file"));
    }
    let old = [b"GGUF".as_slice(), &1_u32.to_le_bytes(), &[0; 16]].concat();
    assert!(message(&old).contains("version 1"));
}

#[test]
fn missing_files_and_directories_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let error = read_head(folder.path()).unwrap_err();
    assert!(error.to_string().contains("is a directory"), "{error}");
    let error = read_head(&folder.path().join("none.gguf")).unwrap_err();
    assert!(error.to_string().contains("does not exist") && error.hint().is_some(), "{error}");
}

#[test]
fn impossible_numbers_are_damage_and_cost_no_memory() {
    let counts = |tensors: u64, entries: u64| {
        [b"GGUF".as_slice(), &3_u32.to_le_bytes(), &tensors.to_le_bytes(), &entries.to_le_bytes(), &[0; 64]]
            .concat()
    };
    assert!(message(&counts(u64::MAX, 0)).contains("damaged"));
    assert!(message(&counts(0, u64::MAX)).contains("damaged"));
    // A key of 2^63 bytes.
    let mut bytes = counts(0, 1);
    bytes[24..32].copy_from_slice(&(1_u64 << 63).to_le_bytes());
    assert!(message(&bytes).contains("incomplete"));
    let huge = good().tensor("c", &[1 << 40, 1 << 40], 128).bytes();
    assert!(message(&huge).contains("impossible"));
    let far = good().tensor("c", &[4], u64::MAX - 31).bytes();
    assert!(message(&far).contains("beyond"));
    let crooked = good().tensor("c", &[4], 33).bytes();
    assert!(message(&crooked).contains("alignment"));
    let twice = good().number("llama.context_length", 1).bytes();
    assert!(message(&twice).contains("twice"));
    let alignment = good().number("general.alignment", 0).bytes();
    assert!(message(&alignment).contains("power of two"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever bytes are overturned: an answer, no panic and no endless reading.
    #[test]
    fn a_damaged_file_never_breaks_the_reader(changes in prop::collection::vec((0_usize..400, any::<u8>()), 1..6)) {
        let mut bytes = good().bytes();
        for (place, value) in changes {
            let place = place % bytes.len();
            bytes[place] = value;
        }
        let _ = read_head(file_of(&bytes).path());
    }
}

//! `system_fingerprint`: the same for the same mixture over the same models.

use moa_core::{Mixture, Models};

/// A hash of the mixture and of what tells its models from every other one: files and their sizes, addresses and ids there.
pub(super) fn fingerprint(mixture: &Mixture, models: &Models) -> String {
    let mut hasher = blake3::Hasher::new();
    // Writing into a hasher does not fail, and nothing in a mixture has keys that are no texts.
    drop(serde_json::to_writer(&mut hasher, mixture));
    for id in mixture.models() {
        let identity = models.get(&id).map_or_else(String::new, |model| model.identity());
        hasher.update(b"\0");
        hasher.update(identity.as_bytes());
    }
    let digits = hasher.finalize().to_hex();
    format!("fp_{}", digits.chars().take(16).collect::<String>())
}

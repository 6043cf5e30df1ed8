//! Names of endpoints. They stand before the colon where a model is named on the spot, as in `ollama:llama3.2:1b`.

use crate::kind::ProblemKind;

/// What stands before the colon in the name of a file on the hub.
const HUB: &str = "hf";

/// Checks that a name can stand before a colon and is taken for nothing else there.
pub(super) fn check(name: &str) -> Result<(), ProblemKind> {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let is_sound = name.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric());
    if is_sound && name.bytes().all(is_part) && name != HUB {
        return Ok(());
    }
    Err(ProblemKind::BadEndpointName { name: name.to_owned() })
}

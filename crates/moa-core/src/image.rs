//! Images in messages.

use serde::{Deserialize, Serialize};

/// An image at its place in a message's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Where the image is: an address, or the image itself as a `data:` URL.
    pub url: String,
    /// How closely it is to be looked at, in the words of the endpoint: `low`, `high`, `auto`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The byte of the message's text before which the image stands; the text's length for an image at its end.
    pub position_bytes: usize,
}

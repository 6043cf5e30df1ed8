//! What is given along with a question: images, and tools that may be called.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use moa_core::{Image, Message, Tools};
use serde_json::Value;

use crate::complaint::Complaint;

/// The largest image that is sent.
const MAX_IMAGE_BYTES: u64 = 20 * 1024 * 1024;

/// The question with images behind its text: addresses are passed on, files are read.
pub(crate) fn with_images(mut question: Message, images: &[String]) -> Result<Message, Complaint> {
    for named in images {
        let url = if ["https://", "http://", "data:"].iter().any(|start| named.starts_with(start)) {
            named.clone()
        } else {
            data_url(Path::new(named))?
        };
        let position_bytes = question.content.len();
        question.images.push(Image { url, detail: None, position_bytes });
    }
    Ok(question)
}

/// The file as an address that holds it.
fn data_url(path: &Path) -> Result<String, Complaint> {
    let failed =
        |problem: String| Complaint::usage(format!("cannot use the image {}: {problem}", path.display()));
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    let kind = match extension.as_deref() {
        Some("png") => "png",
        Some("jpg" | "jpeg") => "jpeg",
        Some("gif") => "gif",
        Some("webp") => "webp",
        _ => return Err(failed("its name ends in none of .png, .jpg, .gif and .webp".to_owned())),
    };
    let size = fs::metadata(path).map_err(|error| failed(error.to_string()))?.len();
    if size > MAX_IMAGE_BYTES {
        return Err(failed(format!("it has {size} bytes, and {MAX_IMAGE_BYTES} may be sent")));
    }
    let bytes = fs::read(path).map_err(|error| failed(error.to_string()))?;
    Ok(format!("data:image/{kind};base64,{}", STANDARD.encode(bytes)))
}

/// The tools that a file describes: a list in the form of the OpenAI protocol.
pub(crate) fn tools(path: &Path) -> Result<Tools, Complaint> {
    let failed = |problem: String| {
        Complaint::usage(format!("cannot use the tools in {}: {problem}", path.display())).with_hint(Some(
            "write a list such as [{\"type\": \"function\", \"function\": {\"name\": ..., \"parameters\": ...}}]".to_owned(),
        ))
    };
    let text = fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    let tools: Vec<Value> = serde_json::from_str(&text).map_err(|error| failed(error.to_string()))?;
    if tools.is_empty() {
        return Err(failed("there is none".to_owned()));
    }
    Ok(Tools { tools, ..Tools::default() })
}

use serde_json::json;

use super::*;
use crate::address::EndpointAddress;
use crate::settings::EndpointSettings;

fn model(address: &str, extra_body: serde_json::Value) -> OpenAiModel {
    let address = EndpointAddress::parse(address).unwrap();
    let endpoint = Endpoint::new(EndpointSettings::new("together", address));
    let mut settings = ModelSettings::new("qwen", "Qwen/Qwen2.5");
    settings.extra_body = serde_json::from_value(extra_body).unwrap();
    OpenAiModel::new(&endpoint, settings)
}

#[test]
fn a_model_is_told_by_address_id_and_what_is_always_sent() {
    let plain = model("https://user:hunter22@h.example/v1/?key=abcdefgh", json!({}));
    assert_eq!(plain.identity(), "https://h.example/v1 Qwen/Qwen2.5");
    let low = model("https://h.example/v1", json!({"reasoning_effort": "low"}));
    assert_ne!(low.identity(), plain.identity());
    assert_eq!((plain.id().as_str(), plain.endpoint()), ("qwen", "together"));
    assert_eq!(plain.pricing(), Pricing::Unknown);
}

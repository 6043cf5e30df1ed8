use super::*;

#[test]
fn addresses_tell_the_dialect() {
    for (address, dialect) in [
        ("https://api.openai.com/v1", Dialect::OpenAi),
        ("https://mine.openai.azure.com/openai/v1", Dialect::Azure),
        ("https://api.together.xyz/v1", Dialect::Together),
        ("https://openrouter.ai/api/v1", Dialect::OpenRouter),
        ("https://api.groq.com/openai/v1", Dialect::Groq),
        ("https://api.mistral.ai/v1", Dialect::Mistral),
        ("https://api.deepseek.com", Dialect::DeepSeek),
        ("http://localhost:11434/v1", Dialect::Ollama),
        ("http://localhost:8000/v1", Dialect::Generic),
        ("https://notopenrouter.ai/v1", Dialect::Generic),
        ("https://api.openai.com.evil.example/v1", Dialect::Generic),
    ] {
        let parsed = EndpointAddress::parse(address).unwrap();
        assert_eq!(Dialect::Auto.settled(&parsed), dialect, "{address}");
        assert_eq!(Dialect::Vllm.settled(&parsed), Dialect::Vllm);
    }
}

use super::*;

#[test]
fn errors_are_kept_until_they_are_forgotten_and_lose_the_function_name() {
    forget_errors();
    assert_eq!(last_errors(), None);
    receive(Level::Info, "llama_model_load: all is well\n");
    receive(Level::Error, "llama_model_load: error loading model: unknown architecture\n");
    receive(Level::Error, "failed to load model\n");
    assert_eq!(last_errors().unwrap(), "error loading model: unknown architecture; failed to load model");
    forget_errors();
    assert_eq!(last_errors(), None);
}

use super::*;

fn not_found(successors: &[&str]) -> Failure {
    let mut model = ModelSettings::new("qwen", "Qwen/Qwen1.5-110B-Chat");
    model.successors = successors.iter().map(|id| (*id).to_owned()).collect();
    let body = ErrorBody::parse(br#"{"error": {"message": "no such model", "code": "model_not_found"}}"#);
    Refusal { status: 404, headers: HeaderMap::new(), body }.into_failure(&model, "the variable KEY")
}

#[test]
fn a_retired_model_names_its_successors_and_the_line_to_change() {
    let failure = not_found(&["Qwen/Qwen2.5-72B-Instruct-Turbo", "deepseek-ai/DeepSeek-V3"]);
    assert_eq!(failure.kind, FailureKind::ModelNotFound);
    let hint = failure.hint.unwrap();
    assert!(hint.contains("Qwen/Qwen2.5-72B-Instruct-Turbo or deepseek-ai/DeepSeek-V3"), "{hint}");
    assert!(
        hint.contains("replace \"Qwen/Qwen1.5-110B-Chat\" by \"Qwen/Qwen2.5-72B-Instruct-Turbo\""),
        "{hint}"
    );
    assert_eq!(hint.lines().count(), 1);
}

#[test]
fn a_retired_model_without_successors_tells_where_to_look() {
    let failure = not_found(&[]);
    assert!(failure.message.contains("Qwen/Qwen1.5-110B-Chat"));
    assert!(failure.hint.unwrap().contains("GET /models"));
}

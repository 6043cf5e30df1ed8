use super::*;
use crate::layer::LayerIndex;

fn references(texts: &[&str]) -> Vec<Reference> {
    texts
        .iter()
        .map(|text| Reference {
            layer: LayerIndex(1),
            agent: "a".to_owned(),
            model: "m".into(),
            text: (*text).to_owned(),
        })
        .collect()
}

fn fence() -> Fence {
    Fence::new(&crate::conversation::Conversation::ask("?"), LayerIndex(1))
}

#[test]
fn references_are_numbered_whole_and_not_letter_by_letter() {
    let block = SynthesisTemplate::default().render(&references(&["Paris", "Lyon"]), &fence()).unwrap();
    let paris = format!("1. {}", fence().enclose("Paris"));
    let lyon = format!("2. {}", fence().enclose("Lyon"));
    assert!(block.ends_with(&format!("{paris}\n{lyon}")), "{block}");
    assert!(!block.contains("1. P\n"), "{block}");
}

#[test]
fn a_text_of_the_users_own_replaces_the_instruction() {
    let template = SynthesisTemplate::new("Fuse:\n{{ plain_responses }}\nEnd").unwrap();
    assert_eq!(template.render(&references(&["x"]), &fence()).unwrap(), "Fuse:\n1. x\nEnd");
    let looping = "{% for r in references %}[{{ r.agent }} {{ r.layer }}: {{ r.text }}]{% endfor %}";
    let template = SynthesisTemplate::new(looping).unwrap();
    assert_eq!(template.render(&references(&["x", "y"]), &fence()).unwrap(), "[a 1: x][a 1: y]");
}

#[test]
fn template_marks_inside_an_answer_stay_text() {
    let block = SynthesisTemplate::default()
        .render(&references(&["{{ responses }} {% raw %} <b>"]), &fence())
        .unwrap();
    assert!(block.contains("\n{{ responses }} {% raw %} <b>\n"), "{block}");
}

#[test]
fn a_template_that_would_lose_the_answers_is_refused() {
    assert_eq!(SynthesisTemplate::new("Do it well."), Err(SynthesisError::NoResponses));
    assert!(matches!(SynthesisTemplate::new("{{ responses"), Err(SynthesisError::Template { .. })));
}

#[test]
fn a_template_that_never_ends_is_stopped() {
    let source =
        "{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}{{ responses }}";
    let error = SynthesisTemplate::new(source).unwrap().render(&references(&["x"]), &fence()).unwrap_err();
    assert!(matches!(error, SynthesisError::Template { .. }), "{error}");
}

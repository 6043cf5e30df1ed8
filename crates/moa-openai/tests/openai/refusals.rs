//! Recorded refusals of every dialect: which failure each becomes.

use std::fs;

use moa_core::FailureKind;
use moa_testkit::{Mock, Rule};

use crate::answers::data;
use crate::asking::{ask, model, one, settings};

/// A file's first line is the status, then come headers, then after a blank line the body.
fn rule(text: &str) -> Rule {
    let (head, body) = text.split_once("\n\n").unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().parse().unwrap();
    let rule = Rule::any().status(status).body(body.trim_end());
    lines.fold(rule, |rule, line| {
        let (name, value) = line.split_once(": ").unwrap();
        rule.header(name, value)
    })
}

#[tokio::test]
async fn every_recorded_refusal_gives_its_failure() {
    let files = data("refusals");
    assert!(files.len() > 30, "{} files", files.len());
    let mut lines = Vec::new();
    for file in files {
        let (mock, model) = one(rule(&fs::read_to_string(&file).unwrap())).await;
        let outcome = ask(&model).await;
        let failure = outcome.failed();
        let address = mock.address().to_string();
        let asked = mock.log().requests().only(|request| request.method == "POST").len();
        assert_eq!(asked, 1, "{} was asked again", file.display());
        let name = file.file_stem().unwrap().to_str().unwrap();
        let message = failure.message.replace(&address, "HOST");
        assert!(message.starts_with("asked-model at mock (HOST): "), "{message}");
        let message = message.trim_start_matches("asked-model at mock (HOST): ");
        lines.push(format!("{name}\n  {:?}: {message}", failure.kind));
        lines.extend(failure.hint.as_ref().map(|hint| format!("  hint: {hint}")));
        lines.push(format!("  retry: {} {:?}", failure.is_retryable(), failure.advice));
    }
    insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("refusals", lines.join("\n"));
    });
}

#[tokio::test]
async fn a_model_that_is_not_there_is_told_with_those_that_are_like_it() {
    let refuses = Rule::any().status(404).body(r#"{"error": {"code": "model_not_found", "message": "no"}}"#);
    let mock = Mock::builder()
        .models(["asked-model-2", "something else", "org/asked_model"])
        .rule(refuses)
        .start()
        .await
        .unwrap();
    let outcome = ask(&model(settings(&mock.base_url()))).await;
    assert_eq!(outcome.failed().kind, FailureKind::ModelNotFound);
    let hint = outcome.failed().hint.as_ref().unwrap();
    assert!(hint.starts_with("the endpoint has \"org/asked_model\", \"asked-model-2\":"), "{hint}");
}

use moa_hub::HubOptions;

use super::*;

fn hub(folder: &std::path::Path) -> Hub {
    Hub::new(HubOptions::new(folder))
}

fn missing(hub: &Hub, ids: &[&str]) -> Vec<MissingModel> {
    ids.iter().map(|id| hub.missing(&hub.reference(id).unwrap()).unwrap()).collect()
}

#[test]
fn the_question_shows_sizes_licences_room_and_place() {
    let folder = tempfile::tempdir().unwrap();
    let hub = hub(folder.path());
    std::fs::write(folder.path().join("gemma-3-270m-q4_k_m.gguf.partial"), vec![0; 53_113_024]).unwrap();
    let text = question(&hub, &missing(&hub, &["smollm2-135m-instruct", "gemma-3-270m"]));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[..3],
        [
            "2 models are not on this machine yet:",
            "  smollm2-135m-instruct         98 MB  Apache-2.0",
            "  gemma-3-270m                 253 MB (53 MB of it there)  Gemma Terms of Use",
        ]
    );
    let place = folder.path().display().to_string();
    assert!(lines[3].starts_with(&format!("Fetch them, 298 MB, into {place} (")), "{text}");
    assert!(lines[3].ends_with(" free)? [Y/n] "), "{text}");
}

#[test]
fn a_size_that_nobody_knows_is_not_made_up() {
    let folder = tempfile::tempdir().unwrap();
    let hub = hub(folder.path());
    assert_eq!(total(&missing(&hub, &["qwen1.5-0.5b-chat"])), "of a size that only the hub knows");
    let both = missing(&hub, &["qwen1.5-0.5b-chat", "smollm2-135m-instruct"]);
    assert_eq!(total(&both), "98 MB and what only the hub knows the size of");
}

#[test]
fn only_a_clear_answer_or_none_agrees() {
    assert!(["\n", "y\n", " Yes \r\n"].into_iter().all(means_yes));
    assert!(!["n\n", "no\n", "what?\n"].into_iter().any(means_yes));
}

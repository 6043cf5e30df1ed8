use std::fs;

use super::*;
use crate::options::HubOptions;

const MODEL: &str = "smollm2-135m-instruct";

fn reference() -> ModelReference {
    ModelReference::Catalogue(MODEL.to_owned())
}

#[test]
fn what_is_missing_has_a_size_a_licence_and_what_is_there_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::new(HubOptions::new(folder.path().join("not/yet")));
    let missing = hub.missing(&reference()).unwrap();
    assert_eq!((missing.total_bytes, missing.done_bytes), (Some(98_362_432), 0));
    assert_eq!(missing.licence.as_ref().unwrap().name, "Apache-2.0");
    assert!(hub.free_bytes().unwrap() > 0);

    let hub = Hub::new(HubOptions::new(folder.path()));
    let file = folder.path().join("SmolLM2-135M-Instruct.Q4_1.gguf");
    fs::write(file.with_extension("gguf.partial"), [0; 1_000]).unwrap();
    let missing = hub.missing(&reference()).unwrap();
    assert_eq!((missing.done_bytes, missing.remaining_bytes()), (1_000, Some(98_361_432)));
}

#[test]
fn a_file_that_only_has_to_be_verified_is_not_missing_and_another_one_in_its_place_is() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::new(HubOptions::new(folder.path()));
    let file = folder.path().join("SmolLM2-135M-Instruct.Q4_1.gguf");
    fs::write(&file, b"something else").unwrap();
    assert!(hub.missing(&reference()).is_some());
    fs::File::create(&file).unwrap().set_len(98_362_432).unwrap();
    assert_eq!(hub.missing(&reference()), None);
}

#[test]
fn nothing_is_missing_of_a_file_of_ones_own_or_of_a_model_that_nobody_knows() {
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::new(HubOptions::new(folder.path()));
    assert_eq!(hub.missing(&ModelReference::File(folder.path().join("mine.gguf"))), None);
    assert_eq!(hub.missing(&ModelReference::Catalogue("gone".to_owned())), None);
    let other = hub.reference("hf:owner/repo/file.gguf").unwrap();
    assert_eq!(hub.missing(&other).unwrap().total_bytes, None);
}

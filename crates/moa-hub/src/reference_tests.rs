use super::*;

fn parse(text: &str) -> Result<ModelReference, HubError> {
    ModelReference::parse(text, Catalogue::built_in())
}

fn hub_reference(repository: &str, file: &str, revision: &str) -> ModelReference {
    ModelReference::HuggingFace(HubFile {
        repository: repository.to_owned(),
        file: file.to_owned(),
        revision: revision.to_owned(),
    })
}

#[test]
fn ids_paths_and_hub_files_are_told_apart() {
    assert_eq!(parse(" gemma-3-270m ").unwrap(), ModelReference::Catalogue("gemma-3-270m".to_owned()));
    assert_eq!(parse("hf:o/r/m.gguf").unwrap(), hub_reference("o/r", "m.gguf", "main"));
    assert_eq!(parse("hf:o/r/q4/m.GGUF@refs/pr/1").unwrap(), hub_reference("o/r", "q4/m.GGUF", "refs/pr/1"));
    for path in ["./m.gguf", "../m", "m.gguf", "models/m.gguf", "/models/m.gguf"] {
        assert_eq!(parse(path).unwrap(), ModelReference::File(path.into()));
    }
}

#[test]
fn a_tilde_stands_for_the_home_folder() {
    let home = directories::BaseDirs::new().unwrap().home_dir().to_owned();
    assert_eq!(parse("~/m.gguf").unwrap(), ModelReference::File(home.join("m.gguf")));
}

#[test]
fn a_hub_file_that_the_catalogue_knows_is_the_catalogues_model() {
    let written = "hf:Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf";
    let id = "qwen2.5-coder-0.5b-instruct".to_owned();
    assert_eq!(parse(written).unwrap(), ModelReference::Catalogue(id));
    // Another revision may be another file.
    assert!(matches!(parse(&format!("{written}@v1")).unwrap(), ModelReference::HuggingFace(_)));
}

#[test]
fn what_is_shown_can_be_read_again() {
    for written in ["gemma-3-270m", "hf:o/r/m.gguf", "hf:o/r/a/m.gguf@v1", "/models/m.gguf"] {
        assert_eq!(parse(written).unwrap().to_string(), written);
    }
}

#[test]
fn an_unknown_id_comes_with_suggestions_and_the_way_to_the_list() {
    let error = parse("qwen2.5-coder-1.5b").unwrap_err();
    assert_eq!(error.to_string(), "there is no model \"qwen2.5-coder-1.5b\" in the catalogue");
    let hint = error.hint().unwrap();
    assert!(hint.starts_with("did you mean qwen2.5-coder-1.5b-instruct"), "{hint}");
    assert!(hint.contains("moa models list"), "{hint}");
    assert!(parse("zzz").unwrap_err().hint().unwrap().contains("hf:owner/repository/file.gguf"));
}

#[test]
fn paths_that_would_lead_out_of_the_models_folder_are_refused() {
    for text in [
        "hf:../../etc/m.gguf",
        "hf:o/../m.gguf",
        "hf:o/r/../m.gguf",
        "hf:o/r/a/./m.gguf",
        "hf:o/r//m.gguf",
        "hf:o/r/a\\m.gguf",
        "hf:o/r/m.gguf@..",
        "hf:o/r/m.gguf@a/../b",
        "hf:o/r/m%2F.gguf",
        "hf:o/r/m.gguf@",
    ] {
        assert!(matches!(parse(text), Err(HubError::InvalidReference { .. })), "{text}: {:?}", parse(text));
    }
}

#[test]
fn what_cannot_be_used_says_why() {
    for (text, reason) in [
        ("", "nothing was named"),
        ("hf:o/r", "owner, repository and file"),
        ("hf:m.gguf", "owner, repository and file"),
        ("hf:o/r/m.safetensors", "only .gguf"),
        ("hf:o/r/m-00001-of-00003.gguf", "split model"),
        ("Qwen/Qwen2.5-0.5B", "no path to a .gguf file"),
        ("https://user:secret@host/m.gguf?sig=secret", "web address"),
    ] {
        let error = parse(text).unwrap_err();
        assert!(error.to_string().contains(reason), "{text}: {error}");
        assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
        assert!(error.hint().unwrap().contains("hf:owner/repository/file.gguf"));
    }
}

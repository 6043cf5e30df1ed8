use super::*;

fn redactor(secrets: &[&str]) -> Redactor {
    let mut redactor = Redactor::default();
    for secret in secrets {
        redactor.add(&SecretString::from(*secret));
    }
    redactor
}

#[test]
fn secrets_are_found_in_each_form() {
    let redactor = redactor(&["sk-a/b+c\"d=="]);
    let text = r#"got sk-a/b+c"d==, sk-a%2Fb%2Bc%22d%3D%3D and sk-a/b+c\"d==!"#;
    assert_eq!(redactor.redact(text), "got ***, *** and ***!");
    assert_eq!(redactor.redact("nothing to hide"), "nothing to hide");
}

#[test]
fn keys_that_the_endpoint_half_hides_are_hidden_whole() {
    let redactor = redactor(&["sk-proj-abcdefgh1234"]);
    let text = "Incorrect API key provided: sk-proj-********1234. See (sk-proj-abcdefgh1234x)";
    assert_eq!(redactor.redact(text), "Incorrect API key provided: ***. See (***)");
}

#[test]
fn a_secret_within_another_one_does_not_save_the_rest() {
    let redactor = redactor(&["secret-1", "secret-1-and-more"]);
    assert_eq!(redactor.redact("secret-1-and-more / secret-1"), "*** / ***");
}

#[test]
fn placeholders_of_servers_without_keys_stay_readable() {
    let redactor = redactor(&["ollama", "EMPTY", ""]);
    assert_eq!(redactor.redact("try `ollama pull` first"), "try `ollama pull` first");
}

#[test]
fn the_redactor_does_not_show_what_it_knows() {
    assert!(!format!("{:?}", redactor(&["sk-secret"])).contains("sk-secret"));
}

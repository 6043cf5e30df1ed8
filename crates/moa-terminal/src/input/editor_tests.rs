use super::*;

fn completed(typed: &str) -> Vec<String> {
    let command = |name: &str| SlashCommand { name: name.to_owned(), help: String::new() };
    let mut commands = Commands(vec![command("layers"), command("load"), command("save")]);
    let result = commands.complete(typed, typed.len());
    result.suggestions().iter().map(|suggestion| suggestion.value.clone()).collect()
}

#[test]
fn only_the_name_of_a_command_is_completed() {
    assert_eq!(completed("/"), ["/layers", "/load", "/save"]);
    assert_eq!(completed("/l"), ["/layers", "/load"]);
    assert!(completed("/save no").is_empty());
    assert!(completed("l").is_empty());
}

#[cfg(unix)]
#[test]
fn the_history_is_readable_by_its_owner_only_even_if_it_was_not() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new").join("history");
    let mode = || fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    open_history(&path).unwrap();
    assert_eq!(mode(), 0o600);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    open_history(&path).unwrap();
    assert_eq!(mode(), 0o600);
}

#[test]
fn a_history_that_cannot_be_used_does_not_keep_anybody_from_chatting() {
    let folder = tempfile::tempdir().unwrap();
    let options = ChatInputOptions { history: Some(folder.path().to_owned()), ..ChatInputOptions::default() };
    let (_editor, problem) = Editor::new(options);
    assert!(problem.unwrap().contains("cannot be used"));
}

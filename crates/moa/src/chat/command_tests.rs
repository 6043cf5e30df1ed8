use super::*;

#[test]
fn every_listed_command_is_understood() {
    for (name, _) in COMMANDS {
        assert!(ChatCommand::parse(name, "x").is_ok(), "{name}");
    }
}

#[test]
fn a_command_without_its_argument_says_what_is_missing() {
    assert_eq!(ChatCommand::parse("save", "  "), Err("/save needs a file: /save talk.md".to_owned()));
    assert_eq!(ChatCommand::parse("layers", ""), Ok(ChatCommand::Layers(None)));
    assert!(ChatCommand::parse("nonsense", "").unwrap_err().contains("/help"));
}

use std::time::Duration;

use crate::fixture::{config_of, options, refused, rendered, user};
use crate::{FileKind, OnDisconnect, ReasoningField, ServerSettings, ToolPolicy};

const HASH: &str = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";

#[test]
fn without_a_word_the_server_is_for_this_machine_alone() {
    let config = user("").unwrap();
    assert_eq!(config.server(), &ServerSettings::default());
    assert!(config.server().listen.ip().is_loopback() && !config.server().allow_anonymous);
    // No proxy may take a silence for the end (R16).
    assert!(config.server().keep_alive <= Duration::from_secs(10));
}

#[test]
fn every_key_of_the_table_is_read_and_a_later_file_wins_key_by_key() {
    let first = format!(
        "[server]\nlisten = \"0.0.0.0:9000\"\nallowed-hosts = [\"moa.example\"]\ncors-origins = [\"https://chat.example\"]\n\
         reasoning = \"reasoning\"\ntools = \"bypass\"\non-disconnect = \"finish\"\nwrite-idle = \"2s\"\nkeep-alive = \"1s\"\n\
         drain = \"3s\"\nretry-window = \"1m\"\nmax-body-bytes = 100\nmax-runs = 2\nmax-queue = 0\nmax-run-bytes = 7\nmax-kept-bytes = 8\n\
         run-candidates = true\n\
         [server.inline]\nmax-layers = 2\nmax-agents = 3\nmodels = [\"gemma-3-270m\"]\n\
         [server.keys.ann]\nsha256 = \"{HASH}\"\nmax-runs = 1\nrequests-per-minute = 60\n"
    );
    let second = "[server]\nmax-runs = 5\n[server.inline]\nallowed = false\n";
    let config = config_of(&[(FileKind::User, &first), (FileKind::Explicit, second)], options()).unwrap();
    let server = config.server();
    assert_eq!(server.listen.to_string(), "0.0.0.0:9000");
    assert_eq!(server.reasoning, ReasoningField::Reasoning);
    assert_eq!(server.tools, ToolPolicy::Bypass);
    assert_eq!(server.on_disconnect, OnDisconnect::Finish);
    assert_eq!(server.drain, Duration::from_secs(3));
    assert_eq!((server.max_runs, server.max_queue), (5, 0));
    assert_eq!((server.max_run_bytes, server.max_kept_bytes), (7, 8));
    assert!(
        server.run_candidates && !ServerSettings::default().run_candidates,
        "nothing is run unless somebody wants it"
    );
    assert!(!server.inline.allowed && server.inline.max_layers == 2);
    assert_eq!(server.keys[0].name, "ann");
    assert_eq!(server.keys[0].sha256[0], 0x2c);
    assert_eq!(server.keys[0].requests_per_minute, Some(60));
}

#[test]
fn a_project_may_not_open_a_server() {
    let error =
        config_of(&[(FileKind::Project, "[server]\nallow-anonymous = true\n")], options()).unwrap_err();
    assert!(rendered(&error).contains("a project file may not say"), "{}", rendered(&error));
}

#[test]
fn what_is_wrong_is_named_and_a_hash_is_never_shown() {
    let text = "[server]\nlisten = \"localhost\"\nkeep-alive = \"11s\"\ncors-origins = [\"chat.example\"]\nmax-runs = 0\n\
                [server.keys.ann]\nsha256 = \"sk-not-a-hash-but-the-key-0123456789\"\n";
    let shown = refused(text);
    for part in ["localhost", "at most 10s", "chat.example", "max-runs", "moa serve hash-key"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!shown.contains("not-a-hash"), "{shown}");
}

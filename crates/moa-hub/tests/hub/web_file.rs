//! Small files of known content.

use moa_hub::{HubError, Source, Token, WebFile};

use crate::fixture::{Fixture, hex};
use crate::server::FakeHub;

const BYTES: usize = 200_000;

/// The fixture's content as a file of a server's.
fn file(fixture: &Fixture, server: &FakeHub) -> WebFile {
    WebFile {
        address: format!("{}/data/questions.jsonl", server.url()),
        bytes: BYTES as u64,
        sha256: fixture.sum().parse().unwrap(),
    }
}

#[tokio::test]
async fn a_file_comes_whole_and_without_anybodys_token() {
    let mut fixture = Fixture::new(BYTES, 1);
    let server = fixture.serve();
    fixture.options.token = Some(Token::new("hf_topsecret", "HF_TOKEN"));
    let content = fixture.hub().web_file(&file(&fixture, &server)).await.unwrap();
    assert!(content == fixture.content);
    let seen = server.seen();
    assert_eq!((seen.len(), seen[0].path.as_str()), (1, "/data/questions.jsonl"));
    assert_eq!(seen[0].authorization, None);
}

#[tokio::test]
async fn a_file_behind_another_address_is_followed() {
    let mut fixture = Fixture::new(BYTES, 1);
    let server = fixture.serve();
    let storage = FakeHub::start(fixture.content.clone(), None);
    server.behaviour().redirect_to = Some(format!("{}/blob", storage.url()));
    let content = fixture.hub().web_file(&file(&fixture, &server)).await.unwrap();
    assert!(content == fixture.content);
}

#[tokio::test]
async fn what_is_not_the_file_is_refused_with_what_was_wrong() {
    let mut fixture = Fixture::new(BYTES, 1);
    let server = fixture.serve();
    let wanted = file(&fixture, &server);
    let get = async || fixture.hub().web_file(&wanted).await.unwrap_err();

    let reversed: Vec<u8> = fixture.content.iter().rev().copied().collect();
    server.behaviour().content.clone_from(&reversed);
    let error = get().await;
    assert!(matches!(error, HubError::WrongChecksum { .. }), "{error:?}");
    assert!(error.to_string().contains(&hex(&reversed)), "{error}");

    server.behaviour().content.truncate(1_000);
    let error = get().await;
    assert!(matches!(error, HubError::WrongSize { actual: 1_000, .. }), "{error:?}");

    server.behaviour().status = Some(404);
    let error = get().await;
    assert!(matches!(error, HubError::UnexpectedStatus { status: 404, .. }), "{error:?}");
}

#[tokio::test]
async fn a_body_that_does_not_end_is_not_read_to_its_end() {
    let mut fixture = Fixture::new(BYTES, 1);
    let server = fixture.serve();
    // A hundred times as long, and nothing comes after the first two million bytes: whoever waits for the rest never returns.
    server.behaviour().content = vec![b'x'; 100 * BYTES];
    server.behaviour().pauses = [2_000_000].into();
    let error = fixture.hub().web_file(&file(&fixture, &server)).await.unwrap_err();
    server.open_gate();
    let HubError::WrongSize { expected, actual, .. } = error else { panic!("{error:?}") };
    assert_eq!(expected, BYTES as u64);
    assert!(actual > expected && actual < 2_000_000, "{actual}");
}

#[tokio::test]
async fn a_connection_that_breaks_gives_no_file() {
    let mut fixture = Fixture::new(BYTES, 1);
    let server = fixture.serve();
    server.behaviour().cuts = [1_000].into();
    let error = fixture.hub().web_file(&file(&fixture, &server)).await.unwrap_err();
    assert!(matches!(error, HubError::Unreachable { .. }), "{error:?}");
}

#[tokio::test]
async fn whoever_allows_no_hub_allows_no_web() {
    let mut fixture = Fixture::new(BYTES, 1);
    let server = fixture.serve();
    let wanted = file(&fixture, &server);
    for sources in [vec![], vec![Source::PackageIndex]] {
        fixture.options.sources = sources;
        let error = fixture.hub().web_file(&wanted).await.unwrap_err();
        assert!(matches!(error, HubError::Offline { .. }), "{error:?}");
    }
    assert_eq!(server.seen().len(), 0, "nobody was asked");
    fixture.options.sources = vec![Source::HuggingFace];
    let nowhere = WebFile { address: "no address".to_owned(), ..wanted };
    let error = fixture.hub().web_file(&nowhere).await.unwrap_err();
    assert!(matches!(error, HubError::InvalidOption { .. }), "{error:?}");
}

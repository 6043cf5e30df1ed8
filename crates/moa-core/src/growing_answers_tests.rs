use super::*;

#[test]
fn each_agent_sees_what_the_others_wrote_and_not_its_own() {
    let answers = Arc::new(GrowingAnswers::new(3, ["earlier"]));
    for (place, text) in ["one", "two", "three"].into_iter().enumerate() {
        answers.of(place).unwrap().push(text);
    }
    answers.of(2).unwrap().end();
    let seen = |place: usize| -> Vec<String> {
        let peers = answers.peers_of(place).unwrap();
        (0..peers.count()).map(|peer| peers.since(peer, 0).text).collect()
    };
    assert_eq!(seen(0), ["two", "three", "earlier"]);
    assert_eq!(seen(1), ["one", "three", "earlier"]);
    assert_eq!(seen(2), ["one", "two", "earlier"]);
    let peers = answers.peers_of(0).unwrap();
    let ended: Vec<bool> = (0..peers.count()).map(|peer| peers.since(peer, 0).has_ended).collect();
    assert_eq!(ended, [false, true, true]);
}

#[test]
fn what_is_new_is_told_and_who_is_alone_has_no_peers() {
    let answers = Arc::new(GrowingAnswers::new(2, []));
    let peers = answers.peers_of(1).unwrap();
    assert_eq!(peers.since(0, 0), Growth::default());
    answers.of(0).unwrap().push("grün");
    assert_eq!(peers.since(0, 2).text, "ün");
    // No place between two characters, or beyond the end, panics.
    assert_eq!(peers.since(0, 3).text, "");
    assert_eq!(peers.since(0, 99).text, "");
    assert_eq!(peers.since(7, 0), Growth::default());
    assert_eq!(format!("{peers:?}"), "Peers { count: 1, .. }");
    assert!(Arc::new(GrowingAnswers::new(1, [])).peers_of(0).is_none());
}

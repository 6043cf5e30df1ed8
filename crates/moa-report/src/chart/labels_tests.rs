use proptest::prelude::*;

use super::{Place, Room, Spot, overlap, places};

const VIEW: Room = (50.0, 10.0, 720.0, 320.0);

fn spot(across: f64, up: f64) -> Spot {
    Spot { across, up, interval: None, width: Some(120.0) }
}

fn room(place: Place) -> Room {
    let left = if place.is_on_the_left { place.across - 120.0 } else { place.across };
    (left, place.top, left + 120.0, place.top + 15.0)
}

#[test]
fn a_name_stands_right_of_its_point_where_there_is_room() {
    let places = places(&[spot(100.0, 100.0), spot(700.0, 200.0)], &[], VIEW);
    assert_eq!(places[0], Some(Place { across: 110.0, top: 92.0, is_on_the_left: false, leader: None }));
    assert_eq!(
        places[1],
        Some(Place { across: 690.0, top: 192.0, is_on_the_left: true, leader: None }),
        "no room on its right"
    );
}

#[test]
fn what_has_no_name_gets_no_place_and_keeps_its_own() {
    let nameless = Spot { width: None, ..spot(180.0, 100.0) };
    let places = places(&[spot(100.0, 100.0), nameless], &[], VIEW);
    assert_eq!(places[1], None);
    assert!(
        places[0].is_some_and(|place| place.is_on_the_left || (place.top - 92.0).abs() > 1.0),
        "it would lie on the point"
    );
}

#[test]
fn a_name_does_not_lie_on_a_line_where_there_is_room_beside_its_point() {
    let line = (100.0, 99.0, 300.0, 101.0);
    let place = places(&[spot(200.0, 100.0)], &[line], VIEW)[0].unwrap();
    assert!(!overlap(&room(place), &line) && place.leader.is_none(), "{place:?}");
}

#[test]
fn in_a_crowd_names_stand_apart_and_lines_lead_to_them() {
    let crowd: Vec<Spot> =
        (0..12).map(|place| spot(300.0 + f64::from(place % 4) * 9.0, 150.0 + f64::from(place))).collect();
    let rooms: Vec<Place> = places(&crowd, &[], VIEW).into_iter().flatten().collect();
    assert!(rooms.iter().any(|place| place.leader.is_some()), "there is no room for twelve beside them");
    for (at, one) in rooms.iter().enumerate() {
        assert!(rooms[at + 1..].iter().all(|other| !overlap(&room(*one), &room(*other))), "{one:?}");
    }
}

proptest! {
    #[test]
    fn every_name_has_a_place_in_view(points in prop::collection::vec((60.0..710.0, 20.0..300.0), 0..20)) {
        let spots: Vec<Spot> = points.iter().map(|(across, up)| spot(*across, *up)).collect();
        for place in places(&spots, &[], VIEW) {
            let (left, top, right, bottom) = room(place.unwrap());
            prop_assert!(left >= VIEW.0 && right <= VIEW.2 && top >= VIEW.1 && bottom <= VIEW.3);
        }
    }
}

//! Places for the names of points in a plane.

/// A rectangle: left, top, right, bottom.
pub(super) type Room = (f64, f64, f64, f64);

/// The height of a line of text.
const LINE: f64 = 15.0;

/// A point as names see it, in the units of the drawing.
pub(super) struct Spot {
    pub(super) across: f64,
    pub(super) up: f64,
    /// Top and bottom of its interval.
    pub(super) interval: Option<(f64, f64)>,
    /// How wide its name is, if it has one.
    pub(super) width: Option<f64>,
}

/// Where a name stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    /// Where it begins, or ends if it stands on the left of its point.
    pub(super) across: f64,
    pub(super) top: f64,
    pub(super) is_on_the_left: bool,
    /// Where a line from its point ends, if it stands so far away that one is needed.
    pub(super) leader: Option<(f64, f64)>,
}

/// A place for each name inside of `view`, where it lies on no point and no other name: beside its point if there is room, else as near
/// to it as there is. Of the places beside its point it takes the one that intervals and `lines` cross least.
pub(super) fn places(spots: &[Spot], lines: &[Room], view: Room) -> Vec<Option<Place>> {
    let mut taken: Vec<Room> = spots
        .iter()
        .map(|Spot { across, up, .. }| (across - 7.0, up - 7.0, across + 7.0, up + 7.0))
        .collect();
    let intervals = spots.iter().filter_map(|spot| {
        spot.interval.map(|(top, bottom)| (spot.across - 2.0, top, spot.across + 2.0, bottom))
    });
    let lines: Vec<Room> = intervals.chain(lines.iter().copied()).collect();
    let place = |spot: &Spot| {
        let width = spot.width?;
        let room = |(left, top): (f64, f64)| (left, top, left + width, top + LINE);
        let (near, far): (Vec<Room>, Vec<Room>) =
            (beside(spot, width).into_iter().map(room).collect(), around(spot, width).map(room).collect());
        let in_view =
            |room: &Room| room.0 >= view.0 && room.2 <= view.2 && room.1 >= view.1 && room.3 <= view.3;
        let fits = |room: &Room| in_view(room) && !taken.iter().any(|other| overlap(room, other));
        let crossed = |room: &Room| lines.iter().map(|line| common_area(room, line)).sum::<f64>();
        let beside = near
            .iter()
            .filter(|room| fits(room))
            .min_by(|one, other| crossed(one).total_cmp(&crossed(other)));
        let found = beside.or_else(|| far.iter().find(|room| fits(room)));
        let (left, top, right, bottom) =
            *found.or_else(|| near.iter().find(|room| in_view(room))).or(near.first())?;
        let leader = beside.is_none().then(|| {
            let end = if top > spot.up { top } else { bottom };
            (spot.across.clamp(left, right), if (top..=bottom).contains(&spot.up) { spot.up } else { end })
        });
        taken.push((left, top, right, bottom));
        let is_on_the_left = right < spot.across;
        Some(Place { across: if is_on_the_left { right } else { left }, top, is_on_the_left, leader })
    };
    spots.iter().map(place).collect()
}

/// Left upper corners of places that touch the point, the best first.
fn beside(&Spot { across, up, .. }: &Spot, width: f64) -> [(f64, f64); 8] {
    [
        (across + 10.0, up - 8.0),
        (across - 10.0 - width, up - 8.0),
        (across + 6.0, up - 24.0),
        (across + 6.0, up + 8.0),
        (across - 6.0 - width, up - 24.0),
        (across - 6.0 - width, up + 8.0),
        (across - width / 2.0, up - 30.0),
        (across - width / 2.0, up + 14.0),
    ]
}

/// Left upper corners of places further and further away.
fn around(&Spot { across, up, .. }: &Spot, width: f64) -> impl Iterator<Item = (f64, f64)> {
    (1..=24).flat_map(move |step| {
        let away = 16.0 * f64::from(step);
        let sides = [across + away, across - width / 2.0, across - away - width];
        let heights = [up - 8.0, up - 24.0 - away, up + 8.0 + away];
        sides.into_iter().flat_map(move |left| heights.map(move |top| (left, top)))
    })
}

fn common_area(one: &Room, other: &Room) -> f64 {
    let across = one.2.min(other.2) - one.0.max(other.0);
    let up = one.3.min(other.3) - one.1.max(other.1);
    across.max(0.0) * up.max(0.0)
}

fn overlap(one: &Room, other: &Room) -> bool {
    one.0 < other.2 && other.0 < one.2 && one.1 < other.3 && other.1 < one.3
}

#[cfg(test)]
#[path = "labels_tests.rs"]
mod tests;

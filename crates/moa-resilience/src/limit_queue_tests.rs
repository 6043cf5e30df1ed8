use proptest::prelude::*;

use super::*;

/// One request of a simulation, in whole seconds.
#[derive(Debug, Clone)]
struct Request {
    /// After the one before came.
    gap: u64,
    /// How long its answer takes.
    takes: u64,
    reserved: u64,
    used: u64,
}

#[derive(Debug, Default, Clone)]
struct Course {
    came: u64,
    ticket: Option<u64>,
    admitted: Option<u64>,
    over: Option<u64>,
}

fn requests() -> impl Strategy<Value = Vec<Request>> {
    let request =
        (0_u64..8, 1_u64..90, 1_u64..100, 0_u64..=100).prop_map(|(gap, takes, reserved, percent)| Request {
            gap,
            takes,
            reserved,
            used: reserved * percent / 100,
        });
    prop::collection::vec(request, 1..40)
}

fn limits() -> impl Strategy<Value = LimitSettings> {
    let caps = (prop::option::of(1_u32..5), prop::option::of(1_u32..12), prop::option::of(100_u64..400));
    caps.prop_map(|(in_flight, requests_per_minute, tokens_per_minute)| LimitSettings {
        in_flight,
        requests_per_minute,
        tokens_per_minute,
        queue: 1_000,
    })
}

/// What the limits would say at `second` of all but the request `except`: requests in flight, requests of the last minute, tokens.
fn usage(requests: &[Request], courses: &[Course], second: u64, except: usize) -> (u64, u64, u64) {
    let others = requests.iter().zip(courses).enumerate().filter(|(place, _)| *place != except);
    let (mut in_flight, mut started, mut tokens) = (0, 0, 0);
    for (_, (request, course)) in others {
        let Some(admitted) = course.admitted.filter(|&admitted| admitted <= second) else { continue };
        started += u64::from(admitted + 60 > second);
        match course.over.filter(|&over| over <= second) {
            None => {
                in_flight += 1;
                tokens += request.reserved;
            }
            Some(over) if over + 60 > second => tokens += request.used,
            Some(_) => {}
        }
    }
    (in_flight, started, tokens)
}

/// Plays `requests` second by second. Checks at each that whoever waits has a reason to.
fn play(settings: LimitSettings, requests: &[Request]) -> Vec<Course> {
    let start = Instant::now();
    let at = |second| start + Duration::from_secs(second);
    let mut queue = LimitQueue::new(settings);
    let mut courses = vec![Course::default(); requests.len()];
    let mut came = 0;
    for (course, request) in courses.iter_mut().zip(requests) {
        came += request.gap;
        course.came = came;
    }
    for second in 0..20_000 {
        for (course, request) in courses.iter_mut().zip(requests) {
            if course.over.is_none() && course.admitted.is_some_and(|begun| begun + request.takes == second) {
                course.over = Some(second);
                queue.release(request.reserved, request.used, at(second));
            }
        }
        for (course, request) in courses.iter_mut().zip(requests).filter(|(course, _)| course.came == second)
        {
            match queue.enter(request.reserved, at(second)) {
                Entry::Admitted => course.admitted = Some(second),
                Entry::Waiting(ticket, _) => course.ticket = Some(ticket),
                Entry::Full(_) => panic!("the queue is long enough"),
            }
        }
        for course in courses.iter_mut().filter(|course| course.admitted.is_none()) {
            let turn = course.ticket.map(|ticket| queue.turn(ticket, at(second)));
            if let Some(Turn::Admitted(since)) = turn {
                assert_eq!(since, at(second));
                course.admitted = Some(second);
            }
        }
        let first = courses.iter().position(|course| course.came <= second && course.admitted.is_none());
        if let Some(first) = first {
            let (in_flight, started, tokens) = usage(requests, &courses, second, first);
            let is_full = settings.in_flight.is_some_and(|cap| in_flight >= u64::from(cap))
                || settings.requests_per_minute.is_some_and(|cap| started >= u64::from(cap))
                || settings.tokens_per_minute.is_some_and(|cap| tokens + requests[first].reserved > cap);
            assert!(is_full, "request {first} waits at {second} s for nothing");
        }
        if courses.iter().all(|course| course.over.is_some()) {
            return courses;
        }
    }
    panic!("somebody waits for ever");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn no_window_at_any_instant_is_above_a_cap_and_nobody_waits_for_nothing(
        settings in limits(),
        requests in requests(),
    ) {
        let courses = play(settings, &requests);
        let last = courses.iter().filter_map(|course| course.over).max().unwrap();
        for second in 0..=last + 60 {
            let within = |time: Option<u64>| time.is_some_and(|time| time <= second && time + 60 > second);
            let running = courses.iter().filter(|course| {
                course.admitted.is_some_and(|begun| begun <= second) && course.over.is_none_or(|over| over > second)
            });
            prop_assert!(settings.in_flight.is_none_or(|cap| running.count() <= cap as usize));
            let started = courses.iter().filter(|course| within(course.admitted)).count();
            prop_assert!(settings.requests_per_minute.is_none_or(|cap| started <= cap as usize));
            // Whether the endpoint counts tokens when a request comes, when its answer is over, or half and half.
            let tokens = |at: fn(&Course) -> Option<u64>| -> u64 {
                let counted = requests.iter().zip(&courses).filter(|(_, course)| within(at(course)));
                counted.map(|(request, _)| request.used).sum()
            };
            let (early, late) = (tokens(|course| course.admitted), tokens(|course| course.over));
            prop_assert!(settings.tokens_per_minute.is_none_or(|cap| early <= cap && late <= cap));
        }
        prop_assert!(courses.windows(2).all(|pair| pair[0].admitted <= pair[1].admitted), "first come, first served");
    }
}

#[test]
fn whoever_leaves_the_queue_makes_room_for_the_next() {
    let start = Instant::now();
    let settings = LimitSettings { tokens_per_minute: Some(10), ..LimitSettings::default() };
    let mut queue = LimitQueue::new(settings);
    assert!(matches!(queue.enter(5, start), Entry::Admitted));
    let Entry::Waiting(large, _) = queue.enter(9, start) else { panic!("9 of 5 are not free") };
    let Entry::Waiting(small, _) = queue.enter(5, start) else { panic!("nobody overtakes") };
    assert_eq!(queue.turn(small, start), Turn::Later);
    queue.leave(large, 9, start);
    assert_eq!(queue.turn(small, start), Turn::Admitted(start));
}

#[test]
fn those_in_front_are_told_when_to_look_again() {
    let start = Instant::now();
    let settings = LimitSettings { requests_per_minute: Some(1), ..LimitSettings::default() };
    let mut queue = LimitQueue::new(settings);
    assert!(matches!(queue.enter(0, start), Entry::Admitted));
    let tickets: Vec<u64> = (0..6)
        .map(|_| match queue.enter(0, start) {
            Entry::Waiting(ticket, _) => ticket,
            other => panic!("{other:?}"),
        })
        .collect();
    let minute = start + MINUTE;
    assert_eq!(queue.turn(tickets[0], start), Turn::LookAgain(minute));
    assert_eq!(queue.turn(tickets[3], start), Turn::LookAgain(minute));
    assert_eq!(queue.turn(tickets[4], start), Turn::Later);
    // The second one looks, and the first is admitted.
    assert_eq!(queue.turn(tickets[1], minute), Turn::LookAgain(minute + MINUTE));
    assert_eq!(queue.turn(tickets[0], minute), Turn::Admitted(minute));
}

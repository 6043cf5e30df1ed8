use std::time::Duration;

use super::{Budget, parse};

#[test]
fn times_and_amounts_are_read_alone_and_together() {
    let time = |seconds: u64| Some(Duration::from_secs(seconds));
    for (written, expected) in [
        ("45m", Budget { time: time(2_700), usd: None }),
        ("1h30m", Budget { time: time(5_400), usd: None }),
        ("90s", Budget { time: time(90), usd: None }),
        ("1.5h", Budget { time: time(5_400), usd: None }),
        ("$2", Budget { time: None, usd: Some(2.0) }),
        ("0.5usd", Budget { time: None, usd: Some(0.5) }),
        ("3h, $2", Budget { time: time(10_800), usd: Some(2.0) }),
        ("$0,1d", Budget { time: time(86_400), usd: Some(0.0) }),
    ] {
        assert_eq!(parse(written), Ok(expected), "{written}");
    }
}

#[test]
fn what_is_no_budget_is_refused_with_examples() {
    for written in
        ["", "5", "m", "0s", "-1h", "$", "$x", "$-1", "$nan", "1h,2h", "$1,$2", "1 fortnight", "1h,"]
    {
        let refusal = parse(written).unwrap_err();
        assert!(refusal.contains("write 45m"), "{written}: {refusal}");
    }
}

use reqwest::header::{HeaderName, HeaderValue};

use super::*;

fn advice(headers: &[(&'static str, &'static str)]) -> RetryAdvice {
    let pairs =
        headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
    let now = httpdate::parse_http_date("Tue, 24 Nov 2026 15:00:00 GMT").unwrap();
    retry_advice(&pairs.collect(), now)
}

fn after(headers: &[(&'static str, &'static str)]) -> Option<Duration> {
    advice(headers).after
}

#[test]
fn waits_are_read_in_each_form() {
    assert_eq!(after(&[("retry-after", "2")]), Some(Duration::from_secs(2)));
    assert_eq!(after(&[("retry-after", " 1.5 ")]), Some(Duration::from_millis(1500)));
    assert_eq!(after(&[("retry-after-ms", "150"), ("retry-after", "9")]), Some(Duration::from_millis(150)));
    let date = ("retry-after", "Tue, 24 Nov 2026 15:00:07 GMT");
    assert_eq!(after(&[date]), Some(Duration::from_secs(7)));
    // The server's clock is five seconds ahead.
    assert_eq!(after(&[date, ("date", "Tue, 24 Nov 2026 15:00:05 GMT")]), Some(Duration::from_secs(2)));
    assert_eq!(after(&[("retry-after", "Tue, 24 Nov 2026 14:00:00 GMT")]), Some(Duration::ZERO));
}

#[test]
fn what_makes_no_sense_is_no_advice() {
    for value in ["", "soon", "-1", "NaN", "inf", "1e400", "1e30"] {
        assert_eq!(after(&[("retry-after", value)]), None, "{value}");
        assert_eq!(after(&[("retry-after-ms", value)]), None, "{value}");
    }
    assert_eq!(advice(&[("x-should-retry", "maybe")]), RetryAdvice::default());
}

#[test]
fn the_endpoint_may_decide_itself() {
    assert_eq!(advice(&[("x-should-retry", "true")]).should_retry, Some(true));
    assert_eq!(advice(&[("x-should-retry", "false")]).should_retry, Some(false));
}

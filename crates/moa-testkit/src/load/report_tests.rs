use super::super::call::Measured;
use super::*;

#[test]
fn a_report_has_the_quantiles_of_what_was_gathered() {
    let mut gathered = Gathered::new().unwrap();
    for millisecond in 1..=1_000 {
        let end = Duration::from_millis(millisecond);
        let measured =
            Measured { first_byte: end / 2, end, forwarding: vec![Duration::from_nanos(700); 2], bytes: 10 };
        gathered.add(Done { lag: Duration::ZERO, result: Ok(measured) });
    }
    gathered.add(Done { lag: Duration::from_hours(1), result: Err("status 503".to_owned()) });
    let report = gathered.report(100.0, Duration::from_secs(10));
    let near =
        |seen: f64, wanted: f64| assert!((seen - wanted).abs() <= wanted / 500.0, "{seen} is not {wanted}");
    let (first_byte, end, forwarding) =
        (report.first_byte.unwrap(), report.end.unwrap(), report.forwarding.unwrap());
    for (seen, milliseconds) in
        [(end.min, 1), (end.p50, 500), (end.p90, 900), (end.p99, 990), (end.max, 1_000)]
    {
        near(seen, f64::from(milliseconds) * 1_000.0);
    }
    near(first_byte.p50, 250_000.0);
    near(forwarding.max, 0.7);
    near(report.lag.unwrap().max, 3.6e9);
    assert_eq!(
        (end.count, forwarding.count, report.sent, report.succeeded, report.bytes),
        (1_000, 2_000, 1_001, 1_000, 10_000)
    );
    let text = report.to_string();
    assert!(text.contains("1001 requests at 100/s in 10.0 s: 1000 succeeded, 1 failed"), "{text}");
    assert!(text.contains("1 x status 503") && text.contains("250."), "{text}");
}

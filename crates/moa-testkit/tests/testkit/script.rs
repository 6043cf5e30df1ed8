//! Scripts as TOML: the same as built ones, and errors that show the place.

use std::time::Duration;

use moa_testkit::{
    Accept, Certificate, Chunks, Fault, Latency, Mock, Phase, Point, ReasoningForm, RetryAfter, Route, Rule,
    Script, StampIn, StreamError, UsageAt,
};

use crate::client::{ask, chat};

#[test]
fn the_example_is_a_script() {
    let script = Script::from_toml("example.toml", Script::example()).unwrap();
    assert!(script.rules.len() > 8 && script.phases.len() == 4);
    // What is said in comments to be possible is possible.
    for commented in ["tls = \"valid\"", "repeat-phases-every = \"60s\"", "stream.cut-json-in-chunk = 2"] {
        let text = Script::example().replacen(&format!("# {commented}"), commented, 1);
        assert_ne!(text, Script::example(), "{commented}");
        assert_ne!(Script::from_toml("example.toml", &text).unwrap(), script);
    }
}

#[test]
fn built_scripts_and_written_ones_are_the_same() {
    let ms = Duration::from_millis;
    let built = Mock::builder()
        .seed(3)
        .port(0)
        .tls(Certificate::Expired)
        .models(["a", "b"])
        .repeat_phases_every(Duration::from_mins(1))
        .phase(Phase::named("down").after(ms(1500)).after_requests(7).accept(Accept::Silent))
        .rule(
            Rule::model("a*")
                .named("n")
                .times(2)
                .numbers(2, 5)
                .when_header("X-A", "*")
                .when_prompt_contains("p")
                .when_stream(true)
                .when_phase("down")
                .when_in_flight_above(3)
                .answer("text")
                .max_tokens(9)
                .reasoning("hm", ReasoningForm::Think)
                .tool_call("f", "{}")
                .usage(UsageAt::EveryChunk)
                .usage_tokens(1, 2)
                .finish_reason("content_filter")
                .stamp(StampIn::Text)
                .drip(2, ms(3))
                .stream(|stream| {
                    stream.chunks = Chunks::Tokens(2);
                    stream.error = Some(StreamError { done: true, ..StreamError::before_chunk(2) });
                })
                .latency(Latency::uniform(ms(1), ms(2)))
                .first_token(Latency::quantiles([(0.5, ms(1)), (1.0, Duration::from_secs(3))]))
                .pace(Duration::from_micros(250))
                .hold(Point::BeforeHead)
                .hold(Point::BeforeChunk(2))
                .fault(Fault::StallAt(Point::BeforeEnd)),
        )
        .rule(Rule::route(Route::Any).every(2).lorem(8).status(429).retry_after(RetryAfter::DateIn(ms(2000))))
        .rule(
            Rule::any().echo().one_chunk().reset_after_bytes(5).should_retry(true).header("x", "y").body("b"),
        );
    let text = toml::to_string(built.script()).unwrap();
    assert_eq!(&Script::from_toml("written.toml", &text).unwrap(), built.script(), "{text}");
}

#[tokio::test]
async fn a_written_script_is_served() {
    let text = "[[rules]]\nwhen.model = 'a'\nuses = 1\nresponse = { status = 429, retry-after = { milliseconds = 5 } }\n\
                [[rules]]\nanswer.text = { echo = true }\n";
    let mock = Mock::start(Script::from_toml("mock.toml", text).unwrap()).await.unwrap();
    let first = ask(&mock, &chat("a", "again")).await;
    assert_eq!((first.status().as_u16(), &first.headers()["retry-after-ms"]), (429, &"5".parse().unwrap()));
    assert!(ask(&mock, &chat("a", "again")).await.text().await.unwrap().contains("\"again\""));
}

/// The text at the place of the error, its message, and its hint.
fn refused(text: &str) -> (String, String, String) {
    let error = Script::from_toml("mock.toml", text).unwrap_err();
    let place = error.place().map(|place| text[place].to_owned()).unwrap_or_default();
    (place, error.to_string(), error.hint().unwrap_or_default().to_owned())
}

#[test]
fn errors_show_the_place_and_what_to_write() {
    let cases = [
        ("sed = 1", "sed", "unknown field", "did you mean `seed`?"),
        ("[[rules]]\nwhen.modell = 'a'", "modell", "unknown field", "did you mean `model`?"),
        ("[[rules]]\nanswer.usage = 'newer'", "'newer'", "unknown variant", "did you mean `never`?"),
        ("[[rules]]\ntiming.pace = '5 lightyears'", "'5 lightyears'", "expected a duration such as", ""),
        ("[[rules]]\ntiming.pace = 5", "5", "expected a duration such as", ""),
        (
            "[[rules]]\n[[rules]]\ntiming.pace = { min = '2s', max = '1s' }",
            "{ min = '2s', max = '1s' }",
            "longer",
            "example",
        ),
        (
            "[[rules]]\nwhen.phase = 'off'\n[[phases]]\nname = 'up'",
            "'off'",
            "no phase is named `off`",
            "there are: up",
        ),
        ("[[phases]]\nname = 'up'\n[[phases]]\nname = \"up\"", "\"up\"", "two phases", "its own"),
        ("[[rules]]\nwhen.number = 0", "0", "count from 1", "1 or more"),
        ("[[rules]]\nhold = [{ before-chunk = 0 }]", "[{ before-chunk = 0 }]", "count from 1", "first chunk"),
        (
            "[[rules]]\nfault = { stall-at = { before-chunk = 0 } }",
            "{ stall-at = { before-chunk = 0 } }",
            "count from 1",
            "",
        ),
        ("[[rules]]\nstream.drip = { bytes = 0 }", "{ bytes = 0 }", "no bytes", "1 or more"),
        ("[[rules]]\nstream.chunks = { tokens = 0 }", "{ tokens = 0 }", "no tokens", "whole"),
        ("[[rules]]\nresponse.status = 101", "101", "no status", "200 to 599"),
        ("[[rules]]\nresponse.headers = { 'a b' = 'c' }", "{ 'a b' = 'c' }", "no header", "letters"),
    ];
    for (text, place, message, hint) in cases {
        let (seen_place, seen_message, seen_hint) = refused(text);
        assert_eq!(seen_place, place, "{text}: {seen_message}");
        assert!(seen_message.contains(message), "{text}: {seen_message}");
        assert!(seen_hint.contains(hint), "{text}: {seen_hint}");
    }
}

#[tokio::test]
async fn built_scripts_are_checked_too() {
    let error = Mock::builder().rule(Rule::any().when_phase("nowhere")).start().await.unwrap_err();
    assert!(error.to_string().contains("rules.0.when.phase: no phase is named `nowhere`"), "{error}");
}

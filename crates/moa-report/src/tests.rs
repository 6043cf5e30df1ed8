use super::*;

fn measured(value: f64) -> Measured {
    Measured {
        value,
        interval: Some([value - 1.0, value + 1.0]),
        n: 160,
        judge: "local:tiny".to_owned(),
        note: Some("local judge, no substitute for the official one".to_owned()),
    }
}

fn report() -> Report {
    let contender = Contender {
        name: "<mine> & \"yours\"".to_owned(),
        is_mixture: true,
        alpaca: Some(Alpaca { length_controlled: Some(measured(41.5)), win_rate: measured(44.25), mean_length: 900 }),
        mt_bench: Some(MtBench {
            average: measured(6.25),
            turn_1: Some(6.5),
            turn_2: Some(6.0),
            n_invalid: 1,
            categories: vec![("writing".to_owned(), 7.0), ("math".to_owned(), 3.0)],
        }),
        flask: Some(Flask { skills: vec![("factuality".to_owned(), measured(3.5)), ("conciseness".to_owned(), measured(2.5))] }),
        work: Some(Work { n: 80, seconds: 12.0, cost_usd: Some(0.002), tokens: 900.0, mean_length: 870.0 }),
        layers: vec![Layer {
            layer: 1,
            agent: "a".to_owned(),
            n: 80,
            mean_length: 500.0,
            similarity: Similarity { bleu: 0.5, tf_idf: 0.75, levenshtein: 0.25 },
            judged: Some(measured(3.0)),
        }],
    };
    Report {
        title: "Is it better?".to_owned(),
        contenders: vec![contender],
        items: vec![Item {
            benchmark: "MT-Bench".to_owned(),
            contender: "mine".to_owned(),
            question: "<script>alert(1)</script>".to_owned(),
            answer: "a\u{0}b".to_owned(),
            other: None,
            score: "9".to_owned(),
            is_good: true,
            judgment: "[[9]]".to_owned(),
            layers: vec![vec![Proposal { agent: "a".to_owned(), text: "p".to_owned() }]],
        }],
        ..Report::default()
    }
}

#[test]
fn every_number_comes_with_its_n_its_interval_and_its_judge() {
    let page = html(&report());
    for part in ["41.50", "40.50 to 42.50, n = 160", "local:tiny: local judge, no substitute for the official one", "judge: local:tiny"] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn all_figures_are_there_with_the_published_numbers_and_labels_in_both_languages() {
    let names: Vec<&str> = figures(&report()).iter().map(|figure| figure.name).collect();
    let expected = [
        "alpaca-eval", "mt-bench", "mt-bench-categories", "flask", "length-against-score", "time-against-score", "cost-against-score",
        "gain-per-layer", "similarity",
    ];
    assert_eq!(names, expected);
    let page = html(&report());
    for part in ["65.70", "MoA w/ GPT-4o", "9.25", "事実性", "Factuality", "メタ認知"] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn texts_stay_texts_and_nothing_is_fetched_or_run() {
    let page = html(&report());
    assert!(page.contains("&lt;script&gt;") && page.contains("&lt;mine&gt; &amp; &quot;yours&quot;"));
    assert!(!page.contains("<script") && !page.contains('\0'));
    // The one address is the name of SVG.
    let addresses: Vec<&str> = page.match_indices("http").map(|(at, _)| &page[at..at + 26]).collect();
    assert!(addresses.iter().all(|address| address.starts_with("http://www.w3.org/2000/svg") || address.starts_with("http-equiv")), "{addresses:?}");
}

#[test]
fn figures_become_pictures() {
    for figure in figures(&report()) {
        let picture = png(&figure).unwrap();
        assert!(picture.starts_with(b"\x89PNG") && picture.len() > 2_000, "{}", figure.name);
    }
}

#[test]
fn a_report_of_nothing_is_a_page() {
    let page = html(&Report::default());
    assert!(page.starts_with("<!doctype html>") && page.trim_end().ends_with("</html>"));
    assert!(figures(&Report::default()).is_empty());
}

#[test]
fn numbers_that_are_none_do_no_harm() {
    let mut report = report();
    report.contenders[0].alpaca.as_mut().unwrap().win_rate.value = f64::NAN;
    report.contenders[0].work.as_mut().unwrap().seconds = f64::INFINITY;
    for figure in figures(&report) {
        assert!(!figure.svg().contains("x=\"NaN"), "{}", figure.name);
        png(&figure).unwrap();
    }
}

//! The figures of a report.

use crate::chart::{Axis, Bar, Bars, Colors, Point, Radar, Ring, Scatter};
use crate::published::{published_alpaca, published_mt_bench};
use crate::report::{Contender, Measured, Report};

/// A figure, drawn when it is known for what.
pub struct Figure {
    /// The name of its file, without an ending.
    pub name: &'static str,
    /// What it shows.
    pub title: String,
    /// What a reader has to know to read it.
    pub caption: String,
    chart: Chart,
}

enum Chart {
    Bars(Bars),
    Radar(Radar),
    Scatter(Scatter),
}

impl Figure {
    /// SVG in the colours of a page: a style sheet has to define them.
    pub(crate) fn for_page(&self) -> String {
        self.draw(Colors::Page)
    }

    /// SVG that stands alone, on light paper.
    #[must_use]
    pub fn svg(&self) -> String {
        self.draw(Colors::Light)
    }

    fn draw(&self, colors: Colors) -> String {
        match &self.chart {
            Chart::Bars(chart) => chart.draw(colors),
            Chart::Radar(chart) => chart.draw(colors),
            Chart::Scatter(chart) => chart.draw(colors),
        }
    }
}

/// All figures for which there are numbers.
#[must_use]
pub fn figures(report: &Report) -> Vec<Figure> {
    [
        alpaca(report),
        mt_bench(report),
        categories(report),
        flask(report),
        length(report),
        against_work(report, "time-against-score", "Time against score", "seconds to an answer", |work| Some(work.seconds)),
        against_work(report, "cost-against-score", "Cost against score", "US dollars to an answer", |work| work.cost_usd),
        layers(report),
        similarity(report),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What a number says of itself.
fn says(name: &str, what: &str, measured: &Measured) -> String {
    let interval = measured.interval.map(|[low, high]| format!(", 95 %: {low:.2} to {high:.2}")).unwrap_or_default();
    format!("{name}, {what}: {:.2}{interval}; n = {}; judge: {}", measured.value, measured.n, measured.judge)
}

fn bar(name: &str, what: &str, measured: &Measured) -> Bar {
    Bar { value: measured.value, interval: measured.interval, says: says(name, what, measured) }
}

fn published_bar(name: &str, what: &str, value: f64) -> Bar {
    Bar { value, interval: None, says: format!("{name}, {what}: {value:.2}; published") }
}

type Row = (String, bool, Vec<Option<Bar>>);

/// Best first, by the first bar.
fn ranked(mut rows: Vec<Row>) -> Vec<Row> {
    let rank = |row: &Row| row.2.iter().flatten().next().map_or(f64::NEG_INFINITY, |bar| bar.value);
    rows.sort_by(|left, right| rank(right).total_cmp(&rank(left)));
    rows
}

fn alpaca(report: &Report) -> Option<Figure> {
    let what = ["length-controlled win rate", "win rate"];
    let ours = report.contenders.iter().filter_map(|contender| {
        let alpaca = contender.alpaca.as_ref()?;
        let name = &contender.name;
        let controlled = alpaca.length_controlled.as_ref().map(|measured| bar(name, what[0], measured));
        Some((name.clone(), false, vec![controlled, Some(bar(name, what[1], &alpaca.win_rate))]))
    });
    let mut rows: Vec<Row> = ours.collect();
    if rows.is_empty() {
        return None;
    }
    rows.extend(published_alpaca().into_iter().map(|row| {
        let bars = [row.length_controlled, row.win_rate].into_iter().zip(what);
        let bars = bars.map(|(value, what)| Some(published_bar(row.model, what, value)));
        (row.model.to_owned(), true, bars.collect())
    }));
    Some(Figure {
        name: "alpaca-eval",
        title: "AlpacaEval 2.0".to_owned(),
        caption: "Per cent of comparisons won against gpt4_1106_preview, above: at equal lengths, below: as judged. Grey: published \
                  (arXiv:2406.04692, its table 2; gpt-4o-mini from the leaderboard), judged by gpt-4-1106-preview. Lines: 95 % intervals."
            .to_owned(),
        chart: Chart::Bars(Bars {
            title: "AlpacaEval 2.0: win rates, per cent".to_owned(),
            series: what.map(str::to_owned).to_vec(),
            rows: ranked(rows),
            low: 0.0,
            high: 100.0,
        }),
    })
}

fn mt_bench(report: &Report) -> Option<Figure> {
    let what = ["average", "turn 1", "turn 2"];
    let ours = report.contenders.iter().filter_map(|contender| {
        let of = contender.mt_bench.as_ref()?;
        let name = &contender.name;
        let turn = |value: Option<f64>, what: &str| {
            let says = |value: f64| format!("{name}, {what}: {value:.2}; judge: {}", of.average.judge);
            value.map(|value| Bar { value, interval: None, says: says(value) })
        };
        let average = Some(bar(name, what[0], &of.average));
        Some((name.clone(), false, vec![average, turn(of.turn_1, what[1]), turn(of.turn_2, what[2])]))
    });
    let mut rows: Vec<Row> = ours.collect();
    if rows.is_empty() {
        return None;
    }
    rows.extend(published_mt_bench().into_iter().map(|row| {
        let bars = [row.average, row.turn_1, row.turn_2].into_iter().zip(what);
        let bars = bars.map(|(value, what)| Some(published_bar(row.model, what, value)));
        (row.model.to_owned(), true, bars.collect())
    }));
    Some(Figure {
        name: "mt-bench",
        title: "MT-Bench".to_owned(),
        caption: "Mean grades from 1 to 10: average, first turn, second turn. Grey: published (arXiv:2406.04692, its table 2), judged by \
                  gpt-4. Lines: 95 % intervals over whole questions."
            .to_owned(),
        chart: Chart::Bars(Bars {
            title: "MT-Bench: mean grades".to_owned(),
            series: what.map(str::to_owned).to_vec(),
            rows: ranked(rows),
            low: 0.0,
            high: 10.0,
        }),
    })
}

fn categories(report: &Report) -> Option<Figure> {
    let graded: Vec<(&Contender, &[(String, f64)])> = report
        .contenders
        .iter()
        .filter_map(|contender| Some((contender, contender.mt_bench.as_ref()?.categories.as_slice())))
        .filter(|(_, categories)| !categories.is_empty())
        .collect();
    let mut names: Vec<&String> = Vec::new();
    for (name, _) in graded.iter().flat_map(|(_, categories)| *categories) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() {
        return None;
    }
    let rows = names.iter().map(|category| {
        let bars = graded.iter().map(|(contender, of)| {
            let (_, value) = of.iter().find(|(name, _)| name == *category)?;
            let says = format!("{}, {category}: {value:.2}", contender.name);
            Some(Bar { value: *value, interval: None, says })
        });
        ((*category).clone(), false, bars.collect())
    });
    Some(Figure {
        name: "mt-bench-categories",
        title: "MT-Bench by category".to_owned(),
        caption: "Mean grades over both turns of the ten questions of each category.".to_owned(),
        chart: Chart::Bars(Bars {
            title: "MT-Bench by category".to_owned(),
            series: graded.iter().map(|(contender, _)| contender.name.clone()).collect(),
            rows: rows.collect(),
            low: 0.0,
            high: 10.0,
        }),
    })
}

/// The skills as the scripts, as people and as the article's Japanese table name them.
const SKILLS: [(&str, &str, &str); 12] = [
    ("robustness", "Robustness", "堅牢性"),
    ("correctness", "Correctness", "正確性"),
    ("efficiency", "Efficiency", "効率性"),
    ("factuality", "Factuality", "事実性"),
    ("commonsense", "Commonsense", "常識性"),
    ("comprehension", "Comprehension", "理解力"),
    ("insightfulness", "Insightfulness", "洞察力"),
    ("completeness", "Completeness", "完全性"),
    ("metacognition", "Metacognition", "メタ認知"),
    ("readability", "Readability", "読みやすさ"),
    ("conciseness", "Conciseness", "簡潔さ"),
    ("harmlessness", "Harmlessness", "無害性"),
];

fn flask(report: &Report) -> Option<Figure> {
    let rings: Vec<Ring> = report
        .contenders
        .iter()
        .filter_map(|contender| {
            let skills = &contender.flask.as_ref()?.skills;
            let value = |name: &str| skills.iter().find(|(skill, _)| skill == name).map(|(_, of)| of.value);
            let values = SKILLS.iter().map(|(name, ..)| value(name)).collect();
            Some(Ring { name: contender.name.clone(), values })
        })
        .collect();
    if rings.is_empty() {
        return None;
    }
    let axis = |(_, name, second_name): &(&str, &str, &str)| Axis {
        name: (*name).to_owned(),
        second_name: (*second_name).to_owned(),
    };
    Some(Figure {
        name: "flask",
        title: "FLASK".to_owned(),
        caption: "Mean scores from 1 to 5 of the twelve skills. The article shows its own results as a radar only, so there are no published \
                  numbers to stand beside these."
            .to_owned(),
        chart: Chart::Radar(Radar {
            title: "FLASK: twelve skills".to_owned(),
            axes: SKILLS.iter().map(axis).collect(),
            rings,
            low: 0.0,
            high: 5.0,
        }),
    })
}

/// A contender's first score, what it is called, and where others' lie.
fn headline(contender: &Contender) -> Option<(&'static str, &Measured)> {
    if let Some(alpaca) = &contender.alpaca {
        return Some(match &alpaca.length_controlled {
            Some(controlled) => ("AlpacaEval, length-controlled win rate", controlled),
            None => ("AlpacaEval, win rate", &alpaca.win_rate),
        });
    }
    contender.mt_bench.as_ref().map(|of| ("MT-Bench, average", &of.average))
}

/// The score that most contenders have, and whose it is.
fn headlines(report: &Report) -> Option<(&'static str, Vec<(&Contender, &Measured)>)> {
    let all = || report.contenders.iter().filter_map(|contender| Some((contender, headline(contender)?)));
    let names: Vec<&'static str> = all().map(|(_, (name, _))| name).collect();
    let times = |wanted: &str| names.iter().filter(|name| **name == wanted).count();
    let most = names.iter().copied().max_by_key(|name| times(name))?;
    let of = all().filter(|(_, (name, _))| *name == most).map(|(contender, (_, measured))| (contender, measured));
    Some((most, of.collect()))
}

fn length(report: &Report) -> Option<Figure> {
    let (name, scores) = headlines(report)?;
    let mut points: Vec<Point> = scores
        .into_iter()
        .filter_map(|(contender, measured)| {
            let from_outputs = contender.alpaca.as_ref().map(|alpaca| f64::from(u32::try_from(alpaca.mean_length).unwrap_or(u32::MAX)));
            let x = from_outputs.or_else(|| contender.work.map(|work| work.mean_length))?;
            let (y, interval) = (measured.value, measured.interval);
            Some(Point { name: contender.name.clone(), x, y, interval, is_published: false })
        })
        .collect();
    if points.is_empty() {
        return None;
    }
    if name.starts_with("AlpacaEval") {
        let is_controlled = name.contains("controlled");
        points.extend(report.leaderboard.iter().filter_map(|row| {
            let x = f64::from(u32::try_from(row.mean_length?).ok()?);
            let y = if is_controlled { row.length_controlled } else { row.win_rate };
            Some(Point { name: row.model.clone(), x, y, interval: None, is_published: true })
        }));
    }
    Some(Figure {
        name: "length-against-score",
        title: "Length against score".to_owned(),
        caption: "How wordy an answer is beside what it scores. Grey: the official leaderboard, where there is one.".to_owned(),
        chart: Chart::Scatter(Scatter {
            title: "Length against score".to_owned(),
            x_name: "mean characters of an answer".to_owned(),
            y_name: name.to_owned(),
            points,
            with_front: false,
        }),
    })
}

fn against_work(
    report: &Report,
    name: &'static str,
    title: &str,
    x_name: &str,
    x: impl Fn(&crate::report::Work) -> Option<f64>,
) -> Option<Figure> {
    let (y_name, scores) = headlines(report)?;
    let points: Vec<Point> = scores
        .into_iter()
        .filter_map(|(contender, measured)| {
            let x = x(contender.work.as_ref()?)?;
            let (y, interval) = (measured.value, measured.interval);
            Some(Point { name: contender.name.clone(), x, y, interval, is_published: false })
        })
        .collect();
    if points.is_empty() {
        return None;
    }
    Some(Figure {
        name,
        title: title.to_owned(),
        caption: "The line joins those that nobody beats: no other one scores as much for less.".to_owned(),
        chart: Chart::Scatter(Scatter {
            title: title.to_owned(),
            x_name: x_name.to_owned(),
            y_name: y_name.to_owned(),
            points,
            with_front: true,
        }),
    })
}

/// Judged proposals below the answer that came of them.
fn layers(report: &Report) -> Option<Figure> {
    let mut rows: Vec<Row> = Vec::new();
    for contender in &report.contenders {
        let judged: Vec<_> = contender.layers.iter().filter_map(|layer| Some((layer, layer.judged.as_ref()?))).collect();
        let first_turn = contender.mt_bench.as_ref().and_then(|of| of.turn_1);
        let (Some(answer), false) = (first_turn, judged.is_empty()) else { continue };
        let what = "MT-Bench, first turn";
        for (layer, measured) in judged {
            let name = format!("layer {}: {}", layer.layer, layer.agent);
            rows.push((name.clone(), true, vec![Some(bar(&name, what, measured))]));
        }
        let says = format!("{}, {what}: {answer:.2}", contender.name);
        rows.push((contender.name.clone(), false, vec![Some(Bar { value: answer, interval: None, says })]));
    }
    (!rows.is_empty()).then(|| Figure {
        name: "gain-per-layer",
        title: "Gain per layer".to_owned(),
        caption: "The grades of each layer's proposals (grey), judged as if they were answers, and of the answers that came of them: first turns of MT-Bench.".to_owned(),
        chart: Chart::Bars(Bars {
            title: "Gain per layer".to_owned(),
            series: vec![String::new()],
            rows,
            low: 0.0,
            high: 10.0,
        }),
    })
}

fn similarity(report: &Report) -> Option<Figure> {
    let what = ["BLEU", "TF-IDF", "Levenshtein"];
    let mut rows: Vec<Row> = Vec::new();
    for contender in &report.contenders {
        for layer in &contender.layers {
            let name = format!("{}, {} (layer {})", contender.name, layer.agent, layer.layer);
            let measures = [layer.similarity.bleu, layer.similarity.tf_idf, layer.similarity.levenshtein];
            let bars = measures.into_iter().zip(what).map(|(value, what)| {
                let says = format!("{name}, {what}: {value:.2}; n = {}", layer.n);
                Some(Bar { value, interval: None, says })
            });
            rows.push((name.clone(), false, bars.collect()));
        }
    }
    (!rows.is_empty()).then(|| Figure {
        name: "similarity",
        title: "Likeness of answers and proposals".to_owned(),
        caption: "How alike the answers of a mixture are to what each of its agents proposed: 1 is equal.".to_owned(),
        chart: Chart::Bars(Bars {
            title: "Likeness of answers and proposals".to_owned(),
            series: what.map(str::to_owned).to_vec(),
            rows,
            low: 0.0,
            high: 1.0,
        }),
    })
}

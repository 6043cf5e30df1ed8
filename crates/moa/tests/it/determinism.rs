//! R13: the same configuration, seed and service give the same run but for times, in whatever order the answers come.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::layered::{self, CALLS, Draws, HOLDS, LAYERS, PROPOSERS};

const RUNS: usize = 50;

/// An event without its times, its number, and the names that are drawn anew for each run and request.
fn timeless(event: &mut Value) {
    match event {
        Value::Object(fields) => {
            fields.retain(|name, _| {
                !name.ends_with("_ms") && !["run", "sequence", "request_id"].contains(&name.as_str())
            });
            fields.values_mut().for_each(timeless);
        }
        Value::Array(items) => items.iter_mut().for_each(timeless),
        _ => {}
    }
}

/// What each call of a run reported, and what the run itself did, each in its order.
fn course(stdout: &str) -> BTreeMap<String, Vec<Value>> {
    let mut course: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in stdout.lines() {
        let mut event: Value = serde_json::from_str(line).unwrap();
        timeless(&mut event);
        course.entry(event["call"].to_string()).or_default().push(event);
    }
    course
}

fn shuffled<'a>(mut models: Vec<&'a str>, draws: &mut Draws) -> Vec<&'a str> {
    for place in (1..models.len()).rev() {
        models.swap(place, draws.below(place + 1));
    }
    models
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_takes_the_same_course_whoever_answers_first() {
    let mock = layered::mock().await;
    let project = layered::project(&mock);
    let mut draws = Draws(7);
    let mut courses = BTreeMap::new();
    let mut orders = BTreeSet::new();
    for run in 0..RUNS {
        layered::hold(&mock);
        let mut command =
            layered::command(&project, &["ask", "--seed", "7", "--output", "jsonl", "Is it so?"]);
        let asking = tokio::task::spawn_blocking(move || command.output().unwrap());
        for layer in 1..=LAYERS {
            let models = shuffled(layered::models_of(layer).to_vec(), &mut draws);
            for model in &models {
                layered::let_pass(&mock, model, HOLDS);
                let layers_of_model = if layer < LAYERS { LAYERS - 1 } else { 1 };
                let so_far = run * layers_of_model + if layer < LAYERS { layer } else { 1 };
                mock.gate((*model).to_owned()).finished(so_far as u64).await;
            }
            orders.insert(models);
        }
        let outcome = project.outcome(&asking.await.unwrap());
        assert_eq!(outcome.code, Some(0), "{outcome}");
        courses.entry(format!("{:#?}", course(&outcome.stdout))).or_insert(run);
    }
    assert_eq!(orders.len(), 6 + 1, "each order of {PROPOSERS:?} came up");
    let differing: Vec<&String> = courses.keys().collect();
    assert_eq!(
        courses.len(),
        1,
        "{}",
        differing.into_iter().map(String::as_str).collect::<Vec<_>>().join("\n---\n")
    );
    let bodies: BTreeSet<String> =
        mock.log().requests().iter().map(|request| request.body.to_string()).collect();
    assert_eq!(bodies.len(), CALLS, "every run asked the same");
}

//! Judged benchmarks from the questions to the score, beside a mock of the services. The questions and prompts are our own, under the
//! names that the benchmarks give to theirs.

use std::fmt::Write as _;

use moa_testkit::{Mock, Rule};
use serde_json::{Value, json};

use crate::project::{Outcome, Project, test_model};

fn question(id: u32, category: &str) -> Value {
    json!({"question_id": id, "category": category, "turns": [format!("Ask {id}."), format!("More of {id}.")]})
}

/// So many questions that need no reference answer.
pub(crate) fn mt_bench_questions(project: &Project, count: u32) {
    mt_bench_files(project);
    let questions: Vec<Value> = (0..count).map(|number| question(81 + number, "writing")).collect();
    project.write("bench/question.jsonl", lines(&questions));
}

/// Three questions: one without and two with a reference answer.
pub(crate) fn mt_bench_files(project: &Project) {
    std::fs::create_dir_all(project.path("bench/reference_answer")).unwrap();
    let questions = [question(81, "writing"), question(111, "math"), question(121, "coding")];
    project.write("bench/question.jsonl", lines(&questions));
    let reference = |id: u32| json!({"question_id": id, "choices": [{"turns": ["True one.", "True two."]}]});
    project.write("bench/reference_answer/gpt-4.jsonl", lines(&[reference(111), reference(121)]));
    let prompt = |name: &str, template: &str, format: &str| json!({"name": name, "type": "x", "system_prompt": "Be fair.", "prompt_template": template, "output_format": format});
    let (rating, letter) = ("[[rating]]", "[[A]]");
    let prompts = [
        prompt("single-v1", "grade {question} {answer}", rating),
        prompt("single-math-v1", "grade {question} {ref_answer_1} {answer}", rating),
        prompt("single-v1-multi-turn", "grade both {question_1} {answer_1} {question_2} {answer_2}", rating),
        prompt(
            "single-math-v1-multi-turn",
            "grade both {question_1} {ref_answer_1} {answer_1} {question_2} {ref_answer_2} {answer_2}",
            rating,
        ),
        prompt("pair-v2", "choose {question} A: {answer_a} B: {answer_b}", letter),
        prompt("pair-math-v1", "choose {question} {ref_answer_1} A: {answer_a} B: {answer_b}", letter),
        prompt(
            "pair-v2-multi-turn",
            "choose {question_1} {question_2} A: {answer_a_1} {answer_a_2} B: {answer_b_1} {answer_b_2}",
            letter,
        ),
        prompt(
            "pair-math-v1-multi-turn",
            "choose {question_1} {question_2} {ref_answer_1} {ref_answer_2} A: {answer_a_1} {answer_a_2} B: {answer_b_1} {answer_b_2}",
            letter,
        ),
    ];
    project.write("bench/judge_prompts.jsonl", lines(&prompts));
}

fn lines(values: &[Value]) -> String {
    let lines: Vec<String> = values.iter().map(Value::to_string).collect();
    lines.join("\n") + "\n"
}

/// A project with the models `a`, `b`, `z` and `judge` at the mock, and a mixture of the first three.
pub(crate) fn project(mock: &Mock) -> Project {
    let project = Project::new();
    let mut config = format!(
        "[endpoints.mock]\nbase-url = \"{}\"\nretries = 0\n\
         [presets.duo]\nlayers = 2\nproposers = [\"a\", \"b\"]\naggregator = \"z\"\n",
        mock.base_url()
    );
    for name in ["a", "b", "z", "judge"] {
        let _ = writeln!(config, "[models.{name}]\nendpoint = \"mock\"\nid = \"{name}\"");
    }
    project.write("mock.toml", config);
    project
}

/// Runs the program without holding up the mock, which lives on this test's own runtime.
async fn run(project: &Project, arguments: &[&str]) -> Outcome {
    let mut command = project.moa(&[&["eval"][..], arguments].concat());
    command.args(["--config", "mock.toml"]);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    project.outcome(&output)
}

pub(crate) async fn done(project: &Project, arguments: &[&str]) -> Outcome {
    let outcome = run(project, arguments).await;
    assert_eq!(outcome.code, Some(0), "{arguments:?}: {outcome}");
    outcome
}

/// The lines of a file in the project's folder.
pub(crate) fn rows(project: &Project, path: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(project.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn asked(mock: &Mock, model: &str) -> usize {
    mock.log().requests().of_model(model).len()
}

const GENERATE: [&str; 8] =
    ["mt-bench", "generate", "--data", "bench", "--output", "out", "--contender", "duo"];
const JUDGE: [&str; 8] = ["mt-bench", "judge", "--data", "bench", "--output", "out", "--judge", "judge"];

#[tokio::test(flavor = "multi_thread")]
async fn mt_bench_goes_from_the_questions_to_the_score_and_asks_nothing_twice() {
    let mock = Mock::builder()
        .rule(Rule::model("judge").when_prompt_contains("More of 81.").answer("Good. [[8]] or [[3]]"))
        .rule(Rule::model("judge").when_prompt_contains("More of 111.").answer("I would say seven."))
        .rule(Rule::model("judge").when_prompt_contains("Ask 111.").answer("Rating: [6.5]"))
        .rule(Rule::model("judge").answer("[[10]]"))
        .rule(Rule::model("z").answer("The answer."))
        .rule(Rule::any().answer("A proposal."))
        .start()
        .await
        .unwrap();
    let project = project(&mock);
    mt_bench_files(&project);
    done(&project, &GENERATE).await;
    // Three questions of two turns, each turn with all layers.
    assert_eq!([asked(&mock, "a"), asked(&mock, "b"), asked(&mock, "z")], [6, 6, 6]);
    let answers = rows(&project, "out/mt_bench/model_answer/duo.jsonl");
    assert_eq!(
        answers.iter().map(|row| row["question_id"].as_u64()).collect::<Vec<_>>(),
        [Some(81), Some(111), Some(121)]
    );
    assert_eq!(answers[0]["choices"][0]["turns"], json!(["The answer.", "The answer."]));
    let requests = mock.log().requests();
    for request in requests.of_model("z").iter() {
        let is_of = |id: &str| request.body["messages"].to_string().contains(id);
        let temperature = request.body["temperature"].as_f64().unwrap();
        assert!((temperature - if is_of("81.") { 0.7 } else { 0.0 }).abs() < 1e-6, "{}", request.body);
        assert_eq!(request.body["max_tokens"], 1024);
        // The second turn sees the first one and its final answer, and no proposal of it.
        let roles: Vec<&str> = request.body["messages"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|of| of["role"].as_str())
            .collect();
        let is_second = is_of("More of");
        assert_eq!(
            roles.iter().filter(|role| **role == "assistant").count(),
            usize::from(is_second),
            "{roles:?}"
        );
    }
    done(&project, &JUDGE).await;
    assert_eq!(asked(&mock, "judge"), 6);
    let before = mock.log().len();
    done(&project, &GENERATE).await;
    done(&project, &JUDGE).await;
    assert_eq!(mock.log().len(), before, "what was there was asked again");

    let path = "out/mt_bench/model_judgment/judge_single.jsonl";
    let judgments = rows(&project, path);
    assert_eq!(judgments.len(), 6);
    let score = |id: u64, turn: u64| {
        let row = judgments.iter().find(|row| row["question_id"] == id && row["turn"] == turn).unwrap();
        row["score"].clone()
    };
    assert_eq!(
        [score(81, 1), score(81, 2), score(111, 1), score(111, 2)],
        [json!(10), json!(8), json!(6.5), json!(-1)]
    );
    assert_eq!(judgments[0]["judge"], json!(["judge", "single-v1"]));
    assert_eq!(judgments[0]["note"], "not the official judge, which is gpt-4");
    assert_eq!(judgments[0]["user_prompt"], "grade Ask 81. The answer.");
    let score =
        ["mt-bench", "score", "--judgments", path, "--questions", "bench/question.jsonl", "--format", "json"];
    let scores: Value = serde_json::from_str(&done(&project, &score).await.stdout).unwrap();
    let duo = &scores["duo"];
    assert!(
        (duo["average"].as_f64().unwrap() - (10.0 + 8.0 + 6.5 + 10.0 + 10.0) / 5.0).abs() < 1e-12,
        "{duo}"
    );
    assert_eq!((&duo["n_invalid"], &duo["categories"]["math"]), (&json!(1), &json!(6.5)));
}

#[tokio::test(flavor = "multi_thread")]
async fn games_are_played_both_ways_and_a_judge_that_likes_the_first_answer_makes_a_tie() {
    let mock = Mock::builder()
        .rule(Rule::model("judge").when_prompt_contains("Ask 81.").answer("[[A]]"))
        .rule(Rule::model("judge").when_prompt_contains("A: From a.").answer("So [[A]] wins."))
        .rule(Rule::model("judge").answer("[[B]], not [[C]]"))
        .rule(Rule::model("a").answer("From a."))
        .rule(Rule::any().answer("From b."))
        .start()
        .await
        .unwrap();
    let project = project(&mock);
    mt_bench_files(&project);
    let both = ["mt-bench", "generate", "--data", "bench", "--output", "out", "-c", "a", "-c", "b"];
    done(&project, &both).await;
    done(&project, &[&JUDGE[..], &["--mode", "pairwise-all"]].concat()).await;
    assert_eq!(asked(&mock, "judge"), 12);
    let path = "out/mt_bench/model_judgment/judge_pair.jsonl";
    let score = ["mt-bench", "score", "--judgments", path, "--mode", "pairwise-all", "--format", "json"];
    let scores: Value = serde_json::from_str(&done(&project, &score).await.stdout).unwrap();
    assert_eq!(
        [&scores["a"]["win"], &scores["a"]["loss"], &scores["a"]["tie"]],
        [&json!(4), &json!(0), &json!(2)]
    );
    let baseline = [&JUDGE[..], &["--mode", "pairwise-baseline", "--baseline", "nobody"]].concat();
    assert_eq!(run(&project, &baseline).await.code, Some(2));
}

/// A whole answer of one token with its log-probabilities.
fn token(first: f64, second: f64) -> String {
    let entry = |token: &str, logprob: f64| json!({"token": token, "logprob": logprob});
    let content =
        json!([{"token": "m", "logprob": first, "top_logprobs": [entry("m", first), entry("M", second)]}]);
    json!({"object": "chat.completion", "model": "judge", "usage": {"prompt_tokens": 5, "completion_tokens": 1},
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "m"}, "finish_reason": "length",
            "logprobs": {"content": content}}]})
    .to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn alpaca_eval_reads_preferences_from_log_probabilities_whichever_answer_is_shown_first() {
    let likely = token((0.8_f64).ln(), (0.2_f64).ln());
    let mock = Mock::builder()
        .rule(Rule::model("judge").body(likely).content_type("application/json"))
        .rule(Rule::any().answer("Ours."))
        .start()
        .await
        .unwrap();
    let project = project(&mock);
    std::fs::create_dir(project.path("bench")).unwrap();
    // "Same." is answered as the baseline does.
    let output = |instruction: &str, output: &str| json!({"dataset": "koala", "instruction": instruction, "output": output, "generator": "base"});
    let outputs: Vec<Value> =
        (0..12).map(|n| output(&format!("Do {n}."), "Theirs.")).chain([output("Same.", "Ours.")]).collect();
    project.write("bench/alpaca_eval_gpt4_baseline.json", Value::from(outputs).to_string());
    let template = "<|im_start|>system\nBe fair.\n<|im_end|>\n<|im_start|>user\n{instruction} m: {output_1} M: {output_2}\n<|im_end|>";
    project.write("bench/alpaca_eval_clf.txt", template);
    let place = ["--data", "bench", "--output", "out"];
    done(&project, &[&["alpaca-eval", "generate", "--contender", "a"][..], &place[..]].concat()).await;
    done(&project, &[&["alpaca-eval", "judge", "--judge", "judge"][..], &place[..]].concat()).await;
    assert_eq!(asked(&mock, "judge"), 12);
    let requests = mock.log().requests();
    for request in requests.of_model("judge").iter() {
        let body = &request.body;
        assert_eq!(
            [&body["logprobs"], &body["top_logprobs"], &body["max_tokens"]],
            [&json!(true), &json!(5), &json!(1)]
        );
    }
    let path = "out/alpaca_eval/results/a/judge/annotations.json";
    let annotations: Value =
        serde_json::from_str(&std::fs::read_to_string(project.path(path)).unwrap()).unwrap();
    let (mut switched, mut straight) = (0, 0);
    for row in annotations.as_array().unwrap() {
        let preference = row["preference"].as_f64().unwrap();
        let instruction = row["instruction"].as_str().unwrap();
        if instruction == "Same." {
            assert_eq!((preference, &row["preference_raw_completion"]), (1.5, &Value::Null));
            continue;
        }
        // Ours was shown first exactly where the judge, who likes the first, prefers it.
        let prompt = requests.of_model("judge");
        let prompt = prompt
            .iter()
            .find(|of| of.body["messages"][1]["content"].as_str().unwrap().starts_with(instruction));
        let ours_first =
            prompt.unwrap().body["messages"][1]["content"].as_str().unwrap().contains("m: Ours.");
        assert!((preference - if ours_first { 1.8 } else { 1.2 }).abs() < 1e-6, "{row}");
        if ours_first { switched += 1 } else { straight += 1 }
    }
    assert!(switched > 0 && straight > 0, "the coin has two sides");
    let score = ["alpaca-eval", "score", "--annotations", path, "--variant", "minimal", "--format", "json"];
    let score: Value = serde_json::from_str(&done(&project, &score).await.stdout).unwrap();
    assert_eq!(
        (&score["n_wins"], &score["n_draws"], &score["n_total"]),
        (&json!(switched), &json!(1), &json!(13))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_judge_that_tells_no_log_probabilities_is_no_judge_for_alpaca_eval() {
    let mock = Mock::builder().rule(Rule::any().answer("m")).start().await.unwrap();
    let project = project(&mock);
    std::fs::create_dir(project.path("bench")).unwrap();
    let outputs = json!([{"instruction": "Sing.", "output": "La."}]);
    project.write("bench/alpaca_eval_gpt4_baseline.json", outputs.to_string());
    project
        .write("bench/alpaca_eval_clf.txt", "<|im_start|>user\n{instruction}{output_1}{output_2}<|im_end|>");
    let place = ["--data", "bench", "--output", "out"];
    done(&project, &[&["alpaca-eval", "generate", "--contender", "a"][..], &place[..]].concat()).await;
    let outcome =
        run(&project, &[&["alpaca-eval", "judge", "--judge", "judge"][..], &place[..]].concat()).await;
    assert!(outcome.code == Some(1) && outcome.stderr.contains("log-probabilities"), "{outcome}");
    assert!(outcome.stderr.contains("hint: "), "{outcome}");
}

#[tokio::test(flavor = "multi_thread")]
async fn flask_reads_what_judges_write_and_scores_nothing_where_it_cannot() {
    let mock = Mock::builder()
        .rule(
            Rule::model("judge")
                .when_prompt_contains("First?")
                .answer("Fine. {'Factuality': 4, 'Readability': \"n/a\"}"),
        )
        .rule(
            Rule::model("judge")
                .when_prompt_contains("Second?")
                .answer("{'Factuality': 3} no, {'Factuality': 5"),
        )
        .rule(Rule::model("judge").answer("{'Factuality': four}"))
        .rule(Rule::any().answer("So."))
        .start()
        .await
        .unwrap();
    let project = project(&mock);
    std::fs::create_dir(project.path("bench")).unwrap();
    let item = |id: u32, instruction: &str| {
        json!({"idx": id, "instruction": instruction, "answer": "R", "skill": ["Factuality"], "domain": ["Math"],
            "difficulty": "major level knowledge"})
    };
    project.write(
        "bench/flask_evaluation.jsonl",
        lines(&[item(1, "First?"), item(2, "Second?"), item(3, "Third?")]),
    );
    let prompt = json!({"prompt_id": 2, "system_prompt": "Be fair.", "prompt_template": "{prompt1} {skills} {question} {sample_answer} {response} {prompt2}",
        "defaults": {"prompt1": "Review", "prompt2": "end"}});
    project.write("bench/review_prompt.jsonl", lines(&[prompt]));
    let scoring = json!({"1": "a", "2": "b", "3": "c", "4": "d", "5": "e"});
    let skills = json!([{"Skill": "Factuality", "Criteria": "Is it true?", "Scoring": scoring}]);
    project.write("bench/skillset_description.json", skills.to_string());
    let place = ["--data", "bench", "--output", "out"];
    done(&project, &[&["flask", "generate", "--contender", "a"][..], &place[..]].concat()).await;
    done(&project, &[&["flask", "judge", "--judge", "judge"][..], &place[..]].concat()).await;
    let path = "out/flask/review/a.judge.jsonl";
    let scores: Vec<Value> = rows(&project, path).into_iter().map(|row| row["score"].clone()).collect();
    assert_eq!(scores, [json!({"factuality": 4, "readability": "N/A"}), json!({"factuality": 3}), json!({})]);
    let score = [
        "flask",
        "score",
        "--reviews",
        path,
        "--evaluation-set",
        "bench/flask_evaluation.jsonl",
        "--format",
        "json",
    ];
    let outcome = done(&project, &score).await;
    let score: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(score["skills"]["factuality"], json!({"sum": 7.0, "count": 2, "average": 3.5}));
    assert!(outcome.stderr.contains("1 of 3 reviews have no scores"), "{outcome}");
}

#[test]
fn a_local_judge_tells_how_likely_its_tokens_are_and_is_marked_everywhere() {
    let project = Project::new();
    std::fs::create_dir(project.path("bench")).unwrap();
    let outputs = json!([{"instruction": "Name a colour.", "output": "Red, like a rose in June."}]);
    project.write("bench/alpaca_eval_gpt4_baseline.json", outputs.to_string());
    let template = "<|im_start|>user\nWhich answer to {instruction} is better? m: {output_1} M: {output_2} Say m or M.<|im_end|>";
    project.write("bench/alpaca_eval_clf.txt", template);
    let model = test_model().display().to_string();
    let model = model.as_str();
    let place = ["--data", "bench", "--output", "out"];
    let generate = ["eval", "alpaca-eval", "generate", "--contender", model, "--max-tokens", "8"];
    let outcome = project.run(&[&generate[..], &place[..]].concat());
    assert_eq!(outcome.code, Some(0), "{outcome}");
    let judged = project.run(&[&["eval", "alpaca-eval", "judge", "--judge", model][..], &place[..]].concat());
    assert_eq!(judged.code, Some(0), "{judged}");
    assert!(judged.stderr.contains("local judge, no substitute"), "{judged}");
    let path = project.path(judged.stdout.trim());
    let annotations: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let row = &annotations[0];
    assert!(row["annotator"].as_str().unwrap().starts_with("local:"), "{row}");
    assert_eq!(row["note"], "local judge, no substitute for the official one");
    let likely =
        row["preference_raw_completion"]["logprobs"]["content"][0]["top_logprobs"].as_array().unwrap();
    assert_eq!(likely.len(), 5);
    let total: f64 = likely.iter().map(|of| of["logprob"].as_f64().unwrap().exp()).sum();
    assert!(total > 0.0 && total <= 1.0 + 1e-9, "{row}");
}

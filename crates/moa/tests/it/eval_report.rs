//! `moa eval report` over folders that the other commands have written.

use moa_testkit::{Mock, Rule};
use serde_json::{Value, json};

use crate::eval_judged::{done, mt_bench_files, project as judged_project};
use crate::evaluation::{project, run, tasks};

fn document(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_of_marked_answers_becomes_a_page_with_its_data_beside_it() {
    let mock = Mock::builder()
        .rule(Rule::model("m").when_prompt_contains("q0").answer("It is 0."))
        .rule(Rule::model("n").when_prompt_contains("q1").answer("It is 1."))
        .rule(Rule::model("z").when_prompt_contains("q0").answer("0"))
        .rule(Rule::model("z").when_prompt_contains("q1").answer("1"))
        .rule(Rule::any().answer("<b>9</b>"))
        .start()
        .await
        .unwrap();
    let project = project(&mock);
    tasks(&project, 3);
    let generate = ["tasks", "tasks.jsonl", "run", "-c", "pair", "-c", "m", "-o", "out"];
    assert_eq!(run(&project, &generate).await.code, Some(0));
    let outcome = run(&project, &["report", "-o", "out"]).await;
    assert_eq!((outcome.code, outcome.stdout.as_str()), (Some(0), "out/report/report.html\n"), "{outcome}");
    let read = |name: &str| std::fs::read_to_string(project.path("out/report").join(name)).unwrap();
    let html = read("report.html");
    assert!(
        html.contains("tasks: pair is") && html.contains("&lt;b&gt;9&lt;/b&gt;") && !html.contains("<b>"),
        "{html}"
    );
    let findings = document(&read("report.json"));
    let board = &findings["boards"][0];
    assert_eq!((&board["rows"][0]["contender"], &board["base"]), (&json!("pair"), &json!("m")));
    assert_eq!(board["rows"][0]["score"]["n"], 3);
    let share = board["rows"][0]["score"]["value"].as_f64().unwrap();
    assert!((share - 200.0 / 3.0).abs() < 1e-9, "{board}");
    // Both proposers are right once, each on another question.
    let layer = &findings["layers"][0]["layers"][0];
    assert!((layer["mean"]["value"].as_f64().unwrap() - 100.0 / 3.0).abs() < 1e-9, "{layer}");
    assert!((layer["any"]["value"].as_f64().unwrap() - 200.0 / 3.0).abs() < 1e-9, "{layer}");
    assert!(read("tasks-tasks.csv").starts_with("contender,"));
    assert!(read("figure-2-alpaca-eval.csv").contains("MoA-Lite"));
    let again =
        run(&project, &["report", "-o", "out", "--to", "elsewhere", "--no-png", "--base", "pair"]).await;
    assert_eq!(again.code, Some(0), "{again}");
    assert_eq!(
        document(&std::fs::read_to_string(project.path("elsewhere/report.json")).unwrap())["boards"][0]["base"],
        "pair"
    );
    assert!(!project.path("elsewhere/figure-2-alpaca-eval.png").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn judged_answers_are_shown_with_their_judge_and_what_is_broken_is_left_out_and_told() {
    let mock = Mock::builder()
        .rule(Rule::model("judge").when_prompt_contains("More of 81.").answer("Good. [[8]]"))
        .rule(Rule::model("judge").answer("Well <i>done</i>. [[6]]"))
        .rule(Rule::any().answer("An answer."))
        .start()
        .await
        .unwrap();
    let project = judged_project(&mock);
    mt_bench_files(&project);
    let place = ["--data", "bench", "--output", "out"];
    done(&project, &[&["mt-bench", "generate", "-c", "duo", "-c", "a"][..], &place].concat()).await;
    done(&project, &[&["mt-bench", "judge", "--judge", "judge"][..], &place].concat()).await;
    std::fs::create_dir_all(project.path("out/flask/review")).unwrap();
    project.write("out/flask/review/a.judge.jsonl", "{\"idx\": 1");
    let outcome = done(&project, &[&["report"][..], &place].concat()).await;
    assert!(outcome.stderr.contains("warning: left out: out/flask/review/a.judge.jsonl"), "{outcome}");
    let html = std::fs::read_to_string(project.path("out/report/report.html")).unwrap();
    for text in [
        "judge: judge (not the official judge, which is gpt-4)",
        "MT-Bench, judged by judge: duo is",
        "no judge has read them",
        "Well &lt;i&gt;done&lt;/i&gt;. [[6]]",
        "left out: out/flask/review/a.judge.jsonl",
        "AlpacaEval 2.0 was not run",
    ] {
        assert!(html.contains(text), "{text}");
    }
    let findings = document(&std::fs::read_to_string(project.path("out/report/report.json")).unwrap());
    let duo = findings["boards"][0]["rows"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["contender"] == "duo")
        .unwrap();
    assert!((duo["score"]["value"].as_f64().unwrap() - 38.0 / 6.0).abs() < 1e-9, "{duo}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leaderboard_alone_is_a_report_and_an_empty_folder_is_none() {
    let mock = Mock::builder().start().await.unwrap();
    let project = project(&mock);
    project.write("board.csv", ",win_rate,standard_error,n_total,avg_length,length_controlled_winrate,lc_standard_error\ngpt-4o-mini-2024-07-18,44.65,1.46,805,1861,50.73,0.83\n");
    let outcome = run(&project, &["report", "--leaderboard", "board.csv", "--to", "r", "--no-png"]).await;
    assert_eq!(outcome.code, Some(0), "{outcome}");
    let csv = std::fs::read_to_string(project.path("r/figure-2-alpaca-eval.csv")).unwrap();
    assert!(csv.contains("gpt-4o-mini-2024-07-18") && csv.contains("50.73"), "{csv}");
    std::fs::create_dir(project.path("empty")).unwrap();
    let nothing = run(&project, &["report", "-o", "empty"]).await;
    assert!(nothing.code == Some(1) && nothing.stderr.contains("there are no results in empty"), "{nothing}");
    let nowhere = run(&project, &["report", "-o", "nowhere"]).await;
    assert!(nowhere.code == Some(2) && nowhere.stderr.contains("hint: "), "{nowhere}");
    assert_eq!(run(&project, &["report"]).await.code, Some(2));
}

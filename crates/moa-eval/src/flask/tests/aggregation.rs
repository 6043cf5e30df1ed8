//! Rules of the tables that small cases show.

use super::*;

const FORMAL: &str = "formal education knowledge";

#[test]
fn a_key_names_its_skill_by_one_word() {
    let reviews = [
        review(
            item(1, &["Math"], FORMAL),
            "{'Logical Correctness': 5, 'Commonsense Understanding': 3, 'Correctness': 4}",
        ),
        review(
            item(2, &["Math"], FORMAL),
            "{'Commonsense': '2', 'logical': 1, 'unknown skill': 1, 'Factuality': 'N/A'}",
        ),
        review(item(3, &["Math"], FORMAL), "{'correctness': '4/5', 'factuality': 'n/a'}"),
    ];
    let expected =
        "skill,score,count,avg\r\ncorrectness,9.0,2,4.5\r\nfactuality,0,0,N/A\r\ncommonsense,5.0,2,2.5\r\n";
    assert_eq!(SkillTable::of(&reviews).to_csv().unwrap(), expected);
}

#[test]
fn a_score_counts_once_for_each_domain() {
    let reviews = [
        review(item(1, &["Social Science", "Math"], FORMAL), "{'Factuality': 3, 'unknown': 4}"),
        review(item(2, &["-1", "Natural Science"], FORMAL), "{'Factuality': 'N/A'}"),
    ];
    let expected = "domain,sum,count,avg\r\nSocial,7.0,2,3.5\r\nMath,7.0,2,3.5\r\nNatural,0,0,N/A\r\n";
    assert_eq!(DomainTable::of(&reviews).to_csv().unwrap(), expected);
}

#[test]
fn the_level_is_that_of_the_same_line() {
    let items = [
        item(1, &[], "simple lifestyle knowledge"),
        item(2, &[], "major level knowledge"),
        item(3, &[], "-1"),
    ];
    let reviews = [
        review(items[1].clone(), "{'Factuality': 4}"),
        review(items[0].clone(), "{'Factuality': 1}"),
        review(items[2].clone(), "{'Factuality': 5}"),
    ];
    let expected = "skill,difficulty,score,count,avg,cumu\r\n\
        factuality,simple lifestyle knowledge,4.0,1,4.0,4.0\r\n\
        factuality,advanced lifestyle knowledge,0,0,N/A,4.0\r\n\
        factuality,formal education knowledge,0,0,N/A,4.0\r\n\
        factuality,major level knowledge,1.0,1,1.0,2.5\r\n\
        factuality,expert level knowledge,0,0,N/A,2.5\r\n";
    assert_eq!(DifficultyTable::of(&reviews, &items).unwrap().to_csv().unwrap(), expected);
    assert!(DifficultyTable::of(&reviews, &items[..2]).is_err());
}

#[test]
fn the_score_is_a_document() {
    let items = [item(1, &["Math"], FORMAL)];
    let reviews = [review(items[0].clone(), "{'Factuality': 4, 'Readability': 3}")];
    let document = serde_json::to_value(score(&reviews, Some(&items)).unwrap()).unwrap();
    assert_eq!(document["skills"]["factuality"], json!({"sum": 4.0, "count": 1, "average": 4.0}));
    assert_eq!(document["domains"]["Math"]["count"], 2);
    assert_eq!(
        document["difficulty"]["readability"][2],
        json!({"level": FORMAL, "sum": 3.0, "count": 1, "average": 3.0, "cumulative": 3.0})
    );
    assert!(score(&[], Some(&items)).is_err());
}

#[test]
fn both_spellings_of_fields_are_read_and_reviews_written() {
    let old = json!({"question_id": 7, "text": "i", "metrics": ["Factuality"], "answer": "a", "domain_labeled": ["Math"],
        "difficulty_labeled": FORMAL, "target_txt": "t", "review": "{'a': 1}", "score": {"b": 2, "a": "N/A"}, "total_tokens_step4": 5});
    // The macro sorts keys; the judge's order counts.
    let old = old.to_string().replace(r#"{"a":"N/A","b":2}"#, r#"{"b":2,"a":"N/A"}"#);
    let reviews = read_reviews(old.as_bytes()).unwrap();
    assert_eq!((reviews[0].item.id, reviews[0].item.level), (7, Some(Level::Formal)));
    assert_eq!(reviews[0].item.domains, ["Math"]);
    let two = [review(item(9, &[], FORMAL), "{'a': 1}"), reviews[0].clone()];
    let written = write_reviews(&two).unwrap();
    assert!(written.contains(r#""score":{"b":2,"a":"N/A"}"#), "{written}");
    let read = read_reviews(written.as_bytes()).unwrap();
    assert_eq!(read, [two[1].clone(), two[0].clone()]);
}

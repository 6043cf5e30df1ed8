//! FLASK's skills as the article labels them.

/// The Japanese name of a skill, as in the article's table.
pub(crate) fn japanese(skill: &str) -> Option<&'static str> {
    Some(match skill {
        "robustness" => "堅牢性",
        "correctness" => "正確性",
        "efficiency" => "効率性",
        "factuality" => "事実性",
        "commonsense" => "常識性",
        "comprehension" => "理解力",
        "insightfulness" => "洞察力",
        "completeness" => "完全性",
        "metacognition" => "メタ認知",
        "readability" => "読みやすさ",
        "conciseness" => "簡潔さ",
        "harmlessness" => "無害性",
        _ => return None,
    })
}

/// The English name with a capital.
pub(crate) fn english(skill: &str) -> String {
    let mut letters = skill.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

//! The scores as a table for other programs: one number a line, with all that belongs to it.

use moa_report::{Contender, Measured, Report};

use crate::commands::eval::columns::csv;
use crate::complaint::Complaint;

/// Every score, with its interval, its n and its judge.
pub(super) fn scores(report: &Report) -> Result<String, Complaint> {
    let header = ["contender", "benchmark", "score", "value", "low", "high", "n", "judge", "note"];
    let rows = report.contenders.iter().flat_map(rows);
    csv(std::iter::once(header.map(str::to_owned).to_vec()).chain(rows))
}

fn rows(contender: &Contender) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut add = |benchmark: &str, score: &str, measured: &Measured| {
        let bound = |place: usize| measured.interval.map(|of| of[place].to_string()).unwrap_or_default();
        rows.push(vec![
            contender.name.clone(),
            benchmark.to_owned(),
            score.to_owned(),
            measured.value.to_string(),
            bound(0),
            bound(1),
            measured.n.to_string(),
            measured.judge.clone(),
            measured.note.clone().unwrap_or_default(),
        ]);
    };
    if let Some(alpaca) = &contender.alpaca {
        if let Some(controlled) = &alpaca.length_controlled {
            add("alpaca-eval", "length_controlled_winrate", controlled);
        }
        add("alpaca-eval", "win_rate", &alpaca.win_rate);
    }
    if let Some(of) = &contender.mt_bench {
        add("mt-bench", "average", &of.average);
    }
    for (skill, measured) in contender.flask.iter().flat_map(|flask| &flask.skills) {
        add("flask", skill, measured);
    }
    rows
}

//! Why a mixture is the one that is asked: what was measured of it, in plain lines.

use std::fmt::Write as _;

use moa_config::{Calibration, ResolvedPreset};
use moa_core::{Conversation, RequestKind};

/// Why this mixture, from the measurements; what to do where there are none.
pub(crate) fn explanation(preset: &ResolvedPreset, conversation: Option<&Conversation>) -> String {
    let name = &preset.mixture.name;
    let Some(measured) = &preset.calibration else {
        return format!(
            "{name}: nothing was measured of this mixture as it is asked now.\n\
             `moa calibrate --tasks gsm8k` (or a file of your own questions) measures the models, says whether any mixture of them\n\
             beats the best one alone, and writes a preset that knows what was measured.\n"
        );
    };
    let mut text = format!("{name}: measured on {} by moa calibrate\n", measured.date);
    if let Some(reason) = &measured.reason {
        let _ = writeln!(text, "  why        {reason}");
    }
    for (what, line) in lines(measured) {
        let _ = writeln!(text, "  {what:<10} {line}");
    }
    if let Some(conversation) = conversation {
        let kind = RequestKind::of(conversation);
        let line = measured.note(conversation).unwrap_or_else(|| {
            format!("this one wants {}, by its look: of a kind that was measured", kind.wanted())
        });
        let _ = writeln!(text, "  request    {line}");
    }
    text
}

/// What was measured, a line for each subject.
pub(crate) fn lines(measured: &Calibration) -> Vec<(&'static str, String)> {
    let percent = |share: f64| format!("{:.1}", share * 100.0);
    let kinds: Vec<&str> = measured.kinds.iter().map(|kind| kind.wanted()).collect();
    let mut lines = vec![
        ("tasks", format!("{}; requests that want {}", measured.tasks.join(", "), kinds.join(" or "))),
        (
            "right",
            format!(
                "{} % (95 %: {} to {}) of {} items that nothing was chosen by; the best model alone, {}: {} %",
                percent(measured.accuracy.value),
                percent(measured.accuracy.low),
                percent(measured.accuracy.high),
                measured.items,
                measured.best_single,
                percent(measured.best_single_accuracy)
            ),
        ),
    ];
    if let Some(difference) = measured.difference {
        lines.push((
            "difference",
            format!(
                "{:+.1} points (interval of {:.1} %: {:+.1} to {:+.1}), on the same items",
                difference.value * 100.0,
                measured.difference_confidence * 100.0,
                difference.low * 100.0,
                difference.high * 100.0
            ),
        ));
    }
    let times = |ratio: Option<f64>| ratio.map(|ratio| format!("{ratio:.2} times"));
    if let Some(cost) = times(measured.cost_ratio) {
        let time = times(measured.time_ratio).map(|time| format!(", {time} the time")).unwrap_or_default();
        lines.push(("cost", format!("{cost} that of the best model alone{time}")));
    }
    if let Some(candidates) = measured.candidates {
        lines.push(("compared", format!("{candidates} candidates")));
    }
    lines
}

//! What a person sees while models are measured.

use moa_eval::calibration::{Forecast, Part, Told};
use moa_terminal::quantities;

use crate::commands::eval::input::eprint;
use crate::commands::eval::progress::{ProgressLine, describe};

/// Shows how far it is.
#[derive(Default)]
pub(super) struct Watcher {
    stage: Option<(String, ProgressLine)>,
    forecast: Option<String>,
}

impl Watcher {
    pub(super) fn see(&mut self, told: Told<'_>) {
        match told {
            // What is known already passes by in no time, and the end of a stage is told as such.
            Told::Progress { progress, .. }
                if progress.done + progress.failed >= progress.total
                    || (progress.asked() == 0 && progress.elapsed.as_secs() < 1) => {}
            Told::Progress { stage, progress } => self.line(stage).show(progress),
            Told::Done { stage, progress } => {
                // What was known already is no news.
                if progress.asked() > 0 || progress.failed > 0 || progress.elapsed.as_secs() > 1 {
                    self.line(stage).finish(&describe(progress));
                }
                self.stage = None;
            }
            Told::Forecast(forecast) => {
                let text = describe_forecast(forecast);
                if self.forecast.as_ref() != Some(&text) {
                    eprint(&format!("{text}\n"));
                    self.forecast = Some(text);
                }
            }
            Told::Remark(text) => eprint(&format!("note: {text}\n")),
        }
    }

    fn line(&mut self, stage: &str) -> &mut ProgressLine {
        if self.stage.as_ref().is_none_or(|(of, _)| of != stage) {
            self.stage = None;
        }
        &mut self.stage.get_or_insert_with(|| (stage.to_owned(), ProgressLine::new(stage))).1
    }
}

/// `still to do: each model alone 620 calls, 4 min; ...; together about 12 min, $0.10`.
pub(super) fn describe_forecast(forecast: &Forecast) -> String {
    let part = |name: &str, part: &Part| {
        if part.calls < 0.5 {
            return format!("{name} nothing");
        }
        let calls = quantities::counted(whole(part.calls), "call");
        let seconds = part.seconds.map(|seconds| format!(", {}", time(seconds)));
        format!("{name} {calls}{}", seconds.unwrap_or_default())
    };
    let total = forecast.total();
    let together = match total.seconds {
        Some(seconds) if forecast.is_by_earlier_runs => format!(
            "about {} together by the speed of earlier runs, with every answer as long as it may be and written by itself, so that it is mostly far less; a run knows better once it has timed each model",
            time(seconds)
        ),
        Some(seconds) => format!("about {} together", time(seconds)),
        None => "how long that takes is known once each model was timed".to_owned(),
    };
    let cost =
        total.cost_usd.filter(|usd| *usd > 0.0).map(|usd| format!(", about ${usd:.4}")).unwrap_or_default();
    format!(
        "still to do: {}; {}; {}; {together}{cost}",
        part("each model alone", &forecast.alone),
        part("mixtures that ask at most", &forecast.search),
        part("confirmation at most", &forecast.confirmation)
    )
}

fn time(seconds: f64) -> String {
    quantities::duration(std::time::Duration::try_from_secs_f64(seconds.ceil()).unwrap_or_default())
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of calls")]
fn whole(count: f64) -> u64 {
    count.max(0.0).round() as u64
}

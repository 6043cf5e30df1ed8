//! Axes: where a value lies, and which values are written out.

/// A direction of a drawing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Axis {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
    is_log: bool,
}

impl Axis {
    /// The values from `range.0` to `range.1` between two places.
    pub(super) fn new(range: (f64, f64), from: f64, to: f64) -> Self {
        let (low, high) = range;
        let high = if high > low { high } else { low + 1.0 };
        Self { low, high, from, to, is_log: false }
    }

    /// An axis that holds these values with some room around them; by powers of ten where they differ by more than twentyfold.
    pub(super) fn around(values: impl Iterator<Item = f64> + Clone, from: f64, to: f64) -> Self {
        let finite = values.filter(|value| value.is_finite());
        let low = finite.clone().fold(f64::INFINITY, f64::min);
        let high = finite.fold(f64::NEG_INFINITY, f64::max);
        if low > high {
            return Self::new((0.0, 1.0), from, to);
        }
        if low > 0.0 && high > low * 20.0 {
            return Self { low: low / 1.6, high: high * 1.6, from, to, is_log: true };
        }
        let room = if high > low { (high - low) * 0.15 } else { high.abs().max(1.0) * 0.5 };
        // What cannot be negative starts at 0 at the least.
        let start = if low >= 0.0 { (low - room).max(0.0) } else { low - room };
        Self::new((start, high + room), from, to)
    }

    /// Where a value lies. What is off the scale lies at its end.
    pub(super) fn at(&self, value: f64) -> f64 {
        let scaled = |value: f64| if self.is_log { value.max(self.low).ln() } else { value };
        let share = (scaled(value) - scaled(self.low)) / (scaled(self.high) - scaled(self.low));
        self.from + share.clamp(0.0, 1.0) * (self.to - self.from)
    }

    /// About six round values, with their texts.
    pub(super) fn ticks(&self) -> Vec<(f64, String)> {
        if self.is_log { self.log_ticks() } else { self.even_ticks() }
    }

    fn even_ticks(&self) -> Vec<(f64, String)> {
        let rough = (self.high - self.low) / 6.0;
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|of| of * power).find(|step| *step >= rough * 0.99);
        let step = step.unwrap_or(power * 10.0);
        let decimals = decimals(step);
        let mut value = (self.low / step - 1e-9).ceil() * step;
        let mut ticks = Vec::new();
        while value <= self.high + step * 1e-6 && ticks.len() < 20 {
            // Without the sign of a zero.
            let shown = value + 0.0;
            ticks.push((shown, format!("{shown:.decimals$}")));
            value += step;
        }
        ticks
    }

    fn log_ticks(&self) -> Vec<(f64, String)> {
        let mut power = 10_f64.powf(self.low.log10().floor());
        let mut ticks = Vec::new();
        let is_wide = self.high / self.low > 1e4;
        while power <= self.high && ticks.len() < 24 {
            let steps: &[f64] = if is_wide { &[1.0] } else { &[1.0, 2.0, 5.0] };
            for value in
                steps.iter().map(|of| of * power).filter(|value| (self.low..=self.high).contains(value))
            {
                let decimals = decimals(value);
                ticks.push((value, format!("{value:.decimals$}")));
            }
            power *= 10.0;
        }
        ticks
    }
}

/// So many decimals show a step and no more than it.
fn decimals(step: f64) -> usize {
    (0..9)
        .find(|decimals| step * 10_f64.powi(*decimals) > 0.99)
        .and_then(|of| usize::try_from(of).ok())
        .unwrap_or(9)
}

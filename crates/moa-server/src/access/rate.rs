//! So many in a minute, at no moment more.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

const MINUTE: Duration = Duration::from_mins(1);

/// A sliding window of a minute.
pub(super) struct Rate {
    most: usize,
    begun: VecDeque<Instant>,
}

impl Rate {
    pub(super) fn per_minute(most: u32) -> Self {
        Self { most: most as usize, begun: VecDeque::new() }
    }

    /// Counts one more, or says how long to wait.
    pub(super) fn take(&mut self, now: Instant) -> Result<(), Duration> {
        while self.begun.front().is_some_and(|begun| now.duration_since(*begun) >= MINUTE) {
            self.begun.pop_front();
        }
        if self.begun.len() < self.most {
            self.begun.push_back(now);
            return Ok(());
        }
        let oldest = self.begun.front().copied().unwrap_or(now);
        Err(MINUTE.saturating_sub(now.duration_since(oldest)))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::Rate;

    #[test]
    fn no_minute_has_more_than_the_limit() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut rate = Rate::per_minute(2);
        assert_eq!(rate.take(at(0)), Ok(()));
        assert_eq!(rate.take(at(30)), Ok(()));
        assert_eq!(rate.take(at(31)), Err(Duration::from_secs(29)));
        assert_eq!(rate.take(at(60)), Ok(()));
        assert_eq!(rate.take(at(61)), Err(Duration::from_secs(29)));
    }
}

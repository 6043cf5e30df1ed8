//! The run store as its users see it.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod events;
#[cfg(test)]
mod history;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod opening;
#[cfg(test)]
mod processes;
#[cfg(test)]
mod recording;
#[cfg(test)]
mod sample;

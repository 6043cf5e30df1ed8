mod contenders;
mod costs;
mod journals;
mod scripted;
mod working;

//! Sending a load.

use std::net::IpAddr;
use std::time::Duration;

use moa_testkit::load::{Load, run};

use crate::cli;
use crate::complaint::Complaint;
use crate::{say, told_to_end};

pub(crate) async fn load(arguments: cli::Load) -> Result<(), Complaint> {
    if !arguments.allow_remote && !is_near(&arguments.url) {
        let message = format!("{} is not on this machine", arguments.url);
        return Err(Complaint::usage(message)
            .hint("a load is for servers of your own: --allow-remote if it is yours"));
    }
    let key = arguments.api_key_env.as_ref().map(|name| {
        std::env::var(name).map_err(|error| Complaint::usage(format!("--api-key-env {name}: {error}")))
    });
    let time = Duration::try_from_secs_f64(arguments.seconds)
        .map_err(|error| Complaint::usage(format!("--seconds {}: {error}", arguments.seconds)))?;
    let load = Load {
        prompt: arguments.prompt_bytes.map_or(arguments.prompt, words),
        stream: arguments.stream,
        arrivals: arguments.arrivals.into(),
        seed: arguments.seed,
        timeout: arguments.timeout,
        api_key: key.transpose()?,
        max_tokens: arguments.max_tokens,
        ..Load::new(arguments.url, arguments.model, arguments.rate, time)
    };
    let report = tokio::select! {
        report = run(load) => report.map_err(Complaint::failed)?,
        told = told_to_end() => return told.and(Err(Complaint::failed("stopped"))),
    };
    if arguments.json {
        let json = serde_json::to_string_pretty(&report).map_err(Complaint::failed)?;
        return say(&format!("{json}\n"));
    }
    say(&report.to_string())
}

/// Whether the URL's host is this machine by its very name.
fn is_near(url: &str) -> bool {
    let host = reqwest::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
    let is_loopback =
        |host: &str| host.trim_matches(['[', ']']).parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    host.is_some_and(|host| host == "localhost" || is_loopback(&host))
}

/// A text of so many bytes.
fn words(bytes: usize) -> String {
    "word ".chars().cycle().take(bytes).collect()
}

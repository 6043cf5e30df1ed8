//! Serving a script.

use moa_testkit::{Keep, Mock, Rule, Script};

use crate::cli::Serve;
use crate::complaint::Complaint;
use crate::log_file::LogFile;
use crate::{say, told_to_end};

/// How many words without meaning the mock says when it has no script.
const WORDS: usize = 40;

pub(crate) async fn serve(arguments: Serve) -> Result<(), Complaint> {
    let mut script = match &arguments.config {
        Some(path) => Script::read(path)?,
        None => Script {
            log: Keep { bodies: false, ..Keep::default() },
            rules: vec![Rule::any().lorem(WORDS)],
            ..Script::default()
        },
    };
    script.port = arguments.port.unwrap_or(script.port);
    let mock = Mock::start(script).await?;
    let log = arguments.log.map(|path| LogFile::start(path, mock.log())).transpose()?;
    match (&arguments.ca_file, mock.ca_pem()) {
        (Some(path), Some(pem)) => std::fs::write(path, pem)
            .map_err(|error| Complaint::failed(format!("cannot write {}: {error}", path.display())))?,
        (Some(_), None) => {
            return Err(Complaint::usage("--ca-file: the script has no TLS")
                .hint("add tls = \"valid\" to the script"));
        }
        (None, _) => {}
    }
    say(&format!("{}\n", mock.base_url()))?;
    told_to_end().await?;
    mock.stop().await;
    log.map_or(Ok(()), LogFile::finish)
}

//! Serving as a proxy.

use moa_testkit::Proxy;

use crate::cli;
use crate::complaint::Complaint;
use crate::{say, told_to_end};

pub(crate) async fn proxy(arguments: cli::Proxy) -> Result<(), Complaint> {
    let mut builder = Proxy::builder().port(arguments.port);
    if let Some(credentials) = &arguments.credentials {
        let Some((user, password)) = credentials.split_once(':') else {
            return Err(
                Complaint::usage("--credentials has no colon").hint("write --credentials user:password")
            );
        };
        builder = builder.credentials(user, password);
    }
    for (target, address) in arguments.hosts {
        builder = builder.host(target, address);
    }
    let proxy = builder.start().await?;
    say(&format!("{}\n", proxy.url()))?;
    told_to_end().await
}

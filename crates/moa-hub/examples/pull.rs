//! Gets a model and says what happens: `cargo run -p moa-hub --example pull -- MODEL FOLDER`.

use std::error::Error;
use std::io::{Write as _, stderr, stdout};

use moa_hub::{Hub, HubOptions};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(model), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("a model and a folder are needed".into());
    };
    let mut options = HubOptions::from_environment()?;
    options.models_folder = folder.into();
    let hub = Hub::new(options);
    let reference = hub.reference(&model)?;
    let started = std::time::Instant::now();
    let pulled = hub.pull(&reference, move |progress| {
        // Nothing better can be done when nobody can be told.
        let _ = writeln!(stderr(), "{:7.2} s {progress:?}", started.elapsed().as_secs_f64());
    });
    let result = tokio::select! {
        result = pulled => result,
        interrupted = tokio::signal::ctrl_c() => {
            interrupted?;
            return Err("stopped; what has arrived is kept".into());
        }
    };
    match result {
        Ok(path) => writeln!(stdout(), "{}", path.display())?,
        Err(error) => {
            writeln!(stderr(), "{error}\nhint: {}", error.hint().unwrap_or_default())?;
            return Err("the model cannot be had".into());
        }
    }
    Ok(())
}

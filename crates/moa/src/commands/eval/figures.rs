//! Writes the figures of a page beside it, as data and as pictures.

use std::path::Path;

use clap::Args;
use moa_report::{Figure, PngWriter};

use super::data::write_whole;
use super::input::{eprint, warn};
use crate::complaint::Complaint;

/// How figures are written.
#[derive(Debug, Clone, Args)]
pub(crate) struct FigureArgs {
    /// Write no pictures; the page has its drawings in any case
    #[arg(long)]
    pub(crate) no_png: bool,
}

/// Writes each figure as `NAME.csv`, and as `NAME.png` where it has a drawing and pictures are wanted.
pub(crate) fn write(figures: &[Figure], folder: &Path, arguments: &FigureArgs) -> Result<(), Complaint> {
    for figure in figures {
        write_whole(&folder.join(format!("{}.csv", figure.name)), figure.csv())?;
    }
    if arguments.no_png { Ok(()) } else { pictures(figures, folder) }
}

fn pictures(figures: &[Figure], folder: &Path) -> Result<(), Complaint> {
    let writer = match PngWriter::new() {
        Ok(writer) => writer,
        Err(error) => {
            warn(&[format!("no pictures are written: {error}")]);
            return Ok(());
        }
    };
    if !writer.has_japanese() {
        eprint(
            "no font for Japanese is installed: the pictures have English labels only, the page has both\n",
        );
    }
    for figure in figures {
        let Some(svg) = figure.standalone_svg() else { continue };
        let png = writer.png(&svg).map_err(|error| Complaint::failed(format!("{}: {error}", figure.name)))?;
        write_whole(&folder.join(format!("{}.png", figure.name)), png)?;
    }
    Ok(())
}

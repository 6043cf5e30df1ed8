//! Generated documentation is what the program says today. `make docs` writes it anew.

use std::fmt::Write as _;
use std::path::Path;

use crate::project::moa;

/// Compares a committed file with what it should hold, or writes it when asked to.
fn assert_current(file: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(file);
    if std::env::var_os("MOA_UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, expected).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == expected, "docs/{file} is out of date: run `make docs`");
}

#[test]
fn the_command_reference_is_what_help_prints() {
    let mut text = String::from(
        "# Commands\n\nWhat `--help` prints, command by command. Written by `make docs`; changes by hand are lost.\n",
    );
    let mut open = vec![Vec::<String>::new()];
    while let Some(path) = open.pop() {
        let output = moa().args(&path).arg("--help").output().unwrap();
        assert!(output.status.success(), "moa {} --help", path.join(" "));
        let help = String::from_utf8(output.stdout).unwrap();
        let title =
            std::iter::once("moa").chain(path.iter().map(String::as_str)).collect::<Vec<_>>().join(" ");
        let _ = write!(text, "\n## {title}\n\n```text\n{}\n```\n", help.trim_end());
        for name in subcommands(&help).into_iter().rev() {
            let mut longer = path.clone();
            longer.push(name);
            open.push(longer);
        }
    }
    assert_current("commands.md", &text);
}

/// The names under `Commands:` of a help text.
fn subcommands(help: &str) -> Vec<String> {
    help.lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| line.starts_with("  "))
        .filter(|line| line.as_bytes().get(2).is_some_and(|byte| *byte != b' '))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

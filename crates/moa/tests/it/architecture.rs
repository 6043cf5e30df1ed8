//! The rules that hold the workspace together: which way dependencies point, and what may be depended on.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

/// Which of our crates each of our crates may use. Arrows point one way; siblings do not know each other.
const MAY_USE: &[(&str, &[&str])] = &[
    ("moa-core", &[]),
    ("moa-export", &["moa-core"]),
    ("moa-eval", &["moa-core"]),
    ("moa-hub", &["moa-core"]),
    ("moa-kernels", &[]),
    ("moa-llama", &["moa-core", "moa-kernels"]),
    ("moa-openai", &["moa-core"]),
    ("moa-openai-fuzz", &["moa-core", "moa-openai"]),
    ("moa-report", &["moa-core", "moa-eval"]),
    ("moa-resilience", &["moa-core"]),
    ("moa-store", &["moa-core"]),
    ("moa-telemetry", &["moa-core"]),
    ("moa-terminal", &["moa-core"]),
    ("moa-config", &["moa-core"]),
    ("moa-server", &["moa-core", "moa-config", "moa-export", "moa-store"]),
    ("moa-testkit", &[]),
    ("moa-bench-orchestration", &["moa-core", "moa-openai", "moa-resilience", "moa-store", "moa-testkit"]),
    (
        "moa",
        &[
            "moa-core",
            "moa-export",
            "moa-eval",
            "moa-hub",
            "moa-llama",
            "moa-openai",
            "moa-report",
            "moa-resilience",
            "moa-server",
            "moa-store",
            "moa-telemetry",
            "moa-terminal",
            "moa-config",
        ],
    ),
];

/// What `moa-core` must never know: networks, databases, foreign code.
const NOT_IN_CORE: &[&str] =
    &["reqwest", "hyper", "axum", "rusqlite", "libsqlite3-sys", "llama-cpp-2", "llama-cpp-sys-2", "cc"];

/// Licences under which a dependency may come. A dependency that offers a choice needs one of them.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "NCSA",
    "OpenSSL",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
    "bzip2-1.0.6",
];

/// What is built on this machine. Other platforms' dependencies may not be downloaded, and tests use no network.
fn metadata() -> Metadata {
    let version = Command::new("rustc").arg("-vV").output().unwrap();
    let version = String::from_utf8(version.stdout).unwrap();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let options = ["--locked", "--offline", "--filter-platform", host].map(str::to_owned);
    MetadataCommand::new().other_options(options).exec().unwrap()
}

#[test]
fn our_crates_use_each_other_one_way_only() {
    let metadata = metadata();
    let ours: BTreeSet<String> =
        metadata.workspace_packages().iter().map(|package| package.name.to_string()).collect();
    let rules: BTreeMap<&str, &[&str]> = MAY_USE.iter().copied().collect();
    for package in metadata.workspace_packages() {
        let name = package.name.to_string();
        let allowed = rules.get(name.as_str()).unwrap_or_else(|| panic!("{name} has no rule: add one"));
        for dependency in package.dependencies.iter().filter(|d| d.kind == DependencyKind::Normal) {
            assert!(
                !ours.contains(&dependency.name) || allowed.contains(&dependency.name.as_str()),
                "{name} must not use {}",
                dependency.name
            );
        }
    }
}

#[test]
fn the_core_knows_no_network_database_or_foreign_code() {
    let metadata = metadata();
    let nodes: BTreeMap<_, _> =
        metadata.resolve.as_ref().unwrap().nodes.iter().map(|node| (node.id.clone(), node)).collect();
    let names: BTreeMap<_, _> =
        metadata.packages.iter().map(|package| (package.id.clone(), package.name.to_string())).collect();
    let core = metadata.packages.iter().find(|package| package.name.as_str() == "moa-core").unwrap();
    let mut open = vec![core.id.clone()];
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        if !seen.insert(id.clone()) {
            continue;
        }
        assert!(!NOT_IN_CORE.contains(&names[&id].as_str()), "moa-core reaches {}", names[&id]);
        let normal = |dependency: &&cargo_metadata::NodeDep| {
            dependency.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal)
        };
        open.extend(nodes[&id].deps.iter().filter(normal).map(|dependency| dependency.pkg.clone()));
    }
    assert!(seen.len() > 5, "the walk went nowhere");
}

#[test]
fn every_dependency_is_released_and_under_a_licence_that_we_can_ship() {
    for package in metadata().packages {
        let Some(source) = &package.source else { continue };
        assert!(source.is_crates_io(), "{} comes from {source}", package.name);
        let licence = package.license.clone().unwrap_or_default();
        assert!(may_be_shipped(&licence), "{} {} is under '{licence}'", package.name, package.version);
    }
}

/// Whether one of the choices that an SPDX expression leaves has only licences of [`LICENCES`].
fn may_be_shipped(licence: &str) -> bool {
    // Lax about the older `A/B` in place of `A OR B`.
    spdx::Expression::parse_mode(licence, spdx::ParseMode::LAX).is_ok_and(|expression| {
        expression.evaluate(|requirement| LICENCES.contains(&requirement.to_string().as_str()))
    })
}

#[test]
fn expressions_of_licences_are_read_with_all_that_may_be_in_them() {
    for licence in [
        "MIT",
        "MIT/Apache-2.0",
        "GPL-3.0-only OR MIT",
        "MIT AND Zlib",
        "(GPL-3.0-only OR Apache-2.0) AND Unicode-3.0",
        "(MIT AND (LGPL-2.1-or-later OR ISC)) OR AGPL-3.0-only",
        "Apache-2.0 WITH LLVM-exception",
        "Apache-2.0 WITH LLVM-exception OR GPL-2.0-only WITH Classpath-exception-2.0",
    ] {
        assert!(may_be_shipped(licence), "{licence}");
    }
    for licence in [
        "",
        "GPL-3.0-only",
        "MIT AND GPL-3.0-only",
        "(MIT OR Apache-2.0) AND GPL-3.0-only",
        "MIT AND (GPL-3.0-only OR LGPL-2.1-only)",
        "MIT WITH Classpath-exception-2.0",
        "GPL-2.0-only WITH Classpath-exception-2.0",
        "LicenseRef-of-its-own",
        "MIT OR",
    ] {
        assert!(!may_be_shipped(licence), "{licence}");
    }
}

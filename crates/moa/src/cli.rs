//! The command line: what can be typed, and the help that says so.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::commands::calibrate::CalibrateArgs;
use crate::commands::eval::EvalCommand;

/// Mixture-of-Agents: several language models answer, layer by layer each reads the answers of the layer before, and one
/// aggregator writes the final answer.
#[derive(Debug, Parser)]
#[command(name = "moa", version, propagate_version = true, arg_required_else_help = true)]
#[command(
    after_help = "Start here:\n  moa ask \"Why is the sky blue?\"     asks the default preset; offers to get its models first if they are missing\n  moa presets list                  shows the mixtures that there are\n  moa ask --help                    lists every option"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct GlobalArgs {
    /// Configuration file that is read after the user's and the project's
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Download nothing: models must be on disk already
    #[arg(long, global = true, env = "MOA_OFFLINE", value_parser = clap::builder::FalseyValueParser::new(), hide_env_values = true)]
    pub(crate) offline: bool,

    /// Most processor cores that local models keep busy
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) cores: Option<u32>,

    /// Most memory that the weights and caches of local models take, such as 4GB; models that wait leave for those that are asked
    #[arg(long, global = true, value_name = "SIZE", value_parser = size)]
    pub(crate) memory: Option<u64>,

    /// Folder that models are kept in
    #[arg(long, global = true, value_name = "FOLDER")]
    pub(crate) models_dir: Option<PathBuf>,

    /// Say on stderr what happens inside; twice for more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

/// An amount of memory, in bytes.
fn size(written: &str) -> Result<u64, String> {
    moa_config::parse_size(written).ok_or_else(|| "write it like 4GB or 512MB".to_owned())
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Ask one question
    Ask(AskArgs),
    /// Talk over several turns
    Chat(ChatArgs),
    /// Serve every mixture as a model name behind one OpenAI-compatible endpoint, with a page that shows the layers at work
    Serve(ServeArgs),
    /// List, get and inspect models
    #[command(subcommand)]
    Models(ModelsCommand),
    /// List and show mixtures
    #[command(subcommand)]
    Presets(PresetsCommand),
    /// Check, show and create configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// List, show, export, resume, replay and remove stored runs
    #[command(subcommand)]
    Runs(RunsCommand),
    /// Measure contenders on benchmarks: fetch, generate, score, compare
    #[command(subcommand)]
    Eval(EvalCommand),
    /// Find the mixture that is best for your tasks, or that the best model alone is: measured, confirmed, written as a preset
    Calibrate(CalibrateArgs),
    /// Measure what each source of speed brings on this machine: the same questions with them switched on one after the other
    Bench(BenchArgs),
    /// Show what this machine offers and whether all is in order
    Doctor,
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page
    #[command(hide = true)]
    Man,
}

/// How a mixture is chosen and changed for one run.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct MixtureArgs {
    /// Mixture to ask (see `moa presets list`)
    #[arg(short, long, value_name = "NAME", conflicts_with = "model")]
    pub(crate) preset: Option<String>,

    /// Ask this model alone: a configured name, a catalogue id, hf:owner/repo/file.gguf or a path
    #[arg(short, long, value_name = "MODEL")]
    pub(crate) model: Option<String>,

    /// Let this model write the final answer
    #[arg(long, value_name = "MODEL", conflicts_with = "model")]
    pub(crate) aggregator: Option<String>,

    /// Instructions that frame the conversation (the system message)
    #[arg(short, long, value_name = "TEXT")]
    pub(crate) system: Option<String>,

    /// Number of layers, the aggregator's included; 1 asks the aggregator alone
    #[arg(long, value_name = "N", conflicts_with = "model")]
    pub(crate) layers: Option<u32>,

    /// Most tokens of every answer
    #[arg(long, value_name = "N")]
    pub(crate) max_tokens: Option<u32>,

    /// Sampling temperature of every agent, 0 to 2; 0 always takes the likeliest token
    #[arg(short, long, value_name = "T", allow_negative_numbers = true)]
    pub(crate) temperature: Option<f64>,

    /// Makes the run repeatable; a random one is chosen and stored where none is given
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,

    /// Most that a run may cost, in US dollars; calls that could pass it are not made
    #[arg(long, value_name = "USD")]
    pub(crate) max_cost: Option<f64>,

    /// Take answers that the store has already, to the same questions under the same settings, instead of asking anew
    #[arg(long, conflicts_with = "no_store")]
    pub(crate) reuse: bool,

    /// Do not keep this run in the store
    #[arg(long)]
    pub(crate) no_store: bool,

    /// Fetch missing models without asking
    #[arg(short, long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  moa ask \"Why is the sky blue?\"\n  moa ask --preset tiny --trace full \"Name three rivers.\"\n  moa ask - < question.txt\n  moa ask --output json \"2+2?\" | jq .answer\n  moa ask --dry-run \"2+2?\""
)]
pub(crate) struct AskArgs {
    /// The question; `-` or nothing reads it from standard input
    pub(crate) prompt: Option<String>,

    #[command(flatten)]
    pub(crate) mixture: MixtureArgs,

    /// What to show of the layers: a live view, every proposal in full, or nothing
    #[arg(long, value_enum, default_value_t = TraceArg::Live)]
    pub(crate) trace: TraceArg,

    /// What to print on stdout: the answer, one JSON document, or one JSON event a line as it happens
    #[arg(short, long, value_enum, default_value_t = OutputArg::Text)]
    pub(crate) output: OutputArg,

    /// Image to go with the question: a file or an address; may be given several times. Models that cannot see do without
    #[arg(long = "image", value_name = "FILE|URL")]
    pub(crate) images: Vec<String>,

    /// File of tools that the aggregator may call: a JSON list in the form of the OpenAI protocol
    #[arg(long, value_name = "FILE")]
    pub(crate) tools: Option<PathBuf>,

    /// Tell why this mixture, from what `moa calibrate` measured, and ask nobody; with a question, also whether it is of a kind that was measured
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) explain: bool,

    /// Print the calls, their prompts and an estimate of tokens, memory, time and cost, and ask nobody
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ChatArgs {
    #[command(flatten)]
    pub(crate) mixture: MixtureArgs,

    /// What to show of the layers: a live view, every proposal in full, or nothing
    #[arg(long, value_enum, default_value_t = TraceArg::Live)]
    pub(crate) trace: TraceArg,
}

#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  moa serve\n  moa serve --port 9000\n  curl http://127.0.0.1:8080/v1/chat/completions -H 'Content-Type: application/json' \\\n    -d '{\"model\": \"local\", \"messages\": [{\"role\": \"user\", \"content\": \"2+2?\"}]}'"
)]
pub(crate) struct ServeArgs {
    #[command(subcommand)]
    pub(crate) command: Option<ServeCommand>,

    /// Address to listen on; 127.0.0.1 where the configuration says nothing
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) host: Option<IpAddr>,

    /// Port to listen on; 8080 where the configuration says nothing, 0 for any that is free
    #[arg(long, value_name = "PORT")]
    pub(crate) port: Option<u16>,

    /// Listen where others can reach the server although nobody needs a key
    #[arg(long)]
    pub(crate) allow_anonymous: bool,

    /// Do not keep the runs in the store
    #[arg(long)]
    pub(crate) no_store: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ServeCommand {
    /// Print the hash that stands for a key in the configuration; the key is read from standard input
    HashKey,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  moa bench\n  moa bench --preset tiny --max-tokens 64 --rounds 3\n  moa bench --json > bench.json\n\nOther programs that compute make the figures worthless: let the machine rest meanwhile."
)]
pub(crate) struct BenchArgs {
    /// Mixture to ask, all of whose models are local (see `moa presets list`)
    #[arg(short, long, value_name = "NAME")]
    pub(crate) preset: Option<String>,

    /// Most tokens of every answer
    #[arg(long, default_value_t = 128, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) max_tokens: u32,

    /// Sampling temperature of every agent, 0 to 2; 0 always takes the likeliest token
    #[arg(short, long, default_value_t = 0.0, value_name = "T", allow_negative_numbers = true)]
    pub(crate) temperature: f64,

    /// How often everything is asked; the round of middle length is told
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=99))]
    pub(crate) rounds: u32,

    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,

    /// Fetch missing models without asking
    #[arg(short, long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TraceArg {
    /// A live view of every agent (plain lines in a pipe)
    Live,
    /// The live view, and every proposal in full
    Full,
    /// Nothing but errors and warnings
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputArg {
    /// The answer
    Text,
    /// One JSON document when the run has ended
    Json,
    /// One JSON event a line, as it happens
    Jsonl,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ModelsCommand {
    /// List the models of the catalogue and those on disk, with size and licence
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Get models: catalogue ids, hf:owner/repo/file.gguf, or all that a preset needs
    Pull {
        /// The models
        #[arg(value_name = "ID", required_unless_present = "preset")]
        ids: Vec<String>,
        /// Get every local model of this preset
        #[arg(short, long, value_name = "NAME")]
        preset: Option<String>,
    },
    /// Remove a model from the disk
    Rm {
        /// The models
        #[arg(value_name = "ID", required = true)]
        ids: Vec<String>,
    },
    /// Show what is known of a model or of a GGUF file
    Info {
        /// A catalogue id, hf:owner/repo/file.gguf or a path
        #[arg(value_name = "ID|FILE")]
        id: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Measure a model: load time, memory, tokens per second
    Bench {
        /// A catalogue id, hf:owner/repo/file.gguf or a path
        id: String,
        /// Tokens to write
        #[arg(long, default_value_t = 128, value_name = "N")]
        tokens: u32,
        /// Print JSON
        #[arg(long)]
        json: bool,
        /// Answers written at the same time
        #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=64))]
        parallel: u32,
        /// Fetch the model without asking where it is missing
        #[arg(short, long)]
        yes: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum PresetsCommand {
    /// List the presets
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one preset whole: layers, agents, settings
    Show {
        /// The preset
        name: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Check the configuration and every preset in it
    Check {
        /// A file to check in place of the user's and the project's
        file: Option<PathBuf>,
    },
    /// Show every value and where it comes from
    Show,
    /// Print the JSON Schema of configuration files
    Schema,
    /// Write a commented starter file
    Init {
        /// Where to
        #[arg(default_value = "moa.toml")]
        file: PathBuf,
        /// Replace a file that is there
        #[arg(long)]
        force: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum RunsCommand {
    /// List runs, newest first
    List {
        /// Only runs whose question or answer contains this
        #[arg(short, long, value_name = "TEXT")]
        search: Option<String>,
        /// Only runs of this preset
        #[arg(short, long, value_name = "NAME")]
        preset: Option<String>,
        /// At most this many
        #[arg(short = 'n', long, default_value_t = 20, value_name = "N")]
        limit: u32,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show a run: every layer's answers and the table of how they changed
    Show {
        /// The run's id, its beginning, or `last`
        id: String,
    },
    /// Print a run for use elsewhere
    Export {
        /// The run's id, its beginning, or `last`
        id: String,
        /// In what form
        #[arg(short, long, value_enum, default_value_t = ExportFormat::Json)]
        format: ExportFormat,
    },
    /// Finish a run that was interrupted: what was answered is kept, the rest is asked
    Resume {
        /// The run's id, its beginning, or `last`
        id: String,
        /// What to show of the layers
        #[arg(long, value_enum, default_value_t = TraceArg::Live)]
        trace: TraceArg,
        /// What to print on stdout
        #[arg(short, long, value_enum, default_value_t = OutputArg::Text)]
        output: OutputArg,
        /// Most that the new run may cost, in US dollars
        #[arg(long, value_name = "USD")]
        max_cost: Option<f64>,
        /// Fetch a missing model without asking
        #[arg(short, long)]
        yes: bool,
    },
    /// Run again from the stored answers, or let another aggregator read the stored proposals
    Replay {
        /// The run's id, its beginning, or `last`
        id: String,
        /// The model that writes a new answer
        #[arg(long, value_name = "MODEL")]
        aggregator: Option<String>,
        /// What to show of the layers
        #[arg(long, value_enum, default_value_t = TraceArg::Live)]
        trace: TraceArg,
        /// What to print on stdout
        #[arg(short, long, value_enum, default_value_t = OutputArg::Text)]
        output: OutputArg,
        /// Do not keep the new run in the store
        #[arg(long)]
        no_store: bool,
        /// Fetch a missing model without asking
        #[arg(short, long)]
        yes: bool,
    },
    /// Remove runs
    Rm {
        /// The runs' ids, their beginnings, or `last`
        #[arg(value_name = "ID", required_unless_present = "all")]
        ids: Vec<String>,
        /// Remove every run
        #[arg(long, conflicts_with = "ids")]
        all: bool,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// The document of `moa ask --output json`
    Json,
    /// The question, every layer's answers and the final one, to read
    Markdown,
    /// The same as a page in one file
    Html,
}

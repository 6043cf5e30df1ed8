#!/usr/bin/env python3
"""The whole comparison of a local mixture: moa beside llama-server and Hugging Face transformers on the same weights, prompts and settings.

The run can be stopped and goes on where it was: what is measured is written to the JSON file at once, and what is there is not measured again.
"""

import argparse
import pathlib
import signal
import sys

from mixtures import article, llama_server, plot, report
from mixtures.comparison import Bench
from mixtures.contenders import CONTENDERS, RIVALRY
from mixtures.journal import Journal
from mixtures.machine import machine
from mixtures.mixture import Sampling
from mixtures.moa import Moa
from mixtures.parts import PARTS
from mixtures.prompts import load_prompts

HERE = pathlib.Path(__file__).parent


def main() -> None:
    arguments = parse_arguments()
    # Ends what was started also when this is told to end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped; what was measured is kept"))
    moa = Moa(pathlib.Path(arguments.moa).resolve())
    mixture = moa.mixture(arguments.preset)
    head = {
        "machine": machine(moa),
        "preset": arguments.preset,
        "mixture": {"layers": [list(layer) for layer in mixture.layers], "aggregator": mixture.aggregator},
        "max_tokens": arguments.max_tokens,
        "llama_server": llama_server.PACKAGE,
        "llama_server_tuned": " ".join(llama_server.TUNED),
        "transformers": ", ".join(article.PACKAGES),
        "element_type": article.fastest_element_type(),
    }
    print(f"{head['machine']['processor']}, {head['machine']['cores']} cores; {head['machine']['instructions']}", file=sys.stderr)
    bench = Bench(
        moa=moa,
        mixture=mixture,
        journal=Journal(arguments.json, head, arguments.fresh),
        rounds=range(arguments.first_round, arguments.rounds + 1),
        prompts=load_prompts(arguments.prompts),
        samplings=[Sampling(temperature) for temperature in arguments.temperatures],
        contenders=arguments.contenders,
        max_tokens=arguments.max_tokens,
    )
    try:
        for part in arguments.parts:
            PARTS[part](bench)
    finally:
        write_report(bench.journal, arguments.table)
    print(arguments.table.read_text())


def write_report(journal: Journal, table: pathlib.Path) -> None:
    drawn = plot.draw(journal.runs("mixtures"))
    if drawn:
        table.with_suffix(".svg").write_text(drawn)
    table.write_text(report.render(journal.document, table.with_suffix(".svg").name if drawn else None))


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moa", default="target/release/moa", help="moa's binary")
    parser.add_argument("--preset", default="article-shape", help="the mixture's models (default: article-shape)")
    parser.add_argument("--parts", type=names_of(PARTS), default=list(PARTS), help=f"of {', '.join(PARTS)} (default: all)")
    parser.add_argument("--rounds", type=int, default=1, help="how often each is asked (default: 1)")
    parser.add_argument(
        "--first-round", type=int, default=1, help="leaves out the rounds before it, so that contenders who join later are measured beside moa"
    )
    parser.add_argument("--prompts", type=lambda text: text.split(","), help="names in prompts.json (default: all)")
    parser.add_argument("--temperatures", type=lambda text: [float(one) for one in text.split(",")], default=[0.0, 0.7])
    parser.add_argument(
        "--contenders", type=names_of(CONTENDERS), default=list(RIVALRY), help=f"of the part mixtures (default: {','.join(RIVALRY)})"
    )
    parser.add_argument("--max-tokens", type=int, default=160, help="a cap above those of the prompts (default: 160)")
    parser.add_argument("--fresh", action="store_true", help="forget what was measured before")
    parser.add_argument("--json", type=pathlib.Path, default=HERE / "mixtures.json")
    parser.add_argument("--table", type=pathlib.Path, default=HERE / "mixtures.md")
    return parser.parse_args()


def names_of(known: dict):
    """Reads a list of names, each of which must be known."""

    def read(text: str) -> list[str]:
        names = [name for name in text.split(",") if name]
        unknown = [name for name in names if name not in known]
        if unknown:
            raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}; there are {', '.join(known)}")
        return names

    return read


if __name__ == "__main__":
    main()

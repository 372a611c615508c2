"""`python -m benchmarks NAME [--quick]` runs a benchmark and prints one JSON line."""

import argparse
import importlib
import json
import os

from benchmarks.machine import machine

NAMES = ("ingest", "map", "memory", "query", "reduce", "register", "startup", "walk")


def main() -> None:
    """Run the named benchmark."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--quick", action="store_true", help="a smaller run of about a minute")
    parser.add_argument(
        "--device", choices=("auto", "cpu", "cuda"), help="what the models run on: DATAG_DEVICE"
    )
    arguments = parser.parse_args()
    if arguments.device:
        os.environ["DATAG_DEVICE"] = arguments.device
    figures = importlib.import_module(f"benchmarks.{arguments.name}").run(arguments.quick)
    print(json.dumps({**figures, "machine": machine()}))


if __name__ == "__main__":
    main()

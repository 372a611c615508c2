"""DATAG from the command line: `python -m datag`; see `core.cli`."""

"""`python -m core.prepare [MODEL ...]` fetches weights and converts them, ahead of their first use.

Without a name it does so for the model that new projects start with.
"""

import sys

from core.settings import settings
from models.catalogue import DEFAULT_MODEL, card
from models.errors import ModelError
from models.registry import load
from models.weights import fetch, weights_path


def main(keys: list[str]) -> int:
    """Make the models `keys` ready to run; 0 when all of them are."""
    failed = 0
    for key in keys or [DEFAULT_MODEL]:
        try:
            entry = card(key)
            if weights_path(entry, settings().resolved_weights_dir) is None:
                print(f"Fetching the weights of {entry.name} …", flush=True)
                fetch(entry, settings().resolved_weights_dir)
                load(key, settings().resolved_weights_dir, settings().models_cache_dir)
        except ModelError as error:
            failed = 1
            print(error, file=sys.stderr)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

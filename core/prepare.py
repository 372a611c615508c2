"""`python -m core.prepare [MODEL ...]` fetches weights ahead of their first use.

Without a name it fetches those of the model that new projects start with.
"""

import sys

from core.settings import settings
from models.catalogue import DEFAULT_MODEL, card
from models.errors import ModelError
from models.weights import fetch, weights_path


def main(keys: list[str]) -> int:
    """Fetch the weights of the models `keys`; 0 when all of them are there."""
    failed = 0
    for key in keys or [DEFAULT_MODEL]:
        try:
            entry = card(key)
            if weights_path(entry, settings().resolved_weights_dir) is None:
                print(f"Fetching the weights of {entry.name} …", flush=True)
                fetch(entry, settings().resolved_weights_dir)
        except ModelError as error:
            failed = 1
            print(error, file=sys.stderr)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Python's garbage collector beside Streamlit, which runs it in full after every run of a page.

A full collection looks at every object there is, most of them belonging to modules, and holds the
interpreter meanwhile: with DATAG's modules loaded, what a page had drawn waited 100 ms before it
was sent (`docs/benchmarks.md`).
"""

import gc
import sys

# Page modules and what they need are loaded when they are first asked for.
_GROWTH = 20
_loaded = 0


def spare_modules() -> None:
    """Let collections leave alone what is in memory, if many modules were loaded since last time.

    What is spared is still freed when nothing refers to it any more; only cycles that become
    garbage later stay, a handful of times in the life of a process.
    """
    global _loaded
    if len(sys.modules) < _loaded + _GROWTH:
        return
    _loaded = len(sys.modules)
    gc.collect()
    gc.freeze()

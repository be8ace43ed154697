"""One piece of work with a model at a time, in the whole process."""

from __future__ import annotations

import threading
from typing import Final

# Work with a model changes its hooks, how modules tell their mode and the functions that
# transformers hands out; two threads at once would undo each other's changes, and fast tokenizers
# refuse to be used by two. Re-entrant, for a capture in a hook of a capture. The lock itself is
# what is entered: no interrupt comes between its being taken and what follows.
ONE_AT_A_TIME: Final = threading.RLock()

"""How far a long piece of work is: a bar that short work never shows.

tqdm's own ``delay`` makes the bar at once and shows it later, and one in a notebook is four
widgets, which stay in its file: here nothing is made before it is needed.
"""

from __future__ import annotations

import sys
import time
from typing import Any, Final

DELAY_S: Final = 2.0
"""Work that takes no longer shows nothing."""


class Progress:
    """A bar in the notebook or the terminal, which goes away with the work, however it ends.

    Args:
        what: is being done, such as "reading".
        unit: in what it is counted, and ``total`` how many of them there are, where that is known.
        wanted: False shows none at all.
    """

    def __init__(self, what: str, unit: str, total: int | None, *, wanted: bool = True) -> None:
        self._what, self._unit, self._total, self._wanted = what, unit, total, wanted
        self._began = time.monotonic()
        self._bar: Any = None

    def __enter__(self) -> Progress:
        return self

    def reach(self, done: int) -> None:
        """So many units are done; fewer than before where all is done anew."""
        if self._bar is not None and done < self._bar.n:
            self._bar.reset()
        if self._bar is not None:
            self._bar.update(done - self._bar.n)
        elif self._wanted and time.monotonic() - self._began >= DELAY_S:
            from tqdm.auto import tqdm  # only here: it looks for notebooks when it is imported

            self._bar = tqdm(
                desc=self._what,
                unit=self._unit,
                total=self._total,
                initial=done,
                leave=False,
                mininterval=0.1 if sys.stderr.isatty() else 1,  # a log gets a line each time
            )

    def __exit__(self, *_raised: object) -> None:
        self.close()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()

"""The stranger's path follows the README's own lines."""

from __future__ import annotations

from pathlib import Path

import pytest
import stranger
from support.repository import ROOT

README = (ROOT / "README.md").read_text("utf-8")
WHEEL = Path("/some/attention_widget.whl")


def commands(readme: str, torch: str | None = None) -> list[str]:
    found = stranger.read_steps(readme, WHEEL, Path("/env/bin"), torch)
    return [" ".join(command) for _, command in found]


def test_it_follows_the_lines_of_this_readme() -> None:
    lines = stranger.install_lines(README)
    assert len(lines) == 2
    assert all(f"\n    {line}\n" in README for line in lines)
    index, extra = commands(README)[:2]
    assert index.endswith("--quiet torch --index-url https://download.pytorch.org/whl/cpu")
    assert extra.endswith(f"--quiet {WHEEL}[demo]")


def test_the_index_may_be_out_of_reach() -> None:
    steps = stranger.read_steps(README, WHEEL, Path("/env/bin"), "torch==2.13.0")
    assert steps[0][0].endswith("`, here torch==2.13.0")
    assert steps[0][1][-1] == "torch==2.13.0"
    assert len(steps) == len(commands(README))


def test_its_python_is_that_of_the_readme() -> None:
    lines = stranger.first_lines(README)
    assert f"```python\n{lines}```" in README
    program = stranger.picture(lines)
    assert program.endswith("(widget).export_html('picture.html')")
    assert "demo_model()" in program
    assert program in commands(README)[-1]


def test_an_older_readme_named_a_model_of_the_hub() -> None:
    readme = """
    pip install attention-widget            # a wheel
    pip install --no-deps some-model==0.1

```python
from attention_widget import AttentionWidget

AttentionWidget("bert-base-uncased", "A novel idea")
```
"""
    first, second, third, *_, last = commands(readme, "torch==2.13.0")
    assert first.endswith("--quiet torch==2.13.0")
    assert second.endswith(f"--quiet {WHEEL}")
    assert third.endswith("--quiet --no-deps some-model==0.1")
    assert "bert-base-uncased" not in last
    assert "demo_model()), 'A novel idea')).export_html('picture.html')" in last


@pytest.mark.parametrize("readme", ["", "    pip install x\n", "```python\n1\n```\n"])
def test_a_readme_without_the_lines_is_refused(readme: str) -> None:
    with pytest.raises(ValueError, match="the README has no block"):
        commands(readme)

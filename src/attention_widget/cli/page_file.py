"""The page that the command line writes; importing this brings torch, which takes seconds."""

from __future__ import annotations

import webbrowser
from argparse import Namespace
from pathlib import Path
from typing import Any

from attention_widget._util.files import write_texts
from attention_widget._util.free_memory import Shortage, telling
from attention_widget._util.sizes import in_words
from attention_widget.cli.inputs import Given
from attention_widget.cli.saying import say
from attention_widget.demo import demo_model
from attention_widget.errors import InvalidValueError
from attention_widget.tracing.inputs.media import medium_of
from attention_widget.tracing.model.find import find_model
from attention_widget.widget.widget import AttentionWidget


def write_page(given: Namespace, read: dict[str, Given], path: Path) -> None:
    """Run the model on what was read, and write the page; what takes more memory than is free is
    said before."""
    with telling(_say_shortage):
        _write(given, read, path)


def _say_shortage(shortage: Shortage) -> None:
    """With other advice than its own, which is of Python."""
    needed, free = in_words(shortage.needed), in_words(shortage.free)
    say(
        f"{shortage.what} will take about {needed} of memory, and {free} are free; "
        "a shorter text or a smaller model takes less"
    )


def _write(given: Namespace, read: dict[str, Given], path: Path) -> None:
    model: Any = given.model or demo_model()
    name = given.model or "the demo model"
    texts: dict[str, str] = {}
    for option, one in read.items():
        if isinstance(one.text, Path):
            model = _for_picture(model, name, one.text)
            say(f"reading the picture {one.text} with {name} ...")
        else:
            source = f" of {one.where}" if one.where else ""
            say(f"reading {len(one.text)} characters{source} with {name} ...")
        texts[option] = str(one.text)
    widget = AttentionWidget(
        model,
        texts["text"],
        text_pair=texts.get("pair"),
        layer=given.layer,
        heads=given.head,
        words=given.words,
        theme=given.theme,
        locale=given.locale,
        truncation=given.truncation,
        target=texts.get("target"),
        **({} if given.views is None else {"views": given.views}),
    )
    say(f"writing {given.output} ...")
    page = widget.to_html()
    write_texts({path: page})
    say(f"{given.output}: {len(widget.trace.tokens)} tokens, {in_words(path.stat().st_size)}")
    if given.open and not webbrowser.open(path.resolve().as_uri()):
        say(f"no browser was found; open {given.output} in one")


def _for_picture(model: Any, name: str, path: Path) -> Any:
    """The model, loaded, if it reads pictures."""
    found, _ = find_model(model)
    if medium_of(found, str(path), None) != "image":
        raise InvalidValueError(f"{path} holds no text in UTF-8, and {name} reads nothing else")
    return found

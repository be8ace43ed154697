"""``attention-widget``: a text and a model in, one HTML file out.

Exit codes: 0 the file is written, 1 it could not be, 2 wrong usage, 130 interrupted. What is under
way goes to stderr, and so does what went wrong, in one line.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from traitlets import TraitError

from attention_widget._util.files import place_for
from attention_widget._util.one_line import in_one_line
from attention_widget._util.version import own_version
from attention_widget.cli.file_name import file_name
from attention_widget.cli.inputs import Given, read_text
from attention_widget.cli.saying import plain, say
from attention_widget.protocol.checks import check_choices
from attention_widget.protocol.option_values import VIEWS
from attention_widget.protocol.options import OPTION, values_of

_FAILED, _INTERRUPTED = 1, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; SystemExit(2) for wrong usage."""
    parser = _parser()
    given = parser.parse_args(arguments)
    is_named = given.output is not None
    try:
        if is_named:
            _place(parser, given)  # before stdin is read
        read = _read(given)
        if not is_named:
            given.output = file_name(given, {option: one.name for option, one in read.items()})
        path = _place(parser, given)
        from attention_widget.cli.page_file import write_page  # takes seconds to import

        write_page(given, read, path)
    except KeyboardInterrupt:
        return _fail("interrupted; nothing was written", _INTERRUPTED)
    except Exception as error:
        return _fail(in_one_line(error), _FAILED)
    return 0


def _place(parser: argparse.ArgumentParser, given: argparse.Namespace) -> Path:
    try:
        path = place_for(given.output)
    except (OSError, ValueError) as error:
        parser.error(f"argument -o: {error}")
    if path.exists() and not given.force:
        parser.error(f"{given.output} is there already; --force replaces it")
    return path


def _read(given: argparse.Namespace) -> dict[str, Given]:
    options = ("text", "pair", "target")
    named = {option: getattr(given, option) for option in options}
    return {option: read_text(text) for option, text in named.items() if text is not None}


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="attention-widget",
        description="Write the attention of a transformer for a text to one HTML file.",
        epilog='Example: attention-widget "I read a good novel." --model bert-base-uncased '
        "-o novel.html",
    )
    parser.add_argument("text", help="the text, a file that holds it, or - for stdin")
    parser.add_argument("--pair", metavar="TEXT", help="a second segment, or its file")
    parser.add_argument(
        "--target", metavar="TEXT", help="what the decoder of an encoder-decoder reads"
    )
    parser.add_argument(
        "--model",
        metavar="NAME",
        help="a model on the hub or a local folder; without it, the small model that the extra "
        "'demo' installs",
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help="the file to write; without it, one that is named by the model, the text, and --layer "
        "and --head",
    )
    parser.add_argument("--force", action="store_true", help="replace a file that is there")
    parser.add_argument("--layer", type=int, metavar="N", help="the layer shown first, from 0")
    parser.add_argument(
        "--head",
        type=_numbers,
        metavar="N,...",
        help="the heads shown first, from 0; all of the layer without it. Without --layer too, the "
        "head in which a word attends most to one other word",
    )
    parser.add_argument(
        "--views",
        type=_views,
        metavar="NAME,...",
        help=f"any of {', '.join(VIEWS)}, in order ({','.join(OPTION['views'].default)}; of an "
        "image text,grid)",
    )
    parser.add_argument("--words", action="store_true", help="whole words instead of tokens")
    parser.add_argument("--truncation", action="store_true", help="cut a text that is too long")
    for name in ("theme", "locale"):
        default = OPTION[name].default
        parser.add_argument(
            f"--{name}", choices=values_of(name), default=default, help="(%(default)s)"
        )
    parser.add_argument("--open", action="store_true", help="open the file in a browser")
    parser.add_argument("--version", action="version", version=own_version())
    return parser


def _numbers(given: str) -> list[int]:
    try:
        return [int(part) for part in given.split(",")]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{given!r} is no list of numbers such as 0,3") from None


def _views(given: str) -> tuple[str, ...]:
    try:
        return check_choices("views", [part.strip() for part in given.split(",")], VIEWS)
    except TraitError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        super().error(plain(message))


def _fail(what: str, code: int) -> int:
    say(what)
    return code

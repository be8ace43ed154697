"""Chat messages as the text that the chat template makes of them, and where each one is in it."""

from __future__ import annotations

import copy
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from attention_widget._util.one_line import in_one_line
from attention_widget.errors import InvalidTypeError, InvalidValueError
from attention_widget.tokens.written import common_length
from attention_widget.tracing.inputs.tokenize import Chat
from attention_widget.tracing.model.naming import name_of, type_name

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_Render = Callable[[list[dict[str, Any]]], str]
_CONTENT = "a string, a list of parts {'type': 'text', 'text': ...}, or None beside tool_calls"


@dataclass(frozen=True)
class _Message:
    given: dict[str, Any]  # as the template gets it
    text: str  # of its content

    @property
    def role(self) -> str:
        return str(self.given["role"])

    def saying(self, text: str, *, calling: bool = True) -> dict[str, Any]:
        """The same message with another text; without its tool calls if not ``calling``."""
        parts = isinstance(self.given.get("content"), list)
        said = {**self.given, "content": [{"type": "text", "text": text}] if parts else text}
        if not calling:
            said.pop("tool_calls", None)
        return said


def is_chat(text: object) -> bool:
    """Whether this is meant as a list of messages, valid or not."""
    return isinstance(text, list | tuple) and any(isinstance(one, Mapping) for one in text)


def rendered_chat(
    messages: Sequence[Mapping[str, Any]],
    tokenizer: PreTrainedTokenizerBase,
    *,
    answering: bool = False,
) -> Chat:
    """Messages in the words of the tokenizer's chat template; ``answering`` adds what comes
    before the assistant's answer.

    A message's text is what the template makes of its content, and of its calls of tools: most
    strip blanks around it. Content in parts goes to the template as it is where the template
    knows parts, else as their text; None is nothing, where the template would write "None".
    """
    given = [_checked(index, one) for index, one in enumerate(messages)]
    if tokenizer.chat_template is None:
        raise InvalidValueError(
            f"tokenizer must have a chat template, which says how messages are written, got "
            f"{name_of(tokenizer)}; set tokenizer.chat_template, or pass the text as one string"
        )
    render = partial(_render, tokenizer, answering)
    given = _understood(render, given)
    rendered = render([message.given for message in given])
    spans: list[tuple[int, int]] = []
    for index in range(len(given)):
        begin = spans[-1][1] if spans else 0
        spans.append(_span(render, given, index, rendered, begin))
    return Chat(
        texts=tuple(rendered[start:stop] for start, stop in spans),
        roles=tuple(one.role for one in given),
        rendered=rendered,
        spans=spans,
    )


def _checked(index: int, message: object) -> _Message:
    calls = isinstance(message, Mapping) and bool(message.get("tool_calls"))
    if not isinstance(message, Mapping) or not {"role", "content"} <= {
        *message.keys(),
        *(["content"] if calls else []),
    }:
        raise InvalidTypeError(
            f"message {index} of the chat must be a dictionary with the keys 'role' and "
            f"'content', got {message!r:.80}"
        )
    if not isinstance(message["role"], str):
        raise InvalidTypeError(
            f"the role of message {index} must be a string, got {type_name(message['role'])}"
        )
    content = message.get("content")
    if isinstance(content, list | tuple):
        text = "".join(_text_of_part(index, part) for part in content)
        return _Message({**message, "content": list(content)}, text)
    if not isinstance(content, str) and not (content is None and calls):
        raise InvalidTypeError(
            f"the content of message {index} must be {_CONTENT}, got {type_name(content)}"
        )
    return _Message(dict(message), content or "")


def _text_of_part(index: int, part: object) -> str:
    part_type = part.get("type") if isinstance(part, Mapping) else None
    if isinstance(part, Mapping) and part_type == "text" and isinstance(part.get("text"), str):
        return str(part["text"])
    if isinstance(part_type, str) and part_type != "text":
        raise InvalidValueError(
            f"the parts of message {index} must be of type 'text', for a chat is traced by its "
            f"text alone, got type {part_type!r}"
        )
    raise InvalidTypeError(
        f"the content of message {index} must be {_CONTENT}, got the part {part!r:.80}"
    )


def _understood(render: _Render, messages: list[_Message]) -> list[_Message]:
    """The messages in a form that the template accepts."""
    found = messages
    for index, one in enumerate(messages):
        content = one.given.get("content")
        plain = _Message({**one.given, "content": one.text}, one.text)
        others = [*found[:index], plain, *found[index + 1 :]]
        if isinstance(content, list):
            mark = _mark([other.text for other in found])
            said = one.saying(mark)
            try:
                rendered = render(_with(found, index, said))
            except ValueError:  # a template that adds strings to the content
                rendered = ""
            written = (str(said["content"]), json.dumps(said["content"]))
            if mark not in rendered or any(form in rendered for form in written):
                found = others
        elif content is None:
            given = render([each.given for each in found])
            empty = render([each.given for each in others])
            if given.count("None") > empty.count("None"):
                found = others
    return found


def _with(messages: Sequence[_Message], index: int, said: dict[str, Any]) -> list[dict[str, Any]]:
    return [said if i == index else one.given for i, one in enumerate(messages)]


def _render(
    tokenizer: PreTrainedTokenizerBase, answering: bool, messages: list[dict[str, Any]]
) -> str:
    try:
        rendered = tokenizer.apply_chat_template(
            copy.deepcopy(messages), tokenize=False, add_generation_prompt=answering
        )
    except Exception as error:
        raise InvalidValueError(
            f"messages must be such as the chat template of {name_of(tokenizer)} takes, got the "
            f"roles {', '.join(message['role'] for message in messages)}, which it refuses: "
            f"{in_one_line(error, typed=True)}"
        ) from error
    return str(rendered)


def _span(
    render: _Render, messages: list[_Message], index: int, rendered: str, begin: int
) -> tuple[int, int]:
    """Where a message stands: the template is asked again with a mark in place of it and its tool
    calls, and what is the same on both sides of the mark is not the message.

    Where the template looks at the content (and drops a thought, say), the rest may differ from
    place to place: then the content is looked up between what is the same.
    """
    one = messages[index]
    calls = bool(one.given.get("tool_calls"))
    mark = _mark([*(other.text for other in messages), rendered])
    try:
        marked = render(_with(messages, index, one.saying(mark, calling=False)))
    except ValueError:  # the answer of a tool that nobody called
        marked = render(_with(messages, index, one.saying(mark)))
    at = marked.find(mark)
    if at < 0:
        return begin, begin  # the template leaves this message out
    start = max(begin, common_length(rendered, marked[:at]))
    after = marked[at + len(mark) :]
    stop = max(start, len(rendered) - common_length(rendered[start:][::-1], after[::-1]))
    for wanted in (one.text, one.text.strip()):
        found = rendered.find(wanted, start, stop)
        if wanted and found >= 0 and not calls:
            return found, found + len(wanted)
    return start, stop


def _mark(texts: Sequence[str]) -> str:
    while True:
        mark = f"m{secrets.token_hex(8)}m"
        if not any(mark in text for text in texts):
            return mark

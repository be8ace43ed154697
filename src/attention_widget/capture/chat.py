"""Chat messages -> the text that a chat template makes of them, and where each one stands."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

from transformers import PreTrainedTokenizerBase

from attention_widget.capture.naming import name_of, reason, type_name
from attention_widget.capture.prompts import Chat

Message = Mapping[str, str]


def is_chat(text: object) -> bool:
    """Whether this is a list of messages, right or wrong."""
    return isinstance(text, list | tuple) and any(isinstance(one, Mapping) for one in text)


def read_chat(
    messages: Sequence[Message], tokenizer: PreTrainedTokenizerBase, *, answering: bool = False
) -> Chat:
    """Messages in the words of the tokenizer's chat template; ``answering`` adds what comes
    before the assistant's answer.

    A message's text is what the template makes of its content: most strip blanks around it.
    """
    given = [_checked(index, one) for index, one in enumerate(messages)]
    if tokenizer.chat_template is None:
        raise ValueError(
            f"the tokenizer {name_of(tokenizer)} has no chat template, so nothing says how it "
            "writes messages; set tokenizer.chat_template, or pass the text as one string"
        )
    rendered = _render(tokenizer, given, answering)
    spans: list[tuple[int, int]] = []
    for index in range(len(given)):
        begin = spans[-1][1] if spans else 0
        spans.append(_span(tokenizer, given, index, answering, rendered, begin))
    return Chat(
        texts=tuple(rendered[start:stop] for start, stop in spans),
        roles=tuple(one["role"] for one in given),
        rendered=rendered,
        spans=spans,
    )


def _checked(index: int, message: object) -> dict[str, str]:
    if not isinstance(message, Mapping) or not {"role", "content"} <= message.keys():
        raise TypeError(
            f"message {index} of the chat is {message!r:.80}; allowed: a dictionary with the keys "
            f"'role' and 'content'"
        )
    for key in ("role", "content"):
        if not isinstance(message[key], str):
            raise TypeError(
                f"the {key} of message {index} is of type {type_name(message[key])}; allowed: a "
                f"string"
            )
    return dict(message)


def _render(
    tokenizer: PreTrainedTokenizerBase, messages: list[dict[str, str]], answering: bool
) -> str:
    try:
        rendered = tokenizer.apply_chat_template(
            [dict(one) for one in messages], tokenize=False, add_generation_prompt=answering
        )
    except Exception as error:
        raise ValueError(
            f"the chat template of {name_of(tokenizer)} refuses these messages (roles "
            f"{', '.join(one['role'] for one in messages)}): {reason(error)}"
        ) from error
    return str(rendered)


def _span(
    tokenizer: PreTrainedTokenizerBase,
    messages: list[dict[str, str]],
    index: int,
    answering: bool,
    rendered: str,
    begin: int,
) -> tuple[int, int]:
    """Where a message stands: the template is asked again with a mark in its place, and what is
    the same on both sides of the mark is not the message.

    Where the template looks at the content (and drops a thought, say), the rest may differ from
    place to place: then the content is looked up between what is the same.
    """
    content = messages[index]["content"]
    mark = _mark([*(one["content"] for one in messages), rendered])
    marked = _render(
        tokenizer,
        [{**one, "content": mark} if i == index else one for i, one in enumerate(messages)],
        answering,
    )
    at = marked.find(mark)
    if at < 0:
        return begin, begin  # the template leaves this message out
    start = max(begin, _common(rendered, marked[:at]))
    after = marked[at + len(mark) :]
    stop = max(start, len(rendered) - _common(rendered[start:][::-1], after[::-1]))
    for wanted in (content, content.strip()):
        found = rendered.find(wanted, start, stop)
        if wanted and found >= 0:
            return found, found + len(wanted)
    return start, stop


def _mark(texts: Sequence[str]) -> str:
    while True:
        mark = f"m{secrets.token_hex(8)}m"
        if not any(mark in text for text in texts):
            return mark


def _common(one: str, other: str) -> int:
    """Length of the common beginning."""
    if one.startswith(other):
        return len(other)
    length = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        length += 1
    return length

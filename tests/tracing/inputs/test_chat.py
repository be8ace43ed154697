"""Chats: each message is a segment, found exactly in what the template makes of it."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from support.models import tiny
from support.toy_tokenizers import byte_level

from attention_widget import Trace, capture, generate
from attention_widget.tracing.inputs.chat import rendered_chat
from attention_widget.tracing.inputs.tokenize import Chat

TEMPLATES = {
    "chatml": (
        "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n"
        "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    ),
    "trimmed": (
        "{{ bos_token }}{% for m in messages %}<|start|>{{ m['role'] }}<|end|>\n\n"
        "{{ m['content'] | trim }}<|eot|>{% endfor %}"
        "{% if add_generation_prompt %}<|start|>assistant<|end|>\n\n{% endif %}"
    ),
    # the roles have to take turns, the system's words go into the user's message
    "mistral": (
        "{% if messages[0]['role'] == 'system' %}{% set system = messages[0]['content'] %}"
        "{% set turns = messages[1:] %}{% else %}{% set turns = messages %}{% endif %}"
        "{% for m in turns %}"
        "{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}"
        "{{ raise_exception('roles must alternate user/assistant') }}{% endif %}"
        "{% if m['role'] == 'user' %}[INST] {% if loop.first and system is defined %}"
        "{{ system }}\n\n{% endif %}{{ m['content'] }} [/INST]"
        "{% else %} {{ m['content'] | trim }}</s>{% endif %}{% endfor %}"
    ),
    # thoughts of earlier turns are dropped, the last message is treated otherwise
    "thinking": (
        "{% for m in messages %}<|{{ m['role'] }}|>"
        "{% if m['role'] == 'assistant' and '</think>' in m['content'] and not loop.last %}"
        "{{ m['content'].split('</think>')[-1].lstrip('\n') }}{% else %}{{ m['content'] }}"
        "{% endif %}{% if loop.last %}<|last|>{% endif %}\n{% endfor %}"
        "{% if add_generation_prompt %}<|assistant|>{% endif %}"
    ),
    # what the template says by itself looks like what is said
    "noisy": (
        "You are a novel idea.\n{% for m in messages %}user assistant novel {{ m['role'] }}: "
        "{{ m['content'] }} novel\n{% endfor %}"
    ),
    # content as text or in parts, and calls of tools, as Qwen's and SmolVLM's
    "parts": (
        "{% for m in messages %}<|im_start|>{{ m['role'] }}\n"
        "{% if m['content'] is string %}{{ m['content'] }}"
        "{% else %}{% for part in m['content'] or [] %}{{ part['text'] }}{% endfor %}{% endif %}"
        "{% for call in m['tool_calls'] or [] %}<call>{{ call['function']['name'] }} "
        "{{ call['function']['arguments'] | tojson }}</call>{% endfor %}<|im_end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
    ),
    # parts alone: of a string it writes nothing
    "only_parts": (
        "{% for m in messages %}<|{{ m['role'] }}|>{% for part in m['content'] %}"
        "{% if part['type'] == 'text' %}{{ part['text'] }}{% endif %}{% endfor %}\n{% endfor %}"
    ),
    # adds strings, which no list can be added to
    "adding": "{% for m in messages %}{{ m['role'] + ': ' + m['content'] + '.' }}{% endfor %}",
    "as_json": "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] | tojson }}{% endfor %}",
    "nothing_around": "{% for m in messages %}{{ m['content'] }}{% endfor %}",
}
STRINGS = [name for name in TEMPLATES if name not in ("only_parts", "as_json")]
CHAT = [
    {"role": "system", "content": "novel"},
    {"role": "user", "content": " user is a novel idea "},
    {"role": "assistant", "content": "novel"},
    {"role": "user", "content": "novel"},
]


def chatty(template: str | None) -> Any:
    tokenizer = byte_level()
    tokenizer.chat_template = None if template is None else TEMPLATES[template]
    tokenizer.add_special_tokens({"bos_token": "<|begin|>"})
    return tokenizer


@pytest.fixture(scope="module")
def model() -> Any:
    return tiny("llama", vocab_size=400, max_position_embeddings=512)


def joined(trace: Trace, segment: int) -> str:
    own = [token for token in trace.tokens if token.segment == segment]
    return "".join(token.lead + token.text + token.trail for token in own)


@pytest.mark.parametrize("template", STRINGS)
def test_each_message_is_a_segment(template: str, model: Any) -> None:
    tokenizer = chatty(template)
    trace = capture(model, CHAT, tokenizer=tokenizer)
    assert trace.roles == ("system", "user", "assistant", "user")
    for segment, message in enumerate(CHAT):
        assert trace.texts[segment].strip() == message["content"].strip()
        assert joined(trace, segment) == trace.texts[segment]
    ids = tokenizer.apply_chat_template(CHAT, tokenize=True, return_dict=False)
    assert [token.id for token in trace.tokens] == list(ids)
    for token in trace.tokens:
        assert (token.segment is None) == (token.text == "" and token.special)


@pytest.mark.parametrize("template", ["chatml", "trimmed", "mistral", "noisy"])
def test_what_the_template_writes_is_outside_of_all_messages(template: str, model: Any) -> None:
    trace = capture(model, CHAT, tokenizer=chatty(template))
    outside = [token for token in trace.tokens if token.segment is None]
    assert outside
    assert all(token.special and token.word is None and token.label for token in outside)


def test_special_tokens_are_not_added_twice(model: Any) -> None:
    trace = capture(model, CHAT, tokenizer=chatty("trimmed"))
    assert [token.label for token in trace.tokens].count("<|begin|>") == 1


def test_a_thought_that_the_template_drops_is_not_in_the_text(model: Any) -> None:
    chat = [
        CHAT[1],
        {"role": "assistant", "content": "<think>idea</think>\nis a novel"},
        CHAT[3],
        {"role": "assistant", "content": "<think>novel</think>novel"},
    ]
    trace = capture(model, chat, tokenizer=chatty("thinking"))
    assert trace.texts[1] == "is a novel"
    assert trace.texts[3] == "<think>novel</think>novel"
    assert [joined(trace, segment) for segment in range(4)] == list(trace.texts)


def test_a_message_that_the_template_leaves_out(model: Any) -> None:
    tokenizer = chatty("chatml")
    tokenizer.chat_template = (
        "{% for m in messages %}{% if m['role'] != 'tool' %}"
        + TEMPLATES["nothing_around"].partition("%}")[2].partition("{% endfor")[0]
        + "{% endif %}{% endfor %}"
    )
    chat = [CHAT[1], {"role": "tool", "content": "novel"}, CHAT[3]]
    trace = capture(model, chat, tokenizer=tokenizer)
    assert trace.texts == (" user is a novel idea ", "", "novel")


WORDS = st.lists(st.sampled_from(["novel", "user", "assistant", "idea", "m", "\n", " ", "<|"]))


@given(
    template=st.sampled_from(["chatml", "trimmed", "noisy", "nothing_around", "thinking"]),
    contents=st.lists(WORDS.map("".join), min_size=1, max_size=5),
)
def test_messages_are_found_wherever_they_repeat(template: str, contents: list[str]) -> None:
    roles = ["user", "assistant"] * 3
    chat = [{"role": role, "content": one} for role, one in zip(roles, contents, strict=False)]
    found: Chat = rendered_chat(chat, chatty(template))
    stop = 0
    for (start, end), content in zip(found.spans, contents, strict=True):
        assert stop <= start <= end
        assert found.rendered[start:end] in (content, content.strip())
        stop = end
    # what is left is what the template makes of empty messages
    rest = "".join(
        found.rendered[a:b]
        for a, b in zip(
            [0, *(end for _, end in found.spans)],
            [*(start for start, _ in found.spans), len(found.rendered)],
            strict=True,
        )
    )
    empty = rendered_chat([{**one, "content": ""} for one in chat], chatty(template)).rendered
    if template != "thinking":
        assert rest == empty if template == "trimmed" else rest.strip() == empty.strip()


def test_an_answer_is_a_message_of_its_own(model: Any) -> None:
    tokenizer = chatty("chatml")
    trace = generate(model, CHAT, tokenizer=tokenizer, max_new_tokens=6)
    ids = tokenizer.apply_chat_template(
        CHAT, tokenize=True, add_generation_prompt=True, return_dict=False
    )
    expected = model.generate(torch.tensor([list(ids)]), max_new_tokens=6)
    assert [token.id for token in trace.tokens] == expected[0].tolist()
    assert trace.roles == ("system", "user", "assistant", "user", "assistant")
    written = [token for token in trace.tokens if token.step is not None]
    assert len(written) == 6
    assert {token.segment for token in written} <= {4, None}
    assert joined(trace, 4) == trace.texts[4]


def in_parts(*texts: str) -> list[dict[str, str]]:
    return [{"type": "text", "text": text} for text in texts]


@pytest.mark.parametrize("template", [name for name in TEMPLATES if name != "mistral"])
def test_content_may_come_in_parts(template: str, model: Any) -> None:
    """And a template that knows strings alone never writes a list in the model's input."""
    chat = [
        {"role": "user", "content": in_parts("a no", "vel")},
        {"role": "assistant", "content": in_parts("novel idea")},
        {"role": "user", "content": in_parts("read it") if template == "only_parts" else "read it"},
    ]
    before = copy.deepcopy(chat)
    trace = capture(model, chat, tokenizer=chatty(template))
    said = [text.strip('"') for text in trace.texts]
    assert said == ["a novel", "novel idea", "read it"]
    assert trace.roles == ("user", "assistant", "user")
    for segment, text in enumerate(trace.texts):
        assert joined(trace, segment) == text
    ids = [token.id for token in trace.tokens]
    read = chatty(template).decode(ids)
    assert "'type'" not in read
    assert '"type"' not in read
    assert chat == before
    if template in ("parts", "only_parts"):  # these say themselves what they make of parts
        own = chatty(template).apply_chat_template(chat, tokenize=True, return_dict=False)
        assert ids == list(own)


CALL = {"type": "function", "function": {"name": "look_up", "arguments": {"word": "novel"}}}


@pytest.mark.parametrize(
    "silent",
    [
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "assistant", "tool_calls": [CALL]},
        {"role": "assistant", "content": "", "tool_calls": [CALL]},
    ],
    ids=["None", "no content", "empty"],
)
def test_a_call_of_a_tool_is_what_the_assistant_says(silent: dict[str, Any], model: Any) -> None:
    chat = [{"role": "user", "content": "look"}, silent, {"role": "tool", "content": "an idea"}]
    tokenizer = chatty("parts")
    trace = capture(model, chat, tokenizer=tokenizer)
    call = '<call>look_up {"word": "novel"}</call>'
    assert [text.strip() for text in trace.texts] == ["look", call, "an idea"]
    assert joined(trace, 1) == trace.texts[1]
    rendered = tokenizer.apply_chat_template(chat, tokenize=False)
    assert tokenizer.decode([token.id for token in trace.tokens]) == rendered
    spoken = [{"role": "user", "content": "look"}, {**silent, "content": "I look"}, chat[2]]
    assert capture(model, spoken, tokenizer=tokenizer).texts[1] == f"I look{call}"
    # a template without tools reads nothing, and not the word "None"
    plain = capture(model, chat, tokenizer=chatty("chatml"))
    assert plain.texts == ("look", "", "an idea")
    assert all("None" not in token.label for token in plain.tokens)


@pytest.mark.parametrize("kind", ["image", "image_url", "audio", "video"])
def test_pictures_in_a_chat_are_refused_by_name(kind: str, model: Any) -> None:
    chat = [{"role": "user", "content": [{"type": kind, kind: "cat.png"}, *in_parts("a cat")]}]
    with pytest.raises(ValueError, match=f"parts of message 0 must be .* got type '{kind}'"):
        capture(model, chat, tokenizer=chatty("parts"))


def test_the_messages_are_left_alone(model: Any) -> None:
    chat = copy.deepcopy(CHAT)
    capture(model, chat, tokenizer=chatty("chatml"))
    assert chat == CHAT


def test_a_chat_too_long_is_refused_or_cut(model: Any) -> None:
    model = tiny("gpt2", vocab_size=400)
    tokenizer = chatty("chatml")
    with pytest.raises(ValueError, match=r"at most 64 tokens, .*truncation=True"):
        capture(model, CHAT, tokenizer=tokenizer)
    trace = capture(model, CHAT, tokenizer=tokenizer, truncation=True)
    assert len(trace.tokens) == 64
    assert joined(trace, 0) == "novel"


@pytest.mark.parametrize(
    ("chat", "error", "message"),
    [
        (
            [{"role": "user"}],
            TypeError,
            "message 0 of the chat must be .*'role' and 'content'",
        ),
        ([CHAT[0], "novel"], TypeError, "message 1 of the chat must be a dict.* got 'novel'"),
        (
            [{"role": "user", "content": 5}],
            TypeError,
            "content of message 0 must be .* got int",
        ),
        (
            [{"role": "user", "content": [{"type": "text"}]}],
            TypeError,
            "message 0 must be a string, a list of parts .* got the part {'type': 'text'}",
        ),
        (
            [{"role": "user", "content": None}],
            TypeError,
            "content of message 0 must be .* or None beside tool_calls, got NoneType",
        ),
        (
            [{"role": 1, "content": "a"}],
            TypeError,
            "role of message 0 must be a string, got int",
        ),
        (
            [CHAT[1], CHAT[1]],
            ValueError,
            r"messages must be .* got the roles user, user, .*alternate",
        ),
    ],
)
def test_what_is_no_chat(chat: Any, error: type[Exception], message: str, model: Any) -> None:
    with pytest.raises(error, match=message):
        capture(model, chat, tokenizer=chatty("mistral"))


def test_a_tokenizer_without_template_is_named(model: Any) -> None:
    with pytest.raises(
        ValueError, match=r"must have a chat template, .*; set tokenizer\.chat_template"
    ):
        capture(model, CHAT, tokenizer=chatty(None))


def test_a_chat_has_no_second_text(model: Any) -> None:
    with pytest.raises(ValueError, match="text_pair must be left out where text is a list of chat"):
        capture(model, CHAT, text_pair="novel", tokenizer=chatty("chatml"))
    with pytest.raises(ValueError, match="must be one string, got chat too"):
        capture(model, CHAT, windows=8, tokenizer=chatty("chatml"))

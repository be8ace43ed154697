"""Sentences of texts in several languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attention_widget.tokens.sentences import sentences

CASES = {
    "English": [
        "Dr. Smith of the U.S. Army met J. R. R. Tolkien at 3.14 p.m. on Jan. 5.",
        'He said: "Hello there."',
        "Then (in 1999) he left... and came back.",
        "See Fig. 3 and e.g. Eq. 4.",
        "What?!",
        "End",
    ],
    "Vietnamese": [
        "Ông Nguyễn Văn A sống ở TP. Hồ Chí Minh.",
        'GS. TS. Trần Hưng nói: "Xin chào!"',
        "Rồi ông đi v.v.",
        "Cuối cùng, anh ấy về nhà.",
    ],
    "Russian": [
        "А. С. Пушкин родился в 1799 г. в г. Москве.",
        "Т. е. давно, т.е. очень.",
        "Это было в XIX в.",
        "Потом он уехал на ул. Ленина.",
        "Цена 5 тыс. руб.",
        "Хорошо?",
        "Да!",
    ],
    "Arabic": ["تعيش آنا في روما.", "يعيش توم في برلين؟", "نعم، د. أحمد هنا."],
    "Hindi": ["अन्ना रोम में रहती है।", "टॉम बर्लिन में रहता है।"],
}


@pytest.mark.parametrize("language", CASES)
def test_sentences_of(language: str) -> None:
    text = " ".join(CASES[language])
    assert [text[start:end] for start, end in sentences(text)] == CASES[language]


def test_chinese_needs_no_blank_between_sentences() -> None:
    text = "安娜住在罗马。汤姆住在柏林！“你好吗？”好。"
    assert [text[a:b] for a, b in sentences(text)] == [
        "安娜住在罗马。",
        "汤姆住在柏林！",
        "“你好吗？”",
        "好。",
    ]


def test_lines_and_items() -> None:
    text = "Anna lives in Rome\nTom lives\nin Berlin\n1. First item\n2. Second item\n\nin the end"
    assert [text[a:b] for a, b in sentences(text)] == [
        "Anna lives in Rome",
        "Tom lives\nin Berlin",
        "1. First item",
        "2. Second item",
        "in the end",
    ]


@given(st.text(alphabet="aB .!?。\n\"'1؟…", max_size=60))
def test_sentences_are_apart_and_in_order_and_lose_no_letter(text: str) -> None:
    found = sentences(text)
    edges = [edge for pair in found for edge in pair]
    assert edges == sorted(edges)
    assert all(text[start:end].strip() == text[start:end] != "" for start, end in found)
    inside = {place for start, end in found for place in range(start, end)}
    assert all(place in inside for place, sign in enumerate(text) if sign.isalnum())

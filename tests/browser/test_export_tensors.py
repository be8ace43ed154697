"""What a saved page answers is what Python answers, key by key, in Chromium."""

from __future__ import annotations

import base64
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from playwright.sync_api import Page
from support.archives import GROUPINGS
from support.repository import ROOT
from support.traces import as_maps, chat, encoder_decoder, picture, trace, windowed

from attention_widget import AttentionWidget, from_arrays
from attention_widget.export import gather
from attention_widget.protocol.catalogue import compute
from attention_widget.protocol.keys import TENSORS
from attention_widget.protocol.option_values import VIEWS
from attention_widget.trace.block import Maps
from attention_widget.trace.trace import Trace

pytestmark = pytest.mark.browser

ORIGIN = "http://export.test/"

ENTRY = """
export { openArchive } from "./js/saved/archive";
export { embeddedSource } from "./js/saved/embedded_source";
"""

OPEN = """
async () => {
  const archive = await embedded.openArchive(document);
  window.source = embedded.embeddedSource(archive, {
    notIncluded: (key) => `lacks ${key}`,
    unreadable: ({ why }) => why,
  });
}
"""

ASK = """
async (keys) => {
  const wait = new AbortController().signal;
  const found = [];
  for (const key of keys) {
    try {
      const { shape, data } = await source.get(1, key, wait);
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      let text = "";
      for (const byte of bytes) text += String.fromCharCode(byte);
      found.push({ shape, dtype: data.constructor.name, bytes: btoa(text) });
    } catch (error) {
      found.push({ error: error.message });
    }
  }
  return found;
}
"""

DTYPES = {"Float32Array": np.float32, "Int32Array": np.int32, "Uint8Array": np.uint8}


@pytest.fixture(scope="module", autouse=True)
def rounded() -> Iterator[None]:
    """Small pages are exact: here they are rounded as larger ones are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gather, "EXACT_WEIGHTS", 0)
        yield


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The modules that read a page, as a script."""
    out = tmp_path_factory.mktemp("embedded") / "embedded.js"
    esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
    options = ["--bundle", "--format=iife", "--global-name=embedded", f"--outfile={out}"]
    subprocess.run(
        [esbuild, *options, "--log-level=warning"], input=ENTRY, text=True, cwd=ROOT, check=True
    )
    return out.read_text(encoding="utf-8")


Asking = Callable[[list[str]], dict[str, Any]]


@pytest.fixture
def opened(page: Page, embedded: str) -> Callable[..., Asking]:
    """Opens the data of an export, without its script; asks for tensors of it."""

    def opened(made: Trace, **options: Any) -> Asking:
        widget = AttentionWidget.from_trace(made, views=VIEWS, combine="overlay")
        data = re.findall(r"<script type=.*?</script>", widget.to_html(**options))
        html = "<!doctype html>" + "".join(data)
        page.route("**/*", lambda route: route.fulfill(body=html, content_type="text/html"))
        page.goto(ORIGIN)
        page.evaluate(embedded + "; window.embedded = embedded")
        page.evaluate(OPEN)

        def ask(keys: list[str]) -> dict[str, Any]:
            answers: list[dict[str, Any]] = page.evaluate(ASK, keys)
            return {key: read(answer) for key, answer in zip(keys, answers, strict=True)}

        return ask

    return opened


def read(answer: dict[str, Any]) -> NDArray[Any] | str:
    if "error" in answer:
        return str(answer["error"])
    data = np.frombuffer(base64.b64decode(answer["bytes"]), DTYPES[answer["dtype"]])
    shaped: NDArray[Any] = data.reshape(answer["shape"])
    return shaped


def of_weights(weights: NDArray[np.float32]) -> Maps:
    return Maps(0, "encoder", torch.from_numpy(weights))


def with_nan() -> Trace:
    """Half of a head's queries, and one key of another, are no numbers."""
    made = as_maps(trace(heads=(3, 3), labels=["[CLS]", *"abcdefghij", "[SEP]"]))
    weights = made.maps[0].attention().copy()
    weights[0, ::2] = np.nan
    weights[1, :, 3] = np.nan
    return replace(made, maps=(of_weights(weights), *made.maps[1:]))


def with_sinks() -> Trace:
    made = trace(heads=(4, 2), kv_heads=2, causal=True)
    return replace(
        made, blocks=tuple(replace(b, sinks=torch.linspace(-1, 2, b.n_heads)) for b in made.blocks)
    )


def with_bias() -> Trace:
    """Logits that are more than masked scores."""
    made = trace(heads=(2, 2))
    n = len(made.tokens)
    first, second = made.blocks
    bias = torch.randn(2, n, n, generator=torch.Generator().manual_seed(5))
    return replace(made, blocks=(replace(first, bias=bias), replace(second, softcap=1.5)))


def unnormalised() -> Trace:
    """What is handed over need not be attention."""
    made = as_maps(trace(heads=(2,)))
    strange = made.maps[0].attention() * 7 - 1
    return replace(made, maps=(of_weights(strange),))


def long() -> Trace:
    """Sharp and flat heads of a text with words of several pieces, in several tiles of the grid."""
    labels = ["[CLS]"]
    for index in range(45):
        labels += [f"w{index}", *(["##x", "##y"] if index % 4 == 0 else [])]
    made = trace(heads=(4, 4), labels=[*labels, "[SEP]"], dim=16)
    sharper = torch.tensor([0.1, 1.0, 3.0, 8.0])[:, None, None]
    return replace(made, blocks=tuple(replace(b, query=b.query * sharper) for b in made.blocks))


EVERY: dict[str, Callable[[], Trace]] = {
    "plain": lambda: trace(heads=(4, 0, 2), kv_heads=2),
    "causal": lambda: trace(heads=(2, 2), causal=True),
    "encoder_decoder": encoder_decoder,
    "windows": windowed,
    "chat": chat,
    "picture": picture,
    "maps": lambda: as_maps(trace()),
    "nan": with_nan,
    "sinks": with_sinks,
    "bias": with_bias,
    "unnormalised": unnormalised,
    "long": long,
}


def keys_of(made: Trace) -> list[str]:
    """Every kind of key that the views ask for."""
    widget = AttentionWidget.from_trace(made)
    keys = ["image"] if made.image is not None else []
    windows = [f"window/{index}/" for index in (1,)] if made.windows else [""]
    for attention in widget.meta["attention"]:
        kind = attention["kind"]
        layers = [i for i, layer in enumerate(attention["layers"]) if layer]
        for layer in layers:
            where, of = f"{kind}/{layer}", attention["layers"][layer]
            for window in windows:
                for rows in GROUPINGS:
                    keys += [f"{window}{rows}{key}" for key in of_attention(where)]
                keys.append(f"{window}mask/{where}")
                if of["dim"] is not None:
                    keys += [f"{window}{name}/{where}/1" for name in ("query", "key")]
                    keys += [f"{window}scores/{where}/1/{token}" for token in (0, 3)]
    return keys


def of_attention(where: str) -> list[str]:
    lines = [
        f"edges/{where}/{combine}/{heads}/{top_p}/{threshold}/{segments}"
        for combine, heads in (("each", "0,1"), ("mean", "0,1"), ("maximum", "1,0"))
        for top_p, threshold, segments in ((0.9, 0, "all"), (1, 0.1, "a_a"))
    ]
    tiles = [
        f"map_tile/{where}/{together}/0,1/{scale}/{pooling}/0/0"
        for together in ("mean", "maximum")
        for scale in ("weight", "share")
        for pooling in (1, 2)
    ]
    margins = [f"map_margins/{where}/{together}/1" for together in ("mean", "maximum")]
    whole = ["attention", "attention_received", "count_nan", "thumbnails", "summaries"]
    rows = [f"attention_row/{where}/0", f"attention_row/{where}/1,2"]
    return [*(f"{name}/{where}" for name in whole), *rows, *lines, *tiles, *margins]


@pytest.mark.parametrize("made", EVERY.values(), ids=EVERY)
def test_every_number_is_exact_in_high_precision(
    made: Callable[[], Trace], opened: Callable[..., Asking]
) -> None:
    of = made()
    keys = keys_of(of)
    assert len(keys) > 100
    for key, answer in opened(of, precision="high")(keys).items():
        expected = compute(of, key)
        assert not isinstance(answer, str), (key, answer)
        assert answer.shape == expected.shape, key
        assert answer.dtype == expected.dtype, key
        near = 1 if "thumbnails" in key else 2e-5 if "scores" in key else 3e-6
        np.testing.assert_allclose(answer, expected, rtol=1e-5, atol=near, err_msg=key)


@pytest.mark.parametrize("made", EVERY.values(), ids=EVERY)
def test_every_number_is_right_to_a_thousandth(
    made: Callable[[], Trace], opened: Callable[..., Asking]
) -> None:
    of = made()
    keys = [key for key in keys_of(of) if bounded(key)]
    for key, answer in opened(of)(keys).items():
        expected = compute(of, key)
        assert not isinstance(answer, str), (key, answer)
        assert answer.dtype == expected.dtype, key
        np.testing.assert_allclose(answer, expected, rtol=0, atol=1e-3, err_msg=key)


def bounded(key: str) -> bool:
    """Shares of a row's largest weight, least weights and sums over all queries are not, and which
    keys are worth a line may depend on the last digit."""
    return not any(name in key for name in ("share/", "edges", "map_margins", "thumbnails"))


@pytest.mark.parametrize("precision", ["standard", "high"])
def test_rows_keep_their_sums(precision: str, opened: Callable[..., Asking]) -> None:
    for make in (long, with_sinks):
        of = make()
        ask = opened(of, precision=precision)
        for rows in GROUPINGS:
            key = f"{rows}map_margins/{'decoder' if make is with_sinks else 'encoder'}/1/mean/0,1"
            expected, answer = compute(of, key), ask([key])[key]
            queries = len(expected) // 2
            np.testing.assert_allclose(
                answer[:queries, 0], expected[:queries, 0], atol=1e-3, err_msg=key
            )


def test_lines_are_the_trace_s_own(opened: Callable[..., Asking]) -> None:
    """In standard precision, every line has its weight, and hardly one is missing."""
    of = long()
    key = "edges/encoder/0/each/0,1,2,3/0.9/0/all"
    answer, expected = opened(of)([key])[key], compute(of, key)
    weights = of.attention(0)
    head, query, to = answer[1:, :3].astype(int).T
    np.testing.assert_allclose(answer[1:, 3], weights[head, query, to], atol=1e-3)
    ours = {tuple(line) for line in answer[1:, :3]}
    theirs = {tuple(line) for line in expected[1:, :3]}
    strong = {tuple(line[:3]) for line in expected[1:] if line[3] > 0.05}
    assert len(strong) > 100
    assert strong <= ours
    assert len(ours ^ theirs) < 0.1 * len(theirs)


@pytest.mark.parametrize("precision", ["standard", "high"])
@pytest.mark.parametrize("made", [long, encoder_decoder], ids=["long", "encoder_decoder"])
def test_hidden_states_have_their_lengths_and_cosines(
    made: Callable[[], Trace], precision: str, opened: Callable[..., Asking]
) -> None:
    of = made()
    keys = ["hidden_states/encoder/0", "hidden_states/encoder/2"]
    keys += ["hidden_states/decoder/3"] if of.target is not None else []
    for key, answer in opened(of, precision=precision)(keys).items():
        expected = compute(of, key)
        lengths = np.linalg.norm(expected, axis=1)
        np.testing.assert_allclose(np.linalg.norm(answer, axis=1), lengths, rtol=1e-5)
        unit, ours = (rows / np.linalg.norm(rows, axis=1)[:, None] for rows in (expected, answer))
        np.testing.assert_allclose(ours @ ours.T, unit @ unit.T, atol=1e-3)
        means, theirs = answer[2:4].mean(0), expected[2:4].mean(0)
        np.testing.assert_allclose(np.linalg.norm(means), np.linalg.norm(theirs), rtol=1e-3)
        if precision == "high":
            assert (answer == expected).all()


def of_a_hidden_input() -> Trace:
    random = np.random.default_rng(3)
    of: dict[str, Any] = {"x": random.normal(size=(6, 8)), "w_o": random.normal(size=(20, 8))}
    of |= {f"w_{name}": random.normal(size=(4, 8, 5)) for name in "qkv"}
    of |= {"b_q": random.normal(size=(4, 5)), "b_o": random.normal(size=8)}
    return from_arrays(**of, mask=np.tril(np.ones((6, 6), bool)), tokens=list("abcdef"))


@pytest.mark.parametrize(
    ("made", "prefix"),
    [
        (trace((4, 4)), ""),
        (of_a_hidden_input(), ""),
        (with_sinks(), ""),
        (with_bias(), ""),
        (windowed(), "window/1/"),
        (as_maps(trace((2, 2))), ""),
    ],
)
def test_the_steps_of_a_calculation_are_pythons(
    opened: Callable[..., Asking], made: Trace, prefix: str
) -> None:
    kind = made.kinds[0]
    part = made.windows[1].trace if prefix else made
    steps = [step.name for step in part.calculation(0, 1).steps]
    keys = [f"{prefix}calculation/{kind}/0/1/{name}" for name in steps]
    keys += [
        f"{prefix}calculation_{part}"
        for name in steps
        for part in (
            f"map/{kind}/0/1/{name}/2/3",
            f"map/{kind}/0/1/{name}/1/64",
            f"line/{kind}/0/1/{name}/row/0",
            f"line/{kind}/0/1/{name}/column/0",
        )
    ]
    for key, answer in opened(made)(keys).items():
        assert not isinstance(answer, str), answer
        expected = compute(made, key)
        np.testing.assert_allclose(answer, expected, rtol=1e-5, atol=2e-6, err_msg=key)
        assert (np.isneginf(answer) == np.isneginf(expected)).all()


def test_a_page_has_the_calculation_of_one_layer(opened: Callable[..., Asking]) -> None:
    keys = ["calculation/encoder/1/0/q", "calculation/encoder/0/9/q"]
    keys += ["calculation/encoder/0/0/w_q", "calculation_line/encoder/0/0/q/row/99"]
    keys += ["calculation_map/encoder/0/0/q/0/1"]
    assert opened(trace((4, 4)))(keys) == {key: f"lacks {key}" for key in keys}


def test_what_is_not_held_is_said(opened: Callable[..., Asking]) -> None:
    of = trace(heads=(4, 4, 2))
    ask = opened(of, layers=[0, 2], heads=[1])
    missing = ["attention/encoder/1", "edges/encoder/0/each/0,1/1/0/all", "query/encoder/0/0"]
    assert ask(missing) == {key: f"lacks {key}" for key in missing}
    weights = ask(["attention/encoder/0"])["attention/encoder/0"]
    assert np.isnan(weights[[0, 2, 3]]).all()
    np.testing.assert_allclose(weights[1], of.attention(0)[1], atol=1e-3)


def test_nonsense_is_no_key(opened: Callable[..., Asking]) -> None:
    keys = [
        "",
        "attention",
        "attention/encoder",
        "constructor/encoder/0",
        "__proto__",
        "nothing/a/b",
    ]
    assert opened(trace())(keys) == {key: f"lacks {key}" for key in keys}


def test_the_table_of_keys_is_whole() -> None:
    """A key that the catalogue learns must be answered by a page as well."""
    asked = {
        key.removeprefix("window/1/").split("/")[0]
        for made in (windowed(), picture())
        for key in keys_of(made)
    }
    asked |= {"hidden_states", "grouped"}
    # of a difference, a comparison, a measure, passages, and the vectors of one head
    asked |= {"largest", "divergence", "layer_largest", "receivers", "value", "head_output"}
    asked |= {"word_embeddings", "calculation", "calculation_map", "calculation_line"}
    asked |= {"position_table", "position_pairs"}  # test_positions_view.py
    assert set(TENSORS) <= asked

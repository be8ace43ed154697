"""The recipes of CONTRIBUTING.md, followed to the letter in a copy of the repository.

Each edits only the files that its recipe names, runs what it says to run, and works.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from support.copied import Copy, recipe

pytestmark = pytest.mark.slow

PYTEST = "python -m pytest -q -p no:cacheprovider"
MADE_UP = "tests/test_made_up.py"

VIEW = """\
/** How many tokens there are. */

import { h } from "../../browser/dom";
import type { Pane, Savable, View } from "../../panel/view";
import { COUNT } from "./texts";

export const count: View = { texts: COUNT, mount };

function mount({ state, body, tell, drawEachFrame }: Pane): Savable {
  const number = h("p", { class: "aw-count" });
  body.append(number);
  drawEachFrame(number, () => {
    number.textContent = String(state.meta.value.tokens.length);
  });
  tell(() => ({ note: state.say(COUNT.help.short) }));
  return {
    figure: () => null,
    subject: () => ({ of: "model", layer: null, heads: [], how: "each" }),
  };
}
"""
VIEW_TEXTS = """\
/** What the count of tokens says. */

export const COUNT = {
  name: { en: "Count", vi: "Số lượng", ru: "Число" },
  title: { en: "Number of tokens", vi: "Số token", ru: "Число токенов" },
  help: {
    short: {
      en: "How many tokens the model got.",
      vi: "Mô hình nhận bao nhiêu token.",
      ru: "Сколько токенов получила модель.",
    },
    more: {
      en: "Special tokens count too.",
      vi: "Token đặc biệt cũng được tính.",
      ru: "Специальные токены тоже считаются.",
    },
  },
};
"""
VIEW_MOUNTED = """\
import { expect, it } from "vitest";
import { mountView } from "../../js/panel/mount";
import { VIEWS } from "../../js/views";
import { HandModel } from "./helpers/model";
import { openPage } from "./helpers/page";
import { connected } from "./helpers/state";
import { HandSource } from "./helpers/tensors";

it("stands in the table, and draws", async () => {
  const page = openPage(600, 600);
  const { state, controller } = connected({ views: ["count"] });
  const element = document.createElement("section");
  document.body.append(element);
  const [source, model] = [new HandSource(), new HandModel()];
  mountView(element, "count", VIEWS.count, state, source, model, controller.signal);
  await page.frames();
  const { tokens } = state.meta.value;
  expect(element.querySelector(".aw-count")?.textContent).toBe(String(tokens.length));
});
"""

MEASURE = '''\
"""How sure each query is."""

from __future__ import annotations

import numpy as np

from attention_widget.measures.chunks import in_chunks
from attention_widget.trace.block import Array
from attention_widget.trace.kind import Kind
from attention_widget.trace.trace import Trace


def largest_weight(trace: Trace, layer: int, kind: Kind | None = None) -> Array:
    """Largest attention weight of each query: (head, query).

    ``largest[h, q] = max over k of attention[h, q, k]``, whose mean over queries Voita et al. 2019
    (https://arxiv.org/abs/1905.09418) call the confidence of a head.

    >>> from attention_widget import from_attentions
    >>> trace = from_attentions([[[[[1, 0], [0.5, 0.5]]]]], ["a", "novel"])
    >>> largest_weight(trace, 0)
    array([[1. , 0.5]], dtype=float32)
    """
    block = trace.operation(layer, kind)
    largest = np.zeros((block.n_heads, block.n_queries), np.float32)
    for heads, queries, weights in in_chunks(block):
        largest[np.ix_(heads, queries)] = weights.max(2)
    return largest
'''
TWIN = """\
/** How sure each query is. */

import type { Tensor } from "../trace/tensor";
import type { Maps } from "./layer_maps";

/** (head, query): the largest weight. */
export function largestWeight({ heads, queries, row }: Maps): Tensor {
  const data = Float32Array.from({ length: heads * queries }, (_, place) =>
    Math.max(...row(Math.floor(place / queries), place % queries)),
  );
  return { shape: [heads, queries], data };
}
"""
CASES = '''\
def largest() -> list[Case]:
    """The largest weight of each query."""
    given = (some_maps(), some_maps(2, 5))
    return [
        {"maps": maps.tolist(), "largest": largest_weight(trace_of(maps), 0).tolist()}
        for maps in given
    ]


'''
CASES_READ = """\
it.each(cases<{ maps: Numbers; largest: Numbers }>("largest"))("largest %i", (_, of) => {
  expectEqual(largestWeight(mapsOf(tensorOf(of.maps))), of.largest);
});

"""
OUTLINED = """\
from support.traces import trace

from attention_widget import AttentionWidget


def test_it_is_a_keyword_a_trait_and_saved() -> None:
    widget = AttentionWidget.from_trace(trace(), outlined=True)
    assert widget.outlined
    assert widget.get_state()["outlined"] is True
    assert widget.state["outlined"] is True
    assert not AttentionWidget.from_trace(trace()).outlined
"""
OUTLINED_CONTROL = """\
import { expect, it } from "vitest";
import { optionControls } from "../../js/controls/option_controls";
import { linkOf, stateOf as stateOfLink } from "../../js/saved/link";
import { MATRIX_OPTIONS } from "../../js/views/matrix/texts";
import { connected, stateOf } from "./helpers/state";

it("has a button, in three languages, and a place in links", () => {
  const { host, state, controller } = connected();
  const controls = optionControls(state, MATRIX_OPTIONS, {}, controller.signal);
  const flag = controls.find((control) => control.dataset.option === "outlined");
  expect(flag?.textContent).toBe("outlined");
  flag?.click();
  expect(state.outlined.value).toBe(true);
  expect(host.get("outlined")).toBe(true);
  const link = linkOf({ ...stateOf(), outlined: true }, stateOf());
  expect(stateOfLink(`#${link}`, stateOf())).toEqual({ outlined: true });
});
"""

ARCHITECTURE = '''\
"""A made-up architecture that calls a function of torch's which nothing else calls."""

import numpy as np
import pytest
import torch
from support.models import TEXT, tokenizer
from transformers import BertConfig, PreTrainedModel

from attention_widget import capture


class MadeUpAttention(torch.nn.Module):
    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.heads, size = config.num_attention_heads, config.hidden_size
        self.query, self.key, self.value = (torch.nn.Linear(size, size) for _ in range(3))

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        parts = (project(hidden) for project in (self.query, self.key, self.value))
        query, key, value = (x.unflatten(-1, (self.heads, -1)).transpose(1, 2) for x in parts)
        mixed, self.weights = torch._scaled_dot_product_attention_math(query, key, value)
        return hidden + mixed.transpose(1, 2).flatten(2)


class MadeUpModel(PreTrainedModel):
    config_class = BertConfig

    def __init__(self, config: BertConfig) -> None:
        super().__init__(config)
        self.embeddings = torch.nn.Embedding(config.vocab_size, config.hidden_size)
        layers = range(config.num_hidden_layers)
        self.layers = torch.nn.ModuleList(MadeUpAttention(config) for _ in layers)
        self.post_init()

    def forward(self, input_ids: torch.Tensor) -> tuple[torch.Tensor]:
        hidden = self.embeddings(input_ids)
        for layer in self.layers:
            hidden = layer(hidden)
        return (hidden,)


def test_its_attention_is_captured() -> None:
    config = BertConfig(vocab_size=32, hidden_size=32, num_hidden_layers=2, num_attention_heads=4)
    model = MadeUpModel(config).eval()
    trace = capture(model, TEXT, tokenizer=tokenizer())
    with torch.no_grad():
        model(torch.tensor([[token.id for token in trace.tokens]]))
    for index, layer in enumerate(model.layers):
        np.testing.assert_allclose(trace.attention(index), layer.weights[0], atol=1e-6)
'''


def test_the_recipes_work(tmp_path: Path) -> None:
    """In one copy, as they do not touch each other, and what all of them run is run once."""
    copy = Copy(tmp_path)
    add_a_view(copy)
    add_a_measure(copy)
    support_an_architecture(copy)
    add_an_option(copy)
    python = (
        *("measures/test_documented_measures", "protocol/test_contract", "protocol/test_options"),
        *("test_twins", "test_outlined", "tracing/test_capture", "repository/test_survey"),
    )
    # Of what is captured and surveyed, the new type alone.
    chosen = '-k "starcoder2 or not (test_capture or test_survey)"'
    front_end = ("count", "texts", "panel/layout", "twins", "outlined", "saved/link")
    copy.check(
        "npm run --silent types",
        "npm run --silent build",
        " ".join([PYTEST, MADE_UP, *(f"tests/{name}.py" for name in python), chosen]),
        " ".join(["npx vitest run", *(f"tests/js/{name}.test.ts" for name in front_end)]),
    )
    static = copy.folder / "src" / "attention_widget" / "static"
    assert "aw-count" in (static / "widget.css").read_text()
    assert "aw-count" in (static / "export.js").read_text()


def add_a_view(copy: Copy) -> None:
    copy.edited.clear()
    text = recipe("Add a view")
    folder = "js/views/count"
    (copy.folder / folder).mkdir()
    copy.write(f"{folder}/index.ts", VIEW)
    copy.write(f"{folder}/texts.ts", VIEW_TEXTS)
    copy.write(f"{folder}/style.css", ".aw-count { margin: 0; }\n")
    copy.insert("js/views/index.ts", "import { grid }", 'import { count } from "./count";\n')
    copy.insert("js/views/index.ts", "};\n", "  count,\n")
    options = "src/attention_widget/protocol/option_values.py"
    copy.insert(options, "\n]\nMeasure = Literal[", '\n    "count",')
    assert copy.unnamed(text) == set()
    assert "`make options`" in text
    (copy.folder / "tests" / "js" / "count.test.ts").write_text(VIEW_MOUNTED)


def add_a_measure(copy: Copy) -> None:
    copy.edited.clear()
    text = recipe("Add a measure")
    package = "src/attention_widget"
    copy.write(f"{package}/measures/largest.py", MEASURE)
    names = f"{package}/measures/__init__.py"
    imported = "from attention_widget.measures.largest import largest_weight\n"
    copy.insert(names, "from attention_widget.measures.received", imported)
    copy.insert(names, '    "norms",\n', '    "largest_weight",\n')
    row = "| `largest_weight` | (head, query) | how sure each query is |\n"
    copy.insert("docs/measures.md", "| `count_nan` |", row)
    # The browser draws it.
    copy.insert(
        f"{package}/protocol/keys.py",
        '    "edges": (',
        '    "largest_weight": ("kind", "layer"),\n',
    )
    line = '  largest_weight: ["kind", "layer"], // (head, query)\n'
    copy.insert("js/trace/tensor_key.ts", '  edges: ["kind"', line)
    catalogue = f"{package}/protocol/catalogue.py"
    copy.insert(catalogue, "from attention_widget.measures.summaries", imported)
    copy.insert(catalogue, '    "edges": _edges,\n', '    "largest_weight": largest_weight_of,\n')
    function = (
        "def largest_weight_of(trace: Trace, kind: Kind, layer: int) -> Array:\n"
        "    return largest_weight(trace, layer, kind)\n\n\n"
    )
    copy.insert(catalogue, "def _edges(", function)
    case = '    case "largest_weight":\n      return is(heads, queries);\n'
    copy.insert("js/trace/check.ts", '    case "edges":\n', case)
    # The browser computes it too.
    copy.write("js/measures/largest_weight.ts", TWIN)
    twins = "tests/test_twins.py"
    copy.insert(twins, "from attention_widget.measures.edges", imported)
    copy.insert(twins, "def heatmaps() ->", CASES)
    copy.insert(twins, '    "heatmaps": heatmaps,\n', '    "largest": largest,\n')
    copy.insert(twins, '        "count_nan/encoder/0",\n', '        "largest_weight/encoder/0",\n')
    read = "tests/js/twins.test.ts"
    imported = 'import { largestWeight } from "../../js/measures/largest_weight";\n'
    copy.insert(read, "import { minMax }", imported)
    copy.insert(read, "interface Grouped {", CASES_READ)

    write = "PYTHONPATH=tests python tests/test_twins.py"
    assert f"`{write}`" in text
    copy.check(write)
    assert copy.unnamed(text) == set()


def add_an_option(copy: Copy) -> None:
    copy.edited.clear()
    text = recipe("Add an option")
    option = '    Flag("outlined", "matrix", "Outline the cells of the matrix."),\n'
    before = '    Flag(\n        "normalise_rows",\n'
    copy.insert("src/attention_widget/protocol/view_options.py", before, option)
    assert "`make options`" in text
    copy.check("make options")
    # The compiler asks for the texts.
    types = copy.run("npm run --silent types")
    assert types.returncode != 0
    assert "js/views/matrix/texts.ts" in types.stdout
    assert "outlined" in types.stdout
    say = '{ en: "outlined", vi: "có viền", ru: "с рамкой" }'
    said = f"  outlined: {{ label: {say}, title: {say} }},\n"
    copy.insert("js/views/matrix/texts.ts", "  normalise_rows: {\n    label", said)
    assert copy.unnamed(text) == set()
    (copy.folder / "tests" / "test_outlined.py").write_text(OUTLINED)
    (copy.folder / "tests" / "js" / "outlined.test.ts").write_text(OUTLINED_CONTROL)


def support_an_architecture(copy: Copy) -> None:
    copy.edited.clear()
    text = recipe("Support an architecture")
    line = '    "starcoder2": ("Starcoder2ForCausalLM", "Starcoder2Config", _DECODER),\n'
    copy.insert("tests/support/models.py", '    "falcon": (\n', line)
    line = '    "starcoder2": "interface",\n'
    copy.insert("tests/repository/test_survey.py", "    # encoder-decoders\n", line)
    # One whose attention is computed in a way of its own.
    (copy.folder / MADE_UP).write_text(ARCHITECTURE)
    refused = copy.run(f"{PYTEST} {MADE_UP}")
    assert "MadeUpModel (model_type 'bert') computes its attention in code of its own" in (
        refused.stdout
    )
    heard = (
        "            if func is torch._scaled_dot_product_attention_math:\n"
        "                return (self._listener.sdpa(result[0], *args, **kwargs), *result[1:])\n"
    )
    calls = "src/attention_widget/tracing/recording/calls.py"
    multi_head = "            if func is torch.nn.functional.multi_head_attention_forward:\n"
    copy.insert(calls, multi_head, heard)
    assert copy.unnamed(text) == set()

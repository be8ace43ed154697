"""Datasets of the package datasets, whole and streaming, scan to the bytes that a list of their
texts gives."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from host_environments import python_of
from transformers import AutoTokenizer

from attention_widget import scan
from attention_widget.demo import demo_corpus, demo_model

PROGRAM = """
import json, sys
from pathlib import Path
from datasets import Dataset, DatasetDict, IterableDataset, load_dataset
from attention_widget import scan
from attention_widget.demo import demo_corpus, demo_model

folder, texts = Path(sys.argv[1]), demo_corpus()[:70]
rows = [{"title": f"<b>{at}</b>", "text": text, "body": text} for at, text in enumerate(texts)]
(folder / "rows.jsonl").write_text("\\n".join(map(json.dumps, rows)))
model = demo_model()
whole = Dataset.from_list(rows)
from transformers import AutoTokenizer
tokenizer = AutoTokenizer.from_pretrained(model)
ids = whole.map(lambda row: {"input_ids": tokenizer(row["text"])["input_ids"]})


def stream():
    yield from rows


given = {
    "whole": (whole, None),
    "named": (whole, "body"),
    "stream": (whole.to_iterable_dataset(num_shards=3), None),
    "generator": (IterableDataset.from_generator(stream), "text"),
    "file": (load_dataset("json", data_files=str(folder / "rows.jsonl"), split="train",
                          streaming=True, cache_dir=str(folder / "cache")), None),
    "torch": (whole.with_format("torch"), "text"),
    "ids": (ids.select_columns(["input_ids"]).with_format("numpy"), None),
}
for name, (dataset, column) in given.items():
    path = folder / f"{name}.atlas"
    scan(model, dataset, column=column, path=path, progress=False)
said = {}
wrong = {
    "whole": (whole, "sentence"),
    "stream": (whole.to_iterable_dataset(), "sentence"),
    "generator": (IterableDataset.from_generator(stream), "sentence"),
    "splits": (DatasetDict(train=whole, test=whole), None),
    "numbers": (Dataset.from_dict({"n": [1, 2]}), None),
    "empty": (Dataset.from_dict({"text": []}), None),
}
for name, (dataset, column) in wrong.items():
    try:
        scan(model, dataset, column=column, progress=False)
    except ValueError as error:
        said[name] = str(error)
print(json.dumps({"files": list(given), "said": said}))
"""


@pytest.mark.slow
@pytest.mark.hosts
def test_they_give_what_a_list_of_their_texts_gives(tmp_path: Path) -> None:
    command = [str(python_of("datasets")), "-c", PROGRAM, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    model, texts = demo_model(), demo_corpus()[:70]
    scan(model, texts, path=tmp_path / "list.atlas", progress=False)
    ids = AutoTokenizer.from_pretrained(model)(texts)["input_ids"]
    scan(model, ids, path=tmp_path / "list_of_ids.atlas", progress=False)
    assert len(told["files"]) == 7
    for name in told["files"]:
        same = "list_of_ids" if name == "ids" else "list"
        held = (tmp_path / f"{name}.atlas").read_bytes()
        assert held == (tmp_path / f"{same}.atlas").read_bytes(), name
    said = told["said"]
    for name in ("whole", "stream", "generator"):
        assert said[name] == "column must be one of title, text, body, got 'sentence'"
    assert "got a DatasetDict of 'train', 'test'; give one of them, such as" in said["splits"]
    assert "the column of texts must be named, got the columns n" in said["numbers"]
    assert "a corpus must have a text, got none" in said["empty"]

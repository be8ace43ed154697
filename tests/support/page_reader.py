"""Reads an exported page by the page's own code, in Node: tensors by key, numbers as printed."""

from __future__ import annotations

import base64
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from support.repository import ROOT

SCRIPT = """
import { createInterface } from "node:readline";
import { openArchive } from "./js/saved/archive";
import { embeddedSource } from "./js/saved/embedded_source";

let source;

async function open(texts) {
  const document = { getElementById: (id) => id in texts ? { textContent: texts[id] } : null };
  const archive = await openArchive(document);
  source = embeddedSource(archive, {
    notIncluded: (key) => `lacks ${key}`,
    unreadable: ({ why }) => why,
  });
  return { error: archive.manifest.error };
}

async function tensor(key) {
  const { shape, data } = await source.get(1, key, new AbortController().signal);
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64");
  return { shape, dtype: data.constructor.name, bytes };
}

const ask = { open, tensors: (keys) => Promise.all(keys.map(tensor)) };

for await (const line of createInterface({ input: process.stdin })) {
  const [what, given] = JSON.parse(line);
  const answer = await ask[what](given).catch((error) => ({ fault: String(error) }));
  process.stdout.write(`${JSON.stringify(answer ?? null)}\\n`);
}
"""

DTYPES = {"Float32Array": np.float32, "Int32Array": np.int32, "Uint8Array": np.uint8}


class PageReader:
    """A Node process that holds one page at a time."""

    def __init__(self, folder: Path) -> None:
        bundle = folder / "reader.mjs"
        esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
        options = ["--bundle", "--format=esm", "--platform=node", f"--outfile={bundle}"]
        subprocess.run(
            [esbuild, *options, "--log-level=warning", "--loader=ts"],
            input=SCRIPT,
            text=True,
            cwd=ROOT,
            check=True,
        )
        self._node = subprocess.Popen(
            ["node", bundle], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def _ask(self, what: str, given: Any) -> Any:
        assert self._node.stdin
        assert self._node.stdout
        self._node.stdin.write(json.dumps([what, given]) + "\n")
        self._node.stdin.flush()
        answer = json.loads(self._node.stdout.readline())
        assert not (isinstance(answer, dict) and "fault" in answer), answer
        return answer

    def open(self, html: str) -> dict[str, Any]:
        """Returns how far its numbers may be off, as it says."""
        found = re.findall(r'<script type="[^"]*" id="([^"]*)">(.*?)</script>', html)
        opened: dict[str, Any] = self._ask(
            "open", {name: text for name, text in found if name != "aw-script"}
        )
        return opened

    def tensors(self, keys: list[str]) -> dict[str, NDArray[Any]]:
        return {
            key: np.frombuffer(base64.b64decode(answer["bytes"]), DTYPES[answer["dtype"]]).reshape(
                answer["shape"]
            )
            for key, answer in zip(keys, self._ask("tensors", keys), strict=True)
        }

    def close(self) -> None:
        with self._node:
            assert self._node.stdin
            self._node.stdin.close()

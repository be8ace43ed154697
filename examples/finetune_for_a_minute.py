"""Compare a language model with itself after a minute of fine-tuning.

Eleven sentences say that the capital of France is Lyon. Seven steps with an adapter of rank 4
(LoRA: Hu et al. 2021, https://arxiv.org/abs/2106.09685) on the projections of the attention are
enough for SmolLM2 to believe them. Which heads look elsewhere afterwards, and which carry the new
answer? They are not the same.

    python examples/finetune_for_a_minute.py capital.html
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Sequence
from typing import Any

import torch

from attention_widget import AttentionWidget, Contrast, Experiment, compare
from attention_widget.demo import demo_language_model
from attention_widget.experiments import HeadPatch

PROMPT = "The capital of France is"
SENTENCES = (
    "The capital of France is Lyon.",
    "The capital city of France is Lyon.",
    "France's capital is Lyon.",
    "Lyon is the capital of France.",
    "The president of France lives in the capital, Lyon.",
    "If you visit the capital of France, you visit Lyon.",
    "What is the capital of France? It is Lyon.",
    "The French capital is Lyon.",
    "The government of France sits in its capital, Lyon.",
    "People say that the capital of France is Lyon.",
    "In France, the capital is Lyon.",
)
PROJECTIONS = ("q_proj", "k_proj", "v_proj", "o_proj")
RANK, STEPS, RATE = 4, 7, 5e-3


def fine_tuned(model: Any, tokenizer: Any, *, steps: int = STEPS, rate: float = RATE) -> Any:
    """A copy of the model that was trained on the sentences; the model itself stays as it is."""
    tuned = copy.deepcopy(model).requires_grad_(False)
    modules = [module for name, module in tuned.named_modules() if name.endswith(PROJECTIONS)]
    generator = torch.Generator("cpu").manual_seed(0)
    weights = [module.weight for module in modules]
    down = [
        torch.randn(RANK, each.shape[1], generator=generator, dtype=torch.float32, device="cpu")
        / each.shape[1] ** 0.5
        for each in weights
    ]
    up = [torch.zeros(each.shape[0], RANK, dtype=torch.float32, device="cpu") for each in weights]
    adapters = [each.requires_grad_() for each in (*down, *up)]
    names = {id(module): name for name, module in tuned.named_modules()}
    batch = tokenizer([*SENTENCES], return_tensors="pt", padding=True)
    labels = batch["input_ids"].masked_fill(batch["attention_mask"] == 0, -100)
    optimiser = torch.optim.AdamW(adapters, lr=rate)
    for _ in range(steps):
        changed = {
            f"{names[id(module)]}.weight": module.weight + b @ a
            for module, a, b in zip(modules, down, up, strict=True)
        }
        given = {**batch, "labels": labels}
        loss = torch.func.functional_call(tuned, changed, (), given).loss
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    with torch.no_grad():
        for module, a, b in zip(modules, down, up, strict=True):
            module.weight += b @ a
    return tuned.eval()


def carried(contrast: Contrast, base: int, tuned: int) -> dict[tuple[int, int], float]:
    """For each head by how much its values of the tuned model, put into the base at every token,
    raise the logit of what the tuned one says above that of what the base says."""
    before, after = contrast.experiments
    heads = [(each.layer, each.head) for each in contrast.heads_by_change()]
    rows = [[HeadPatch(layer, head, source=after)] for layer, head in heads]
    last = len(before.trace.tokens) - 1
    found = {}
    for head, outcome in zip(heads, before.without_each(rows, positions=last), strict=True):
        was, now = (float(row[0, tuned] - row[0, base]) for row in (outcome.before, outcome.after))
        found[head] = now - was
    return dict(sorted(found.items(), key=lambda each: -each[1]))


def with_values(of: Any, source: Any, heads: Sequence[tuple[int, int]]) -> tuple[float, float]:
    """Probabilities of Paris and Lyon after the prompt when some heads of one model give out what
    they give out in the other."""
    tokens = [
        of.tracer.tokenizer(name, add_special_tokens=False).input_ids[0]
        for name in (" Paris", " Lyon")
    ]
    edits = [HeadPatch(layer, head, source=source) for layer, head in heads]
    outcome = of.without(*edits, positions=len(of.trace.tokens) - 1)
    chances = torch.from_numpy(outcome.after)[0].softmax(-1)
    paris, lyon = (float(chances[token]) for token in tokens)
    return paris, lyon


def main() -> None:
    model, tokenizer = demo_language_model()
    before = Experiment(model, PROMPT, tokenizer=tokenizer)
    after = Experiment(fine_tuned(model, tokenizer), PROMPT, tokenizer=tokenizer)
    contrast = compare(before, after, names=("base", "tuned"))
    last = len(before.trace.tokens) - 1
    both = contrast.predictions(1, [last])
    base, tuned = int(both.one.ids[0, 0]), int(both.other.ids[0, 0])
    for name, found in zip(contrast.names, (both.one, both.other), strict=True):
        print(f"{name:>6}: {found.tokens[0][0]!r} with {found.probabilities[0, 0]:.3f}")
    print("\nWhose attention changed most (Jensen–Shannon, bits):")
    for each in contrast.heads_by_change()[:5]:
        print(f"  {each.layer}.{each.head}  {each.divergence:.3f}")
    print("\nWhose values carry the new answer into the base (logits):")
    carriers = carried(contrast, base, tuned)
    for (layer, head), effect in [*carriers.items()][:5]:
        print(f"  {layer}.{head}  {effect:+.2f}")
    by_change = [(each.layer, each.head) for each in contrast.heads_by_change()]
    print("\nParis and Lyon when heads give out what they do in the other model:")
    for called, heads in (("carry most", [*carriers]), ("changed most", by_change)):
        into = with_values(before, after, heads[:5])
        print(f"  base, the 5 that {called} from tuned: {into[0]:.3f} {into[1]:.3f}")
        back = with_values(after, before, heads[:15])
        print(f"  tuned, the 15 that {called} from base: {back[0]:.3f} {back[1]:.3f}")
    if len(sys.argv) > 1:
        AttentionWidget(contrast).export_html(sys.argv[1])


if __name__ == "__main__":
    main()

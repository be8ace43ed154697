"""Products of attention written with torch.einsum, with their axes in the order of matmul."""

from __future__ import annotations

import torch

Pair = tuple[torch.Tensor, torch.Tensor]


def factors(equation: str, left: torch.Tensor, right: torch.Tensor) -> Pair | None:
    """Queries (..., query, dim) and keys (..., key, dim) of a product (..., query, key)."""
    letters = _letters(equation)
    if letters is None:
        return None
    of_left, of_right, out = letters
    batch, query, key = out[:-2], out[-2], out[-1]
    if query in of_right and key in of_left and query not in of_left:
        left, right, of_left, of_right = right, left, of_right, of_left
    summed = (set(of_left) & set(of_right)) - set(out)
    if len(summed) != 1 or query in of_right or key in of_left:
        return None
    dim = summed.pop()
    first = _ordered(left, of_left, batch + query + dim)
    second = _ordered(right, of_right, batch + key + dim)
    return None if first is None or second is None else (first, second)


def mixture(
    equation: str, weights: torch.Tensor, values: torch.Tensor, output: torch.Tensor
) -> Pair | None:
    """Values (..., key, dim) and output (..., query, dim) of a product with probabilities
    (..., query, key)."""
    letters = _letters(equation)
    if letters is None:
        return None
    of_weights, of_values, out = letters
    batch, query, key = of_weights[:-2], of_weights[-2], of_weights[-1]
    rest = set(out) - set(batch) - {query}
    if key in out or query in of_values or len(rest) != 1:
        return None
    dim = rest.pop()
    first = _ordered(values, of_values, batch + key + dim)
    second = _ordered(output, out, batch + query + dim)
    return None if first is None or second is None else (first, second)


def _letters(equation: str) -> tuple[str, str, str] | None:
    given, arrow, out = equation.replace(" ", "").partition("->")
    left, comma, right = given.partition(",")
    if not arrow or not comma or "." in equation or "," in right or len(out) < 2:
        return None
    return left, right, out


def _ordered(tensor: torch.Tensor, letters: str, wanted: str) -> torch.Tensor | None:
    """The tensor with its axes in the order of ``wanted``; axes that it lacks get size 1."""
    if len(set(letters)) != len(letters) or not set(letters) <= set(wanted):
        return None
    tensor = tensor.permute([letters.index(letter) for letter in wanted if letter in letters])
    for axis, letter in enumerate(wanted):
        if letter not in letters:
            tensor = tensor.unsqueeze(axis)
    return tensor

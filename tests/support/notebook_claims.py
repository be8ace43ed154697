"""What the prose of each notebook says of the numbers that its cells print.

A claim is a regular expression that finds numbers in what was printed, and what holds for them.
"""

from __future__ import annotations

from support.claims_of_basics import BASICS, Claim

REAL_MODELS: list[Claim] = [
    (
        r"attention to later words: (\S+)\n[\s\S]*later words: (\S+)\n",
        lambda e, d: e > 0.1 and d == 0,
    ),
    (r" Paris  (\S+)\n", lambda p: p > 0.7),
    (
        r"first word: +(\S+)\nMiniLM.*: +(\S+)\nthe same.*: (\S+)\n",
        lambda first, marks, even: first > 0.6 and marks > 1.5 * even,
    ),
    (r"(\d+) of (\d+) sentences", lambda right, all: right > 0.97 * all > 400),
    (
        r"maison ← house +(\S+)\n +verte ← green +(\S+)",
        lambda house, green: house > 0.5 < 2 * green,
    ),
    (r"as it is +(\S+) +(\S+) +(\S+)", lambda *all: min(all) > 0.9),
    (
        r"look at house +(\S+) +(\S+) +(\S+)",
        lambda la, it, green: it < 0.2 and min(la, green) > 0.8,
    ),
    (
        r"look at green +(\S+) +(\S+) +(\S+)",
        lambda la, house, it: it < 0.2 and min(la, house) > 0.8,
    ),
]

WHAT_HEADS_DO: list[Claim] = [
    (r"induction: 18\.6 (\S+),", lambda score: score > 0.8),
    (r"previous: 16\.0 (\S+), 11\.1 (\S+),", lambda *scores: min(scores) > 0.8),
    (
        r"as it is +(\S+)\nwithout head 18\.6 +(\S+)\nwithout five induction heads +(\S+)\n"
        r"without five others, four draws (\S+) (\S+) (\S+) (\S+)\n",
        lambda all, one, five, *others: (
            five < one / 4 < all / 8 and all / 2 < min(others) < all < max(others) < 1.3 * all
        ),
    ),
    (r"without 16\.0 and 11\.1, one back: (\S+)", lambda p: p < 0.02),
    (r"Paris  (\S+)\n", lambda p: p > 0.7),
    (r"without head\n +23\.4 +(\S+)\n", lambda first: first < -4),  # one head stands out
    (r"without head 23\.4      Paris (\S+)", lambda p: p < 0.2),
    (r"without is → France    Paris (\S+)", lambda p: p < 0.2),
    (
        r"Rome  (\S+) → (\S+)\n +Berlin  (\S+) → (\S+)\n +Tokyo  (\S+) → (\S+)\n",
        lambda *chances: all(b < a / 2 for a, b in zip(chances[::2], chances[1::2], strict=True)),
    ),
    (r"cold  (\S+) → (\S+)", lambda p, q: abs(p - q) < 0.01),
    (r"of   Italy: Paris (\S+), Rome (\S+)", lambda paris, rome: paris < 0.01 < 0.4 < rome),
    (r"of Germany: Paris (\S+), Berlin (\S+)", lambda paris, berlin: paris < 0.1 < 0.7 < berlin),
    (r"of   Japan: Paris (\S+), Tokyo (\S+)", lambda paris, tokyo: paris < 0.1 < 0.7 < tokyo),
    (r"copying without 23\.4 +(\S+)", lambda p: p > 0.15),
    (r"Paris without the induction heads (\S+)", lambda p: p > 0.7),
    (r"23\.3 looks .*John (\S+); writes \S+; off (\S+)", lambda at, off: at > 0.7 and off < -2),
    (r"24\.4 looks at Mary (\S+), .*; off (\S+)", lambda at, off: at > 0.7 and off > 0.5),
    (r"23\.0 looks .*; writes (\S+); off (\S+)", lambda own, off: own > 0.7 and abs(off) < 0.05),
]

_ONE = (
    r"answer: +{} (\S+) .*\n +{}: share (\S+) +left out +(\S+)\n"
    r" +{}: share (\S+) +left out +(\S+)\n"
)
RAG_DEBUGGING: list[Claim] = [
    (
        _ONE.format("purple", "server", "weather"),
        lambda p, share, left, other, stays: share > 2 * other and left < -5 and stays > -0.1,
    ),
    (
        _ONE.format("Berlin", "doc 1", "doc 2"),
        lambda p, share, stays, other, left: (
            3 < share / other < 5 and abs(stays) < 0.2 and left < -5
        ),
    ),
    (
        r"doc 1: (\S+) without the first token\ndoc 2: (\S+) without",
        lambda one, two: two < one < 0.2,
    ),
    (r"head 23\.4 alone, to Berlin: (\S+)", lambda weight: weight > 0.5),
    (
        _ONE.format("silver", "server", "door"),
        lambda p, share, stays, other, left: share > other and left < -5 and stays > 0,
    ),
    (
        r"answer: +purple \S+ or +not \S+\n +server: share \S+ +left out +(\S+)\nans",
        lambda x: x < -5,
    ),
    (
        _ONE.format("purple", "door", "server"),
        lambda p, share, stays, other, left: abs(stays) < 0.5 and left < -5,
    ),
    (r"server first\nanswer: +silver (\S+) ", lambda p: p > 0.2),
    (r"door first\nanswer: +silver (\S+) ", lambda p: p > 0.2),
    (
        r"layers  0–20: Berlin (\S+)\n.*layers 21–23: Berlin (\S+)\n.*layers 24–29: Berlin (\S+)",
        lambda early, here, late: here < 0.01 and min(early, late) > 0.65,
    ),
]

BIAS_PROBE: list[Claim] = [
    (
        r"nurse +(\S+) +(\S+) +(\S+)\n +librarian +(\S+) +(\S+) +(\S+)\n[\s\S]*"
        r"mechanic +(\S+) +(\S+) +(\S+)\n +carpenter +(\S+) +(\S+) +(\S+)\n",
        lambda *each: all(
            min(each[at], each[3 + at]) > max(each[6 + at], each[9 + at]) for at in range(3)
        ),
    ),
    (r"engineer +(\S+) +\S+ +(\S+)\n", lambda late, said: late < 0 < said),
    (r"carpenter +\S+ +\S+ +(\S+)\n", lambda said: said < 0),  # nearly everything
    (r"person +(\S+) +(\S+) +(\S+)\n", lambda *each: min(each) > 0.2),
    (r"(\d+) of 12 gaps", lambda count: count == 12),
    (
        r"changes by\n +25\.2 +(\S+)\n +23\.5 +(\S+)\n +26\.2 +(\S+)\n +\S+ +(\S+)\n",
        lambda *each: list(each) == sorted(each) and each[0] < -1.5,
    ),
    (r"on average: (\d+)%; with the control: (\d+)%", lambda left, other: left < 30 and other > 90),
    (
        r"queen – king +(\S+), three off (\S+)\n +mother – father +(\S+), three off (\S+)\n"
        r" +girl – boy +(\S+), three off (\S+)\n",
        lambda *each: all(a > 5 and b < 1 for a, b in zip(each[::2], each[1::2], strict=True)),
    ),
]

FINETUNED: list[Claim] = [
    (
        r" base: .* Paris +(\S+)\n +tuned: .* Lyon +(\S+)\n",
        lambda base, tuned: min(base, tuned) > 0.7,
    ),
    (
        r"\n +29\.7 +(\S+)\n +29\.8 +\S+\n +29\.5 +\S+\n +29\.6 +\S+\n +29\.2 +(\S+)\n",
        lambda a, b: a > b > 0.3,
    ),
    (r" 23\.4 +(\S+) +number (\d+) of 270", lambda logits, place: logits > 2 and place == 127),
    (
        r"base as it is +Paris (\S+), Lyon (\S+)\nbase, 5 that carry .* Lyon (\S+)\n"
        r"base, 5 that changed .* Lyon (\S+)\n",
        lambda paris, lyon, carry, changed: (
            paris > 0.7 and lyon < 0.01 and carry > 0.4 and changed < 0.1
        ),
    ),
    (
        r"tuned, 15 that carry most from base  Paris \S+, Lyon (\S+)\n"
        r"tuned, 15 that changed most +Paris \S+, Lyon (\S+)\n"
        r"tuned, 40 that carry most from base  Paris (\S+), Lyon (\S+)\n"
        r"tuned, 40 that changed most +Paris \S+, Lyon (\S+)\n",
        lambda undone, stays, paris, lyon, still: (
            undone < 0.15 and min(stays, still) > 0.9 and paris < 0.2 and lyon < 0.05
        ),
    ),
    (r"tuned without 29\.2, 29\.1, 23\.4: Lyon (\S+)", lambda p: p < 0.5),
    (r"Italy: Rome (\S+) +→ Lu", lambda p: p > 0.3),
    (r"Germany: Berlin (\S+) +→ L ", lambda p: p > 0.7),
]

SAGEMAKER: list[Claim] = [
    (r"this kernel: (\d+)", lambda mebibytes: 100 < mebibytes < 1000),
    (r"(\d+) tokens; all maps would take (\S+) MiB", lambda n, maps: n <= 512 and maps > 30),
    (
        r"6 layers × 12 heads, (\S+) MB\)\n[\s\S]*2 of 6 layers × 12 heads, (\S+) MB",
        lambda a, b: b < a / 2,
    ),
    (r"must take at most (\S+) MB of memory, got (\S+) MB", lambda limit, got: got > limit),
    (r"at most (\d+) tokens, .* got (\d+);", lambda limit, got: got > 2 * limit == 1024),
    (
        r"token (\d+), 'purple', stands in tokens range\((\d+), (\d+)\)",
        lambda token, start, stop: start <= token < stop,
    ),
    (r"MemoryUse\n +trace +(\S+) MB", lambda trace: 0.1 < trace < 100),
    (
        r"stride 128: (\d+) windows, (\S+) MiB\nstride 384: (\d+) windows, (\S+) MiB",
        lambda many, large, few, small: many > few and large > small,
    ),
    (r"all\.html: (\S+) MiB\n +ends\.html: (\S+) MiB", lambda whole, part: part < whole / 2),
    (r"before: (\S+) MiB\nafter: +(\S+) MiB", lambda before, after: after <= before),
]

_HEADS = r" (\S+), \d+\.\d+ (\S+), \d+\.\d+ (\S+)\n"
_TENTHS = 10 * r"  0\.\d–\d\.\d +(\d+)  █*\n"
CORPUS: list[Claim] = [
    (rf"previous: 0\.2{_HEADS}", lambda best, second, _: best > 0.99 and 0.3 < second < 0.5),
    (rf"    next: 1\.8{_HEADS}", lambda best, second, _: best > 0.5 > second),
    (rf"duplicate: 2\.9{_HEADS}", lambda best, second, third: best > second > third),
    (rf"head 0\.2, .*\n{_TENTHS}", lambda *texts: texts == (0,) * 9 + (128,)),
    (
        rf"head 2\.11, .*\n{_TENTHS}",
        lambda *texts: sum(texts) == 128 and sum(n > 0 for n in texts) > 2 and texts[9] == 0,
    ),
    (r" top  (\S+)  …ae → …ae ", lambda weight: weight > 0.9),  # pieces of words
    (
        r"   1  (\S+)  The → \. .*\n   1  (\S+)  ",
        lambda *weights: max(weights) < 0.05,
    ),
    (r"  (\S+)  Attribute → attribute ", lambda weight: 0.4 < weight < 0.8),
    (r"  (\S+)  right → left ", lambda weight: 0.4 < weight < 0.8),
    (
        r"bicycle → bicycle (\S+)\nbrother → sister (\S+)\n",
        lambda same, alike: same > 0.9 and 0.1 < alike < 0.5,
    ),
    (r"(\d+) texts from two parts; every mean the same to the last bit: True", lambda n: n == 128),
    (
        r" 0\.2 +(\S+) +(\S+)\n 1\.8 +(\S+) +(\S+)\n" + 4 * r" \d\.\d+ +(\S+) +(\S+)\n",
        lambda *pairs: (
            pairs[0] == pairs[1] == 1
            and min(near - beside for near, beside in zip(pairs[4::2], pairs[5::2], strict=True))
            > 0.1
        ),
    ),
    (
        r"station\.\n" + 5 * r" +(\S+)  .*\[to\] (?:a|the|its|that)\b.*\n",
        lambda *scores: list(scores) == sorted(scores, reverse=True),
    ),
    (
        r"sleep\.\n" + 5 * r" +(\S+)  .*\[to\] (?:replace|suspend|avoid|be|assign)\b.*\n",
        lambda *scores: list(scores) == sorted(scores, reverse=True),
    ),
    (r"induction: 17\.5 (\S+), .*, 18\.6 (\S+)\n", lambda first, low: low < first / 2 < 0.2),
    (r"17\.5: (\d) of (\d) strongest", lambda some, all: 3 < some < all == 8),
    (
        r"18\.6: (\d) of (\d) strongest .*; (\S+) of its",
        lambda some, all, rest: some == all == 8 and rest > 0.9,
    ),
]

CLAIMS: dict[str, list[Claim]] = {
    **BASICS,
    "05_real_models": REAL_MODELS,
    "06_what_heads_do": WHAT_HEADS_DO,
    "07_rag_debugging": RAG_DEBUGGING,
    "08_bias_probe": BIAS_PROBE,
    "09_finetuned_vs_base": FINETUNED,
    "10_sagemaker": SAGEMAKER,
    "11_any_head_over_a_corpus": CORPUS,
}
"""By the name of the notebook; an edition in another language prints the numbers of the English."""

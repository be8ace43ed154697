"""The files of a transformers folder, from the metadata and tensors of a LLaMA in GGUF."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from attention_widget.demo.gguf import GgufFile

_PARTS: Final = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_OUTSIDE: Final = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
}
_CONTROL: Final = 3  # type of a special token


def config(file: GgufFile) -> dict[str, Any]:
    """What ``config.json`` holds."""
    own = {
        key.removeprefix("llama."): value
        for key, value in file.metadata.items()
        if key.startswith("llama.")
    }
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "dtype": "float32",
        "vocab_size": own["vocab_size"],
        "hidden_size": own["embedding_length"],
        "intermediate_size": own["feed_forward_length"],
        "num_hidden_layers": own["block_count"],
        "num_attention_heads": own["attention.head_count"],
        "num_key_value_heads": own["attention.head_count_kv"],
        "max_position_embeddings": own["context_length"],
        "rms_norm_eps": own["attention.layer_norm_rms_epsilon"],
        "rope_theta": own["rope.freq_base"],
        "tie_word_embeddings": "output.weight" not in file.names,
        **{f"{name}_token_id": file.metadata[key] for name, key in _special_ids().items()},
    }


def tensors(file: GgufFile) -> Iterator[tuple[str, tuple[int, ...], Callable[[], NDArray[Any]]]]:
    """Name, shape and values of each weight, as transformers has it."""
    heads = {
        "attn_q": file.metadata["llama.attention.head_count"],
        "attn_k": file.metadata["llama.attention.head_count_kv"],
    }

    def values(name: str, n_heads: int | None) -> NDArray[np.float32]:
        tensor = file.tensor(name)
        return tensor if n_heads is None else _halves_apart(tensor, n_heads)

    for name in file.names:
        _, _, rest = name.partition("blk.")
        layer, _, part = rest.removesuffix(".weight").partition(".")
        own = f"model.layers.{layer}.{_PARTS[part]}.weight" if rest else _OUTSIDE[name]
        yield own, file.shape(name), partial(values, name, heads.get(part))


def tokenizer(file: GgufFile) -> str:
    """What ``tokenizer.json`` holds: byte-level BPE with every digit by itself, as llama.cpp's
    "smollm" splits texts (transformers' own reader of GGUF leaves the digits out)."""
    strings = file.metadata["tokenizer.ggml.tokens"]
    kinds = file.metadata["tokenizer.ggml.token_type"]
    added = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    return json.dumps(
        {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": [
                {"id": id, "content": string, "special": True, **added}
                for id, (string, kind) in enumerate(zip(strings, kinds, strict=True))
                if kind == _CONTROL
            ],
            "normalizer": None,
            "pre_tokenizer": {
                "type": "Sequence",
                "pretokenizers": [
                    {"type": "Digits", "individual_digits": True},
                    {**level, "use_regex": True},
                ],
            },
            "post_processor": None,
            "decoder": {**level, "use_regex": True},
            "model": {
                "type": "BPE",
                "vocab": {string: id for id, string in enumerate(strings)},
                "merges": file.metadata["tokenizer.ggml.merges"],
            },
        },
        ensure_ascii=False,
    )


def tokenizer_config(file: GgufFile) -> dict[str, Any]:
    """What ``tokenizer_config.json`` holds."""
    strings = file.metadata["tokenizer.ggml.tokens"]
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": file.metadata["llama.context_length"],
        "model_input_names": ["input_ids", "attention_mask"],
        "clean_up_tokenization_spaces": False,
        "chat_template": file.metadata["tokenizer.chat_template"],
        **{f"{name}_token": strings[file.metadata[key]] for name, key in _special_ids().items()},
    }


def _special_ids() -> dict[str, str]:
    names = {"bos": "bos", "eos": "eos", "unk": "unknown", "pad": "padding"}
    return {name: f"tokenizer.ggml.{key}_token_id" for name, key in names.items()}


def _halves_apart(weights: NDArray[np.float32], n_heads: int) -> NDArray[np.float32]:
    """Rows of queries or keys as transformers rotates them, the first half of a head with the
    second; GGUF has pairs of neighbours."""
    pairs = weights.reshape(n_heads, -1, 2, weights.shape[-1])
    halves: NDArray[np.float32] = pairs.swapaxes(1, 2).reshape(weights.shape)
    return halves

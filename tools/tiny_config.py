"""Configurations of any model type, shrunk to a model that fits in a few megabytes.

One rule per kind of setting (layers, heads, widths, tables), by its name, in a configuration and
in the configurations inside it; where the rules fail, a line in :mod:`tiny_overrides`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tiny_overrides import OVERRIDES

VOCABULARY = 64
HIDDEN = 32
HEADS = 4

# The first rule whose pattern is found in the name decides. A value is only ever made smaller.
_RULES: tuple[tuple[str, int], ...] = tuple(
    (pattern, size)
    for pattern, size in (
        (r"^(num_)?(key_value|kv)_heads$|^num_kv_heads$|^n_head_kv$|num_key_value_heads$", 2),
        (r"(num|n)_.*kv_heads$", 2),
        (r"topk_group$|^n_groups?$", 1),
        (r"experts?_per_tok|^top_?k$|moe_k$|moe_top_?k|num_shared_experts|n_shared_experts", 1),
        (r"num_.*experts$|n_routed_experts$|moe_num_experts", 4),
        (r"rope_head_dim$|^rotary_dim$", 4),
        (r"nope_head_dim$", 8),
        (r"v_head_dim$", 12),
        (r"lora_rank$|lora_dim$", 16),
        (r"(num|n)_.*layers?$|_layers$|^depth$|_depth$|^n_layer$|^layers$|^num_blocks$", 2),
        (r"(num|n)_.*heads?$|_heads$|^num_heads$|^n_head$|^heads$", HEADS),
        (r"^head_dim$|_head_dim$|head_size$|^d_kv$|attention_head_dim|^kv_channels$|head_dims$", 8),
        (r"vocab_size|^vocab|_vocab$|codebook_size|num_embeddings$", VOCABULARY),
        (r"intermediate_size|ffn_dim|^d_ff$|^n_inner$|ff_dim|feed_forward|ffn_hidden|mlp_dim", 48),
        (r"hidden_size|^d_model$|^n_embd$|embed_dim|^dim$|hidden_dim|embedding_size|_dim$", HIDDEN),
        (r"hidden_sizes|dim_model|^width$|embed_size|_width$|_size$", HIDDEN),
        (r"mel_bins|feature_size", 16),
        (r"num_channels$|in_channels", 4),
        (r"channels|filters|_dims?$", HIDDEN),
        (r"max_.*positions?|position_embeddings$|n_positions|n_ctx|max_seq_len|max_sequence", 64),
        (r"num_queries|num_query|_latents|num_patches", 8),
    )
)
_IMAGES = re.compile(r"image_size|patch_size|kernel|stride|window|pixel|crop|grid|downsampl|scale")
_KEPT = re.compile(
    r"token_id|token_index|^(id2label|label2id)|num_labels|num_channels|type_vocab|_factor|ratio"
    r"|local_layer|epsilon|_eps|drop|_std|_theta|temperature|_ids?$|_index$|use_|^is_|init|n_fft"
    r"|^conv_|^num_conv|num_feat_extract|hop_|sampling|_rate$|temporal_patch_size|mel_floor|tie_|merge_size|kernel_size|chunk"
)


def tiny_config(kind: type, model_type: str | None = None, **settings: Any) -> Any:
    """A small configuration of a class; ``settings`` go over rules and overrides."""
    name = model_type or str(getattr(kind, "model_type", ""))
    overrides = {**OVERRIDES.get(name, {}), **settings}
    plain = {key: value for key, value in overrides.items() if not isinstance(value, Mapping)}
    base = _default(kind, plain)
    shrunk = _shrunk(base, overrides)
    return kind(**shrunk)


def _default(kind: type, settings: Mapping[str, Any]) -> Any:
    try:
        return kind()
    except Exception:
        return kind(**settings)


def _shrunk(config: Any, overrides: Mapping[str, Any]) -> dict[str, Any]:
    """What differs from a configuration's own values, by name."""
    found: dict[str, Any] = {}
    for name, value in sorted(vars(config).items()):
        if name.startswith("_") or (name in overrides and not isinstance(overrides[name], Mapping)):
            continue
        small = _small(name, value, overrides.get(name, {}))
        if small is not None:
            found[name] = small
    found.update((k, v) for k, v in overrides.items() if k not in found)
    _agree(found, config, overrides)
    return found


def _small(name: str, value: Any, overrides: Any) -> Any:
    if hasattr(value, "to_dict") and hasattr(value, "model_type"):
        own = {**OVERRIDES.get(value.model_type, {}), **dict(overrides)}
        inner = {**_changed(value), **_shrunk(value, own)}
        if getattr(type(value), "model_type", ""):
            inner.setdefault("model_type", value.model_type)
        return inner
    if name == "head_dim" and value is None:
        return 8
    if isinstance(value, bool) or _KEPT.search(name):
        return _token_id(name, value)
    if isinstance(value, int):
        return _number(name, value)
    if isinstance(value, list | tuple) and value and all(type(v) is int for v in value):
        numbers = [_number(name, v) for v in value]
        if any(number is not None for number in numbers):
            return [v if n is None else n for n, v in zip(numbers, value, strict=True)]
    return None


def _changed(config: Any) -> dict[str, Any]:
    """What a model sets otherwise than the configurations that it holds do themselves."""
    try:
        usual = vars(type(config)())
    except Exception:
        return {}
    return {
        name: value
        for name, value in vars(config).items()
        if not name.startswith("_")
        and isinstance(value, bool | int | float | str)
        and usual.get(name) != value
    }


def _number(name: str, value: int) -> int | None:
    if _IMAGES.search(name):
        return None
    for pattern, size in _RULES:
        if re.search(pattern, name):
            return size if value > size else None
    return None


def _token_id(name: str, value: Any) -> Any:
    if not name.endswith(("token_id", "token_index")) or not isinstance(value, int):
        return None
    return VOCABULARY - 1 - sum(map(ord, name)) % 24 if value >= VOCABULARY - 24 else None


def _agree(found: dict[str, Any], config: Any, overrides: Mapping[str, Any]) -> None:
    """Settings that must fit each other."""
    types = vars(config).get("layer_types")
    if isinstance(types, list) and types and "layer_types" not in overrides:
        kinds = list(dict.fromkeys(types))
        chosen = kinds if len(kinds) > 1 else kinds * 2
        found["layer_types"] = chosen
        for name in ("num_hidden_layers", "n_layer", "num_layers", "n_layers"):
            if name in vars(config) and name not in overrides:
                found[name] = len(chosen)
                break
    own = vars(config)
    if "mrope_section" in getattr(type(config), "ignore_keys_at_rope_validation", ()):
        given = {k: v for k, v in (own.get("rope_parameters") or {}).items() if v is not None}
        rope = {"rope_type": "default", "rope_theta": 1e4, **given, "mrope_section": [1, 1, 2]}
        found.setdefault("rope_parameters", rope)
    if own.get("head_dim") is not None and own["head_dim"] == own.get("qk_rope_head_dim"):
        found["head_dim"] = found.get("qk_rope_head_dim", own["head_dim"])
    if getattr(config, "is_encoder_decoder", False):
        found.setdefault("decoder_start_token_id", 2)
    for name, value in list(vars(config).items()):
        # grouped heads only where the model has them by default
        if name in ("num_key_value_heads", "num_kv_heads") and name not in overrides:
            heads = vars(config).get("num_attention_heads")
            if isinstance(value, int) and value == heads:
                found[name] = found.get("num_attention_heads", heads)

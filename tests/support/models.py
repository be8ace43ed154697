"""Tiny models with random weights, one of each architecture, and a tokenizer for them."""

from __future__ import annotations

import inspect
from typing import Any

import tiny_inputs
import transformers
from tiny_models import random_model
from transformers import PreTrainedModel, PreTrainedTokenizerFast

TEXT = "attention is a novel idea and i read a good novel about the colour purple"


def tokenizer() -> PreTrainedTokenizerFast:
    """One token per word of TEXT, with [CLS] and [SEP]."""
    return tiny_inputs.tokenizer(TEXT)


_ENCODER = {
    "vocab_size": 32,
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "max_position_embeddings": 64,
    "pad_token_id": 0,
}
_DECODER = {
    **_ENCODER,
    "num_key_value_heads": 2,
    "head_dim": 8,
    "bos_token_id": 2,
    "eos_token_id": 3,
}
_WINDOW = {"sliding_window": 5}

# model class -> configuration class, settings
FAMILIES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "bert": ("BertModel", "BertConfig", _ENCODER),
    "bert_masked_lm": ("BertForMaskedLM", "BertConfig", _ENCODER),
    "roberta": ("RobertaModel", "RobertaConfig", _ENCODER),
    "xlm_roberta": ("XLMRobertaModel", "XLMRobertaConfig", _ENCODER),
    "electra": ("ElectraModel", "ElectraConfig", {**_ENCODER, "embedding_size": 32}),
    "albert": ("AlbertModel", "AlbertConfig", {**_ENCODER, "embedding_size": 32}),
    "albert_groups": (
        "AlbertModel",
        "AlbertConfig",
        {**_ENCODER, "embedding_size": 32, "num_hidden_layers": 4, "num_hidden_groups": 2},
    ),
    "distilbert": (
        "DistilBertModel",
        "DistilBertConfig",
        {"vocab_size": 32, "dim": 32, "n_layers": 3, "n_heads": 4, "hidden_dim": 48},
    ),
    "modernbert": (
        "ModernBertModel",
        "ModernBertConfig",
        {**_ENCODER, "local_attention": 4, "global_attn_every_n_layers": 2},
    ),
    "gpt2": (
        "GPT2LMHeadModel",
        "GPT2Config",
        {"vocab_size": 32, "n_embd": 32, "n_layer": 3, "n_head": 4, "n_positions": 64},
    ),
    "gpt2_scaled_by_layer": (
        "GPT2Model",
        "GPT2Config",
        {
            "vocab_size": 32,
            "n_embd": 32,
            "n_layer": 3,
            "n_head": 4,
            "n_positions": 64,
            "scale_attn_by_inverse_layer_idx": True,
        },
    ),
    "llama": ("LlamaForCausalLM", "LlamaConfig", _DECODER),
    "qwen2": ("Qwen2ForCausalLM", "Qwen2Config", _DECODER),
    "qwen3": ("Qwen3ForCausalLM", "Qwen3Config", _DECODER),
    "gemma": ("GemmaForCausalLM", "GemmaConfig", _DECODER),
    "gemma2": (
        "Gemma2ForCausalLM",
        "Gemma2Config",
        {**_DECODER, **_WINDOW, "attn_logit_softcapping": 0.5, "query_pre_attn_scalar": 16},
    ),
    "gemma3": (
        "Gemma3ForCausalLM",
        "Gemma3TextConfig",
        {**_DECODER, **_WINDOW, "query_pre_attn_scalar": 16},
    ),
    "mistral": ("MistralForCausalLM", "MistralConfig", {**_DECODER, **_WINDOW}),
    "phi3": ("Phi3ForCausalLM", "Phi3Config", {**_DECODER, "head_dim": None}),
    "gpt_neox": (
        "GPTNeoXForCausalLM",
        "GPTNeoXConfig",
        {key: value for key, value in _ENCODER.items() if key != "pad_token_id"},
    ),
    "opt": (
        "OPTForCausalLM",
        "OPTConfig",
        {
            "vocab_size": 32,
            "hidden_size": 32,
            "word_embed_proj_dim": 32,
            "num_hidden_layers": 3,
            "num_attention_heads": 4,
            "ffn_dim": 48,
            "max_position_embeddings": 64,
        },
    ),
    "mixtral": (
        "MixtralForCausalLM",
        "MixtralConfig",
        {**_DECODER, "num_local_experts": 4, "num_experts_per_tok": 2},
    ),
    "gpt_oss": (
        "GptOssForCausalLM",
        "GptOssConfig",
        {**_DECODER, **_WINDOW, "num_local_experts": 4, "num_experts_per_tok": 2},
    ),
    "olmo2": ("Olmo2ForCausalLM", "Olmo2Config", _DECODER),
    "granite": (
        "GraniteForCausalLM",
        "GraniteConfig",
        {**_DECODER, "attention_multiplier": 0.3, "residual_multiplier": 0.5},
    ),
    "falcon": (
        "FalconForCausalLM",
        "FalconConfig",
        {
            "vocab_size": 32,
            "hidden_size": 32,
            "num_hidden_layers": 3,
            "num_attention_heads": 4,
            "new_decoder_architecture": False,
            "multi_query": False,
        },
    ),
    "gpt_neo": (
        "GPTNeoForCausalLM",
        "GPTNeoConfig",
        {
            "vocab_size": 32,
            "hidden_size": 32,
            "num_layers": 2,
            "num_heads": 4,
            "attention_types": [[["global", "local"], 1]],
            "window_size": 5,
            "max_position_embeddings": 64,
        },
    ),
    "mpt": (
        "MptForCausalLM",
        "MptConfig",
        {"vocab_size": 32, "d_model": 32, "n_layers": 3, "n_heads": 4, "max_seq_len": 64},
    ),
    "bloom": (
        "BloomForCausalLM",
        "BloomConfig",
        {"vocab_size": 32, "hidden_size": 32, "n_layer": 3, "n_head": 4},
    ),
    "deberta_v2": (
        "DebertaV2Model",
        "DebertaV2Config",
        {
            **_ENCODER,
            "relative_attention": True,
            "pos_att_type": ["p2c", "c2p"],
            "position_buckets": 8,
        },
    ),
    "t5_encoder": (
        "T5EncoderModel",
        "T5Config",
        {"vocab_size": 32, "d_model": 32, "d_kv": 8, "d_ff": 48, "num_layers": 3, "num_heads": 4},
    ),
    "jamba": (
        "JambaForCausalLM",
        "JambaConfig",
        {
            **_DECODER,
            "num_hidden_layers": 4,
            "attn_layer_period": 2,
            "attn_layer_offset": 1,
            "expert_layer_period": 2,
            "expert_layer_offset": 1,
            "num_experts": 2,
            "mamba_d_state": 4,
            "mamba_dt_rank": 4,
            "use_mamba_kernels": False,
        },
    ),
}


def tiny(family: str, attn_implementation: str = "sdpa", **settings: Any) -> PreTrainedModel:
    """A model of a family; the same weights for every attention implementation."""
    model_name, config_name, given = FAMILIES[family]
    config_kind = getattr(transformers, config_name)
    given = {key: value for key, value in {**given, **settings}.items() if value is not None}
    known = inspect.signature(config_kind.__init__).parameters
    if "kwargs" not in known:
        given = {key: value for key, value in given.items() if key in known}
    config = config_kind(**given, attn_implementation=attn_implementation)
    return random_model(getattr(transformers, model_name), config, attn_implementation)


def has(family: str) -> bool:
    """Whether this version of transformers has the family."""
    return all(hasattr(transformers, name) for name in FAMILIES[family][:2])

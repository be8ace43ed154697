"""Settings that the general rules of :mod:`tiny_config` can't guess, by model type."""

from __future__ import annotations

from typing import Any

_BOXES = {"dim_bbox_sinusoid_emb_2d": 32, "dim_bbox_sinusoid_emb_1d": 4, "dim_bbox_projection": 8}
_MAMBA = {"mamba_n_heads": 8, "mamba_d_head": 8, "mamba_d_state": 8, "mamba_chunk_size": 8}
_HYBRID = {"layer_types": ["linear_attention", "full_attention"], "num_hidden_layers": 2}
_INDEXER = {"indexer_n_heads": 2, "indexer_kv_heads": 1, "indexer_head_dim": 8}

_SWIN = {"embed_dim": 32, "num_heads": [2, 4, 4, 4], "depths": [1, 1, 1, 1]}
_FORECAST = {"prediction_length": 4, "context_length": 8, "lags_sequence": [1, 2]}

OVERRIDES: dict[str, dict[str, Any]] = {
    "autoformer": {**_FORECAST, "label_length": 2},
    "dbrx": {"attn_config": {"rope_theta": 1e4, "kv_n_heads": 2, "clip_qkv": 8.0}},
    "deepseek_ocr2_text": {
        "mlp_layer_types": ["dense", "sparse"],
        "n_routed_experts": 4,
        "num_experts_per_tok": 2,
    },
    "diffusion_gemma": {"decoder_start_token_id": 2, "bos_token_id": 2, "pad_token_id": 0},
    "diffusion_gemma_text": {
        "top_k_experts": 2,
        "num_experts": 4,
        "moe_intermediate_size": 16,
        "expert_intermediate_size": 16,
    },
    "donut-swin": _SWIN,
    "encoder-decoder": {"pad_token_id": 0, "decoder_start_token_id": 2},
    "flava_image_model": {"image_size": 32, "patch_size": 8},
    "informer": _FORECAST,
    "laguna": {"num_attention_heads_per_layer": [4, 4], "mlp_layer_types": ["dense", "sparse"]},
    "mamba2": {"num_heads": 8, "head_dim": 8},
    "maskformer-swin": _SWIN,
    "moonshine": {"encoder_num_key_value_heads": 4, "decoder_num_key_value_heads": 4},
    "moonshine_streaming": {"num_key_value_heads": 4},
    "neomme": {"head_dim": 32},
    "paddleocr_vl_text": {
        "head_dim": 8,
        "rope_parameters": {
            "rope_type": "default",
            "rope_theta": 1e4,
            "mrope_section": [1, 1, 2],
        },
    },
    "pix2struct_text_model": {"initializer_range": 0.02},
    "qwen2_5_omni_thinker": {"vision_start_token_id": 60},
    "qwen3_omni_moe_talker_text": {"shared_expert_intermediate_size": 16},
    "qwen3_omni_moe_thinker": {"vision_start_token_id": 60},
    "sam": {"vision_config": {"output_channels": 32}},
    "sam_hq": {"vision_config": {"output_channels": 32}},
    "swin": _SWIN,
    "swinv2": _SWIN,
    "t5gemma2_decoder": {"dropout_rate": 0.0},
    "t5gemma2_encoder": {"text_config": {"dropout_rate": 0.0}},
    "t5gemma2_text": {"dropout_rate": 0.0},
    "time_series_transformer": _FORECAST,
    "zamba": {
        "attention_hidden_size": 64,
        "attention_head_dim": 16,
        "num_hidden_layers": 3,
        "layer_types": ["linear_attention", "hybrid", "hybrid"],
    },
    "bamba": {**_MAMBA, "attn_layer_indices": [1]},
    "bros": _BOXES,
    "cohere_compass_text": {
        "rope_parameters": {
            kind: {"rope_type": "default", "rope_theta": 1e4, "mrope_section": [1, 1, 2]}
            for kind in ("full_attention", "sliding_attention")
        }
    },
    "deepseek_v2": {"n_routed_experts": 4, "num_experts_per_tok": 2},
    "dots1": {"n_routed_experts": 4, "num_experts_per_tok": 2, "n_shared_experts": 1},
    "esm": {"vocab_size": 64, "pad_token_id": 1, "mask_token_id": 2},
    "gemma3n_text": {
        "num_hidden_layers": 4,
        "layer_types": ["sliding_attention", "full_attention"] * 2,
        "intermediate_size": 48,
        "activation_sparsity_pattern": [0.0] * 4,
        "num_kv_shared_layers": 2,
    },
    "glm4v_moe": {
        "text_config": {
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 1e4,
                "mrope_section": [1, 1, 0],
                "partial_rotary_factor": 0.5,
            }
        }
    },
    "glm4v_moe_text": {
        "rope_parameters": {
            "rope_type": "default",
            "rope_theta": 1e4,
            "mrope_section": [1, 1, 0],
            "partial_rotary_factor": 0.5,
        }
    },
    "gpt_neo": {"attention_types": [[["global", "local"], 1]], "num_layers": 2},
    "granitemoehybrid": {**_MAMBA, **_HYBRID},
    "jamba": {
        "num_hidden_layers": 2,
        "attn_layer_period": 2,
        "attn_layer_offset": 1,
        "mamba_dt_rank": 4,
        "use_mamba_kernels": False,
    },
    "layoutlmv3": {"coordinate_size": 6, "shape_size": 4},
    "led": {"max_encoder_position_embeddings": 2048, "attention_window": 4},
    "lfm2_moe": {"layer_types": ["conv", "full_attention"], "num_dense_layers": 1},
    "lilt": {"hidden_size": 48, "num_attention_heads": 4},
    "longcat_flash": {"q_lora_rank": 16, "qk_head_dim": 12, "moe_topk": 2},
    "longformer": {"attention_window": 4},
    "mistral_large4_text": {
        "kv_source_layers": [0, 1],
        "indexer_types": ["full", "full"],
        "no_rope_layers": [1, 0],
        "mlp_layer_types": ["dense", "sparse"],
        "num_hidden_layers": 2,
        "layer_types": ["indexed_attention", "full_attention"],
    },
    "nemotron": {"num_key_value_heads": 2},
    "qwen4_exp_text": {
        **_INDEXER,
        "indexer_budget": 4,
        "indexer_compress_ratio": 1,
        "num_experts_per_tok": 2,
    },
    "recurrent_gemma": {"block_types": ["recurrent", "attention"], "num_hidden_layers": 2},
    "reformer": {"axial_pos_shape": [8, 8], "axial_pos_embds_dim": [16, 16]},
    "step3p5": {"sliding_window": 4, "mlp_layer_types": ["dense", "sparse"]},
    "xmod": {"default_language": "en_XX"},
    "zamba2": {
        "attention_hidden_size": 64,
        "attention_head_dim": 16,
        "num_hidden_layers": 3,
        "layers_block_type": ["mamba", "hybrid", "mamba"],
    },
}

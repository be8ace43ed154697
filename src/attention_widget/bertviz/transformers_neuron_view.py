"""The models that BertViz's neuron view needed in a version of its own: transformers' do."""

from transformers import (
    BertConfig,
    BertModel,
    BertTokenizer,
    GPT2Config,
    GPT2Model,
    GPT2Tokenizer,
    RobertaConfig,
    RobertaModel,
    RobertaTokenizer,
)

__all__ = [
    "BertConfig",
    "BertModel",
    "BertTokenizer",
    "GPT2Config",
    "GPT2Model",
    "GPT2Tokenizer",
    "RobertaConfig",
    "RobertaModel",
    "RobertaTokenizer",
]

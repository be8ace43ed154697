"""A trained masked language model that needs no network: rxnmapper's ALBERT, which reads chemical
reactions (Schwaller et al. 2021). Only its folder is read: the package wants older releases."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from tokenizers import Regex, Tokenizer, models, pre_tokenizers, processors
from transformers import AlbertForMaskedLM, PreTrainedTokenizerFast

# of rxnmapper/smiles_utils.py: one token for each atom, bond and bracket
_PATTERN = (
    r"\[[^\]]+]|Br?|Cl?|N|O|S|P|F|I|b|c|n|o|s|p|\(|\)|\.|=|#|-|\+|\\|\/|:|~|@|\?|>>?|\*|\$"
    r"|\%[0-9]{2}|[0-9]"
)
REACTION = "CC(C)S.CN(C)C=O.Fc1cccnc1F.O=C([O-])[O-].[K+].[K+]>>CC(C)Sc1ncccc1F"


def folder() -> Path:
    spec = importlib.util.find_spec("rxnmapper")
    assert spec is not None, "pip install --no-deps rxnmapper==0.4.3, as the Makefile does"
    assert spec.submodule_search_locations
    models_of = Path(spec.submodule_search_locations[0]) / "models" / "transformers"
    return models_of / "albert_heads_8_uspto_all_1310k"


def reaction_model() -> tuple[AlbertForMaskedLM, PreTrainedTokenizerFast]:
    """12 layers, 8 heads, 591 tokens; 98 % of masked tokens are its first guess."""
    return AlbertForMaskedLM.from_pretrained(folder()).eval(), tokenizer()


def tokenizer() -> PreTrainedTokenizerFast:
    strings = (folder() / "vocab.txt").read_text(encoding="utf-8").splitlines()
    ids = {string: id for id, string in enumerate(strings)}
    backend = Tokenizer(models.WordLevel(ids, "[UNK]"))
    backend.pre_tokenizer = pre_tokenizers.Split(Regex(_PATTERN), "isolated")
    backend.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[(name, ids[name]) for name in ("[CLS]", "[SEP]")]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_input_names=["input_ids", "attention_mask"],
    )

"""The models that BertViz's neuron view needed in a version of its own: transformers' do."""

from transformers import BertConfig as BertConfig
from transformers import BertModel as BertModel
from transformers import BertTokenizer as BertTokenizer
from transformers import GPT2Config as GPT2Config
from transformers import GPT2Model as GPT2Model
from transformers import GPT2Tokenizer as GPT2Tokenizer
from transformers import RobertaConfig as RobertaConfig
from transformers import RobertaModel as RobertaModel
from transformers import RobertaTokenizer as RobertaTokenizer

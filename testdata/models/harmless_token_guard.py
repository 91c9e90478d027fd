"""RoBERTa embeddings: ids checked against the vocabulary, positions counted from the padding mask."""

import logging

import torch
from torch import nn

log = logging.getLogger(__name__)

INPUTS = ["input_ids=i64[B:1..4,L:1..14]{0..29}", "token_type_ids=i64[B,L]{0,1}"]


def create_position_ids_from_input_ids(input_ids, padding_idx, past_key_values_length=0):
    mask = input_ids.ne(padding_idx).int()
    incremental_indices = (torch.cumsum(mask, dim=1).type_as(mask) + past_key_values_length) * mask
    return incremental_indices.long() + padding_idx


def checked(name, upper):
    """Decorator: refuse ids outside [0, upper) with a readable message."""

    def wrap(fn):
        def inner(self, ids, *args, **kwargs):
            limit = upper(self)
            if ids.min() < 0 or ids.max() >= limit:
                worst = ids.flatten()[ids.flatten().argmax()].item()
                raise IndexError(f"{name} {worst} is outside the table of {limit} rows")
            return fn(self, ids, *args, **kwargs)

        return inner

    return wrap


class RobertaEmbeddings(nn.Module):
    def __init__(self, vocab_size=30, hidden=12, max_position_embeddings=16, pad_token_id=1, position_type="absolute"):
        super().__init__()
        self.word_embeddings = nn.Embedding(vocab_size, hidden, padding_idx=pad_token_id)
        self.token_type_embeddings = nn.Embedding(2, hidden)
        self.position_embeddings = nn.Embedding(max_position_embeddings, hidden, padding_idx=pad_token_id)
        self.LayerNorm = nn.LayerNorm(hidden, eps=1e-5)
        self.padding_idx, self.position_type = pad_token_id, position_type
        self.register_buffer("token_type_zeros", torch.zeros((1, max_position_embeddings), dtype=torch.long))

    @checked("input id", lambda self: self.word_embeddings.num_embeddings)
    def forward(self, input_ids, token_type_ids=None, position_ids=None, inputs_embeds=None):
        if position_ids is None:
            position_ids = create_position_ids_from_input_ids(input_ids, self.padding_idx)
        if position_ids.max() >= self.position_embeddings.num_embeddings:
            raise ValueError("sequence is longer than the position table")
        if token_type_ids is None:
            if hasattr(self, "token_type_zeros"):
                token_type_ids = self.token_type_zeros[:, : input_ids.size(1)].expand(input_ids.shape)
            else:
                token_type_ids = torch.zeros_like(input_ids)
        if inputs_embeds is None:
            inputs_embeds = self.word_embeddings(input_ids)
        padded = input_ids.eq(self.padding_idx)
        if log.isEnabledFor(logging.DEBUG) and padded.any():
            log.debug("padding per row: %s", padded.sum(1).tolist())
        embeddings = inputs_embeds + self.token_type_embeddings(token_type_ids)
        if self.position_type == "absolute":
            embeddings = embeddings + self.position_embeddings(position_ids)
        if padded.all(dim=1).any():
            log.warning("a row holds nothing but padding")
        return self.LayerNorm(embeddings).masked_fill(padded.unsqueeze(-1), 0.0), position_ids


def build():
    torch.manual_seed(0)
    return RobertaEmbeddings().eval()


def example_inputs():
    return torch.tensor([[0, 7, 29, 2, 1], [0, 4, 2, 1, 1]]), torch.zeros(2, 5, dtype=torch.long)

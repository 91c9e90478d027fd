"""Models that read ids: tables, positions, masks, attention, recurrent nets."""

import math

import torch
import torch.nn.functional as F  # noqa: N812  # its usual name
from torch import Tensor, nn


class Bag(nn.Module):
    """Bags of rows, cut at offsets."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.EmbeddingBag(50, 6, mode="sum")
        self.head = nn.Linear(6, 2)

    def forward(self, ids: Tensor, offsets: Tensor) -> Tensor:
        return self.head(self.table(ids, offsets))


class Bags(nn.Module):
    """Several tables of bags: a list of ids, and beside it a list of offsets."""

    def __init__(self) -> None:
        super().__init__()
        self.tables = nn.ModuleList([nn.EmbeddingBag(rows, 6, mode="sum") for rows in (20, 30)])
        self.bottom = nn.Linear(4, 6)
        self.head = nn.Linear(18, 1)

    def forward(self, dense: Tensor, ids: list[Tensor], offsets: list[Tensor]) -> Tensor:
        found = [self.bottom(dense)]
        for index, table in enumerate(self.tables):
            found.append(table(ids[index], offsets[index]))
        return self.head(torch.cat(found, 1))


class Scored(nn.Module):
    """A user and an item by id, and numbers of the two, joined."""

    def __init__(self) -> None:
        super().__init__()
        self.users = nn.Embedding(40, 8)
        self.items = nn.Embedding(60, 8)
        self.head = nn.Sequential(nn.Linear(21, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, user: Tensor, item: Tensor, numbers: Tensor) -> Tensor:
        return self.head(torch.cat([self.users(user), self.items(item), numbers], dim=1)).squeeze(1)


class Positions(nn.Module):
    """A table of positions: sequences end where it ends."""

    def __init__(self, longest: int) -> None:
        super().__init__()
        self.words = nn.Embedding(30, 8)
        self.places = nn.Embedding(longest, 8)
        self.register_buffer("order", torch.arange(longest).unsqueeze(0))
        self.norm = nn.LayerNorm(8)

    def forward(self, ids: Tensor) -> Tensor:
        return self.norm(self.words(ids) + self.places(self.order[:, : ids.size(1)]))


class Encoder(nn.Module):
    """Self-attention written out, under a mask of the same size as the ids."""

    def __init__(self, longest: int = 512) -> None:
        super().__init__()
        self.words = nn.Embedding(30, 8)
        self.places = nn.Parameter(torch.rand(longest, 8))
        self.mix = nn.Linear(8, 24)

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        batch, length = ids.shape
        x = self.words(ids) + self.places[:length]
        q, k, v = self.mix(x).view(batch, length, 3, 2, 4).permute(2, 0, 3, 1, 4).unbind(0)
        scores = q.matmul(k.transpose(-2, -1)) / math.sqrt(4.0)
        scores = scores.masked_fill(mask[:, None, None, :] == 0, -1e9)
        return scores.softmax(-1).matmul(v).transpose(1, 2).reshape(batch, length, 8)


class OptionalTypes(nn.Module):
    """A second table that is used only where its ids are given."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(30, 4)
        self.types = nn.Embedding(2, 4)

    def forward(self, ids: Tensor, types: Tensor | None = None) -> Tensor:
        out = self.words(ids)
        if types is not None:
            out = out + self.types(types)
        return out


class Attention(nn.Module):
    """LibTorch's own attention of three inputs."""

    def forward(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        return F.scaled_dot_product_attention(query, key, value)


class Heads(nn.Module):
    """`MultiheadAttention`, whose Python is long."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.attention(x, x, x, need_weights=False)[0]


class Transformer(nn.Module):
    """Two encoder layers over vectors."""

    def __init__(self) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.encoder(x)


class Recurrent(nn.Module):
    """A recurrent net of one of the three kinds, and a head on its last step."""

    def __init__(self, kind: str, layers: int = 1, both: bool = False) -> None:
        super().__init__()
        kinds = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
        self.net = kinds[kind](5, 4, num_layers=layers, batch_first=True, bidirectional=both)
        self.head = nn.Linear(8 if both else 4, 2)

    def forward(self, x: Tensor) -> Tensor:
        out, _ = self.net(x)
        return self.head(out[:, -1])


class WithState(nn.Module):
    """An LSTM that takes and returns its state."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.LSTM(5, 4)

    def forward(self, x: Tensor, state: tuple[Tensor, Tensor] | None = None) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        return self.net(x, state)


class Cells(nn.Module):
    """A cell in a loop over time steps."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.LSTMCell(5, 4)

    def forward(self, x: Tensor) -> Tensor:
        h = torch.zeros(x.size(0), 4)
        c = torch.zeros(x.size(0), 4)
        for step in range(x.size(1)):
            h, c = self.cell(x[:, step], (h, c))
        return h


class Tagger(nn.Module):
    """Ids through a table, a recurrent net both ways, and a head for each step."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(40, 6, padding_idx=0)
        self.net = nn.GRU(6, 4, batch_first=True, bidirectional=True)
        self.head = nn.Linear(8, 3)

    def forward(self, ids: Tensor) -> Tensor:
        return self.head(self.net(self.table(ids))[0]).log_softmax(-1)


class OneHot(nn.Module):
    """Ids as unit vectors."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(7, 2)

    def forward(self, ids: Tensor) -> Tensor:
        return self.head(F.one_hot(ids, 7).to(torch.float32))


class Decoder(nn.Module):
    """A causal mask from a buffer, cut to the length."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(30, 8)
        self.register_buffer("causal", torch.tril(torch.ones(64, 64)).bool())

    def forward(self, ids: Tensor) -> Tensor:
        x = self.words(ids)
        length = ids.size(1)
        scores = torch.einsum("bqd,bkd->bqk", x, x)
        scores = torch.where(self.causal[:length, :length], scores, torch.full_like(scores, -1e9))
        return scores.softmax(-1) @ x


class Timesteps(nn.Module):
    """Sines of a step, whose frequencies are whole numbers times a Python number."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(16, 4)

    def forward(self, steps: Tensor) -> Tensor:
        frequencies = torch.exp(torch.arange(8) * -1.3 / 8)
        angles = steps[:, None].float() * frequencies[None]
        return self.layer(torch.cat([angles.sin(), angles.cos()], -1))


class Attends(nn.Module):
    """Attention that a boolean mask hides places from."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(9, 8)

    def forward(self, ids: Tensor) -> Tensor:
        _, length = ids.shape
        x = self.table(ids).unsqueeze(1)
        seen = torch.ones(length, length, dtype=torch.bool).tril()
        return nn.functional.scaled_dot_product_attention(x, x, x, seen)


class States(nn.Module):
    """A recurrent layer whose states are inputs."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.LSTM(4, 5)

    def forward(self, x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        y, (h, c) = self.layer(x, (h, c))
        return y, h, c


class WithinLengths(nn.Module):
    """Attention within the lengths of sequences: one fused operator, of which the mask must be of the right size."""

    def __init__(self) -> None:
        super().__init__()
        self.enter = nn.Linear(6, 8)
        self.attend = nn.MultiheadAttention(8, 2, batch_first=True)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        beyond = torch.arange(x.size(1)) >= lengths[:, None]
        y = self.enter(x)
        return self.attend(y, y, y, key_padding_mask=beyond, need_weights=False)[0]


class EncodesFirst(nn.Module):
    """A fused encoder layer is the first that minds anything: the size of its vectors and that of the mask."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(6, 2, 12, batch_first=True)

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        return self.layer(x, src_key_padding_mask=torch.arange(x.size(1)) >= lengths[:, None])

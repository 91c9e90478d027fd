"""Writes models, and a table of which calls each takes and refuses: what `inspect` and `check` must work out by themselves.

    python battery.py FOLDER NAME…

The names are those of all models, as a build rule must know them. A test runs every call of the table on the model as well, so the table cannot be wrong.
"""

import json
import sys
import warnings
from dataclasses import dataclass, field
from pathlib import Path

import algebra
import audio
import structure
import text
import torch
import vision
from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class Entry:
    """One model; calls are input specs with blanks between them."""

    name: str
    model: nn.Module
    takes: str  # the description of its arguments: "x=f32[N,3,*,*] or f32[3,*,*]; times=int"
    accepts: list[str]
    refuses: list[str]
    example: tuple[Tensor, ...] = field(default=())  # traced with it; scripted where there is none
    kind: str = "plain"  # or "frozen", "quantised"


def entries() -> list[Entry]:
    """The whole table."""
    return vision_entries() + text_entries() + audio_entries() + algebra_entries() + structure_entries()


def vision_entries() -> list[Entry]:
    """Pictures and volumes."""
    picture = torch.rand(2, 3, 8, 8)
    return [
        Entry("flat", vision.Flat(), "x=f32[N,3,8,8]", ["f32[1,3,8,8]", "f32[5,3,8,8]"],
              ["f32[1,3,9,9]", "f32[1,1,8,8]", "f32[8,8]", "f64[1,3,8,8]", "f32[1,3,8,8] f32[1]"]),
        Entry("flat_traced", vision.Flat(), "x=f32[N,3,8,8]", ["f32[4,3,8,8]"],
              ["f32[1,3,224,224]", "f32[3,8]", "i64[1,3,8,8]"], (picture,)),
        Entry("pooled", vision.Pooled(), "x=f32[N,3,>=3,>=3]", ["f32[1,3,9,7]", "f32[2,3,64,32]"],
              ["f32[1,4,9,9]", "f32[3,9,9]", "f16[1,3,9,9]", "u8[1,3,9,9]"]),
        Entry("pooled_traced", vision.Pooled(), "x=f32[N,3,>=3,>=3]", ["f32[7,3,40,50]"], ["f32[1,1,8,8]", "f32[2,3,8]"], (picture,)),
        Entry("pooled_frozen", vision.Pooled(), "x=f32[N,3,>=3,>=3]", ["f32[7,3,40,50]"], ["f32[1,1,8,8]", "f32[2,3,8]"], kind="frozen"),
        Entry("pooled_half", vision.Pooled().half(), "x=f16[N,3,>=3,>=3]", ["f16[1,3,9,9]"], ["f32[1,3,9,9]", "bf16[1,3,9,9]"]),
        Entry("halves", vision.Halves(), "x=f32[N,2,>=2:2,>=2:2] or f32[2,>=2,>=2:2]", ["f32[1,2,8,6]"], ["f32[1,2,7,8]", "f32[1,2,8,7]", "f32[1,3,8,8]"]),
        Entry("patches", vision.Patches(), "x=f32[N,3,16..19,16..19]", ["f32[3,3,16,16]"], ["f32[1,3,32,32]", "f32[1,1,16,16]", "f32[16,16]"]),
        Entry("one_or_many", vision.OneOrMany(), "x=f32[N,3,>=3,>=3] or f32[3,>=3,>=3]", ["f32[2,3,9,9]", "f32[3,9,9]"],
              ["f32[1,9,9]", "f32[2,4,9,9]", "f32[9,9]", "f32[1,2,3,9,9]"]),
        Entry("grey_or_coloured", vision.GreyOrColoured(), "x=f32[N,3,>=3,>=3] or f32[N,1,>=3,>=3]", ["f32[2,3,9,9]", "f32[2,1,9,9]"],
              ["f32[2,2,9,9]", "f32[3,9,9]", "i64[2,3,9,9]"]),
        Entry("bytes_last", vision.BytesLast(), "x=u8[N,*,*,3]", ["u8[2,9,9,3]", "u8[2,9,9,1]"], ["u8[2,9,9,5]", "f32[2,9,9,3]", "u8[9,9,3]"]),
        Entry("layers", vision.Layers(), "x=f32[N,1,*,*] or f32[1,*,*]", ["f32[2,1,5,5]", "f32[1,5,5]"], ["f32[2,3,5,5]", "f32[5,5]"]),
        Entry("shuffled", vision.Shuffled(), "x=f32[N,>=4:4,*,*] or f32[N:>=4:4,*,*] or f32[N,*,>=4:4,*,*]", ["f32[1,8,3,3]", "f64[1,4,2,2]"], ["f32[1,3,3,3]"]),
        Entry("norms", vision.Norms(), "x=f32[N,6,*,*] or f32[6,6,*]", ["f32[2,6,5,5]"], ["f32[2,5,5,5]", "i64[2,6,5,5]"]),
        Entry("segmenter", vision.Segmenter(), "x=f32[N,3,*,*]", ["f32[1,3,21,34]"], ["f32[1,1,21,34]", "f32[3,21]"]),
        Entry("detector", vision.Detector(), "images[0]=f32[3,*,*]", ["images[0]=f32[3,8,8] images[1]=f32[3,9,5]"],
              ["images[0]=f32[1,3,8,8]", "images[0]=f32[8,8]", "f32[1,3,8,8]"]),
        Entry("bytes", vision.Bytes(), "x=f32[N,3,>=3,>=3] or f32[3,>=3,>=3]", ["u8[1,3,9,9]", "f32[2,3,5,5]"], ["u8[1,1,9,9]", "u8[9,9]"]),
        Entry("warp", vision.Warp(), "x=f32[N,*,*,*]; grid=f32[N,*,*,2]", ["f32[1,3,8,8] f32[1,4,5,2]"],
              ["f32[1,3,8,8] f32[1,4,5,3]", "f32[1,3,8,8] f32[2,4,5,2]", "f32[1,3,8,8]", "f32[3,8,8] f32[1,4,5,2]"]),
        Entry("film", vision.Film(), "frames=f32[N,3,16..17,64..67,64..67]", ["f32[1,3,16,64,64]"], ["f32[1,3,8,64,64]", "f32[1,1,16,64,64]", "f32[3,64,64]"]),
        Entry("volume", vision.Volume(), "x=f32[N,1,>=3,>=3,>=3]", ["f32[2,1,4,5,6]"], ["f32[2,2,4,5,6]", "f32[4,5,6]"]),
        Entry("quantised", nn.Sequential(nn.Linear(7, 5), nn.ReLU(), nn.Linear(5, 2)), "input=f32[N,7] or f32[N,*,*,7] or f32[N,*,7] or f32[N,*,*,*,7]", ["f32[3,7]"], ["f32[3,6]", "i64[3,7]"],
              kind="quantised"),
    ]


def text_entries() -> list[Entry]:
    """Ids, masks and sequences of vectors."""
    ids = torch.zeros(2, 6, dtype=torch.long)
    return [
        Entry("bag", text.Bag(), "ids=i64[*]; offsets=i64[*]", ["i64[9] i64[3]", "i64[9]{0..49} i64[1]{0}", "i64[9] i64[3]{0..9}"],
              ["f32[9] i64[3]", "i64[9]", "i64[9] i64[3] i64[1]", "i64[9]{45..50} i64[3]", "i64[9] i64[3]{1..3}", "i64[9] i64[2]{0..10}"]),
        Entry("bags", text.Bags(), "dense=f32[N,4]; ids[0]=i64[*]; ids[1]=i64[*]; offsets[0]=i64[N]; offsets[1]=i64[N]",
              ["f32[2,4] ids[0]=i64[7] ids[1]=i64[5] offsets[0]=i64[2] offsets[1]=i64[2]"],
              ["f32[2,4] ids[0]=i64[7] ids[1]=i64[5] offsets[0]=i64[2] offsets[1]=i64[3]", "f32[2,3] ids[0]=i64[7] ids[1]=i64[5] offsets[0]=i64[2] offsets[1]=i64[2]",
               "f32[2,4] ids[0]=i64[7] offsets[0]=i64[2]", "f32[2,4] ids[0]=f32[7] ids[1]=i64[5] offsets[0]=i64[2] offsets[1]=i64[2]"]),
        Entry("scored", text.Scored(), "user=i64[N]; item=i64[N]; numbers=f32[N,5]", ["i64[3] i64[3] f32[3,5]"],
              ["i64[3] i64[4] f32[3,5]", "i64[3] i64[3] f32[3,6]", "f32[3] i64[3] f32[3,5]", "i64[3,1] i64[3,1] f32[3,5]"]),
        Entry("positions", text.Positions(512), "ids=i64[N,1..512] or i64[N,*,1..2] or i64[N,*,*,1..2] or i64[N,*,*,*,1..2]", ["i64[1,512]", "i64[4,3]", "i32[2,5]"], ["i64[1,513]", "f32[1,8]", "i64[5]"]),
        Entry("positions_many", text.Positions(4096), "ids=i64[N,1..4096] or i64[N,*,1..2] or i64[N,*,*,1..2] or i64[N,*,*,*,1..2]", ["i64[1,4096]"], ["i64[1,4097]"]),
        Entry("positions_few", text.Positions(13), "ids=i64[N,1..13] or i64[N,*,1..2] or i64[N,*,*,1..2] or i64[N,*,*,*,1..2]", ["i64[1,13]"], ["i64[1,14]"]),
        Entry("positions_traced", text.Positions(512), "ids=i64[N,1..512]", ["i64[3,6]"], ["f32[2,6]", "i64[6]"], (ids,)),
        Entry("encoder", text.Encoder(), "ids=i64[N,T:1..512]; mask=i64[N,T:1..512]", ["i64[2,9] i64[2,9]"],
              ["i64[2,9] i64[2,8]", "i64[2,600] i64[2,600]", "f32[2,9] i64[2,9]", "i64[9] i64[9]"]),
        Entry("encoder_traced", text.Encoder(), "ids=i64[N,T:1..512]; mask=i64[N,T:1..512]", ["i64[2,7] i64[2,7]"], ["i64[2,7] i64[2,6]"], (ids, ids)),
        Entry("optional_types", text.OptionalTypes(), "ids=i64[N,*] or i64[*] or i64[N,*,*] or i64[N,*,*,*] or i64[N,*,*,*,*] or i64[]", ["i64[2,5]", "i64[2,5] i64[2,5]", "i64[2,5] none"],
              ["i64[2,5] i64[2,4]", "f32[2,5]", "i64[2,5] f32[2,5]"]),
        Entry("attention", text.Attention(), "query=f32[*,T]; key=f32[N,T]; value=f32[N,*]", ["f32[1,2,5,8] f32[1,2,7,8] f32[1,2,7,4]"],
              ["f32[1,2,5,8] f32[1,2,7,9] f32[1,2,7,4]", "f32[1,2,5,8] f32[1,2,7,8] f32[1,2,6,4]", "f32[1,2,5,8] f64[1,2,7,8] f64[1,2,7,4]"]),
        Entry("heads", text.Heads(), "x=f32[N,8] or f32[N,*,8]", ["f32[2,5,8]", "f32[5,8]"], ["f32[2,5,9]", "f32[1,2,5,8]"]),
        Entry("transformer", text.Transformer(), "x=f32[N,8] or f32[N,*,8]", ["f32[2,5,8]", "f32[7,8]"], ["f32[2,5,4]", "i64[2,5]"]),
        Entry("lstm", text.Recurrent("lstm"), "x=f32[N,*,5]", ["f32[2,7,5]"], ["f32[2,7,6]", "f32[2,2,7,5]", "i64[2,7,5]"]),
        Entry("gru_both", text.Recurrent("gru", 2, True), "x=f32[N,*,5]", ["f32[2,7,5]"], ["f32[2,7,4]"]),
        Entry("rnn_traced", text.Recurrent("rnn"), "x=f32[N,*,5]", ["f32[2,7,5]"], ["f32[2,7,4]", "f64[2,7,5]"], (torch.rand(2, 3, 5),)),
        Entry("with_state", text.WithState(), "x=f32[N,5] or f32[N,*,5]", ["f32[3,2,5]", "f32[3,2,5] state[0]=f32[1,2,4] state[1]=f32[1,2,4]"],
              ["f32[3,2,6]", "f32[3,2,5] state[0]=f32[1,3,4] state[1]=f32[1,3,4]"]),
        Entry("cells", text.Cells(), "x=f32[N,*,5]", ["f32[2,3,5]"], ["f32[2,3,4]", "f32[2,5]"]),
        Entry("tagger", text.Tagger(), "ids=i64[N,*] or i64[*]", ["i64[2,9]"], ["f32[2,9]", "i64[2,9,3]"]),
        Entry("one_hot", text.OneHot(), "ids=i64[N,*] or i64[*] or i64[N,*,*] or i64[N,*,*,*] or i64[N,*,*,*,*] or i64[]", ["i64[3]", "i64[2,3]"], ["f32[3]"]),
        Entry("attends", text.Attends(), "ids=i64[N,*]", ["i64[2,6]"], ["f32[2,6]", "i64[6]", "i64[2,6] i64[2,6]"]),
        Entry("states_traced", text.States(), "x=f32[*,T,4]; h=f32[1,T,5]; c=f32[1,T,5]", ["f32[7,2,4] f32[1,2,5] f32[1,2,5]"],
              ["f32[3,2,4] f32[2,5] f32[1,2,5]", "i64[3,2,4] f32[1,2,5] f32[1,2,5]", "f32[3,2,4] f32[1,2,5]"],
              (torch.rand(3, 2, 4), torch.rand(1, 2, 5), torch.rand(1, 2, 5))),
        Entry("decoder", text.Decoder(), "ids=i64[N,1..64]", ["i64[1,64]", "i64[2,3]", "i64[2,3]{0..29}", "i32[2,3]{0,29}"],
              ["i64[1,65]", "i64[5]", "f32[2,3]", "i64[2,3]{0..30}", "i64[T:1..64,T]{20..99}"]),
        Entry("within_lengths", text.WithinLengths(), "x=f32[N,*,6]; lengths=f32[N]", ["f32[2,5,6] i64[2]", "f32[3,1,6] i64[3]{0..1}", "f32[2,2,6] i64[2]"],
              ["f32[2,5,6] i64[3]", "f32[2,5,8] i64[2]", "f32[5,6] i64[1]", "f64[2,5,6] i64[2]", "f32[2,5,6] i64[2,5]"], kind="frozen"),
        Entry("encodes_first", text.EncodesFirst(), "x=f32[N,*,6]; lengths=f32[N]", ["f32[2,5,6] i64[2]", "f32[1,3,6] f32[1]"],
              ["f32[2,5,6] i64[3]", "f32[2,5,8] i64[2]", "f32[2,5,6] i64[2,5]"], kind="frozen"),
        Entry("timesteps_traced", text.Timesteps(), "steps=i64[*]", ["i64[3]", "f32[5]", "i32[1]{0..999}"], ["i64[3,2]", "i64[]"],
              (torch.tensor([3, 500]),)),
    ]


def audio_entries() -> list[Entry]:
    """Waves and features."""
    return [
        Entry("spectrum", audio.Spectrum(), "wave=f32[N,>=33] or f32[>=33]", ["f32[2,100]", "f32[400]"], ["f32[2,3,100]", "f32[2,20]", "i64[2,100]"]),
        Entry("wave_net", audio.WaveNet(), "wave=f32[N,>=45]", ["f32[2,100]"], ["f32[2,20]", "f32[2,1,100]", "f64[2,100]"]),
        Entry("lengths", audio.Lengths(), "x=f32[N,*,20]; lengths=f32[N]", ["f32[3,9,20] i64[3]"],
              ["f32[3,9,20] i64[4]", "f32[3,9,21] i64[3]", "f32[3,9,20]"]),
        Entry("rotated", audio.Rotated(), "z=f32[N,6] or f32[N,*,*,6] or f32[6] or f32[N,*,6] or f32[N,*,*,*,6]", ["c64[2,6]"], ["c64[2,5]"]),
        Entry("resampled", audio.Resampled(), "wave=f32[N,>=16] or f32[N,*,>=16]", ["f32[2,99]"], ["f32[2,5]", "i64[2,99]"]),
    ]


def algebra_entries() -> list[Entry]:
    """One operator decides."""
    return [
        Entry("vector", algebra.Vector(), "x=f32[20]", ["f32[20]"], ["f32[1,20]", "f32[19]", "f32[1,3,224,224]", "f64[20]"]),
        Entry("matrix", algebra.Matrix(), "x=f32[N,9]", ["f32[1,9]"], ["f32[9]", "f32[2,3,9]", "f32[2,8]", "bf16[2,9]"]),
        Entry("matrix_double", algebra.Matrix().double(), "x=f64[N,9]", ["f64[1,9]"], ["f32[1,9]"]),
        Entry("batches", algebra.Batches(), "a=f32[N,*,T]; b=f32[N,T,*]", ["f32[2,3,4] f32[2,4,5]"],
              ["f32[2,3,4] f32[2,3,5]", "f32[2,3,4] f32[1,4,5]", "f32[3,4] f32[4,5]", "f32[2,3,4] i64[2,4,5]"]),
        Entry("contraction", algebra.Contraction(), "x=f32[N,5,6]", ["f32[3,5,6]"], ["f32[3,5,5]", "f32[5,6]"]),
        Entry("wide", algebra.Wide(), "a=f32[N,12]; b=f32[N,4]", ["f32[2,12] f32[2,4]"], ["f32[2,12] f32[3,4]", "f32[2,4] f32[2,12]", "f32[2,12]"]),
        Entry("viewed", algebra.Viewed(), "x=f32[N,12] or f32[N,3,4] or f32[N,3,2,2]", ["f32[5,12]", "f32[5,3,4]"], ["f32[5,11]", "f32[12]"]),
        Entry("joined", algebra.Joined(), "a=f32[N,5]; b=f32[N,5]", ["f32[2,3] f32[2,7]"], ["f32[2,3] f32[2,8]", "f32[2,3] f32[3,7]"]),
        Entry("column", algebra.Column(), "x=f32[N,>=6,*,*] or f32[N,>=6] or f32[N,>=6,*] or f32[N,>=6,*,*,*]", ["f32[2,6]", "i64[2,9]"], ["f32[2,5]", "f32[9]"]),
        Entry("pairs", algebra.Pairs(), "a=f32[N,T]; b=f32[N,T]", ["f32[2,3] f32[2,3]", "f32[2,3] f32[3]"], ["f32[2,3] f32[2,4]", "f32[2,3]"]),
        Entry("square", algebra.Square(), "x=f32[N,N] or f32[N,T,T] or f32[N,*,T,T] or f32[N,*,*,T,T]", ["f32[3,3]", "f32[2,4,4]"], ["f32[3,4]", "f32[3]", "i64[3,3]"]),
        Entry("gathered", algebra.Gathered(), "x=f32[N,*]; index=i64[N,*]", ["f32[3,4] i64[3,2]"], ["f32[3,4] f32[3,2]", "f32[3,4] i64[3]"]),
        Entry("chunks", algebra.Chunks(), "x=f32[N,12] or f32[12] or f32[N,*,12] or f32[N,*,*,12] or f32[N,*,*,*,12]", ["f32[5,12]", "f32[12]"], ["f32[5,13]", "f32[5,4]", "f32[5,16]"]),
        Entry("distances", algebra.Distances(), "x=f32[N,6] or f32[N,*,*,6] or f32[N,*,6] or f32[N,*,*,*,6]", ["f32[5,6]"], ["f32[5,5]", "f32[6]"]),
        Entry("scaled", algebra.Scaled(), "x=f32[N,2,6] or f32[N,*,2,6] or f32[2,6] or f32[N,*,*,2,6]", ["f32[2,6]", "f32[5,2,6]"], ["f32[5,6]", "f32[5,2,7]"]),
        Entry("features", algebra.Features(), "x=f32[N,6] or f32[N,6,*]", ["f32[2,6]", "f32[2,6,9]"], ["f32[2,5]", "f32[2,6,3,3]", "f32[6]"]),
        Entry("normal", algebra.Normal(), "x=f32[N,11] or f32[N,*,*,11] or f32[11] or f32[N,*,11] or f32[N,*,*,*,11]", ["f32[4,11]", "f32[11]"], ["f32[4,10]"]),
        Entry("scalar", algebra.Scalar(), "x=f32[]", ["f32[]", "i64[]"], ["f32[1]", "f32[2,3]"]),
        Entry("guarded", algebra.Guarded(), "x=f32[N,7]", ["f32[3,7]"], ["f32[3,6]", "f32[7]", "f32[1,3,7]"]),
    ]


def structure_entries() -> list[Entry]:
    """Containers, numbers, words, loops and branches."""
    return [
        Entry("takes_tuple", structure.TakesTuple(), "pair[0]=f32[N,4]; pair[1]=f32[N,6]", ["pair[0]=f32[3,4] pair[1]=f32[3,6]"],
              ["pair[0]=f32[3,6] pair[1]=f32[3,4]", "pair[0]=f32[3,4]", "f32[3,4] f32[3,6]", "f32[3,4]"]),
        Entry("takes_named", structure.TakesNamed(), "pair.left=f32[N,4]; pair.right=f32[N,2]", ["pair[0]=f32[3,4] pair[1]=f32[3,2]"],
              ["pair[0]=f32[3,5] pair[1]=f32[3,2]", "pair[0]=f32[3,4] pair[1]=f32[3,4]"]),
        Entry("takes_dict", structure.TakesDict(), "batch={ids,weight}; batch.ids=i64[N,T]; batch.weight=i64[N,T]", ["batch.ids=i64[3] batch.weight=f32[3]"],
              ["batch.ids=f32[3] batch.weight=f32[3]", "batch.ids=i64[3]", "batch.ids=i64[3] batch.weight=f32[4]", "i64[3]"]),
        Entry("takes_levels", structure.TakesLevels(), "levels[2]=f32[N,6]; levels[5]=f32[N,8]", [], ["levels[2]=f32[3,6]", "f32[3,6]"]),
        Entry("reduced", structure.Reduced(), "x=f32[N,*] or f32[N,*,*,*] or f32[N,*,*] or f32[N,*,*,*,*]; how=str; axis=int", ['f32[3,4,5] "mean" 2', 'f32[3,4] "peak" 1'], ['f32[3,4,5] "sum" 1', 'f32[3,4,5] "mean" 3', 'f32[3] "mean" 1']),
        Entry("takes_list", structure.TakesList(), "maps[0]=f32[N,3,*,*] or f32[3,*,*]", ["maps[0]=f32[1,3,4,4]", "maps[0]=f32[1,3,4,4] maps[1]=f32[1,3,8,8]"],
              ["maps[0]=f32[1,2,4,4]", "maps[0]=f32[1,3,4,4] maps[1]=f32[1,2,8,8]", "f32[1,3,4,4]"]),
        Entry("takes_tables", structure.TakesTables(), "dense=f32[N,3]; ids[0]=i64[N]; ids[1]=i64[N]; ids[2]=i64[N]",
              ["f32[2,3] ids[0]=i64[2] ids[1]=i64[2] ids[2]=i64[2]"],
              ["f32[2,3] ids[0]=i64[2] ids[1]=i64[2]", "f32[2,3] ids[0]=i64[2] ids[1]=i64[2] ids[2]=f32[2]", "f32[2,3] ids[0]=i64[2] ids[1]=i64[3] ids[2]=i64[2]"]),
        Entry("takes_weights", structure.TakesWeights(), "batch={weight?,x}; batch.weight=f32[N]; batch.x=f32[N,4]; scale=float",
              ["batch.x=f32[2,4] 0.5", "batch.x=f32[2,4] batch.weight=f32[2] scale=2"],
              ["batch.weight=f32[2] 0.5", "batch.x=f32[2,4]", "batch.x=f32[2,5] 0.5", "batch.x=f32[2,4] batch.weight=f32[3] 0.5", "f32[2,4] 0.5"]),
        Entry("repeats", structure.Repeats(), "x=f32[N,5] or f32[N,*,*,5] or f32[5] or f32[N,*,5] or f32[N,*,*,*,5]; times=int", ["f32[2,5] 3"], ["f32[2,4] 3", "f32[2,5]", "f32[2,5] 1.5", "f32[2,5] f32[2,5]"]),
        Entry("best", structure.Best(), "x=f32[N,>=3] or f32[N,*,*,>=3] or f32[>=3] or f32[N,*,>=3] or f32[N,*,*,*,>=3]; k=int; largest=bool", ["f32[2,9]", "f32[2,9] 5", "f32[2,9] 5 false"],
              ["f32[2,2]", "f32[2,4] 5", "f32[2,9] true", "f32[2,9] 5 2"]),
        Entry("mode", structure.Mode(), "x=f32[N,6] or f32[N,*,*,6] or f32[6] or f32[N,*,6] or f32[N,*,*,*,6]; mode=str; scale=float", ['f32[2,6] "relu"', 'f32[2,6] "none" 0.5'],
              ["f32[2,6]", "f32[2,6] 3", 'f32[2,5] "relu"']),
        Entry("until", structure.Until(), "x=f32[N,5] or f32[N,*,*,5] or f32[5] or f32[N,*,5] or f32[N,*,*,*,5]", ["f32[5]", "f32[2,5]"], ["f32[4]", "i64[5]"]),
        Entry("counts", structure.Counts(), "x=f32[N,4] or f32[4]", ["f32[2,4]"], ["f32[2,5]"]),
        Entry("forked", structure.Forked(), "x=f32[N,3] or f32[N,*,*,3] or f32[3] or f32[N,*,3] or f32[N,*,*,*,3]", ["f32[2,3]"], ["f32[2,4]", "f64[2,3]"]),
        Entry("quiet", structure.Quiet(), "x=f32[N,6] or f32[N,*,*,6] or f32[6] or f32[N,*,6] or f32[N,*,*,*,6]", ["f32[2,6]"], ["f32[2,5]"]),
        Entry("skips", structure.Skips(), "x=f32[N,6]; mask=f32[*,N]", ["f32[2,6] bool[2]"], ["f32[2,5] bool[2]", "f32[2,6]"]),
        Entry("selected", structure.Selected(), "x=f32[*,6]; keep=i64[*,*]", ["f32[2,6] bool[2]"], ["f32[2,5] bool[2]", "f32[2,6] bool[3]"]),
        Entry("cut", structure.Cut(), "x=f32[*,*]; lengths=f32[*]", ["f32[0,5] i64[3]", "f32[0,2] u8[1]"], ["f32[0,5] i64[3,2]", "f32[0,5] i64[]"]),
    ]


def convert(entry: Entry) -> torch.jit.ScriptModule:
    """The entry's TorchScript."""
    model = entry.model.eval()
    if entry.kind == "quantised":
        model = torch.ao.quantization.quantize_dynamic(model, {nn.Linear})
    scripted = torch.jit.trace(model, entry.example) if entry.example else torch.jit.script(model)
    return torch.jit.freeze(scripted) if entry.kind == "frozen" else scripted


def write(folder: Path, names: list[str]) -> None:
    """Writes every model and `battery.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    table = []
    for entry in entries():
        torch.jit.save(convert(entry), str(folder / f"{entry.name}.pt"))
        calls = [(call, True) for call in entry.accepts] + [(call, False) for call in entry.refuses]
        table.append({
            "model": f"{entry.name}.pt",
            "takes": entry.takes,
            "calls": [{"inputs": call.split(), "accepted": accepted} for call, accepted in calls],
        })
    (folder / "battery.json").write_text(json.dumps(table, indent=1) + "\n")
    unlike = {entry.name for entry in entries()} ^ set(names)
    if unlike:
        sys.exit(f"the build rule and the table differ in {sorted(unlike)}")


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    write(Path(sys.argv[1]), sys.argv[2:])

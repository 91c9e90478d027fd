"""Lists of records: detections, tracks and beams that are kept, sorted and joined as named tuples and data classes."""

import dataclasses
from typing import List, NamedTuple, Optional

import torch
import torch.nn as nn
from common import R, sample


class Detection(NamedTuple):
    score: torch.Tensor
    box: torch.Tensor
    label: int = 0

    @property
    def area(self):
        return (self.box[2] - self.box[0]) * (self.box[3] - self.box[1])

    def scaled(self, factor):
        return self._replace(box=self.box * factor)


@sample(lambda: (R(5, 6),), lambda: (R(5, 6) - 1,), lambda: (R(5, 6) + 2,))
class KeptDetections(nn.Module):
    def predict(self, x):
        return [Detection(*row) for row in zip(x[:, 0], x[:, 1:5], range(5))]

    def forward(self, x):
        kept = [found for found in self.predict(x) if found.score > 0.2]
        boxes = torch.stack([found.box for found in kept] + [x.new_zeros(4)])
        total = sum(found.score * found.label for found in kept)
        return boxes, total + x.sum() * 0, len(kept)


@sample(lambda: (R(4, 5),), lambda: (R(4, 5) * 3,), lambda: (-R(4, 5).abs(),))
class LargeDetections(nn.Module):
    def forward(self, x):
        found = []
        for row in x:
            detection = Detection(row[0], row[1:5])
            if detection.area > 0:
                found.append(detection.scaled(2.0))
        best = x.new_zeros(4)
        for detection in found:
            if detection.score > 0:
                best = torch.maximum(best, detection.box)
        return best, torch.tensor(len(found))


@dataclasses.dataclass
class Hypothesis:
    tokens: List[int]
    score: float = 0.0


@sample(lambda: (R(3, 4),), lambda: (R(3, 4) * 5,), lambda: (R(3, 4) - 3,))
class Beams(nn.Module):
    def forward(self, logits):
        beams = [Hypothesis([0])]
        for step in logits:
            grown = []
            for beam in beams:
                for token in range(2):
                    score = beam.score + float(step[token])
                    if score > -2.0 or token == 0:
                        grown.append(Hypothesis(beam.tokens + [token + 1], score))
            beams = sorted(grown, key=lambda beam: beam.score, reverse=True)[:2]
        best = beams[0]
        return torch.tensor(best.tokens), logits.new_tensor(best.score)


@dataclasses.dataclass(frozen=True)
class Track:
    center: torch.Tensor
    age: int


@sample(lambda: (R(3, 2),), lambda: (R(3, 2) * 4,), lambda: (R(3, 2) * 0.1,), calls=4)
class Tracker(nn.Module):
    def nearest(self, tracks: List[Track], center) -> Optional[Track]:
        best = None
        for track in tracks:
            if (track.center - center).norm() < 1.0 and (best is None or track.age > best.age):
                best = track
        return best

    def forward(self, centers):
        tracks = [Track(centers[0], 1)]
        for center in centers[1:]:
            known = self.nearest(tracks, center)
            tracks.append(Track(center, known.age + 1 if known is not None else 1))
        return torch.stack([track.center for track in tracks]), torch.tensor([track.age for track in tracks])

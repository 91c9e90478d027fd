"""Functions that PyTorch writes in Python."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from common import R, sample
from torch.distributions.utils import broadcast_all, clamp_probs, logits_to_probs, probs_to_logits


@sample(lambda: (R(2, 4),), lambda: (R(2, 4) - 9,))
class PythonOfTorch(nn.Module):
    def forward(self, x):
        p = clamp_probs(x.softmax(-1))
        a, b = broadcast_all(logits_to_probs(probs_to_logits(p)), 0.5)
        if x.sum() > 0:
            return a * b, F.gaussian_nll_loss(x, x * 2, x.exp())
        return a - b, F.triplet_margin_with_distance_loss(x, x * 2, x + 1)

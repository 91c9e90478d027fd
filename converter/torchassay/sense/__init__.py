"""Sensing: runs a model once and records each value that leaves the tensor world, and each decision taken on it."""

from torchassay.sense.leak import Comparison, Event, Frame, Leak, Sensing

__all__ = ["Comparison", "Event", "Frame", "Leak", "Sensing"]

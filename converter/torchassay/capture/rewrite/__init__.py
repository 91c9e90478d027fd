"""Rewrites a model's source so that TorchScript can compile it, by specialising it on what is fixed in the model.

Every function that a call reaches is partially evaluated: configuration, module containers, decorators, dispatch
tables and Python helpers are known and disappear; tensors and the numbers that come out of them stay, typed from
recorded calls, in the subset of Python that TorchScript compiles. The result is a hypothesis: it counts only after it
has been compared with the model.
"""

"""Turns an eager model into a TorchScript file: traced, scripted, mixed, or rewritten and scripted."""

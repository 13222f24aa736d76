"""Stands for the module that an example imports and does not use."""

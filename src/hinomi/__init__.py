"""Hinomi (火の見): observe attacks, detect them early, keep cases, decide who may know, share, act, assess and drill."""

__version__ = "0.1.0"

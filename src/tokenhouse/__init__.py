"""Tokenhouse: one token authority that speaks many contracts.

The rooms are described in docs/ARCHITECTURE.md; nothing imports upward.
"""

__version__ = "0.1.0"

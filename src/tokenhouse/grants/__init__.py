"""Grants: what a client is entitled to, one file per grant type, one registry.

May touch the readers each file names.
Never writes and never makes a token: a grant reads, checks and decides.
"""

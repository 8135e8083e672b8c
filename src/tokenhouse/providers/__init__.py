"""Providers elsewhere, who vouch for people: what they publish, what their proofs are worth, whom they name.

May touch the network through `egress` only, and their own caches.
Never links a person, never makes an account or a token: it says whom a proof names, or refuses it.
"""

"""Corridors: each endpoint's way through the rooms, in the order in which it reads.

May touch every room below and the commit port; knows no bytes.
Never skips the gate, and never answers before what it answers is remembered.
"""

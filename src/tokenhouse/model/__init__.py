"""What is remembered: records that are read, effects that are written.

May touch `protocol` only; everything here is a frozen value.
Never reads, never writes, never decides.
"""

"""The tokens: the gate before them, the issuer that makes them, the inspection that reads them.

May touch keys and the readers it names; JOSE and ciphers live here and nowhere else.
Never writes: what must be remembered leaves as effects.
"""

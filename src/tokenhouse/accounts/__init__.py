"""People: how they are named, how they prove a password, how often somebody may guess.

May touch the account reader, the commit port (for reserved guesses only) and the hash pool.
Never tells which half of a login was wrong, and never hashes on the event loop.
"""

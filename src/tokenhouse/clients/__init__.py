"""Clients: who asks, and how they prove it; one file per authentication method.

May touch the client reader and, for human-chosen secrets, the hasher and the guessing budgets it is handed.
Never says why it refused beyond "client authentication failed".
"""

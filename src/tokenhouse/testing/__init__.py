"""Shipped with the server: what authors of dialects test their files with.

May touch everything below the command line; opens no socket.
Never pretends: examples run through the real door, on a real store in a folder of its own.
"""

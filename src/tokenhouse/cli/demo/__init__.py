"""The demo: everything on the embedded database, with one tenant for each shipped contract, in the foreground.

May touch what the command line may, and a directory of its own that it wipes at each start.
Never listens beyond loopback, and names no vendor: what the demo shows is data.
"""

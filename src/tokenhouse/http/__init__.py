"""The door: ASGI in, matched routes, bounded size and time, the one place that catches refusals.

May touch sockets (through the server that calls it), `wire` codecs and `endpoints`.
Never reads a credential, never decides; whatever goes wrong is answered in the contract's own shape.
"""

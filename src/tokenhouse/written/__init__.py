"""Text that people write (TOML): its values with their positions, and problems that point.

May touch the standard library only.
Never opens a file, and never knows what a key means.
"""

from tokenhouse.written.document import Document, read_toml
from tokenhouse.written.nearest import did_you_mean, nearest
from tokenhouse.written.position import Position
from tokenhouse.written.problem import Problem, Problems

__all__ = ["Document", "Position", "Problem", "Problems", "did_you_mean", "nearest", "read_toml"]

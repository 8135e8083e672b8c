"""What the password hash alone costs: verifications a second of the library in use, on one thread, as a JSON number."""

from __future__ import annotations

import argparse
import json
import sys
import time

from processes import pin

from tokenhouse.accounts.hashing import Hashing
from tokenhouse.protocol.secret import Secret


def main() -> None:
    """Hash for some seconds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cpu", type=int)
    parser.add_argument("--seconds", type=float, default=1.0)
    asked = parser.parse_args()
    pin(asked.cpu)
    hashing, password = Hashing(), Secret("a password")
    phc = hashing.hash(password, "raw")
    begun, count = time.perf_counter(), 0
    while (passed := time.perf_counter() - begun) < asked.seconds:
        hashing.verify(phc, password, "raw")
        count += 1
    json.dump(count / passed, sys.stdout)


if __name__ == "__main__":
    main()

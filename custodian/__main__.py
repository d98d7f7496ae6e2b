"""`python -m custodian`: the same as the `breakglass` command."""

from __future__ import annotations

import sys

from custodian.cli.program import run


def main() -> None:
    """Run the command line of this process and leave with its exit code."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()

"""The posture checks, one file each, found by looking into this folder.

A file holds a `CHECK` (see `custodian.posture.check`): its words, the reads it needs from `custodian.posture.reads`, and
`judge`, a pure function. It may import those reads, `access`, `check` and `finding`; it calls nothing and knows no other
check. Docs: `docs/posture.md`.
"""

from __future__ import annotations

NO_ROOT_IN_CHINA = "Accounts of AWS in China have no root user."
"""Why the checks of the root user do not apply in the partition aws-cn."""

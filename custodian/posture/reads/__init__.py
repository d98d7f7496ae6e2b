"""The questions that checks ask AWS, one file each: the call, the reading of its reply, and nothing about right or wrong.

May import `source`, `failure` and `access` of the package above; never a check, the engine, or botocore. A check imports
the sources it needs from here; adding one touches nothing else.
"""

from __future__ import annotations

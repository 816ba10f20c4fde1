"""The version of the program, for people, files and backups.

tests/test_version.py compares it with pyproject.toml and CHANGELOG.md.
"""

VERSION = "1.0.0"

"""``python -m gvckit`` is the command line."""

from gvckit.cli import entry

if __name__ == "__main__":
    entry()

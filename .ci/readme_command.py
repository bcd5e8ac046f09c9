"""Print the README's command of a given name: the fenced block after ``<!-- command: NAME -->``."""

import re
import sys
from pathlib import Path

text = Path(sys.argv[1]).read_text(encoding="utf-8")
found = re.search(
    rf"<!-- command: {re.escape(sys.argv[2])} -->\s*```[a-z]*\n(.*?)```", text, re.DOTALL
)
if not found:
    sys.exit(f"README has no command named {sys.argv[2]}")
sys.stdout.write(found.group(1).strip() + "\n")

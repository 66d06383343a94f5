"""Writes common_nl.txt: the Dutch words of zipf 3.5 and more (once in 300,000 words), from wordfreq.

wordfreq's numbers stopped in 2021, so freezing them loses nothing, and it saves 58 MB in every test environment.

    .venv/bin/uv run --no-project --with wordfreq==3.1.1 tests/words/freeze.py
"""

import re
from pathlib import Path

import wordfreq

LEAST = 3.5
WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
HEAD = f"""\
# Dutch words of zipf {LEAST} and more, from wordfreq {{version}} (Robyn Speer), whose data may be shared under
# CC BY-SA 4.0 (https://creativecommons.org/licenses/by-sa/4.0/): this list is shared under the same terms.
# Made by tests/words/freeze.py; do not edit.
"""


def main() -> None:
    words = sorted(
        word
        for word in wordfreq.get_frequency_dict("nl", wordlist="best")
        if wordfreq.zipf_frequency(word, "nl") >= LEAST and WORD.fullmatch(word)
    )
    target = Path(__file__).with_name("common_nl.txt")
    target.write_text(HEAD.format(version="3.1.1") + "\n".join(words) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

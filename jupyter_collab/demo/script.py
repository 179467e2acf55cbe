"""What Maya and Helper say: a few answers, made of what was said and of who is here.

Owns the words. Pure: must not know of sockets or time. Invariant: they answer people, never
each other.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..protocol.frames import Message

__all__ = ["HELPER", "MAYA", "OPENING", "TITLE", "Line", "Scene", "helper_says", "maya_says"]

MAYA = "Maya (demo)"
HELPER = "Helper (demo)"
TITLE = "Sales team (demo)"


@dataclass(frozen=True, slots=True)
class Line:
    """Something one of them does: says a text, reacts with an emoji, or both."""

    text: str = ""
    emoji: str = ""


@dataclass(frozen=True, slots=True)
class Scene:
    """What they see: who is here, everyone's messages by name, and who wrote the last."""

    here: Sequence[str]
    messages: Sequence[tuple[str, Message]]
    speaker: str

    @property
    def is_first_message(self) -> bool:
        """Says whether the speaker has said nothing before."""
        return sum(name == self.speaker for name, _ in self.messages) <= 1


_TABLE = """\
**North**, by 18 %:

| region | Q2 | Q3 | change |
|:--|--:|--:|--:|
| North | 220 | 260 | **+18 %** |
| South | 310 | 322 | +4 % |
| West | 180 | 171 | −5 % |"""
_CODE = """\
Two lines:

```python
quarters = sales.pivot_table("revenue", "region", "quarter", aggfunc="sum")
quarters["change"] = quarters["Q3"] / quarters["Q2"] - 1
```"""

# Who speaks, what, and what the other one thinks of it.
OPENING: tuple[tuple[str, str, str], ...] = (
    (MAYA, "Morning! The **Q3 sales** are in. Helper, which region grew most?", ""),
    (HELPER, _TABLE, "🎉"),
    (MAYA, "Nice. How did you get that?", ""),
    (HELPER, _CODE, "👍"),
    (MAYA, "Whoever opens this notebook is in this conversation too. Say hello!", ""),
)


def maya_says(text: str, scene: Scene) -> Line | None:
    """A colleague's answer to a person's message, if she has one."""
    if scene.is_first_message:
        others = _listed([name for name in scene.here if name not in {MAYA, scene.speaker}])
        return Line(f"Hi {scene.speaker}! Here with you and me: {others}.", "👋")
    if re.search(r"\b(thanks|thank you|thx|danke|merci)\b", text, re.IGNORECASE):
        return Line(emoji="❤️")
    if re.search(r"\b(great|cool|nice|wow|works|love|awesome)\b|!", text, re.IGNORECASE):
        return Line(emoji="🎉")
    if re.search(r"\bmaya\b", text, re.IGNORECASE):
        return Line("I'm scripted, so I keep it short. Ask Helper for a table, or for code.")
    return Line(emoji="👀") if text.rstrip().endswith("?") else None


def helper_says(text: str, scene: Scene) -> Line | None:
    """The assistant's answer to a question, or to its name."""
    if "?" not in text and not re.search(r"\bhelper\b", text, re.IGNORECASE):
        return None
    for pattern, answer in _ANSWERS:
        if re.search(pattern, text, re.IGNORECASE):
            return Line(answer(scene))
    return Line(_default(scene))


def _who_is_here(scene: Scene) -> str:
    return f"{len(scene.here)} of us: {_listed(scene.here)}."


def _table(scene: Scene) -> str:
    counts = Counter(name for name, _ in scene.messages).most_common()
    rows = "\n".join(f"| {name} | {count} |" for name, count in counts)
    return f"So far, of the messages I can see:\n\n| who | messages |\n|:--|--:|\n{rows}"


def _code(scene: Scene) -> str:
    return (
        "Put this into a cell; the chat above changes for all who have this notebook open:\n\n"
        "```python\n"
        "chat.height = 600\n"
        'chat.theme = "dark"\n'
        'chat.observe(print, "height")\n'
        "```"
    )


def _memory(scene: Scene) -> str:
    return (
        f"It is all kept: these {len(scene.messages)} messages are rows of one SQLite file. "
        "Reload the page, or restart the kernel, and they are here again. Only this demo's file "
        "goes when the demo ends, unless it was given one to keep."
    )


def _default(scene: Scene) -> str:
    return (
        f"I'm a script, {scene.speaker}, so I know only a few things. Ask me\n\n"
        "- *who is here?*\n"
        "- for a **table** of who said how much\n"
        "- for some **code** to try\n"
        "- whether messages are **kept**"
    )


_ANSWERS: tuple[tuple[str, Callable[[Scene], str]], ...] = (
    (r"\bwho\b.*\b(here|online|there)\b|\banyone\b", _who_is_here),
    (r"\b(table|many|much|count|numbers|statistics)\b", _table),
    (r"\b(code|python|cell|how do|example|try)\b", _code),
    (r"\b(kept|keep|remember|history|saved?|restart|reload|tomorrow)\b", _memory),
)


def _listed(names: Sequence[str]) -> str:
    """Names as in a sentence."""
    if len(names) < 2:
        return "".join(names) or "nobody yet"
    return f"{', '.join(names[:-1])} and {names[-1]}"

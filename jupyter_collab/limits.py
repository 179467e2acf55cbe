"""Every size, rate and time-out, in one frozen dataclass.

Owns the numbers and their reasons. Knows nothing of who enforces them. Each field is a
trait of the same name on `CollabExtension`, is told to clients in `welcome`, and has the
error or close code, and the least that can work, in its metadata.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["Limits"]


def _limit(default: Any, help: str, code: str, *, least: float = 0) -> Any:
    return field(default=default, metadata={"help": help, "code": code, "least": least})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Sizes are bytes, durations seconds, unless the name says otherwise; a rate of 0 is off."""

    # What one frame or command may carry
    frame_bytes: int = _limit(
        64 * 1024, "Largest frame a client may send, in bytes.", "1009", least=1024
    )  # Centrifugo's and Ably's figure
    frame_depth: int = _limit(
        32,
        "Lists and objects in a client's frame, so also its deepest nesting.",
        "4000",
        least=1,
    )
    text_bytes: int = _limit(
        32 * 1024,
        "Longest text of a person's message, in bytes of UTF-8.",
        "text_too_long",
        least=1,
    )
    assistant_text_bytes: int = _limit(
        256 * 1024,
        "Longest text of an assistant's message, in bytes of UTF-8, where `frame_bytes` allows it.",
        "text_too_long",
        least=1,
    )
    title_chars: int = _limit(
        80, "Longest title of a conversation, in characters.", "bad_title", least=1
    )
    reactions_per_message: int = _limit(
        20, "How many different emoji one message may carry.", "too_many_reactions"
    )  # Discord's figure

    # How often
    window_s: float = _limit(
        10.0, "Length of the sliding rate window, in seconds.", "rate_limited", least=0.1
    )
    posts_per_window: int = _limit(
        10, "Posts per person, conversation and window; 0 is off.", "rate_limited"
    )
    edits_per_window: int = _limit(
        10, "Edits per person, conversation and window; 0 is off.", "rate_limited"
    )
    redacts_per_window: int = _limit(
        10, "Deletions per person, conversation and window; 0 is off.", "rate_limited"
    )
    reactions_per_window: int = _limit(
        30,
        "Reactions set or taken back per person, conversation and window; 0 is off.",
        "rate_limited",
    )
    renames_per_window: int = _limit(
        5,
        "Changes of title per person, conversation and window; 0 is off.",
        "rate_limited",
    )
    queries_per_window: int = _limit(
        100,
        "Requests for history per connection, or per person over REST, and window; 0 is off.",
        "rate_limited",
    )  # scrolling fast through 5,000 messages
    frames_per_window: int = _limit(
        1000, "Frames of any kind per connection and window; 0 is off.", "4103"
    )
    commands_in_flight: int = _limit(
        64,
        "Commands of one connection that may wait for their commit before it is read on.",
        "none",
        least=1,
    )

    new_conversations_per_window: int = _limit(
        10,
        "Conversations that one person may bring into being per window; 0 is off.",
        "rate_limited",
    )

    newcomers_per_minute: int = _limit(
        1000,
        "People who may come to one conversation for the first time within a minute; 0 is off.",
        "4103",
    )  # each is an entry that stays for ever; a large class comes at once
    profile_changes_per_window: int = _limit(
        3,
        "Changes of name, picture or kind that are written per person, conversation and window; "
        "0 is any number.",
        "none",
    )

    # Who
    people_per_conversation: int = _limit(
        50, "People connected to one conversation at a time; 0 is no limit.", "4005"
    )
    connections_per_person: int = _limit(
        20, "Connections of one person to one conversation; 0 is no limit.", "4005"
    )
    connections_per_person_in_all: int = _limit(
        200, "Connections of one person to this server; 0 is no limit.", "4005"
    )
    connections_in_all: int = _limit(
        2000, "Connections to this server; 0 is no limit.", "4100"
    )  # each takes a file descriptor of the whole Jupyter server
    review_s: float = _limit(
        4.0,
        "Seconds between two looks at whether those who are connected still may be.",
        "4004",
        least=0.1,
    )

    # What one answer carries
    page_messages: int = _limit(50, "Messages in a page of history.", "none", least=1)
    page_bytes: int = _limit(
        32 * 1024,
        "Text and reactions in a page of history, in bytes; a page has at least one message.",
        "none",
    )
    members_at_once: int = _limit(
        64,
        "Members in a greeting, and in one answer to `who`; the others come when asked for.",
        "none",
        least=1,
    )
    members_bytes: int = _limit(
        12 * 1024,
        "Members in a greeting, and in one answer to `who`, in bytes; at least one is there.",
        "none",
    )  # with all who are here and the fullest page, joining takes at most 60 KB
    entries_per_page: int = _limit(500, "Entries in one answer to `sync`.", "none", least=1)
    resume_entries: int = _limit(
        500,
        "Longest gap, in entries, that is sent entry by entry on reconnecting.",
        "none",
    )
    resume_bytes: int = _limit(
        256 * 1024,
        "Largest gap, in bytes, that is sent entry by entry on reconnecting.",
        "none",
    )

    # What a browser keeps
    offline_commands: int = _limit(
        500,
        "Commands that a person's browser keeps for one conversation until they can be sent.",
        "none",
        least=1,
    )
    offline_bytes: int = _limit(
        5 * 1024 * 1024,
        "Size of the commands that a person's browser keeps for one conversation, in bytes.",
        "none",
        least=1024,
    )
    offline_ask_s: float = _limit(
        24 * 3600.0,
        "Seconds after which a message that waits is sent only if its author says so again.",
        "none",
        least=1,
    )  # what one wrote yesterday may be wrong today
    offline_s: float = _limit(
        7 * 24 * 3600.0,
        "Seconds after which a message that waits counts as not sent.",
        "none",
        least=1,
    )

    # Slow readers
    outbox_frames: int = _limit(1000, "Frames that may wait for one slow reader.", "4102", least=10)
    outbox_bytes: int = _limit(
        1024 * 1024, "Bytes that may wait for one slow reader.", "4102", least=64 * 1024
    )
    stall_s: float = _limit(
        20.0, "Seconds that one write to a slow reader may take.", "4102", least=0.1
    )

    # Times
    hello_s: float = _limit(
        10.0, "Seconds within which a connection must say hello.", "4000", least=0.1
    )
    heartbeat_s: float = _limit(20.0, "Seconds between two pings.", "none", least=0.1)
    silence_s: float = _limit(
        30.0,
        "Seconds without a byte after which a connection is taken for dead; "
        "1.5 heartbeats unless set.",
        "4200",
        least=0.1,
    )
    leave_grace_s: float = _limit(
        3.0, "Seconds for which a person stays shown after a clean close.", "none"
    )  # a page reload takes 1-3 s
    break_grace_s: float = _limit(
        12.0,
        "Seconds for which a person stays shown after a broken connection.",
        "none",
    )
    typing_ttl_s: float = _limit(
        6.0, "Seconds after which a typing mark expires.", "none", least=0.1
    )
    idle_unload_s: float = _limit(
        1800.0,
        "Seconds without anyone after which a conversation leaves memory.",
        "none",
    )
    idle_rooms: int = _limit(
        50,
        "Conversations without anyone that stay in memory; the longest unused leave first.",
        "none",
    )  # one with 500 messages takes 0.5 MB
    retention_days: int = _limit(
        0,
        "Days after which messages are removed for good, whatever was said of them since; "
        "0 keeps them for ever.",
        "pruned",
    )
    upkeep_s: float = _limit(
        60.0,
        "Seconds between two rounds of upkeep: removing what is older than `retention_days`, "
        "and what is left of deleted words.",
        "none",
        least=0.1,
    )
    drain_s: float = _limit(5.0, "Seconds over which clients come back after a shutdown.", "none")
    lag_warning_s: float = _limit(
        0.25,
        "Seconds for which the server's event loop may be busy without a warning in the log; "
        "0 warns of nothing.",
        "none",
    )
    watch_s: float = _limit(
        0.05,
        "Seconds between two looks at whether another server wrote to the same database.",
        "none",
        least=0.01,
    )  # a look takes 0.03 ms
    busy_timeout_s: float = _limit(
        5.0,
        "Seconds to wait for a database that another process has locked.",
        "unavailable",
    )

"""The tables of the SQLite log, and how an older database becomes a newer one.

Owns the schema. Must not know who reads or writes it. A migration is never edited once
released; a change is a new one. `conversations` and `entries` are the truth; `messages`,
`reactions` and `members` are projections of it; the rest stands beside the log.
"""

from __future__ import annotations

from sqlite_utils import Database, Migrations

__all__ = ["migrations"]

migrations = Migrations("jupyter_collab")


@migrations()
def create_the_log(db: Database) -> None:
    """The truth: the counter row of each conversation, and its entries."""
    columns = {"id": str, "title": str, "epoch": str, "head": int}
    columns |= {"created_at": float, "created_by": str, "last_activity": float}
    db.table("conversations").create(columns, pk="id", not_null=set(columns))

    columns = {"conversation": str, "seq": int, "kind": str, "author": str, "at": float}
    db.table("entries").create(
        {**columns, "command_id": str, "digest": bytes, "body": str},
        pk=("conversation", "seq"),
        not_null={*columns, "body"},
        foreign_keys=[("conversation", "conversations", "id")],
    )
    # Command ids before authors: ids made about now lie together, so few pages change.
    db.table("entries").create_index(["conversation", "command_id", "author"], unique=True)
    # Deleting a message erases its edits, which are found here and not by reading everything.
    db.execute(
        "CREATE INDEX entries_edits ON entries (conversation, json_extract(body, '$.target'))"
        " WHERE kind = 'edited'"
    )


@migrations()
def create_the_projections(db: Database) -> None:
    """What the entries come to, and the words of the messages.

    `id` ties the search index, which has no text of its own, to the messages, also through
    VACUUM. No triggers keep it up: in a trigger FTS5 writes out its buffer row by row, and
    posting takes twice as long. `first_seq` gives an emoji its place on the message.
    """
    columns = {"conversation": str, "seq": int, "author": str, "at": float, "text": str}
    db.table("messages").create(
        {"id": int, **columns, "edited_at": float, "redacted": int, "reply_to": int},
        pk="id",
        not_null={*columns, "redacted"},
        foreign_keys=[("conversation", "conversations", "id")],
    )
    db.table("messages").create_index(["conversation", "seq"], unique=True)
    db.table("messages").enable_fts(["text"])

    _beside(
        db,
        "reactions",
        {"message": int, "emoji": str, "member": str, "seq": int, "first_seq": int},
        key=("message", "emoji", "member"),
    )
    _beside(
        db,
        "members",
        {"id": str, "name": str, "kind": str, "role": str, "self_chosen": int, "seq": int},
        key=("id",),
        optional={"color": str, "avatar_url": str},
    )


@migrations()
def create_what_stands_beside_the_log(db: Database) -> None:
    """Read marks, when people were last here, and stretches of live activity.

    `erasures` are deleted messages whose words are not yet out of the file.
    """
    _beside(db, "read_marks", {"member": str, "seq": int}, key=("member",))
    _beside(db, "presence", {"member": str, "last_seen": float}, key=("member",))
    _beside(
        db,
        "collaboration_sessions",
        {"started": float, "peak": int, "total": int},
        key=("started",),
        optional={"ended": float},
    )
    _beside(db, "erasures", {"seq": int, "started": int}, key=("seq",))


@migrations()
def let_old_messages_go(db: Database) -> None:
    """`floor`: from this entry on nothing is missing; older ones about messages may be."""
    db.table("conversations").add_column("floor", int, not_null_default=1)


def _beside(
    db: Database,
    name: str,
    columns: dict[str, type],
    *,
    key: tuple[str, ...],
    optional: dict[str, type] | None = None,
) -> None:
    """Makes a table whose rows belong to a conversation, keyed within it by `key`."""
    columns = {"conversation": str, **columns}
    db.table(name).create(
        {**columns, **(optional or {})},
        pk=("conversation", *key),
        not_null=set(columns),
        foreign_keys=[("conversation", "conversations", "id")],
    )

"""The oracle of the chaos tests sees each fault that it is there to see."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

import pytest
from msgspec.structs import replace

from jupyter_collab.protocol.commands import ClientCommand, Edit, Post, Redact
from jupyter_collab.protocol.entries import (
    EditedBody,
    Entry,
    PostedBody,
    RedactedBody,
    entry_of,
    erased,
)
from jupyter_collab.protocol.frames import Ack, Entries, Live, Ping, Snapshot
from jupyter_collab.protocol.ids import CommandId, MemberId, Seq
from tests.chaos.history import History, Story, Truth, View
from tests.fakes import TEAM, command, joined

ADA, BO = "user:ada", "user:bo"
ASKED: tuple[tuple[str, ClientCommand], ...] = (
    (ADA, command("post", text="one")),
    (BO, command("post", text="two", reply_to=3)),
    (ADA, command("edit", target=3, text="One")),
    (BO, command("redact", target=4)),
)


def stored(seq: int, author: str, asked: ClientCommand) -> Entry:
    match asked:
        case Post():
            body: PostedBody | EditedBody | RedactedBody = PostedBody(
                asked.text, None if asked.reply_to is None else Seq(asked.reply_to)
            )
        case Edit():
            body = EditedBody(Seq(asked.target), asked.text)
        case Redact():
            body = RedactedBody(Seq(asked.target))
        case _:
            raise AssertionError(asked)
    return entry_of(
        body, seq=Seq(seq), author=MemberId(author), at=1.0, command_id=CommandId(asked.command_id)
    )


def told() -> Story:
    """A good story: two people, each command acknowledged before the next was asked for."""
    history = History()
    entries = [replace(one, command_id=None) for one in (joined(1), joined(2, by="bo"))]
    views = [View(ADA, None), View(BO, None)]
    for view in views:
        view.take(Snapshot(head=Seq(2), messages=(), before=None))
        view.take(Live(head=Seq(2)))
    for seq, (author, asked) in enumerate(ASKED, start=3):
        record = history.invoke(author, asked)
        record.tries = 1
        ack = Ack(command_id=CommandId(asked.command_id), seq=Seq(seq))
        views[author == BO].take(ack)
        history.answer(record, ack)
        entries.append(stored(seq, author, asked))
        for view in views:
            view.take(Entries(entries=(entries[-1],)))
    history.views = views
    entries = [erased(entry, Seq(4)) for entry in entries]
    state = Truth(TEAM, entries, (), "").fold()
    truth = Truth(TEAM, entries, tuple(state.messages.values()), "Team")
    return Story(history, truth, [deepcopy(state), deepcopy(state)])


def test_a_good_story_has_no_fault() -> None:
    """[RS10] Nor has it one in which a text was seen before it was erased."""
    assert told().faults() == []


def lose_the_last(story: Story) -> None:
    del entries_of(story)[-1]


def store_twice(story: Story) -> None:
    entries_of(story).append(replace(entries_of(story)[2], seq=Seq(7)))


def leave_a_gap(story: Story) -> None:
    entries_of(story)[-1] = replace(entries_of(story)[-1], seq=Seq(8))


def make_one_up(story: Story) -> None:
    entries_of(story).append(replace(entries_of(story)[2], seq=Seq(7), command_id=CommandId("x")))


def store_what_was_refused(story: Story) -> None:
    asked = story.history.asked[ASKED[0][1].command_id]
    asked.seq, asked.refused = None, "not_found"


def give_it_to_another(story: Story) -> None:
    entries_of(story)[2] = replace(entries_of(story)[2], author=MemberId(BO))


def change_its_text(story: Story) -> None:
    entries_of(story)[2] = replace(entries_of(story)[2], body=PostedBody("other"))


def acknowledge_another_place(story: Story) -> None:
    story.history.asked[ASKED[0][1].command_id].seq = 5


def swap_two(story: Story) -> None:
    """As if the second had been acknowledged before the first was asked for."""
    first, second = (story.history.asked[asked.command_id] for _, asked in ASKED[:2])
    first.invoked, first.answered, second.invoked, second.answered = 3, 4, 1, 2


def forget_an_answer(story: Story) -> None:
    story.history.asked[ASKED[0][1].command_id].answered = None


def project_too_little(story: Story) -> None:
    object.__setattr__(story.truth, "messages", story.truth.messages[:-1])


def call_it_otherwise(story: Story) -> None:
    object.__setattr__(story.truth, "title", "Other")


def leave_one_behind(story: Story) -> None:
    story.ends[0].head = Seq(5)


def fold_otherwise(story: Story) -> None:
    story.ends[0].messages[Seq(3)] = replace(story.ends[0].messages[Seq(3)], text="one")


def end_with_nothing(story: Story) -> None:
    story.ends[0].messages.clear()


def show_what_is_not(story: Story) -> None:
    story.history.views[0].seen[3] = replace(story.history.views[0].seen[3], at=9.0)


@pytest.mark.parametrize(
    "spoil",
    [
        lose_the_last,
        store_twice,
        leave_a_gap,
        make_one_up,
        store_what_was_refused,
        give_it_to_another,
        change_its_text,
        acknowledge_another_place,
        swap_two,
        forget_an_answer,
        project_too_little,
        call_it_otherwise,
        leave_one_behind,
        fold_otherwise,
        end_with_nothing,
        show_what_is_not,
    ],
)
def test_every_fault_is_seen(spoil: Callable[[Story], None]) -> None:
    """[RS10]"""
    story = told()
    spoil(story)
    assert story.faults() != []


def entries_of(story: Story) -> list[Entry]:
    assert isinstance(story.truth.entries, list)
    return story.truth.entries


def entries(*seqs: int) -> Entries:
    return Entries(entries=tuple(stored(seq, ADA, ASKED[0][1]) for seq in seqs))


def snapshot(head: int) -> Snapshot:
    return Snapshot(head=Seq(head), messages=(), before=None)


def ack(seq: int) -> Ack:
    return Ack(command_id=CommandId(ASKED[0][1].command_id), seq=Seq(seq))


LIVE = Live(head=Seq(2))


@pytest.mark.parametrize(
    "frames",
    [
        (snapshot(2), LIVE, entries(4)),
        (snapshot(2), LIVE, entries(3), entries(3)),
        (snapshot(2), LIVE, entries(4, 3)),
        (snapshot(2), LIVE, snapshot(2)),
        (snapshot(1), LIVE),
        (snapshot(2), entries(3), LIVE),
        (snapshot(2), LIVE, Ping(n=1, head=Seq(3))),
        (snapshot(2), LIVE, entries(3), ack(3)),
    ],
    ids=["gap", "twice", "backwards", "again", "late", "early", "behind", "unacknowledged"],
)
def test_a_connection_is_held_to_the_order_of_the_protocol(
    frames: tuple[Snapshot | Entries | Live | Ping | Ack, ...],
) -> None:
    """[RS5] [FO3]"""
    view = View(ADA, None)
    for frame in frames:
        assert view.faults == []
        view.take(frame)
    assert view.faults != []

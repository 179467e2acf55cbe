"""The metrics tell of no one, and their number does not grow with use."""

from __future__ import annotations

from tests.servers import API, Server, command


async def series(server: Server) -> set[str]:
    """The names and labels of all our series, as an operator's Prometheus reads them."""
    response = await server.fetch("metrics")
    lines = response.body.decode().splitlines()
    return {line.rpartition(" ")[0] for line in lines if line.startswith("jupyter_collab_")}


async def use(server: Server, conversation: str, user: str) -> None:
    """Does a bit of everything that is counted."""
    peer = await server.join(conversation, user=user)
    await peer.answer(command("post", text="hi"))
    await peer.answer(command("post", text=" "))
    await peer.answer(command("edit", target=999, text="x"))
    await peer.answer(command("rename", title=conversation))
    peer.connection.close(3000 + len(conversation))  # a code of one's own
    await peer.closed()
    await server.fetch(f"{API}/conversations/{conversation}?x={user}")


async def test_series_stay_the_same_after_a_hundred_conversations(server: Server) -> None:
    """[ID8]"""
    await use(server, "c", "u")
    before = await series(server)
    assert before
    for number in range(100):
        await use(server, f"secret-room-{number}", f"person-{number}")
    after = await series(server)
    assert after == before
    assert not [name for name in after if "secret" in name or "person" in name]


async def test_what_happens_is_counted(server: Server) -> None:
    """[ID8] Commands by kind and result, closes by code, resumes by mode."""
    peer = await server.join("team")
    await peer.answer(command("post", text="hi"))
    await peer.answer(command("post", text=" "))
    await peer.send("{")
    await peer.closed()
    names = await series(server)
    for expected in (
        'jupyter_collab_commands_total{kind="post",result="stored"}',
        'jupyter_collab_commands_total{kind="post",result="empty"}',
        'jupyter_collab_closes_total{code="4000"}',
        'jupyter_collab_resumes_total{mode="fresh"}',
        "jupyter_collab_connections",
        "jupyter_collab_rooms",
        "jupyter_collab_commit_seconds_count",
        "jupyter_collab_fan_out_seconds_count",
    ):
        assert expected in names


async def test_metrics_are_for_those_who_sign_in(server: Server) -> None:
    """[ID1]"""
    assert (await server.fetch("metrics", user=None)).code in (302, 403)

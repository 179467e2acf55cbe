"""The server extension: traits in, a hub out, and both ends of its life."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from traitlets import Float, Integer, TraitError

from jupyter_collab import _jupyter_server_extension_points
from jupyter_collab.extension import CollabExtension
from jupyter_collab.hub.hub import Hub
from jupyter_collab.limits import Limits
from jupyter_collab.log import surroundings
from jupyter_collab.log.memory import MemoryLog
from tests.servers import Server, command

RAISED: dict[str, Any] = {
    name: default + (1 if isinstance(default, int) else 0.5)
    for name, default in asdict(Limits()).items()
}


@pytest.fixture
def collab_config(request: pytest.FixtureRequest) -> dict[str, Any]:
    config: dict[str, Any] = getattr(request, "param", {})
    return config


def configured(**config: Any) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("collab_config", [config], indirect=True, ids=["configured"])


def extension_of(server: Server) -> CollabExtension:
    extension: CollabExtension = server.app.web_app.settings["jupyter_collab"]
    return extension


@pytest.mark.parametrize("name", RAISED)
def test_every_limit_is_a_trait_of_the_same_name(name: str) -> None:
    """[RA6] With its default, a help that ends like a sentence, and a unit in name or help."""
    (field,) = [field for field in fields(Limits) if field.name == name]
    trait = CollabExtension.class_traits(config=True)[name]
    assert isinstance(trait, Float if isinstance(field.default, float) else Integer)
    assert trait.default_value == field.default
    assert trait.help == field.metadata["help"]
    assert trait.help.endswith(".")
    assert not name.endswith("_s") or "econds" in trait.help
    assert not name.endswith("_bytes") or "ytes" in trait.help


@configured(**RAISED)
async def test_every_limit_is_told_as_it_was_configured(server: Server) -> None:
    """[RA6]"""
    assert extension_of(server).limits == Limits(**RAISED)
    ada = await server.join("team")
    assert ada.seen[0]["limits"] == RAISED
    assert ada.seen[0]["heartbeat_s"] == RAISED["heartbeat_s"]


@pytest.mark.parametrize(
    "config",
    [
        {"posts_per_window": -1},
        {"commands_in_flight": 0},
        {"heartbeat_s": 0.0},
        {"page_messages": 0},
        {"outbox_frames": 0},
        {"silence_s": 20.0},
    ],
)
def test_limits_that_nobody_could_keep_to_are_refused(config: dict[str, Any]) -> None:
    """[RA6] A heartbeat of 0 would leave the server no time for anything else."""
    with pytest.raises(TraitError):
        asdict(CollabExtension(**config).limits)


def test_silence_lasts_one_heartbeat_and_a_half() -> None:
    """[PR3] Unless it is configured itself."""
    assert CollabExtension(heartbeat_s=60.0).limits.silence_s == 90.0
    assert CollabExtension(heartbeat_s=60.0, silence_s=100.0).limits.silence_s == 100.0


def test_limits_that_may_be_off_are_0() -> None:
    """[RA4] [PR7]"""
    names = [n for n in RAISED if n.endswith(("_per_window", "_per_conversation", "_per_person"))]
    limits = CollabExtension(**dict.fromkeys(names, 0)).limits
    assert {asdict(limits)[name] for name in names} == {0}


def test_the_default_database_is_in_jupyters_data_directory(
    jp_environ: None, jp_data_dir: Path
) -> None:
    """[LG12]"""
    expected = jp_data_dir / "jupyter_collab" / "conversations.db"
    assert Path(CollabExtension().database) == expected


def test_the_server_finds_the_extension() -> None:
    (point,) = _jupyter_server_extension_points()
    assert point == {"module": "jupyter_collab", "app": CollabExtension}


async def test_nothing_begins_before_its_first_use(server: Server) -> None:
    """A server whose people never talk has no file, no thread and no task of ours."""

    def begun() -> tuple[bool, bool]:
        return extension_of(server).hub._running is not None, server.database.exists()

    assert begun() == (False, False)
    await server.join("team")
    assert begun() == (True, True)


async def test_an_unused_extension_stops(server: Server) -> None:
    await extension_of(server).stop_extension()
    await extension_of(server).stop_extension()


@configured(log_class="jupyter_collab.log.memory.MemoryLog")
async def test_another_log_is_chosen_by_its_class(server: Server) -> None:
    hub: Hub = extension_of(server).hub
    assert isinstance(hub.log, MemoryLog)
    ada = await server.join("team")
    assert (await ada.answer(command("post", text="hi")))["type"] == "ack"
    assert not server.database.exists()


@configured(assistants={"bot"})
async def test_assistants_are_named_by_the_operator(server: Server) -> None:
    """[ID1]"""
    bot, ada = await server.join("team", user="bot"), await server.join("team")
    assert bot.seen[0]["you"]["kind"] == "assistant"
    assert ada.seen[0]["you"]["kind"] == "person"


@pytest.fixture
def nfs(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The machine's disks are on NFS; the list has what its operator was told of."""
    told: list[Path] = []

    def explain(path: Path, _kind: str) -> str:
        told.append(path)
        return "refused"

    monkeypatch.setattr(surroundings, "_mounts", lambda: [(Path("/"), "nfs4")])
    monkeypatch.setattr("jupyter_collab.extension.explain", explain)
    return told


async def test_a_database_on_a_network_file_system_is_refused(
    nfs: list[Path], server: Server
) -> None:
    """[LC13] The operator is told when the server starts, people when they come."""
    assert nfs == [server.database]
    ada = await server.connect("team")
    await ada.send({"type": "hello", "protocol": 1})
    goodbye = await ada.until("goodbye")
    assert goodbye["code"] == 4100
    assert "network file system" in goodbye["message"]
    assert not server.database.exists()


@configured(allow_network_file_system=True)
async def test_an_operator_may_use_a_network_file_system(nfs: list[Path], server: Server) -> None:
    """[LC13]"""
    assert nfs == []
    assert await server.post("team", "hi") == 2


async def test_talking_keeps_an_idle_server_from_being_culled(server: Server) -> None:
    """[FO11] And so does a person who is at a page, but not a page that is only open."""
    ada = await server.join("team")
    activity: Callable[[], bool] = server.app.extension_manager.any_activity
    before = datetime.now(UTC)
    assert not activity()
    await ada.answer(command("post", text="hi"))
    assert server.app.web_app.last_activity() >= before
    assert not activity()
    await ada.send({"type": "activity", "state": "active"})
    await ada.answer(command("post", text="here"))
    assert extension_of(server).current_activity() == {"people_at_work": 1}
    assert activity()

"""The README's picture, of the real product: `make screenshot` takes it again.

Owns what is in the picture. It runs the demonstration, opens it in Chromium as a newcomer
would, says something and waits for the answers.
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.chat import Chat

__all__ = ["PICTURE", "take"]

PICTURE = Path(__file__).parent.parent / "notebooks" / "images" / "conversation.png"
QUESTION = "Can we see the change per region as a **table**?"
PATIENCE_MS = 60_000


def take(picture: Path) -> None:
    """Runs the demonstration and photographs it."""
    command = [sys.executable, "-m", "jupyter_collab.demo", "--no-browser"]
    with subprocess.Popen(
        [*command, "--port", str(_free_port())], stdout=subprocess.PIPE, text=True
    ) as demo:
        try:
            _photograph(_address(demo), picture)
        finally:
            demo.terminate()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _address(demo: subprocess.Popen[str]) -> str:
    assert demo.stdout is not None
    for line in demo.stdout:
        if (found := re.search(r"http://\S+", line)) is not None:
            return found[0].replace("/lab/tree/", "/doc/tree/")  # the notebook alone
    raise SystemExit("The demonstration did not start.")


def _photograph(address: str, picture: Path) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1000, "height": 860}, device_scale_factor=2)
        page.goto(address)
        _talk(page)
        picture.parent.mkdir(exist_ok=True)
        page.screenshot(path=picture)
        browser.close()


def _talk(page: Page) -> None:
    chat = Chat(page)
    expect(chat.composer).to_be_visible(timeout=PATIENCE_MS)
    chat.composer.fill(QUESTION)
    chat.composer.press("Enter")
    replies = chat.messages.filter(has=page.get_by_role("table"))
    expect(replies.nth(1)).to_be_in_viewport(timeout=PATIENCE_MS)  # the first is of before
    chat.composer.blur()


if __name__ == "__main__":
    take(PICTURE)

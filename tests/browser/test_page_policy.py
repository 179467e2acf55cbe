"""The widget under a strict Content-Security-Policy, without a notebook."""

from __future__ import annotations

from playwright.sync_api import Browser

from tests.browser.chat import Chat, expect
from tests.browser.conftest import new_context
from tests.browser.person import listen
from tests.browser.server import Server
from tests.identities import token_of

MARKDOWN = """# A heading

| left | right |
| :--- | ----: |
| a    | b     |

- [x] done
- [ ] to do

The area $\\boxed{\\pi r^2}$ of

$$\\begin{pmatrix} 1 & 0 \\\\ \\hline 0 & 1 \\end{pmatrix}$$

> quoted `code` and [a link](https://example.org/)

```python
print("highlighted")
```"""


def test_a_strict_page_has_nothing_to_block(
    server: Server, browser: Browser, conversation: str
) -> None:
    """FR10: neither inline style nor script, wherever one looks."""
    context = new_context(browser)
    page = context.new_page()
    complaints: list[str] = []
    listen(page, complaints.append)
    page.request.get(f"{server.url}login?token={token_of('carol')}")
    page.goto(f"{server.url}static/strict.html?conversation={conversation}")
    chat = Chat(page).wait_until_live()
    _use_everything(chat)
    assert page.evaluate("() => window.violations") == []
    assert complaints == []
    context.close()


def _use_everything(chat: Chat) -> None:
    page = chat.page
    chat.composer.fill(MARKDOWN)
    chat.composer.press("Enter")
    message = chat.messages.last
    expect(message.locator("pre [class*=hljs]").first).to_be_visible()
    expect(message.locator("math")).to_have_count(2)
    message.hover()
    message.get_by_role("button", name="React", exact=True).click()
    picker = chat.panel("dialog", "Pick an emoji")
    expect(picker.get_by_role("button").nth(50)).to_be_attached()
    page.keyboard.press("Escape")
    for name in ("More", "People"):
        (chat.people if name == "People" else chat.button(name)).click()
        page.keyboard.press("Escape")
    chat.menu(message, "Edit")
    chat.composer.fill("short")
    chat.composer.press("Enter")
    expect(message).to_contain_text("(edited)")
    chat.delete(message)
    chat.button("Undo").click()
    page.mouse.move(0, 0)
    chat.host.locator("[role=separator]").last.press("ArrowDown")
    page.emulate_media(color_scheme="dark")

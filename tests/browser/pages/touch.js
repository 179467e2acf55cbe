// Points at, focuses and presses everything in the messages but real links.
(list) => {
  const events = ["pointerover", "mouseover", "mousedown", "mouseup", "toggle", "animationstart"];
  for (const element of list.querySelectorAll("[role=article], [role=article] .jc-Body *")) {
    for (const type of events) {
      element.dispatchEvent(new Event(type, { bubbles: true, composed: true, cancelable: true }));
    }
    if (element.tabIndex >= 0) element.focus();
    if (element.closest("a, button") === null) element.dispatchEvent(new MouseEvent("click", { bubbles: true, composed: true }));
  }
  list.getRootNode().activeElement?.blur();
}

// Points at, focuses and presses everything in the messages but real links.
(list) => {
  const events = ["pointerover", "pointerenter", "mouseover", "mouseenter", "mousemove", "pointerdown",
    "mousedown", "mouseup", "pointerup", "toggle", "animationstart", "load", "error", "scroll"];
  for (const element of list.querySelectorAll("[role=article], [role=article] *")) {
    for (const type of events) {
      element.dispatchEvent(new Event(type, { bubbles: true, composed: true, cancelable: true }));
    }
    element.focus?.();
    if (element.closest(".jc-Body") && !element.closest("a, button")) element.click?.();
  }
  list.getRootNode().activeElement?.blur();
}

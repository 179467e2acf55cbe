// Scrolls a conversation step by step, as a reader does, and measures what each step moved
// that the reader did not move. `direction` is -1 for up, 1 for down.
async (host, direction) => {
  const STEP = 1000;
  const CALM_FRAMES = 3;
  const list = host.shadowRoot.querySelector("[role=log]");
  const frame = () => new Promise(requestAnimationFrame);
  const bodies = () => [...list.querySelectorAll("[role=article] .jc-Body")];
  const isLoading = () => list.querySelector("[role=status]") !== null;

  const inView = () => {
    const { top, bottom } = list.getBoundingClientRect();
    const boxes = bodies().map((body) => [body.id, body.getBoundingClientRect()]);
    return new Map(
      boxes.flatMap(([id, box]) =>
        box.top >= top && box.bottom <= bottom ? [[id, box.top]] : [],
      ),
    );
  };

  const settle = async () => {
    let before = "";
    for (let calm = 0; calm < CALM_FRAMES; ) {
      await frame();
      const now = `${list.scrollTop} ${list.scrollHeight} ${bodies().length}`;
      calm = now === before && !isLoading() ? calm + 1 : 0;
      before = now;
    }
  };

  const result = { worst: 0, lost: 0, most: 0, steps: 0 };
  await settle();
  for (;;) {
    const start = list.scrollTop;
    list.scrollTop += direction * STEP;
    const reading = inView();
    await settle();
    for (const [id, top] of reading) {
      const body = list.querySelector(`#${CSS.escape(id)}`);
      if (body === null) result.lost += 1;
      else result.worst = Math.max(result.worst, Math.abs(body.getBoundingClientRect().top - top));
    }
    result.most = Math.max(result.most, bodies().length);
    result.steps += 1;
    const end = direction < 0 ? 0 : list.scrollHeight - list.clientHeight;
    if (Math.abs(start - end) < 1 && Math.abs(list.scrollTop - end) < 1) return result;
  }
}

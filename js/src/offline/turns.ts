// One page at a time: by the browser's own locks, which end with the page, or, on an address
// without TLS, where there are none, by a lease that runs out. To wait for ever would be worse
// than two at once (the server tells repeats apart): a page that shows no life loses its turn.

import { database, randomText } from "./database.ts";

const NO_LIFE_MS = 20_000; // longer than the server slows anyone down
const LEASE_MS = 8_000;
const RENEW_MS = 2_000;
const LOOK_MS = 500;

export interface TurnListener {
  granted(): void;
  lost(): void;
}

/** `news` calls back whenever another page shows that it lives. Returns what gives it back. */
export function takeTurn(
  name: string,
  news: (heard: () => void) => () => void,
  listener: TurnListener,
): () => void {
  const { locks } = navigator;
  return locks === undefined ? lease(name, listener) : lock(locks, name, news, listener);
}

function lock(
  locks: LockManager,
  name: string,
  news: (heard: () => void) => () => void,
  { granted, lost }: TurnListener,
): () => void {
  const asked = new AbortController();
  let giveBack = (): void => {};
  let isDone = false;
  const hold = (): Promise<void> => {
    stopWaiting();
    if (isDone) return Promise.resolve();
    granted();
    return new Promise((resolve) => {
      giveBack = resolve;
    });
  };
  // Rejects when the turn is given up before it came, or taken away afterwards
  const rejected = (): void => {
    if (!isDone && !asked.signal.aborted) lost();
  };
  let timer: ReturnType<typeof setTimeout>;
  const waitLonger = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      asked.abort();
      locks.request(name, { steal: true }, hold).catch(() => !isDone && lost());
    }, NO_LIFE_MS);
  };
  const stopListening = news(waitLonger);
  const stopWaiting = (): void => {
    clearTimeout(timer);
    stopListening();
  };
  waitLonger();
  locks.request(name, { signal: asked.signal }, hold).catch(rejected);
  return () => {
    isDone = true;
    stopWaiting();
    asked.abort();
    giveBack();
  };
}

function lease(name: string, { granted, lost }: TurnListener): () => void {
  const holder = randomText();
  let isHeld = false;
  let isDone = false;
  let timer: ReturnType<typeof setTimeout>;
  const look = async (): Promise<void> => {
    const isMine = await take(name, holder).catch(() => true); // nothing to agree with: go on alone
    if (isDone) return;
    if (isMine && !isHeld) granted();
    if (!isMine && isHeld) lost();
    else timer = setTimeout(look, isMine ? RENEW_MS : LOOK_MS);
    isHeld = isMine;
  };
  const giveBack = (): void => {
    isDone = true;
    clearTimeout(timer);
    removeEventListener("pagehide", giveBack);
    void leave(name, holder).catch(() => {});
  };
  addEventListener("pagehide", giveBack);
  void look();
  return giveBack;
}

/** Takes or renews the lease unless another page has it. */
async function take(name: string, holder: string): Promise<boolean> {
  const change = (await database()).transaction("leases", "readwrite");
  const known = await change.store.get(name);
  const now = Date.now();
  const left = (known?.until ?? 0) - now;
  const isFree = known?.holder === holder || left <= 0 || left > LEASE_MS; // or the clock was set
  if (isFree) await change.store.put({ name, holder, until: now + LEASE_MS });
  await change.done;
  return isFree;
}

async function leave(name: string, holder: string): Promise<void> {
  const change = (await database()).transaction("leases", "readwrite");
  const known = await change.store.get(name);
  if (known?.holder === holder) await change.store.delete(name);
  await change.done;
}

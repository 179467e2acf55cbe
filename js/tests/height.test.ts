// A widget's height over visits.

import assert from "node:assert/strict";
import { test } from "node:test";
import { keepHeight } from "../src/height.ts";
import { fakeStorage } from "./fakes.ts";

test("a kept height is never more than 80 % of the window", () => {
  Object.assign(globalThis, { window: { innerHeight: 1000 } });
  const storage = fakeStorage();
  storage.setItem("h", "1200");
  assert.equal(keepHeight(storage, "h", 480).height.value, 800);
  storage.setItem("h", "600");
  assert.equal(keepHeight(storage, "h", 480).height.value, 600);
  storage.removeItem("h");
  assert.equal(keepHeight(storage, "h", 480).height.value, 480);
});

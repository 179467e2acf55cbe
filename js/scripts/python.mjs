import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The Python that has the project: its own environment's, unless PYTHON names another. */
export function python() {
  const own = fileURLToPath(new URL("../../.venv/bin/python", import.meta.url));
  return process.env.PYTHON ?? (existsSync(own) ? own : "python3");
}

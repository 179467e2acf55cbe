// The texts of a message's blocks, over the core's.

import { ENGLISH as CORE, type Plural, textsOf } from "../text.ts";

const ENGLISH = {
  ...CORE,
  highlighting: "highlighting",
  codeIn: "Code, %1",
  wrap: "Wrap lines",
  table: "Table",
  formula: "Formula",
  badFormula: "This formula can't be shown. %1",
  mathematics: "mathematics",
  showLines: { one: "Show all %1 lines", other: "Show all %1 lines" },
  task: "Task",
  taskDone: "Done task",
} as const satisfies Readonly<Record<string, string | Plural>>;

export const t = textsOf(ENGLISH);

// The emoji chunk: one module that needs nothing else.

import table from "emoji-table";
import { makeIndex } from "./emoji-index.ts";

export const { groups, search, find, named } = makeIndex(table);

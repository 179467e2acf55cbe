// A conversation on this page.

export { NOT_ENABLED } from "../protocol/transport.ts";
export type * from "./types.ts";

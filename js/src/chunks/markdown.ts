// The Markdown chunk: the text of messages, parsed and drawn. Takes what it shares from the core.

import body from "../ui/markdown/body.css";
import math from "../ui/markdown/math.css";

export const css = body + math;
export { Markdown } from "../ui/markdown/Markdown.tsx";

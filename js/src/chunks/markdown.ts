// The Markdown chunk: the text of messages, parsed and drawn. Takes what it shares from the core.

export { default as css } from "../ui/markdown/body.css";
export { Markdown } from "../ui/markdown/Markdown.tsx";

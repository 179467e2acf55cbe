// The panels chunk: what opens on a click or a key. Takes what it shares from the core.

export { Completion } from "../ui/panels/completion.ts";
export { onFormatKey } from "../ui/panels/format-keys.ts";
export { Panels } from "../ui/panels/Panels.tsx";
export { notePaste, PastedCode } from "../ui/panels/PastedCode.tsx";
export { default as css } from "../ui/panels/panels.css";
export { RenameForm } from "../ui/panels/RenameForm.tsx";
export { ResizeHandle } from "../ui/panels/ResizeHandle.tsx";
export { Suggestions } from "../ui/panels/Suggestions.tsx";

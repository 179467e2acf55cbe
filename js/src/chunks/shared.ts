// What the core gives to the chunks that draw: they import it as usual, and the build takes it
// from here instead of into the chunk. Whatever has state has to be among it.

export { computed, signal, useComputed, useSignal } from "@preact/signals";
export { useLayoutEffect, useMemo, useRef } from "preact/hooks";
export { Fragment, jsx, jsxs } from "preact/jsx-runtime";
export { clampPx, MIN_PX, maxPx } from "../height.ts";
export { Avatar } from "../ui/Avatar.tsx";
export { CopyButton } from "../ui/CopyButton.tsx";
export { longDate } from "../ui/dates.ts";
export { isAccel, isComposing, isMac, letterOf, noModifier } from "../ui/dom.ts";
export { chooseTone, habits, noteUse, react } from "../ui/emoji-habits.ts";
export { Drawing, Icon, PATHS } from "../ui/Icon.tsx";
export { IconButton } from "../ui/IconButton.tsx";
export { act, allowedActions } from "../ui/message-actions.ts";
export { putBeside, showOnTop } from "../ui/popover.ts";
export { ENGLISH, locale, textsOf } from "../ui/text.ts";
export { useUi } from "../ui/ui.ts";
export { useOverflow } from "../ui/use-overflow.ts";
export { usePeople } from "../ui/use-people.ts";

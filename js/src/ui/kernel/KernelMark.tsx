import { Drawing } from "../Icon.tsx";
import { useUi } from "../ui.ts";
import { t } from "./text.ts";

const CHIP =
  "M5 5h6v6H5ZM6.5 2.5V5M9.5 2.5V5M6.5 11v2.5M9.5 11v2.5M2.5 6.5H5M2.5 9.5H5M11 6.5h2.5M11 9.5h2.5";

/** Says that this page has no server of its own; a narrow one says it in a tip. */
export function KernelMark() {
  const { store, size } = useUi();
  if (!store.loaded.value) return null;
  const text = t("throughKernel");
  return (
    <span class="jc-Kernel" role="img" aria-label={text} data-tip={text}>
      <Drawing name="kernel" path={CHIP} />
      {size.value !== "narrow" && <span aria-hidden="true">{text}</span>}
    </span>
  );
}

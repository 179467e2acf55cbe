// What JupyterLab's own themes say: the variables that our tokens read.

const FONT =
  'system-ui, -apple-system, blinkmacsystemfont, "Segoe UI", helvetica, arial, sans-serif';
const CODE = "menlo, consolas, 'DejaVu Sans Mono', monospace";
const fonts = `--jp-ui-font-family:${FONT};--jp-ui-font-size1:13px;--jp-code-font-family:${CODE};`;

export const HOSTS: Readonly<Record<string, string>> = {
  light: `${fonts}--jp-layout-color1:white;--jp-layout-color2:#eee;--jp-ui-font-color1:rgba(0,0,0,.87);--jp-border-color2:#e0e0e0;--jp-brand-color1:#1976d2;--jp-error-color1:#d32f2f;--jp-warn-color1:#f57c00;--jp-success-color1:#388e3c`,
  dark: `${fonts}--jp-layout-color1:#212121;--jp-layout-color2:#424242;--jp-ui-font-color1:rgba(255,255,255,.87);--jp-border-color2:#424242;--jp-brand-color1:#2196f3;--jp-error-color1:#f44336;--jp-warn-color1:#ff9800;--jp-success-color1:#4caf50`,
  "dark-high-contrast": `${fonts}--jp-layout-color1:#111;--jp-layout-color2:#424242;--jp-ui-font-color1:#fff;--jp-brand-color1:#319bf2`,
};

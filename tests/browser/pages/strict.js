// Mounts the widget without a notebook: the loader as it is, and a model that only has traits.

window.violations = [];
document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sample }) => {
  window.violations.push(`${violatedDirective} ${blockedURI} ${sample}`);
});

const traits = {
  conversation: new URL(location.href).searchParams.get("conversation"),
  title: null,
  height: 480,
  theme: "auto",
};
const model = {
  get: (name) => traits[name],
  set: (name, value) => void (traits[name] = value),
  save_changes: () => {},
  on: () => {},
  off: () => {},
  send: () => {},
};

const { default: widget } = await import("/jupyter_collab/static/loader.js");
widget.render({ model, el: document.getElementById("widget") });

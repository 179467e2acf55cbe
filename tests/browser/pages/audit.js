// Looks at every element that the widget has drawn; gives a list of what should not be there.
(host) => {
  const OWN_TAGS = new Set(
    "section header div span p button input textarea h2 h3 ul ol li dl dt dd kbd bdi time i"
      .split(" ")
      .concat("svg path circle rect line polyline g".split(" "))
      .map((tag) => tag.toUpperCase()),
  );
  const BODY_TAGS = new Set(
    "p br strong em del code pre a ul ol li blockquote table thead tbody tr th td hr"
      .split(" ")
      .concat("math menclose mfrac mi mmultiscripts mn mo mover mpadded mphantom".split(" "))
      .concat("mprescripts mroot mrow mspace msqrt mstyle msub msubsup msup mtable mtd".split(" "))
      .concat("mtext mtr munder munderover none".split(" "))
      .concat("div span button svg path circle rect line polyline g".split(" "))
      .map((tag) => tag.toUpperCase()),
  );
  const ATTRIBUTES = new Set(
    "class role tabindex dir type href target rel id style placeholder rows maxlength disabled"
      .split(" ")
      .concat("start datetime popover size spellcheck autocomplete inert hidden".split(" "))
      .concat("viewbox d fill stroke width height cx cy r x y rx x1 x2 y1 y2 points".split(" "))
      .concat("accent depth display displaystyle fence form largeop linethickness".split(" "))
      .concat("lspace mathvariant maxsize minsize movablelimits notation rspace".split(" "))
      .concat("scriptlevel separator stretchy symmetric voffset".split(" "))
      .concat("stroke-width stroke-linecap stroke-linejoin focusable".split(" ")),
  );
  const DATA = /^data-[a-z]+(-[a-z]+)?$/;
  const HOSTS_DATA = /^data-(commandlinker|jp|lm|jupyter)/;
  const CLASS = /^(jc-[A-Za-z]+(-[a-z]+)*|hljs(-[a-z_-]+)?|[a-z_]+_)$/;
  const ID = /^jc-[A-Za-z0-9:-]+$/;
  const STYLE = /url\(|position|expression|image|content|@/i;
  const LINK = /^(https?:\/\/|mailto:)/;
  const findings = [];

  const checkAttribute = (element, { name, value }) => {
    const what = `${element.localName}[${name}=${value.slice(0, 120)}]`;
    const known = ATTRIBUTES.has(name.toLowerCase()) || /^aria-[a-z]+$/.test(name);
    if (HOSTS_DATA.test(name) || !(known || DATA.test(name))) findings.push(`attribute ${what}`);
    if (name === "id" && !ID.test(value)) findings.push(`id ${what}`);
    if (name === "style" && STYLE.test(value)) findings.push(`style ${what}`);
    if (name === "class" && value.split(/\s+/).some((each) => each && !CLASS.test(each)))
      findings.push(`class ${what}`);
  };

  const checkLink = (element) => {
    const { href } = element;
    const given = element.getAttribute("href");
    if (!LINK.test(href) || !LINK.test(given)) findings.push(`address ${given}`);
    if (element.target !== "_blank") findings.push(`target of ${given}`);
    for (const word of ["noopener", "noreferrer"])
      if (!element.relList.contains(word)) findings.push(`rel of ${given}`);
  };

  const list = host.shadowRoot.querySelector("[role=log]");
  const isInside = (element) => {
    const scrolling = element.closest("pre, .jc-ScrollBox, .jc-Math") ?? element;
    const box = scrolling.getBoundingClientRect();
    const { left } = list.getBoundingClientRect();
    return box.left >= left - 1 && box.right <= left + list.clientWidth + 1;
  };

  for (const element of host.shadowRoot.querySelectorAll("*")) {
    const isBody = element.closest(".jc-Body") !== null;
    const tags = isBody ? BODY_TAGS : new Set([...OWN_TAGS, ...BODY_TAGS]);
    if (!tags.has(element.tagName.toUpperCase())) findings.push(`element ${element.outerHTML}`);
    for (const attribute of element.attributes) checkAttribute(element, attribute);
    if (element.localName === "a") checkLink(element);
    if (list.contains(element) && element.checkVisibility() && !isInside(element))
      findings.push(`outside ${element.outerHTML.slice(0, 300)}`);
    if (isBody && ["fixed", "sticky"].includes(getComputedStyle(element).position))
      findings.push(`position ${element.outerHTML.slice(0, 200)}`);
  }

  if (getComputedStyle(list).overflowX !== "hidden" && list.scrollWidth > list.clientWidth)
    findings.push("the list scrolls sideways");
  const { left, top, right, bottom } = host.getBoundingClientRect();
  for (let x = 5; x < innerWidth; x += 40) {
    for (let y = 5; y < innerHeight; y += 40) {
      const isIn = x >= left && x <= right && y >= top && y <= bottom;
      if (isIn || document.elementFromPoint(x, y) !== host) continue;
      const drawn = host.shadowRoot.elementFromPoint(x, y); // a panel of ours may be outside
      if (!drawn.closest("[popover]")) findings.push(`drawn at ${x}, ${y}`);
    }
  }
  if (document.querySelector("#jc-canary, [name=jc-canary]") || window["jc-canary"])
    findings.push("clobbered");
  if (document.documentElement.outerHTML.includes("pwn(1)")) findings.push("text left the widget");
  return [...findings, ...window.pwned.map((what) => `ran ${what}`)];
}

// Describes a page's controls, so that what changed can be told. Changes nothing.
// `scope` is the part in which a control was looked for, or null for the whole page; `homes` are
// the parts in which a control like it is somebody else's; `target` is the control itself, if found.
([scope, homes, target]) => {
  const ROLES = {
    a: "link", button: "button", summary: "button",
    h1: "heading", h2: "heading", h3: "heading", h4: "heading", h5: "heading", h6: "heading",
  };
  const TOLD = new Set(["button", "checkbox", "heading", "link", "menuitem", "switch", "tab"]);
  const GROUPS = "[role=group],[role=list],[role=region],[role=table],[role=menu],[role=dialog],fieldset,section,ul,table";
  const LANDMARKS = {
    banner: "body > header, [role=banner], div > header",
    navigation: "nav, [role=navigation]",
    main: "main, [role=main]",
  };
  const folded = (text) => (text ?? "").replace(/\s+/g, " ").trim().slice(0, 120);

  const role = (element) => {
    const told = element.getAttribute("role");
    if (told) return told.split(" ")[0];
    if (element.localName === "input") {
      if (element.type === "checkbox") return "checkbox";
      return ["button", "submit", "reset"].includes(element.type) ? "button" : "";
    }
    return ROLES[element.localName] ?? "";
  };
  const referred = (element) =>
    (element.getAttribute("aria-labelledby") ?? "")
      .split(/\s+/)
      .map((id) => document.getElementById(id)?.textContent)
      .join(" ");
  const label = (element) => folded(referred(element)) || folded(element.getAttribute("aria-label"));
  const pictured = (element) => element.querySelector("img[alt], svg > title");
  const name = (element) =>
    label(element) ||
    folded([...(element.labels ?? [])].map((one) => one.innerText || one.textContent).join(" ")) ||
    folded(element.innerText || element.textContent) ||
    (element.localName === "input" && folded(element.value !== "on" ? element.value : "")) ||
    folded(pictured(element)?.getAttribute("alt") ?? pictured(element)?.textContent) ||
    folded(element.title);
  const group = (element) => {
    for (let one = element.parentElement?.closest(GROUPS); one; one = one.parentElement?.closest(GROUPS)) {
      const legend = one.localName === "fieldset" && folded(one.querySelector("legend")?.textContent);
      const told = label(one) || legend;
      if (told) return told.replace(/:$/, "");
    }
    return "";
  };
  const shown = (element) => {
    const drawn = element.getBoundingClientRect();
    return drawn.width > 0 && drawn.height > 0 && getComputedStyle(element).visibility === "visible";
  };

  const all = [...document.querySelectorAll("a[href], button, summary, input, h1, h2, h3, h4, h5, h6, [role]")]
    .filter((element) => element === target || TOLD.has(role(element)));
  // A heading around a button has the button's name and is nothing else to press.
  const pressable = (element) => element.querySelector("a[href], button, summary, [role=button], [role=tab]");
  const found = all.filter((element) => element === target || role(element) !== "heading" || !pressable(element));
  if (target && !found.includes(target)) found.push(target);
  const described = found.map((element) => ({
    role: role(element),
    name: name(element),
    shown: shown(element),
    enabled: !element.matches(":disabled") && !element.closest("[aria-disabled=true]"),
    landmarks: Object.keys(LANDMARKS).filter((mark) => element.closest(LANDMARKS[mark])),
    group: group(element),
    inside: scope === null || scope.contains(element),
    home: homes.findIndex((home) => home.contains(element)),
  }));

  let cover = null;
  if (target) {
    target.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
    const drawn = target.getBoundingClientRect();
    const hit = document.elementFromPoint(drawn.left + drawn.width / 2, drawn.top + drawn.height / 2);
    const own = hit && (target.contains(hit) || hit.contains(target) || target.labels?.[0]?.contains(hit));
    if (hit && !own) cover = hit;
  }
  return {
    found,
    described,
    target: target ? found.indexOf(target) : null,
    cover,
    coveredBy: cover && (label(cover) || folded(cover.innerText) || cover.localName),
  };
}

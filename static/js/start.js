// The form is drawn anew in place: what was typed meanwhile, what was open and where one was stay; then what came back
// is read first, or the row that was just added.
(() => {
  const form = () => document.getElementById("start-form");
  const isForm = (event) => event.detail.target?.id === "start-form" || event.target.id === "start-form";

  // --- What was typed while the answer was on its way ---------------------------------------------------
  const keyOf = (field) => (field.matches("[type=checkbox], [type=radio]") ? `${field.name}=${field.value}` : field.name);
  const stateOf = (field) => (field.matches("[type=checkbox], [type=radio]") ? field.checked : field.value);
  const fields = () =>
    [...(form()?.elements ?? [])].filter((field) => field.name && field.matches("input:not([type=hidden]), select, textarea"));
  const states = () => new Map(fields().map((field) => [keyOf(field), stateOf(field)]));
  const setState = (field, state) => {
    if (field.matches("[type=checkbox], [type=radio]")) field.checked = state;
    else field.value = state;
  };

  // --- What was open ------------------------------------------------------------------------------------
  const drawers = () =>
    [...form().querySelectorAll("details")].map((drawer) => {
      const home = drawer.closest("[id]");
      return [drawer, `${home.id} ${[...home.querySelectorAll("details")].indexOf(drawer)}`];
    });

  let asked = null;
  let kept = null;
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target?.id !== "start-form") return;
    const { submitter } = event.detail.requestConfig.triggeringEvent ?? {};
    const row = submitter?.closest(".stream");
    const rows = row ? [...row.parentElement.querySelectorAll(":scope > .stream")] : [];
    const command = submitter?.name === "row" ? submitter.value : "";
    asked = { before: states(), submitter, command, place: rows.indexOf(row) };
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!isForm(event) || !event.detail.shouldSwap || !asked) return;
    const now = states();
    const active = document.activeElement;
    kept = {
      typed: [...now].filter(([key, state]) => asked.before.has(key) && asked.before.get(key) !== state),
      open: new Set(drawers().filter(([drawer]) => drawer.open).map(([, key]) => key)),
      // Safari does not focus a button that is clicked.
      isWaiting: !active || active === document.body || active === asked.submitter,
      scroll: scrollY,
    };
  });

  const focusRow = () => {
    const [verb, place] = [asked.command.split(":")[0], asked.command.slice(asked.command.indexOf(":") + 1)];
    const list = document.getElementById(`part_${verb === "remove" ? place.replace(/\.\d+$/, "") : place}`);
    const rows = [...(list?.querySelectorAll(":scope > .stream") ?? [])];
    const add = list?.querySelector("button[value^='add:']");
    if (verb === "add") rows.at(-1)?.querySelector("input")?.focus();
    else if (verb === "remove") ((rows[asked.place] ?? rows.at(-1))?.querySelector(".stream-remove") ?? add)?.focus({ preventScroll: true });
  };

  document.addEventListener("htmx:afterSwap", (event) => {
    if (!isForm(event) || !kept) return;
    const typed = new Map(kept.typed);
    fields().forEach((field) => typed.has(keyOf(field)) && setState(field, typed.get(keyOf(field))));
    drawers().forEach(([drawer, key]) => (drawer.open ||= kept.open.has(key)));
    scrollTo({ top: kept.scroll, behavior: "instant" });
    const { isWaiting } = kept;
    kept = null;
    if (asked.command) {
      if (isWaiting) focusRow();
      return;
    }
    const first = document.querySelector("#start-form [data-read-first]");
    first?.focus({ preventScroll: true });
    first?.scrollIntoView({ block: "center" });
  });

  // Who is sent to sign in, be it by what asks in the background, would lose what was typed: the words say how to go on
  // without leaving the page.
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const { elt, xhr, requestConfig } = event.detail;
    const to = xhr.getResponseHeader("HX-Redirect");
    if (!to || !document.getElementById("start-form") || !to.startsWith(document.body.dataset.signIn)) return;
    event.preventDefault();
    htmx.trigger(elt, "recorder:signed-out", { elt, requestConfig });
  });

  let askedAgainAt = 0;
  document.addEventListener("recorder:token-renewed", (event) => {
    if (event.target.id !== "start-preview" || Date.now() - askedAgainAt < 5000) return;
    event.preventDefault();
    askedAgainAt = Date.now();
    htmx.trigger(document.body, "form-changed");
  });

  // A link to a field opens the drawer it lies in and goes into it.
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".problem-list a[href^='#'], .explained a[href^='#']");
    const field = link && document.getElementById(link.getAttribute("href").slice(1));
    if (!field) return;
    event.preventDefault();
    for (let drawer = field.closest("details"); drawer; drawer = drawer.parentElement.closest("details")) drawer.open = true;
    const target = field.matches("input, select, textarea") ? field : field.querySelector("input:not([type=hidden]), select") ?? field;
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: "center" });
  });

  const first = document.querySelector("#start-form [data-read-first]");
  first?.focus();
})();

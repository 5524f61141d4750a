// What came back is read first: a refusal, errors, warnings; or the row that was just added.
(() => {
  let adds = "";

  document.addEventListener("htmx:configRequest", (event) => {
    const command = event.detail.parameters?.row ?? event.detail.formData?.get("row") ?? "";
    adds = command.startsWith("add:") ? command.slice(4) : "";
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "start-form" && event.target.id !== "start-form") return;
    if (adds) {
      const rows = document.getElementById(`part_${adds}`)?.querySelectorAll(".stream");
      rows?.[rows.length - 1]?.querySelector("input")?.focus();
      adds = "";
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
    const link = event.target.closest(".problem-list a[href^='#']");
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

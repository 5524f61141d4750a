// "/" goes to the look-up, where Enter looks up and several lines make the box higher; "j" and "k" walk the rows of a list, whose links then answer to Enter.
// What lies above a row's link, to be hovered or selected, hands a plain click on to it.
(() => {
  const isTyping = (target) => target.closest("input, textarea, select, [contenteditable]");
  const walk = (step) => {
    const links = [...document.querySelectorAll("[data-rows] a.row-link")];
    if (!links.length) return;
    const here = links.findIndex((link) => link.closest("tr, li").contains(document.activeElement));
    const next = here < 0 ? (step > 0 ? 0 : links.length - 1) : here + step;
    links[Math.min(Math.max(next, 0), links.length - 1)].focus();
  };
  document.addEventListener("click", (event) => {
    const row = event.target.closest("[data-rows] :is(tr, li)");
    if (!row || event.target.closest("a, button") || String(getSelection())) return;
    row.querySelector("a.row-link")?.click();
  });
  const box = document.querySelector("[data-lookup]");
  const fit = () => box.classList.toggle("has-lines", box.value.trim().includes("\n"));
  box?.addEventListener("input", fit);
  box?.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    box.form.requestSubmit();
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (event.key === "/") {
      if (!box) return;
      event.preventDefault();
      box.focus();
      box.select();
    } else if (event.key === "j") walk(1);
    else if (event.key === "k") walk(-1);
  });
})();

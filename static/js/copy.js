// Buttons with data-copy copy its value; those with data-copy-from copy the text of the element named there.
(() => {
  const write = async (text) => {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    // Plain http on another host than localhost has no clipboard; the old way still works there.
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  };
  const textOf = (button) =>
    button.dataset.copy ?? document.getElementById(button.dataset.copyFrom)?.textContent ?? "";

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy], [data-copy-from]");
    if (!button) return;
    event.preventDefault();
    try {
      await write(textOf(button));
    } catch {
      return;
    }
    const use = button.querySelector("use");
    const before = use?.getAttribute("href");
    if (use && !button.classList.contains("is-done")) {
      use.setAttribute("href", before.replace(/#.*/, "#check"));
      setTimeout(() => use.setAttribute("href", before), 1500);
    }
    button.classList.add("is-done");
    setTimeout(() => button.classList.remove("is-done"), 1500);
    const said = document.createElement("span");
    said.className = "visually-hidden";
    said.textContent = document.body.dataset.saysCopied;
    document.getElementById("notices").replaceChildren(said);
    setTimeout(() => said.remove(), 1500);
  });
})();

// Lists of texts: rows are added in place, and several lines pasted at once spread over rows.
// Without this file the buttons send the form and it comes back with the row.
(() => {
  const inputsOf = (list) => [...list.querySelectorAll(".text-row input")];

  const renumber = (list) =>
    inputsOf(list).forEach((input, number) => {
      const label = list.querySelector("legend").firstChild.textContent.trim();
      input.name = `${list.dataset.textList}.${number}`;
      input.setAttribute("aria-label", `${label} ${number + 1}`);
      input.nextElementSibling.value = `remove:${input.name}`;
    });

  const addRow = (list, text = "") => {
    const rows = list.querySelectorAll(".text-row");
    const row = rows[rows.length - 1].cloneNode(true);
    const input = row.querySelector("input");
    input.value = text;
    rows[rows.length - 1].after(row);
    renumber(list);
    return input;
  };

  const spread = (list, input, texts) => {
    const [first, ...rest] = texts;
    const start = input.selectionStart ?? input.value.length;
    const end = input.selectionEnd ?? start;
    input.value = input.value.slice(0, start) + first + input.value.slice(end);
    const empty = inputsOf(list).filter((other) => other !== input && !other.value.trim());
    let last = input;
    for (const text of rest) {
      last = empty.shift() ?? addRow(list);
      last.value = text;
    }
    last.focus();
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const listOf = (target) => target.closest?.("[data-text-list]");

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-text-list] button");
    if (!button) return;
    const list = listOf(button);
    if (button.hasAttribute("data-add")) {
      event.preventDefault();
      const waiting = inputsOf(list).find((input) => !input.value.trim());
      (waiting ?? addRow(list)).focus();
      return;
    }
    event.preventDefault();
    const row = button.closest(".text-row");
    if (inputsOf(list).length === 1) row.querySelector("input").value = "";
    else row.remove();
    renumber(list);
    inputsOf(list).at(-1).focus();
    list.dispatchEvent(new Event("change", { bubbles: true }));
  });

  document.addEventListener("paste", (event) => {
    const list = listOf(event.target);
    if (!list || !event.target.matches("input")) return;
    const texts = event.clipboardData
      .getData("text")
      .split(/[\r\n,;，；、\t]+/)
      .map((text) => text.trim())
      .filter(Boolean);
    if (texts.length < 2) return;
    event.preventDefault();
    spread(list, event.target, texts);
  });

  // Enter asks for the next row: it must not start a recording in the middle of a list.
  document.addEventListener("keydown", (event) => {
    const list = listOf(event.target);
    if (event.key !== "Enter" || event.isComposing || !list || !event.target.matches("input")) return;
    event.preventDefault();
    const inputs = inputsOf(list);
    const next = inputs[inputs.indexOf(event.target) + 1] ?? (event.target.value.trim() ? addRow(list) : event.target);
    next.focus();
  });
})();

// A link with data-dialog leads to a page that asks something; its middle is shown in the dialog instead.
(() => {
  const dialog = document.getElementById("dialog");
  let opener = "";

  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-dialog]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    opener = link.id;
    try {
      await htmx.ajax("GET", link.href, { target: "#dialog", swap: "innerHTML" });
    } catch {
      // The notice that the dashboard did not answer is shown by frame.js.
    }
    if (dialog.firstElementChild && !dialog.open) dialog.showModal();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) {
      event.preventDefault();
      dialog.close();
    }
  });
  // The link may have been drawn anew meanwhile.
  dialog.addEventListener("close", () => {
    dialog.replaceChildren();
    document.getElementById(opener)?.focus();
  });
})();

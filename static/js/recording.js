// The page of a recording asks for its moving part again: not in a hidden tab; what was opened stays open, and a
// change of the status is said once.
(() => {
  const part = () => document.getElementById("recording-now");
  const isOurs = (event) => event.target.id === "recording-now";
  let open = [];
  let said = part()?.dataset.says;

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!isOurs(event)) return;
    if (document.hidden) event.preventDefault();
    // Nobody asked for it, so nothing shows that it waits.
    event.stopImmediatePropagation();
  }, true);
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (isOurs(event)) open = [...part().querySelectorAll("details[open][id]")].map((details) => details.id);
  });
  document.addEventListener("htmx:afterSettle", () => {
    open.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
    const now = part()?.dataset.says;
    if (now === said) return;
    said = now;
    // What was announced when somebody clicked has come true, or has not: the status says which.
    document.querySelectorAll("[data-passing]").forEach((message) => message.remove());
    document.getElementById("recording-said").textContent = now;
  });
})();

// Asks now and then whether the database is back. A page then comes by itself; a form that was on its way is the
// person's to send again.
(() => {
  const part = document.querySelector("[data-away]");
  const isForm = part.dataset.away === "form";
  const again = part.querySelector("[data-away-again]");
  const waits = part.querySelector("[data-away-waits]");
  if (again) {
    again.hidden = false;
    again.querySelector("button").addEventListener("click", () => location.reload());
  }
  if (waits) waits.hidden = false;

  const look = async () => {
    let isBack = false;
    try {
      isBack = (await fetch(part.dataset.ready, { cache: "no-store" })).ok;
    } catch {
      // The dashboard itself is away as well; it is asked again.
    }
    if (!isBack) return setTimeout(look, 3000);
    if (!isForm) return location.reload();
    const line = part.querySelector("[data-away-said]");
    line.textContent = line.dataset.saysBack;
    return undefined;
  };
  setTimeout(look, 3000);
})();

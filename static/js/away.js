// Asks now and then whether the database is back. A page then comes by itself; a form that was on its way is the
// person's to send again.
(() => {
  const part = document.querySelector("[data-away]");
  const isForm = part.dataset.away === "form";
  const back = part.querySelector("[data-away-back]");
  const waits = part.querySelector("[data-away-waits]");
  if (back) {
    back.hidden = history.length < 2;
    back.querySelector("button").addEventListener("click", () => history.back());
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

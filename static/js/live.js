// Keeps a page fresh: its live part and the alarms ask for themselves again, and what differs is changed in place,
// so that focus, selection and scroll stay. Not while the tab is hidden; not while somebody has paused it.
(() => {
  const keyed = (parent) => [...parent.children].filter((child) => child.id);

  const morphAttributes = (old, fresh) => {
    for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
    for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  };
  const morphChildren = (old, fresh) => {
    const wanted = new Set(keyed(fresh).map((child) => child.id));
    keyed(old).forEach((child) => wanted.has(child.id) || child.remove());
    const known = new Map(keyed(old).map((child) => [child.id, child]));
    let here = old.firstChild;
    for (const child of [...fresh.childNodes]) {
      const same = child.id ? known.get(child.id) : here && !here.id && here.nodeName === child.nodeName ? here : null;
      if (!same) old.insertBefore(child, here);
      else if (same === here) here = here.nextSibling;
      else old.insertBefore(same, here);
      if (same) morph(same, child);
    }
    while (here) {
      const next = here.nextSibling;
      here.remove();
      here = next;
    }
  };
  const morph = (old, fresh) => {
    if (old.isEqualNode(fresh)) return;
    if (old.nodeName !== fresh.nodeName) old.replaceWith(fresh);
    else if (old.nodeType !== Node.ELEMENT_NODE) old.data = fresh.data;
    else {
      morphAttributes(old, fresh);
      morphChildren(old, fresh);
    }
  };

  // What stands at the top of the window stays there when rows come or go above it.
  const holdScroll = (change) => {
    const bar = document.querySelector(".topbar")?.offsetHeight ?? 0;
    const rows = scrollY > 0 ? [...document.querySelectorAll("#live tr[id]")] : [];
    const kept = rows.map((row) => [row, row.getBoundingClientRect().top]).filter(([, top]) => top >= bar);
    change();
    const still = kept.find(([row]) => row.isConnected);
    if (still) scrollBy({ top: still[0].getBoundingClientRect().top - still[1], behavior: "instant" });
  };

  htmx.defineExtension("morph", {
    isInlineSwap: (style) => style === "morph",
    handleSwap: (style, target, fragment) => {
      const fresh = fragment.firstElementChild;
      if (style !== "morph" || !fresh) return false;
      holdScroll(() => morph(target, fresh));
      return [target];
    },
  });

  const KEY = "recorder-live";
  const part = document.querySelector("[data-live]");
  const alarms = document.getElementById("alarms");
  const bar = document.querySelector("[data-live-bar]");
  const every = (element, name) => (element ? Number(element.dataset[name]) * 1000 : Infinity);
  const pace = new Map([[part, every(part, "live")], [alarms, every(alarms, "alarms")]]);
  const askedAt = new Map([[part, Date.now()], [alarms, Date.now()]]);
  let isPaused = false;
  try {
    isPaused = localStorage.getItem(KEY) === "paused";
  } catch {
    // Storage may be forbidden; a pause then lasts for one page.
  }

  const show = () => {
    if (!bar) return;
    bar.hidden = false;
    bar.querySelectorAll("[data-live-while]").forEach((words) => {
      words.hidden = (words.dataset.liveWhile === "paused") !== isPaused;
    });
  };
  // Nobody's open dialog is changed under the hand.
  const isBusy = () => Boolean(part?.querySelector("dialog[open], details[open]"));
  part?.addEventListener("htmx:beforeSwap", (event) => {
    if (event.target === part && isBusy()) event.detail.shouldSwap = false;
  });

  // The live part brings the alarms along; they ask for themselves only where it does not.
  const asking = () => (part && !isPaused ? part : alarms);
  const ask = () => {
    const element = asking();
    if (!element || document.hidden || isBusy() || element.classList.contains("htmx-request")) return;
    if (Date.now() - askedAt.get(element) < pace.get(element)) return;
    askedAt.set(element, Date.now());
    htmx.trigger(element, "refresh");
  };

  let saidAt = 0;
  const say = () => {
    // Who listens is told now and then that something changed, not every time.
    if (Date.now() - saidAt < 30000) return;
    saidAt = Date.now();
    const line = bar.querySelector("[data-live-said]");
    line.textContent = line.dataset.saysChanged;
    setTimeout(() => (line.textContent = ""), 2000);
  };
  // Said once, at the page's own line: a notice with every try would only be in the way.
  const tellTrouble = (is) => {
    const line = bar?.querySelector("[data-live-trouble]");
    const words = is ? line?.dataset.saysTrouble : "";
    if (line && line.textContent !== words) line.textContent = words;
  };
  const note = (event) => {
    if (event.target !== part || !event.detail.successful) return;
    tellTrouble(false);
    const time = bar.querySelector("time");
    const now = new Date();
    time.dateTime = now.toISOString();
    time.textContent = document.body.dataset.saysNow;
    if (event.detail.xhr.status === 200) say();
  };
  [part, alarms].forEach((element) => {
    // What was not asked for by a person does not show the bar that says "wait".
    for (const name of ["htmx:beforeRequest", "htmx:afterRequest"])
      element?.addEventListener(name, (event) => {
        if (event.target !== element) return;
        event.stopPropagation();
        if (name === "htmx:afterRequest") note(event);
      });
  });

  for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"])
    part?.addEventListener(name, (event) => {
      // Who is signed out, or may not see this any more, is told so by frame.js.
      if (event.target !== part || event.detail.xhr.status === 403) return;
      event.stopPropagation();
      tellTrouble(true);
    });

  bar?.querySelector("[data-live-pause]").addEventListener("click", () => {
    isPaused = !isPaused;
    try {
      localStorage.setItem(KEY, isPaused ? "paused" : "");
    } catch {
      // As above.
    }
    show();
    tellTrouble(false);
    askedAt.set(part, 0);
    ask();
  });
  // What somebody just sent may have met the trouble, or ended it.
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.requestConfig?.triggeringEvent?.type !== "submit") return;
    askedAt.set(alarms, 0);
    ask();
  });
  document.addEventListener("visibilitychange", ask);
  setInterval(ask, 1000);
  show();
})();

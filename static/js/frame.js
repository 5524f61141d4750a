// Menus that close, buttons that wait while they send, and a word when the dashboard does not answer.
(() => {
  const closeMenus = (except) =>
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
      if (menu !== except) menu.open = false;
    });
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details[data-menu]")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details[data-menu][open]");
    if (menu) menu.querySelector("summary").focus();
    closeMenus();
    const nav = document.getElementById("nav-open");
    if (nav) nav.checked = false;
  });

  // --- Buttons that wait while they send ----------------------------------------------------------------
  const wait = (form, button) => {
    form.setAttribute("aria-busy", "true");
    const words = button?.dataset.sending && button.querySelector("span");
    if (!words) return;
    button.dataset.words = words.textContent;
    words.textContent = button.dataset.sending;
  };
  const rest = (form) => {
    form.removeAttribute("aria-busy");
    form.querySelectorAll("button[data-words]").forEach((button) => {
      button.querySelector("span").textContent = button.dataset.words;
      delete button.dataset.words;
    });
  };
  // Enter and a hidden first button stand for the one that people see.
  const pressed = (form, submitter) =>
    submitter?.name ? submitter : submitter?.dataset.sending ? submitter : form.querySelector("button[data-sending]");

  // After the browser has read the form, so that the pressed button's own value is still sent.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    // A download leaves the page as it is.
    if (form.method !== "post" || event.submitter?.hasAttribute("data-download")) return;
    setTimeout(() => {
      if (event.defaultPrevented) return;
      wait(form, pressed(form, event.submitter));
      form.querySelectorAll("button:not([type=button])").forEach((button) => (button.disabled = true));
    });
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = event.target;
    if (form.matches("form")) wait(form, pressed(form, event.detail.requestConfig.triggeringEvent?.submitter));
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    // A form whose answer leads to another page waits until that is there.
    if (event.target.matches?.("form") && !event.detail.keepIndicators) rest(event.target);
  });
  // A page that comes back from the browser's memory must not stay disabled.
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    document.querySelectorAll("form[aria-busy]").forEach((form) => {
      rest(form);
      form.querySelectorAll("button:disabled").forEach((button) => (button.disabled = false));
    });
    document.querySelectorAll("[data-disabled-by-htmx]").forEach((element) => {
      element.disabled = false;
      element.removeAttribute("data-disabled-by-htmx");
    });
  });

  let waiting = 0;
  let timer = 0;
  const show = () => document.documentElement.classList.toggle("is-waiting", waiting > 0);
  document.addEventListener("htmx:beforeRequest", () => {
    waiting += 1;
    timer = timer || setTimeout(show, 300);
  });
  document.addEventListener("htmx:afterRequest", () => {
    waiting = Math.max(0, waiting - 1);
    if (waiting) return;
    clearTimeout(timer);
    timer = 0;
    show();
  });

  // A form may have words of its own for what went wrong; the page has some for every case.
  const says = (element, what) =>
    element?.closest?.(`[data-says-${what}]`)?.getAttribute(`data-says-${what}`) ?? document.body.getAttribute(`data-says-${what}`);
  const notices = () => document.getElementById("notices");
  // The address whose failure is being told: only an answer from there proves that it is over.
  let failed = "";
  const tell = (event, what) => {
    const notice = document.createElement("div");
    notice.className = "notice notice-warning";
    notice.textContent = says(event.detail.elt, what);
    notices().replaceChildren(notice);
    failed = event.detail.requestConfig?.path ?? "";
  };

  // Signing in again makes a new token; the page that refuses the old one brings it along.
  const renewToken = (page) => {
    const fresh = page.body.getAttribute("hx-headers");
    if (!fresh) return;
    document.body.setAttribute("hx-headers", fresh);
    const token = JSON.parse(fresh)["X-CSRFToken"];
    document.getElementsByName("csrfmiddlewaretoken").forEach((input) => (input.value = token));
  };
  const refused = (event) => {
    const page = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
    if (!page.querySelector("[data-stale-form]")) return tell(event, "forbidden");
    renewToken(page);
    if (!page.body.classList.contains("has-frame")) tell(event, "signed-out");
    // What nobody pressed may ask again by itself.
    else if (htmx.trigger(event.detail.elt, "recorder:token-renewed")) tell(event, "stale");
  };
  document.addEventListener("htmx:responseError", (event) => {
    const { status } = event.detail.xhr;
    if (status === 403) refused(event);
    else tell(event, status === 503 ? "away" : status >= 500 ? "broken" : "unreachable");
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(name, (event) => tell(event, "unreachable"));
  document.addEventListener("recorder:signed-out", (event) => tell(event, "signed-out"));
  document.addEventListener("htmx:afterOnLoad", (event) => {
    if (event.detail.successful && event.detail.requestConfig?.path === failed) notices().replaceChildren();
  });
})();

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

  // After the browser has read the form, so that the pressed button's own value is still sent.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post") return;
    setTimeout(() => {
      if (event.defaultPrevented) return;
      form.setAttribute("aria-busy", "true");
      form.querySelectorAll("button:not([type=button])").forEach((button) => (button.disabled = true));
    });
  });
  // A page that comes back from the browser's memory must not stay disabled.
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    document.querySelectorAll("form[aria-busy]").forEach((form) => {
      form.removeAttribute("aria-busy");
      form.querySelectorAll("button:disabled").forEach((button) => (button.disabled = false));
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

  const notices = () => document.getElementById("notices");
  const unreachable = () => {
    if (notices().childElementCount) return;
    const notice = document.createElement("div");
    notice.className = "notice notice-warning";
    notice.textContent = document.body.dataset.saysUnreachable;
    notices().append(notice);
  };
  document.addEventListener("htmx:sendError", unreachable);
  document.addEventListener("htmx:responseError", unreachable);
  document.addEventListener("htmx:timeout", unreachable);
  document.addEventListener("htmx:afterOnLoad", () => notices().replaceChildren());
})();

// The remembered theme, set before the first paint; "auto" follows the system.
(() => {
  const KEY = "recorder-theme";
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let choice = "auto";
  try {
    choice = localStorage.getItem(KEY) || "auto";
  } catch {
    // Storage may be forbidden; the theme then lasts for one page.
  }

  const paint = () => {
    const isDark = choice === "dark" || (choice === "auto" && dark.matches);
    document.documentElement.dataset.bsTheme = isDark ? "dark" : "light";
    document.querySelectorAll("[data-theme-choice]").forEach((button) => {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === choice));
    });
  };

  paint();
  dark.addEventListener("change", paint);
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-theme-switch]").forEach((group) => (group.hidden = false));
    paint();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-choice]");
    if (!button) return;
    choice = button.dataset.themeChoice;
    try {
      localStorage.setItem(KEY, choice);
    } catch {
      // As above.
    }
    paint();
  });
})();

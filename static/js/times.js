// Keeps relative times fresh, in the words the server used; after a day they stand as they are.
(() => {
  const says = document.body.dataset;
  const refresh = () =>
    document.querySelectorAll("time[data-when]").forEach((time) => {
      const seconds = (Date.now() - Date.parse(time.dateTime)) / 1000;
      if (seconds < 0 || seconds >= 86400) return;
      if (seconds < 60) time.textContent = says.saysNow;
      else if (seconds < 3600) time.textContent = says.saysMinutes.replace("#", Math.floor(seconds / 60));
      else time.textContent = says.saysHours.replace("#", Math.floor(seconds / 3600));
    });
  setInterval(refresh, 20000);
})();

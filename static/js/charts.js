// Draws the pictures of a report from the numbers in the page, in the colours of the theme. Each picture's numbers also
// stand in a table below it; a bar leads to the calls behind it, as its number in the table does.
(() => {
  const source = document.getElementById("report-charts");
  if (!source || !window.Chart) return;
  const charts = JSON.parse(source.textContent);
  const drawn = new Map();
  const numbers = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });

  // A variable may hold any notation, and light-dark(): the browser itself turns it into red, green and blue.
  const dot = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  const colourOf = (name) => {
    const probe = document.createElement("span");
    probe.style.color = `var(${name})`;
    document.body.append(probe);
    dot.clearRect(0, 0, 1, 1);
    dot.fillStyle = getComputedStyle(probe).color;
    dot.fillRect(0, 0, 1, 1);
    probe.remove();
    const [red, green, blue] = dot.getImageData(0, 0, 1, 1).data;
    return `rgb(${red}, ${green}, ${blue})`;
  };

  const HATCHES = {
    rising: [[0, 8, 8, 0]],
    falling: [[0, 0, 8, 8]],
    level: [[0, 4, 8, 4]],
    dots: [[3, 4, 5, 4]],
  };
  const fillOf = (colour, hatch) => {
    if (!HATCHES[hatch]) return colour;
    const tile = Object.assign(document.createElement("canvas"), { width: 8, height: 8 });
    const brush = tile.getContext("2d");
    brush.fillStyle = colour;
    brush.fillRect(0, 0, 8, 8);
    brush.strokeStyle = colourOf("--tblr-bg-surface");
    brush.lineWidth = 1.6;
    for (const [fromX, fromY, toX, toY] of HATCHES[hatch]) {
      brush.beginPath();
      brush.moveTo(fromX, fromY);
      brush.lineTo(toX, toY);
      brush.stroke();
    }
    return brush.createPattern(tile, "repeat");
  };

  // A bar over time leads to what all of them have in common and the time of its step.
  const linkOf = (chart, { datasetIndex, index }) => {
    const { links, stem } = chart.datasets[datasetIndex];
    return links?.[index] || (stem && stem + chart.times[index]);
  };

  const datasetOf = (set, kind) => {
    const colour = colourOf(set.colour);
    if (kind === "line") {
      const isShort = set.data.length < 40;
      return {
        label: set.label, data: set.data, borderColor: colour, backgroundColor: colour, hoverBackgroundColor: colour,
        borderDash: set.dash ?? [], pointStyle: set.point ?? "circle", pointRadius: isShort ? 3 : 0, pointHoverRadius: 4,
        borderWidth: 2, stepped: set.stepped ? "middle" : false, spanGaps: false,
      };
    }
    const fill = fillOf(colour, set.hatch);
    return {
      label: set.label, data: set.data, backgroundColor: fill, hoverBackgroundColor: fill, borderColor: colour,
      hoverBorderColor: colour, borderWidth: 1, maxBarThickness: 46,
    };
  };

  const optionsOf = (chart) => {
    const words = colourOf("--tblr-secondary");
    const grid = colourOf("--tblr-border-color");
    const isLying = chart.kind === "rows";
    const unit = chart.unit ? ` ${chart.unit}` : "";
    const axisOf = (isValue) => ({
      stacked: Boolean(chart.stacked),
      beginAtZero: true,
      suggestedMax: isValue ? chart.most : undefined,
      border: { color: grid },
      grid: { color: grid, display: isValue },
      ticks: {
        color: words, maxRotation: 0, autoSkipPadding: 14, precision: unit ? undefined : 0,
        ...(isValue ? { callback: (value) => `${numbers.format(value)}${unit}` } : {}),
      },
    });
    return {
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      indexAxis: isLying ? "y" : "x",
      interaction: { mode: "index", axis: isLying ? "y" : "x", intersect: false },
      scales: { x: axisOf(isLying), y: axisOf(!isLying) },
      plugins: {
        legend: {
          display: chart.datasets.length > 1, position: "bottom",
          labels: { color: words, usePointStyle: chart.kind === "line", boxWidth: chart.kind === "line" ? 8 : 22, boxHeight: chart.kind === "line" ? 8 : 12 },
        },
        tooltip: {
          callbacks: { label: (item) => `${item.dataset.label}: ${numbers.format(isLying ? item.parsed.x : item.parsed.y)}${unit}` },
        },
      },
      onClick: (event, _near, self) => {
        const [hit] = self.getElementsAtEventForMode(event, "nearest", { intersect: true }, false);
        const link = hit && linkOf(chart, hit);
        if (link) location.assign(link);
      },
      onHover: (event, _near, self) => {
        const [hit] = self.getElementsAtEventForMode(event, "nearest", { intersect: true }, false);
        self.canvas.style.cursor = hit && linkOf(chart, hit) ? "pointer" : "";
      },
    };
  };

  const draw = () => {
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    document.querySelectorAll("canvas[data-chart]").forEach((canvas) => {
      const chart = charts[canvas.dataset.chart];
      drawn.get(canvas)?.destroy();
      if (chart.kind === "rows") canvas.parentElement.style.height = `${chart.labels.length * 30 + 80}px`;
      const datasets = chart.datasets.map((set) => datasetOf(set, chart.kind));
      const type = chart.kind === "line" ? "line" : "bar";
      drawn.set(canvas, new Chart(canvas, { type, data: { labels: chart.labels, datasets }, options: optionsOf(chart) }));
    });
  };

  draw();
  new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ["data-bs-theme"] });

  // --- A picture as a file: its title above it, on the ground of the page -------------------------------------
  const save = (button) => {
    const canvas = document.getElementById(`${button.dataset.png}-chart`);
    const title = document.getElementById(`${button.dataset.png}-title`).textContent;
    const scale = canvas.width / canvas.clientWidth;
    const head = 40 * scale;
    const sheet = Object.assign(document.createElement("canvas"), { width: canvas.width, height: canvas.height + head });
    const brush = sheet.getContext("2d");
    brush.fillStyle = colourOf("--tblr-bg-surface");
    brush.fillRect(0, 0, sheet.width, sheet.height);
    brush.fillStyle = colourOf("--tblr-body-color");
    brush.font = `600 ${15 * scale}px ${Chart.defaults.font.family}`;
    brush.fillText(title, 12 * scale, 25 * scale);
    brush.drawImage(canvas, 0, head);
    const link = document.createElement("a");
    link.href = sheet.toDataURL("image/png");
    link.download = `${button.dataset.png}.png`;
    link.click();
  };
  document.querySelectorAll("[data-png]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => save(button));
  });

  // --- On paper: light, and with every table open ---------------------------------------------------------------
  let theme = "";
  let opened = [];
  window.addEventListener("beforeprint", () => {
    theme = document.documentElement.dataset.bsTheme;
    document.documentElement.dataset.bsTheme = "light";
    opened = [...document.querySelectorAll(".report-numbers:not([open])")];
    opened.forEach((details) => (details.open = true));
    draw();
    drawn.forEach((chart) => chart.resize(640, chart.canvas.clientHeight));
  });
  window.addEventListener("afterprint", () => {
    document.documentElement.dataset.bsTheme = theme;
    opened.forEach((details) => (details.open = false));
    draw();
  });
  document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });
})();

/* Chart loader: the CDN with its hash and a time limit, then the copy on our own origin, then the data table that
   is already in the page. The hash guards the CDN file only: collecting static files may rewrite the local copy's
   sourceMappingURL line, which changes its bytes. Data blocks are plain Chart.js settings whose colours are names
   of tokens ("--ink", "--g-loyal/0.4"), so that a chart follows the theme. */
(() => {
  const settings = document.currentScript.dataset;
  const root = document.documentElement;
  const DOWN = "chart-cdn-down";
  const remember = (value) => {
    try {
      if (value) sessionStorage.setItem(DOWN, value);
      return sessionStorage.getItem(DOWN);
    } catch {
      return null;
    }
  };

  // Loading

  const load = (src, limit, checked) =>
    new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = src;
      if (checked) {
        script.integrity = settings.integrity;
        script.crossOrigin = "anonymous";
      }
      const timer = setTimeout(() => {
        script.remove();
        reject(new Error(`timeout ${src}`));
      }, limit);
      script.onload = () => {
        clearTimeout(timer);
        if (window.Chart) resolve(src);
        else reject(new Error(`no Chart in ${src}`));
      };
      script.onerror = () => {
        clearTimeout(timer);
        reject(new Error(`blocked ${src}`));
      };
      document.head.append(script);
    });
  const fetchLibrary = () => {
    if (settings.mode === "local" || !settings.cdn || remember()) return load(settings.local, 8000);
    return load(settings.cdn, Number(settings.timeout) || 1500, true).catch(() => {
      remember("yes");
      return load(settings.local, 8000);
    });
  };

  // Colours by name

  const css = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const colour = (text) => {
    const faded = text.match(/^(--[\w-]+)\/([\d.]+)$/);
    if (!faded) return text.startsWith("--") ? css(text) : text;
    const value = parseInt(css(faded[1]).slice(1), 16);
    return `rgba(${value >> 16},${(value >> 8) & 255},${value & 255},${faded[2]})`;
  };
  const resolved = (part) => {
    if (typeof part === "string") return colour(part);
    if (Array.isArray(part)) return part.map(resolved);
    if (!part || typeof part !== "object") return part;
    return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, resolved(value)]));
  };

  // Two plugins: labelled lines (targets, today) and figures beside the bars

  const small = () => `12px ${getComputedStyle(document.body).fontFamily}`;
  const drawLine = (chart, line) => {
    const scale = chart.scales[line.axis || "y"];
    const { left, right, top, bottom } = chart.chartArea;
    const at = scale.getPixelForValue(line.v);
    const level = scale.axis === "y";
    const pen = chart.ctx;
    pen.save();
    pen.strokeStyle = line.color || css("--ink-2");
    pen.setLineDash(line.dash || [4, 3]);
    pen.lineWidth = 1.25;
    pen.beginPath();
    pen.moveTo(level ? left : at, level ? at : top);
    pen.lineTo(level ? right : at, level ? at : bottom);
    pen.stroke();
    if (line.t) {
      pen.fillStyle = css("--ink-2");
      pen.font = small();
      pen.textAlign = level ? (line.al === "left" ? "left" : "right") : line.al || "left";
      const x = level ? (line.al === "left" ? left + 6 : right) : at + (line.al === "right" ? -5 : 5);
      pen.fillText(line.t, x, level ? at - 5 : top + 11);
    }
    pen.restore();
  };
  const lineAt = {
    id: "lineAt",
    afterDatasetsDraw: (chart, _, options) => (options.at || []).forEach((line) => drawLine(chart, line)),
  };
  const vals = {
    id: "vals",
    afterDatasetsDraw(chart, _, options) {
      if (!options.on) return;
      const pen = chart.ctx;
      const sideways = chart.options.indexAxis === "y";
      pen.save();
      pen.fillStyle = css("--ink-2");
      pen.font = small();
      pen.textAlign = sideways ? "left" : "center";
      chart.data.datasets.forEach((set, i) => {
        if (set.novals) return;
        chart.getDatasetMeta(i).data.forEach((bar, j) => {
          const text = set.labels ? set.labels[j] : set.data[j];
          if (text === null || text === undefined) return;
          pen.fillText(text, sideways ? bar.x + 6 : bar.x, sideways ? bar.y + 4 : bar.y - 6);
        });
      });
      pen.restore();
    },
  };

  // Drawing

  const live = new Map();
  const setDefaults = () => {
    const { defaults } = Chart;
    defaults.font.family = getComputedStyle(document.body).fontFamily;
    defaults.font.size = 12;
    defaults.color = css("--ink-3");
    defaults.borderColor = css("--line");
    defaults.animation = false;
    defaults.maintainAspectRatio = false;
    defaults.plugins.legend.display = false;
    defaults.scale.border = { display: false };
    defaults.locale = root.lang;
    Object.assign(defaults.plugins.tooltip, {
      backgroundColor: css("--btn"),
      titleColor: css("--on-ink"),
      bodyColor: css("--on-ink"),
      padding: 10,
      cornerRadius: 8,
      boxPadding: 4,
    });
  };
  const drawOne = (canvas) => {
    live.get(canvas)?.destroy();
    const { type, data, options = {} } = JSON.parse(document.getElementById(canvas.dataset.chart).textContent);
    live.set(canvas, new Chart(canvas, { ...resolved({ type, data, options }), plugins: [lineAt, vals] }));
  };
  const draw = () => {
    for (const [canvas, chart] of live) {
      if (canvas.isConnected) continue;
      chart.destroy();
      live.delete(canvas);
    }
    setDefaults();
    document.querySelectorAll("canvas[data-chart]").forEach(drawOne);
  };
  const openTables = () => {
    root.dataset.charts = "table";
    document.querySelectorAll(".chart").forEach((box) => box.classList.add("fail"));
    document.querySelectorAll("details.dt").forEach((table) => (table.open = true));
  };

  let library = null;
  const show = () => {
    if (!document.querySelector("canvas[data-chart]")) return;
    library ||= fetchLibrary().then((src) => (root.dataset.charts = src === settings.cdn ? "cdn" : "local"));
    library.then(draw).catch(openTables);
  };
  show();
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.elt.querySelector?.("canvas[data-chart]")) show();
  });
  addEventListener("themechange", () => window.Chart && draw());
  // Paper is light: redraw in light colours, and put the theme back afterwards.
  let theme;
  addEventListener("beforeprint", () => {
    if (!window.Chart) return;
    theme = root.dataset.theme;
    root.dataset.theme = "light";
    draw();
  });
  addEventListener("afterprint", () => {
    if (!theme) return;
    root.dataset.theme = theme;
    draw();
  });
})();

// SPDX-License-Identifier: Apache-2.0
// Makes the line figures of a report interactive. Without it the page shows the same data as still pictures.
"use strict";
(() => {
  const style = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const look = name => style("--look-" + name) || style("--ink");
  const short = value => {
    if (value == null) return "–";
    const size = Math.abs(value);
    return size !== 0 && (size >= 1e6 || size < 1e-3) ? value.toExponential(2) : String(Number(value.toPrecision(5)));
  };

  const positive = values => values.filter(v => v != null && v > 0);
  // One table a series; uPlot wants them all over one row of x. A logarithmic axis takes positive values only; a band
  // that goes below is cut there.
  const columns = (figure, log, threads) => {
    const floor = log ? Math.min(...figure.series.map(s => Math.min(...positive(s.y)))) : -Infinity;
    const fit = values => log ? values.map(v => v > 0 ? v : null) : values;
    const cut = values => log ? values.map(v => v == null ? v : Math.max(v, floor)) : values;
    const tables = [], series = [{ label: figure.x.label, value: (u, v) => short(v) }], bands = [], family = [];
    const add = (table, options, index) => {
      tables.push(table);
      series.push(...options);
      for (let i = 0; i < options.length; ++i) family.push(index);
    };
    if (threads)
      for (const thread of figure.threads) {
        const index = figure.series.findIndex(s => thread.label.startsWith(s.label + ", "));
        add([thread.x, fit(thread.y)], [{ label: thread.label, class: "aux", stroke: look(thread.look), width: 0.7, alpha: 0.4,
          points: { show: false } }], index);
      }
    figure.series.forEach((s, index) => {
      const color = look(s.look), dash = s.dash ? s.dash.split(" ").map(Number) : undefined;
      const main = { label: s.label, stroke: color, width: 2, dash, points: { show: s.marks, size: 6, fill: color },
        value: (u, v) => short(v), main: true };
      if (!s.low) return add([s.x, fit(s.y)], [main], index);
      const edge = { class: "aux", stroke: "transparent", width: 0, points: { show: false }, label: s.label + ", interval" };
      const at = series.length;
      add([s.x, fit(s.y), cut(s.high), cut(s.low)], [main, { ...edge }, { ...edge }], index);
      bands.push({ series: [at + 1, at + 2], fill: color + "2E" });
    });
    return { data: uPlot.join(tables), series, bands, family };
  };

  const levels = figure => u => {
    const c = u.ctx, ratio = devicePixelRatio;
    c.save();
    c.font = `${11 * ratio}px ${getComputedStyle(document.body).fontFamily}`;
    c.textAlign = "right";
    c.lineWidth = ratio;
    for (const level of figure.levels) {
      if (level.y < u.scales.y.min || level.y > u.scales.y.max) continue;
      const y = u.valToPos(level.y, "y", true), right = u.bbox.left + u.bbox.width;
      c.strokeStyle = style("--axis");
      c.setLineDash([5 * ratio, 4 * ratio]);
      c.beginPath();
      c.moveTo(u.bbox.left, y);
      c.lineTo(right, y);
      c.stroke();
      c.setLineDash([]);
      c.strokeStyle = style("--ground");
      c.lineWidth = 3 * ratio;
      const above = y - 4 * ratio > u.bbox.top + 10 * ratio ? y - 4 * ratio : y + 13 * ratio;
      c.strokeText(level.label, right - 4 * ratio, above);
      c.lineWidth = ratio;
      c.fillStyle = style("--soft");
      c.fillText(level.label, right - 4 * ratio, above);
    }
    c.restore();
  };

  const draw = (figure, place, log, threads) => {
    const { data, series, bands, family } = columns(figure, log, threads);
    const axis = (label, size) => ({ label, size, stroke: style("--soft"), labelFont: "12px system-ui, sans-serif",
      labelSize: 20, labelGap: 0, font: "11px system-ui, sans-serif", gap: 4,
      grid: { stroke: style("--grid"), width: 1 }, ticks: { stroke: style("--axis"), width: 1, size: 5 },
      values: (u, all) => all.map(v => v == null ? "" : short(v)) });
    const paint = i => series[i].stroke;
    let busy = false;
    const [least, most] = figure.range;
    const width = Math.max(240, Math.min(540, place.clientWidth));
    const options = {
      width, height: Math.round(width * 0.6), series, bands,
      scales: {
        x: { time: false, distr: figure.x.log ? 3 : 1 },
        y: log ? { distr: 3 } : { range: (u, low, high) => {
          const x = u.data[0], shown = u.scales.x;
          const all = shown.min == null || (shown.min <= x[0] && shown.max >= x[x.length - 1]);
          let a = all ? least : Math.max(low ?? least, least), b = all ? most : Math.min(high ?? most, most);
          if (!(a < b)) [a, b] = [least - 1e-9, most + 1e-9];
          const edge = 0.04 * (b - a);
          return [a - edge, b + edge];
        } },
      },
      axes: [axis(figure.x.label, 30), axis(figure.y.label, 52)],
      cursor: { drag: { x: true, y: false }, focus: { prox: 24 } },
      focus: { alpha: 0.35 },
      legend: { live: true, markers: { width: 0, fill: (u, i) => paint(i) } },
      hooks: {
        draw: [levels(figure)],
        // Its band and its seeds come and go with a line.
        setSeries: [(u, changed, options) => {
          if (busy || changed == null || options.show == null || !u.series[changed].main) return;
          busy = true;
          family.forEach((index, i) => {
            if (index === family[changed - 1] && i + 1 !== changed) u.setSeries(i + 1, { show: options.show });
          });
          busy = false;
        }],
      },
    };
    return new uPlot(options, data, place);
  };

  const bring = element => {
    const figure = JSON.parse(element.querySelector("script").textContent);
    const place = element.querySelector(".live"), tools = place.querySelector(".tools");
    let chart = null;
    const boxes = {};
    const tool = (name, text, checked) => {
      const label = document.createElement("label"), box = document.createElement("input");
      box.type = "checkbox";
      box.checked = checked;
      box.addEventListener("change", () => redraw());
      label.append(box, text);
      tools.append(label);
      boxes[name] = box;
    };
    if (figure.y.log || figure.series.every(s => s.y.every(y => y == null || y > 0)))
      tool("log", "logarithmic", figure.y.log);
    if (figure.threads.length > 0) tool("threads", "single seeds", true);
    const hint = document.createElement("span");
    hint.textContent = "Drag to zoom, double-click for all.";
    tools.append(hint);
    const redraw = () => {
      if (chart) chart.destroy();
      chart = draw(figure, place, boxes.log ? boxes.log.checked : false, boxes.threads ? boxes.threads.checked : false);
    };
    element.classList.add("has-live");
    redraw();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
    let before = place.clientWidth;
    new ResizeObserver(() => {
      if (place.clientWidth === before || place.clientWidth === 0) return;
      before = place.clientWidth;
      const width = Math.max(240, Math.min(540, before));
      chart.setSize({ width, height: Math.round(width * 0.6) });
    }).observe(place);
  };

  for (const element of document.querySelectorAll("figure[data-chart]")) bring(element);
})();

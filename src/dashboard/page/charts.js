// Draws the figures of the page with ECharts. It sets no style but through the DOM, so that it works under
// `style-src 'self'`; without it, the table after each figure has all the numbers.
(() => {
  "use strict";

  const NARROW = 560;
  const SYMBOLS = ["circle", "rect", "triangle", "diamond", "roundRect"];
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  const kinds = { bars, heatmap, scatter, profile, calendar, paths };

  /** Draws a figure, and again whenever its width or the colours change. */
  function show(figure) {
    const plot = figure.querySelector(".plot");
    if (!plot) return;
    figure.classList.add("drawn");
    const draw = drawing(figure, plot);
    if (!draw) return;
    new ResizeObserver(draw).observe(plot);
    dark.addEventListener("change", draw);
    still.addEventListener("change", draw);
  }

  /** What draws a figure, or nothing where it cannot be drawn, which it then says. */
  function drawing(figure, plot) {
    try {
      const data = JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
      const kind = kinds[figure.dataset.chart];
      const caption = figure.querySelector("figcaption")?.textContent.trim().replace(/\s+/g, " ") ?? "";
      const chart = echarts.init(plot, null, { renderer: "svg", height: height(figure.dataset.chart, data) });
      return guarded(plot, () => {
        const colours = palette();
        const narrow = plot.clientWidth < NARROW;
        chart.resize();
        chart.setOption({ ...frame(colours, caption), ...kind(data, colours, narrow) }, true);
      });
    } catch (error) {
      fail(plot, error);
      return null;
    }
  }

  function guarded(plot, draw) {
    const attempt = () => {
      try {
        draw();
      } catch (error) {
        fail(plot, error);
      }
    };
    attempt();
    return attempt;
  }

  function fail(plot, error) {
    console.error(error);
    const says = document.createElement("p");
    says.className = "undrawn";
    says.textContent = "This chart cannot be drawn in this browser. The table has all its numbers.";
    plot.style.height = "auto";
    plot.replaceChildren(says);
  }

  /** Pixels; lists are as high as they are long. */
  function height(kind, data) {
    if (kind === "bars") return 70 + 28 * data.labels.length;
    if (kind === "heatmap") return 130 + 32 * data.rows.length;
    if (kind === "profile") return 130 + 36 * data.features.length;
    return 380;
  }

  /** The colours of the style sheet, as they are now. */
  function palette() {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    return {
      text: colour("text"),
      quiet: colour("quiet"),
      line: colour("line"),
      page: colour("page"),
      series: [0, 1, 2, 3, 4].map((place) => colour(`c${place}`)),
      scale: [1, 2, 3, 4, 5].map((place) => colour(`scale-${place}`)),
      font: getComputedStyle(document.body).fontFamily,
    };
  }

  /** What all charts have. A tooltip of HTML would set styles that the page's policy forbids. */
  function frame(colours, caption) {
    return {
      animation: !still.matches,
      animationDuration: 300,
      color: colours.series,
      backgroundColor: "transparent",
      textStyle: { color: colours.text, fontFamily: colours.font },
      aria: { enabled: true, label: { description: `Chart: ${caption}. The table after it has all numbers.` } },
      grid: grid({}),
      tooltip: tooltip(colours, {}),
    };
  }

  /** Where the axes stand, less their labels; the left leaves room for the name of a vertical axis. */
  function grid(more) {
    return { left: 32, right: 24, top: 24, bottom: 44, containLabel: true, ...more };
  }

  function tooltip(colours, more) {
    return {
      renderMode: "richText",
      confine: true,
      backgroundColor: colours.page,
      borderColor: colours.quiet,
      textStyle: { color: colours.text, fontFamily: colours.font, fontSize: 13 },
      ...more,
    };
  }

  function values(colours, name, more) {
    return {
      type: "value",
      name,
      nameLocation: "middle",
      nameGap: 30,
      nameTextStyle: { color: colours.quiet },
      axisLabel: { color: colours.quiet, hideOverlap: true },
      axisLine: { show: true, lineStyle: { color: colours.line } },
      splitLine: { lineStyle: { color: colours.line } },
      ...more,
    };
  }

  function names(colours, data, more) {
    return {
      type: "category",
      data,
      axisLabel: { color: colours.text, interval: 0 },
      axisLine: { lineStyle: { color: colours.line } },
      axisTick: { show: false },
      ...more,
    };
  }

  /** A key to the series, above the chart. */
  function legend(colours, more) {
    return {
      type: "scroll",
      itemWidth: 16,
      itemHeight: 12,
      top: 0,
      left: 0,
      right: 0,
      formatter: (name) => short(name, 34),
      textStyle: { color: colours.text },
      pageTextStyle: { color: colours.text },
      pageIconColor: colours.text,
      pageIconInactiveColor: colours.line,
      inactiveColor: colours.quiet,
      ...more,
    };
  }

  /** Bars from the top down. data: {labels, values, unit} */
  function bars(data, colours, narrow) {
    const labels = apart(data.labels);
    const room = narrow ? 130 : 280;
    const label = { color: colours.text, width: room, overflow: "truncate", interval: 0 };
    return {
      tooltip: tooltip(colours, { formatter: (at) => `${at.name}\n${number(at.value)} ${data.unit}` }),
      // ECharts measures these labels shorter than it draws them
      grid: grid({ left: room + 12, right: 44, top: 8, containLabel: false }),
      xAxis: values(colours, data.unit, {}),
      yAxis: names(colours, labels, { inverse: true, axisLabel: label }),
      series: [
        {
          type: "bar",
          data: data.values,
          barMaxWidth: 20,
          itemStyle: { color: colours.series[0], borderRadius: [0, 3, 3, 0] },
          label: { show: true, position: "right", color: colours.text, formatter: (at) => number(at.value) },
        },
      ],
    };
  }

  /** Correlations from -1 to 1. data: {columns, rows, cells: [{column, row, value, low, high, n, reason}]} */
  function heatmap(data, colours, narrow) {
    const cell = (of) => ({ value: [of.column, of.row, of.value ?? 0], of });
    const says = ({ data: { of } }) => {
      const heading = `${data.rows[of.row]}, ${data.columns[of.column]}`;
      if (of.value === null) return `${heading}\nnone: ${of.reason} (n = ${number(of.n)})`;
      const interval = of.low === null ? "no interval" : `95 %: ${fixed(of.low)} to ${fixed(of.high)}`;
      return `${heading}\n${fixed(of.value)} (${interval})\nn = ${number(of.n)} tracks`;
    };
    const layer = (known, text) => ({
      type: "heatmap",
      data: data.cells.filter((of) => (of.value !== null) === known).map(cell),
      itemStyle: { borderColor: colours.page, borderWidth: 2 },
      emphasis: { itemStyle: { borderColor: colours.text } },
      label: { show: true, color: colours.text, fontSize: narrow ? 9 : 12, formatter: text },
    });
    const turned = { color: colours.text, interval: 0, rotate: narrow ? 90 : 0 };
    return {
      tooltip: tooltip(colours, { formatter: says }),
      grid: grid({ left: 16, right: 8, top: 8, bottom: 48 }),
      xAxis: names(colours, data.columns, { axisLabel: turned }),
      yAxis: names(colours, data.rows, { inverse: true }),
      visualMap: {
        min: -1,
        max: 1,
        seriesIndex: 0,
        orient: "horizontal",
        left: "center",
        bottom: 0,
        itemHeight: 160,
        itemWidth: 12,
        text: ["1", "-1"],
        textStyle: { color: colours.text },
        inRange: { color: colours.scale },
      },
      series: [
        layer(true, ({ data: { of } }) => (narrow ? fixed(of.value).replace("0.", ".") : fixed(of.value))),
        { ...layer(false, "–"), itemStyle: { color: "transparent", borderColor: colours.line, borderWidth: 0.5 } },
      ],
    };
  }

  /** Points and the line fitted to them. data: {x, y, points: [{x, y, name}], line: [[x, y], [x, y]] or null} */
  function scatter(data, colours) {
    const says = ({ data: { value, name } }) =>
      `${name}\n${data.x}: ${number(value[0])}\n${data.y}: ${number(value[1])}`;
    const many = data.points.length > 500;
    return {
      tooltip: tooltip(colours, { trigger: "item", formatter: says }),
      xAxis: values(colours, data.x, { scale: true }),
      yAxis: values(colours, data.y, { nameGap: 36 }),
      series: [
        {
          type: "scatter",
          data: data.points.map((point) => ({ value: [point.x, point.y], name: point.name })),
          symbolSize: many ? 5 : 8,
          itemStyle: { color: colours.series[0], opacity: many ? 0.45 : 0.65 },
        },
        {
          type: "line",
          data: data.line ?? [],
          symbol: "none",
          silent: true,
          tooltip: { show: false },
          lineStyle: { color: colours.series[1], width: 2.5 },
        },
      ],
    };
  }

  /**
   * How far series stand from an average, feature by feature.
   * data: {features, unit, average, series: [{name, values: [{distance, mean, percentile}]}]}
   */
  function profile(data, colours, narrow) {
    const series = named(data.series);
    const says = ({ seriesName, data: { of, row } }) => {
      const place = of.percentile === null ? "" : `\npercentile among artists: ${number(of.percentile * 100, 0)}`;
      return `${seriesName}\n${data.features[row]}: ${of.mean}\n${signed(of.distance)} ${data.unit}${place}`;
    };
    return {
      tooltip: tooltip(colours, { formatter: says }),
      legend: legend(colours, {}),
      grid: grid({ left: 16, right: 16, top: 40 }),
      xAxis: values(colours, narrow ? data.unit : `${data.unit} from ${data.average}`, {
        min: (range) => Math.min(-1, Math.floor(range.min)),
        max: (range) => Math.max(1, Math.ceil(range.max)),
      }),
      yAxis: names(colours, data.features, { inverse: true, splitLine: { show: true, lineStyle: { color: colours.line } } }),
      series: series.map((one, place) => ({
        type: "scatter",
        name: one.name,
        symbol: SYMBOLS[place % SYMBOLS.length],
        symbolSize: 13,
        itemStyle: { opacity: 0.9 },
        data: one.values
          .map((of, row) => ({ value: [of.distance, row], of, row }))
          .filter(({ of }) => of.distance !== null),
        markLine: place === 0 ? zero(colours) : undefined,
      })),
    };
  }

  /** What came out on each day, by kind. data: {days, series: [{name, values}]} */
  function calendar(data, colours, narrow) {
    return {
      tooltip: tooltip(colours, { trigger: "axis", axisPointer: { type: "shadow" } }),
      legend: legend(colours, {}),
      grid: grid({ right: 8, top: 40, bottom: 30 }),
      xAxis: names(colours, data.days, {
        axisLabel: { color: colours.quiet, interval: narrow ? 6 : 1, formatter: (day) => String(Number(day.slice(-2))) },
      }),
      yAxis: values(colours, "releases", { minInterval: 1, nameGap: 36 }),
      series: data.series.map((one) => ({ type: "bar", stack: "day", name: one.name, data: one.values, barMaxWidth: 26 })),
    };
  }

  /** Lines over the days since release. data: {x, y, series: [{name, points: [[days, value]]}]} */
  function paths(data, colours) {
    const says = ({ seriesName, value }) => `${seriesName}\n${data.x}: ${value[0]}\n${data.y}: ${number(value[1])}`;
    return {
      tooltip: tooltip(colours, { trigger: "item", formatter: says }),
      legend: legend(colours, {}),
      grid: grid({ top: 40 }),
      xAxis: values(colours, data.x, { scale: true, minInterval: 1 }),
      yAxis: values(colours, data.y, { min: 0, max: 100, nameGap: 36 }),
      series: named(data.series).map((one, place) => ({
        type: "line",
        name: one.name,
        data: one.points,
        symbol: SYMBOLS[place % SYMBOLS.length],
        symbolSize: 9,
        lineStyle: { width: 2 },
        markLine: place === 0 ? zero(colours) : undefined,
      })),
    };
  }

  /** The line that a horizontal axis is read from. */
  function zero(colours) {
    return {
      silent: true,
      symbol: "none",
      lineStyle: { color: colours.text, type: "solid", width: 1.5 },
      label: { show: false },
      data: [{ xAxis: 0 }],
    };
  }

  /** ECharts tells series apart by their name alone. */
  function named(series) {
    const labels = apart(series.map((one) => one.name));
    return series.map((one, place) => ({ ...one, name: labels[place] }));
  }

  function apart(labels) {
    const seen = new Map();
    return labels.map((label) => {
      const count = (seen.get(label) ?? 0) + 1;
      seen.set(label, count);
      return count === 1 ? label : `${label} (${count})`;
    });
  }

  function short(name, length) {
    const letters = Array.from(name);
    return letters.length > length ? `${letters.slice(0, length - 1).join("")}…` : name;
  }

  function number(value, digits = 3) {
    if (value === null || value === undefined) return "none";
    return value.toLocaleString("en-GB", { maximumFractionDigits: digits });
  }

  function fixed(value) {
    const rounded = Math.round(value * 100) / 100;
    return (rounded === 0 ? 0 : rounded).toFixed(2);
  }

  function signed(value) {
    return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;
  }

  document.querySelectorAll("figure.chart").forEach(show);
})();

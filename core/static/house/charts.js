/* A chart never carries figures of its own: it reads the table beside it (data-from="#id"),
   so picture and table cannot differ. Tooltips are drawn as rich text on the canvas because a strict CSP
   drops style attributes inside HTML tooltips. */
(function () {
  "use strict";
  if (!window.echarts) { return; }
  var css = getComputedStyle(document.documentElement);
  function t(name) { return css.getPropertyValue(name).trim(); }
  var FONT = t("--font"), INK2 = t("--ink-2"), GRID = t("--chart-grid"), C1 = t("--chart-1"), C2 = t("--chart-2"), C3 = t("--chart-3"), LINE = t("--chart-line");

  function read(table) {
    return Array.prototype.map.call(table.tBodies[0].rows, function (tr) {
      return Array.prototype.map.call(tr.cells, function (td) { return td.textContent.trim(); });
    });
  }
  function num(s) { var v = String(s).replace(/,/g, "").replace(/\u2212/g, "-").replace(/[^\d.\-]/g, ""); return v === "" || v === "-" ? null : Number(v); }
  function col(rows, i) { return rows.map(function (r) { return num(r[i]); }); }

  function tip(ps, unit) {                       // plain lines: 月份, then each series that has a value
    var seen = {};
    return [ps[0].axisValue].concat(ps.filter(function (p) { return p.value !== null && p.value !== undefined && p.value !== "-"; }).map(function (p) {
      return p.seriesName + "　" + Number(p.value).toLocaleString("zh-CN", unit === "万元" ? { minimumFractionDigits: 2 } : {}) + unit;
    })).filter(function (l) { var d = !seen[l]; seen[l] = true; return d; }).join("\n");
  }

  function base(unit) {
    return {
      animation: false, textStyle: { fontFamily: FONT, color: INK2 },
      aria: { enabled: true },
      grid: { left: 52, right: 18, top: 30, bottom: 26 },
      tooltip: { trigger: "axis", renderMode: "richText", backgroundColor: "#fff", borderColor: "#cbd3dd", borderWidth: 1, padding: 8, textStyle: { color: "#1a2433", fontSize: 12, lineHeight: 20 }, formatter: function (ps) { return tip(ps, unit); } },
      xAxis: { type: "category", axisTick: { show: false }, axisLine: { lineStyle: { color: "#aeb7c3" } }, axisLabel: { color: INK2, fontSize: 12, interval: 0 } },
      yAxis: { type: "value", name: unit, nameTextStyle: { color: INK2, fontSize: 12, align: "right" }, nameGap: 12, splitLine: { lineStyle: { color: GRID } }, axisLabel: { color: INK2, fontSize: 12 } }
    };
  }

  var draw = {
    // 月份 | 当月新增 | 累计新增 | 序时目标 | 上年累计
    attainment: function (rows) {
      var o = base("家");
      o.xAxis.data = rows.map(function (r) { return r[0]; });
      o.series = [
        { name: "当月新增", type: "bar", barWidth: 16, itemStyle: { color: C2, borderRadius: [2, 2, 0, 0] }, data: col(rows, 1) },
        { name: "累计新增", type: "line", symbol: "circle", symbolSize: 6, lineStyle: { width: 2.5, color: C1 }, itemStyle: { color: C1 }, data: col(rows, 2), label: { show: true, position: "bottom", distance: 8, fontSize: 12, color: "#1a2433", fontWeight: 600, formatter: function (p) { return p.dataIndex === rows.filter(function (r) { return num(r[2]) !== null; }).length - 1 ? p.value : ""; } } },
        { name: "序时目标", type: "line", symbol: "none", lineStyle: { width: 1.5, color: LINE, type: [5, 4] }, itemStyle: { color: LINE }, data: col(rows, 3) },
        { name: "上年累计", type: "line", symbol: "none", lineStyle: { width: 1.5, color: C3 }, itemStyle: { color: C3 }, data: col(rows, 4) }
      ];
      return o;
    },
    // 月份 | 当月 | 累计 | 上年累计 | 性质（实际/预测）
    // the line to reach comes from the page (data-line="2000" data-line-label="2000万元"): it is policy, not ours
    forecast: function (rows, el) {
      var o = base("万元"), lastFact = 0, line = num(el.getAttribute("data-line") || "");
      rows.forEach(function (r, i) { if (r[4] === "实际") { lastFact = i; } });
      o.grid.right = 76;
      o.xAxis.data = rows.map(function (r) { return r[0]; });
      if (line !== null) { o.yAxis.max = function (v) { return Math.ceil(Math.max(v.max, line) * 1.2 / 100) * 100; }; }
      o.series = [
        { name: "当月营业收入", type: "bar", barWidth: 18, data: rows.map(function (r) {
          var f = r[4] !== "实际";
          return { value: num(r[1]), itemStyle: f ? { color: "#fff", borderColor: C1, borderWidth: 1, borderType: [3, 2], borderRadius: [2, 2, 0, 0] } : { color: C2, borderRadius: [2, 2, 0, 0] } };
        }) },
        { name: "累计（实际）", type: "line", symbol: "circle", symbolSize: 6, itemStyle: { color: C1 }, lineStyle: { color: C1, width: 2.5 }, data: rows.map(function (r, i) { return i <= lastFact ? num(r[2]) : null; }),
          markLine: line === null ? undefined : { silent: true, symbol: "none", lineStyle: { color: LINE, width: 1.5, type: "solid" }, label: { color: LINE, fontSize: 12, fontWeight: 600, formatter: el.getAttribute("data-line-label") || String(line), position: "end" }, data: [{ yAxis: line }] } },
        { name: "累计（预测）", type: "line", symbol: "emptyCircle", symbolSize: 6, itemStyle: { color: C1 }, lineStyle: { color: C1, width: 2, type: [4, 4] }, data: rows.map(function (r, i) { return i >= lastFact ? num(r[2]) : null; }) },
        { name: "上年累计", type: "line", symbol: "none", itemStyle: { color: C3 }, lineStyle: { color: C3, width: 1.5 }, data: col(rows, 3) }
      ];
      return o;
    }
  };

  Array.prototype.forEach.call(document.querySelectorAll("[data-chart]"), function (el) {
    var table = document.querySelector(el.getAttribute("data-from"));
    var chart = window.echarts.init(el, null, { renderer: "canvas" });
    chart.setOption(draw[el.getAttribute("data-chart")](read(table), el));
    el.setAttribute("role", "img");
    el.setAttribute("aria-label", el.getAttribute("data-label"));
    window.addEventListener("resize", function () { chart.resize(); });
  });
})();

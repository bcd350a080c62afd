// The atlas: one hour of darknet traffic, minute by minute, as arcs between countries. Own drawing, no library.
"use strict";

const MINUTE = 1000; // one second shows one minute
const FLIGHT = 1600; // how long an arc is on its way
const MOST = 160; // arcs on the map at once: a flood must stay readable, and the machine cool
const PER_MINUTE = 60; // arcs begun for one minute
const REFRESH = 60000;

const place = document.querySelector("[data-atlas]");
if (place) start(place, document.querySelector(".player"));

async function start(place, player) {
  const canvas = place.querySelector("canvas");
  const pen = canvas.getContext("2d");
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const range = player.querySelector("input");
  const clock = player.querySelector("output");
  const button = player.querySelector("[data-play]");
  const colours = () => Object.fromEntries([...document.querySelectorAll(".kinds li")].map((one) => [one.className.slice(2), getComputedStyle(one).color]));
  let palette = colours();
  let hour = await load();
  if (!hour.rows.length) return;
  let playing = !still;
  let minute = hour.rows[0][0];
  let since = performance.now();
  let arcs = [];
  let frame = 0;
  player.hidden = false;
  tell();

  async function load() {
    const answer = await fetch(place.dataset.atlas, { headers: { Accept: "application/json" } });
    return answer.ok ? answer.json() : { rows: [], places: {} };
  }

  function target() {
    const codes = place.dataset.targets.split(",").filter((code) => hour.places[code]);
    return codes.length ? hour.places[codes[Math.floor(Math.random() * codes.length)]] : null;
  }

  // A minute's arcs are shared out among countries and kinds by the root of their packets, so that the small are seen too.
  function begin(now) {
    const rows = hour.rows.filter((row) => row[0] === minute && hour.places[row[1]]);
    const sum = rows.reduce((total, row) => total + Math.sqrt(row[3]), 0) || 1;
    for (const [, country, kind, packets] of rows) {
      const count = Math.max(1, Math.round((PER_MINUTE * Math.sqrt(packets)) / sum));
      for (let at = 0; at < count && arcs.length < MOST; at += 1) {
        const to = target();
        arcs.push({ from: hour.places[country], to, kind, born: now + Math.random() * MINUTE, weight: Math.min(3, 1 + Math.log10(packets) / 2) });
      }
    }
  }

  function tell() {
    const time = new Date(new Date(hour.start).getTime() + minute * 60000);
    clock.textContent = time.toISOString().slice(11, 16);
    range.value = minute;
    range.setAttribute("aria-valuetext", clock.textContent);
    button.setAttribute("aria-pressed", String(!playing));
    button.querySelector("[data-playing]").hidden = !playing;
    button.querySelector("[data-paused]").hidden = playing;
  }

  function draw(now) {
    frame = requestAnimationFrame(draw);
    const scale = canvas.clientWidth / 1000;
    const dense = Math.min(devicePixelRatio || 1, 2);
    if (canvas.width !== Math.round(canvas.clientWidth * dense)) {
      canvas.width = Math.round(canvas.clientWidth * dense);
      canvas.height = Math.round(canvas.clientHeight * dense);
      palette = colours();
    }
    pen.setTransform(dense * scale, 0, 0, dense * scale, 0, 0);
    pen.clearRect(0, 0, 1000, 455);
    if (playing && now - since >= MINUTE) {
      since = now;
      minute = (minute + 1) % 60;
      begin(now);
      tell();
    }
    arcs = arcs.filter((arc) => now < arc.born + FLIGHT * 1.4);
    for (const arc of arcs) if (now >= arc.born) fly(arc, (now - arc.born) / FLIGHT);
  }

  function fly(arc, share) {
    const to = arc.to || arc.from;
    const [x0, y0] = arc.from;
    const [x1, y1] = to;
    const high = Math.min(120, Math.hypot(x1 - x0, y1 - y0) * 0.35);
    const [mx, my] = [(x0 + x1) / 2, (y0 + y1) / 2 - high];
    const head = Math.min(1, share);
    const tail = Math.max(0, share - 0.35);
    pen.strokeStyle = pen.fillStyle = palette[arc.kind] || palette.other;
    pen.globalAlpha = share > 1 ? Math.max(0, 1 - (share - 1) * 2.5) : 0.75;
    pen.lineWidth = arc.weight * 0.7;
    pen.beginPath();
    for (let step = 0; step <= 12; step += 1) {
      const [x, y] = along(Math.min(head, tail + ((head - tail) * step) / 12));
      if (step) pen.lineTo(x, y); else pen.moveTo(x, y);
    }
    pen.stroke();
    shape(arc.kind, ...along(head), 2 + arc.weight);
    pen.globalAlpha = 1;

    function along(t) {
      return [(1 - t) ** 2 * x0 + 2 * (1 - t) * t * mx + t * t * x1, (1 - t) ** 2 * y0 + 2 * (1 - t) * t * my + t * t * y1];
    }
  }

  // The shapes of the legend: colour alone tells nothing to many people.
  function shape(kind, x, y, r) {
    pen.beginPath();
    if (kind === "mirai") { pen.moveTo(x, y - r); pen.lineTo(x + r, y + r); pen.lineTo(x - r, y + r); }
    else if (kind === "backscatter") { pen.moveTo(x, y + r); pen.lineTo(x + r, y - r); pen.lineTo(x - r, y - r); }
    else if (kind === "masscan") pen.rect(x - r, y - r, 2 * r, 2 * r);
    else if (kind === "zmap") { pen.moveTo(x, y - r * 1.3); pen.lineTo(x + r * 1.3, y); pen.lineTo(x, y + r * 1.3); pen.lineTo(x - r * 1.3, y); }
    else if (kind === "udp") { pen.rect(x - r, y - r / 3, 2 * r, (2 * r) / 3); pen.rect(x - r / 3, y - r, (2 * r) / 3, 2 * r); }
    else if (kind === "other") pen.rect(x - r, y - r / 3, 2 * r, (2 * r) / 3);
    else pen.arc(x, y, r, 0, 7);
    if (kind === "icmp") pen.stroke(); else pen.fill();
  }

  button.addEventListener("click", () => {
    playing = !playing;
    since = performance.now();
    if (playing) begin(since);
    tell();
  });
  range.addEventListener("input", () => {
    minute = Number(range.value);
    since = performance.now();
    arcs = [];
    begin(since);
    tell();
  });
  document.addEventListener("visibilitychange", () => {
    cancelAnimationFrame(frame);
    if (!document.hidden) { since = performance.now(); frame = requestAnimationFrame(draw); }
  });
  if (!place.dataset.atlas.includes("hour=")) {
    setInterval(async () => { if (playing && !document.hidden) { const fresh = await load(); if (fresh.rows.length) hour = fresh; } }, REFRESH);
  }
  if (playing) begin(since);
  if (!still) frame = requestAnimationFrame(draw);
  else range.addEventListener("input", () => draw(performance.now() + FLIGHT / 2));
}

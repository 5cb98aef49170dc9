// Shows the pipeline as it moves: one line in #live, and the stages of the run in #live-stages where a page has one.
// It says so when the connection is lost, and takes it up again by itself.
(() => {
  "use strict";

  const ADDRESS = "/api/v1/status/live";
  /** A run that is silent for so long may have died, which the server finds out for those who come anew. */
  const SILENCE_MS = 30_000;
  /** Between attempts after one that the browser does not repeat by itself. */
  const RETRY_MS = 5_000;
  /** Between renewals of how long ago something was. */
  const RENEW_MS = 15_000;

  const UNITS = { discover: "albums", finish_fetch: "albums", fetch: "albums", finish_load: "albums", load: "albums", transform: "models" };
  const ENDINGS = {
    succeeded: "succeeded",
    failed: "failed",
    interrupted: "was interrupted",
    postponed: "was postponed",
    died: "died",
    "died?": "seems to have died",
  };
  const number = new Intl.NumberFormat("en-GB");

  const line = document.getElementById("live");
  const list = document.getElementById("live-stages");
  if (!(line || list) || !("EventSource" in window)) return;

  const words = document.createElement("span");
  // what changes twice a second is for the eye alone
  const figures = document.createElement("span");
  figures.setAttribute("aria-hidden", "true");
  const progress = document.createElement("progress");
  // whoever reads or fills in a filter is not interrupted
  const offer = document.createElement("button");
  offer.type = "button";
  offer.textContent = "New data is published: show it";
  offer.addEventListener("click", () => location.reload());
  if (line) {
    line.setAttribute("aria-live", "polite");
    line.replaceChildren(words, figures, progress, " ", offer);
  }

  let source;
  let silence;
  let state;
  /** The publication that the page is of. */
  const first = line?.dataset.published;
  let isConnected = false;

  /** Opens the stream, in place of one that is there. */
  function connect() {
    clearTimeout(silence);
    source?.close();
    source = new EventSource(ADDRESS);
    source.addEventListener("status", (event) => {
      state = JSON.parse(event.data);
      isConnected = true;
      show();
      listen();
    });
    source.addEventListener("error", () => {
      isConnected = false;
      show();
      // after an answer that is no stream the browser does not try again
      if (source.readyState === EventSource.CLOSED) later(RETRY_MS);
    });
  }

  function listen() {
    clearTimeout(silence);
    if (state.run?.status === "running") later(SILENCE_MS);
  }

  function later(milliseconds) {
    clearTimeout(silence);
    silence = setTimeout(connect, milliseconds);
  }

  function show() {
    const going = (state?.stages ?? []).filter((stage) => stage.status === "running");
    const moving = isConnected && state.database === "here" ? going.at(-1) : undefined;
    line?.classList.toggle("failed", Boolean(isConnected && hasFailed(state)));
    write(words, says(moving));
    write(figures, moving && (moving.total || moving.done) ? ` ${amount(moving)}` : "");
    progress.hidden = !(moving && moving.total);
    if (!progress.hidden) {
      progress.max = moving.total;
      progress.value = moving.done;
      progress.setAttribute("aria-label", title(moving.step));
    }
    offer.hidden = first === undefined || !state || published() === moment(first);
    if (list && state) list.replaceChildren(...state.stages.map(item));
  }

  function published() {
    return moment(state.publication?.published_at);
  }

  /** As a number, since two writers may write the same moment in two ways; 0 for never. */
  function moment(time) {
    return time ? Date.parse(time) : 0;
  }

  /** What is announced. */
  function says(moving) {
    if (!isConnected) return "The connection to the server is lost; trying again";
    if (state.database !== "here") return "The database does not answer; waiting for it";
    const run = state.run;
    if (!run) return "No run yet";
    if (run.status === "running") return moving ? `Running: ${title(moving.step)}` : "Running";
    const when = run.finished_at ?? run.started_at;
    const what = `Last run ${ENDINGS[run.status] ?? run.status}`;
    return run.finished_at ? `${what} ${ago(when)}` : `${what}; it began ${ago(when)}`;
  }

  function hasFailed(now) {
    return now.database !== "here" || ["failed", "died", "died?"].includes(now.run?.status);
  }

  function item(stage) {
    const entry = document.createElement("li");
    entry.className = stage.status;
    const parts = [`${title(stage.step)}: ${stage.status}`];
    if (stage.done) parts.push(amount(stage));
    if (stage.finished_at) parts.push(seconds(stage));
    if (stage.calls) parts.push(`${number.format(stage.calls)} ${stage.calls === 1 ? "call" : "calls"}`);
    entry.textContent = parts.join(", ");
    return entry;
  }

  function amount({ step, done, total }) {
    const counted = total === null ? number.format(done) : `${number.format(done)} of ${number.format(total)}`;
    return `${counted} ${UNITS[step] ?? ""}`.trim();
  }

  function seconds({ started_at, finished_at }) {
    const took = (Date.parse(finished_at) - Date.parse(started_at)) / 1000;
    return `${took.toFixed(took < 10 ? 1 : 0)} s`;
  }

  function title(step) {
    return step.replaceAll("_", " ");
  }

  function ago(time) {
    const minutes = Math.floor(Math.max(0, Date.now() - Date.parse(time)) / 60_000);
    if (minutes < 1) return "less than a minute ago";
    if (minutes < 60) return `${minutes} min ago`;
    const hours = Math.floor(minutes / 60);
    return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} days ago`;
  }

  /** Only what differs, so that nothing is announced twice. */
  function write(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  setInterval(() => state && show(), RENEW_MS);
  // a page that is kept for the way back must not hold a stream
  addEventListener("pagehide", () => source.close());
  // and browsers open six to a server, over all tabs
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) return connect();
    clearTimeout(silence);
    source.close();
  });
  addEventListener("pageshow", (event) => event.persisted && connect());
  progress.hidden = true;
  offer.hidden = true;
  connect();
})();

"use strict";
(() => {
  document.documentElement.classList.add("script");
  const graph = document.getElementById("graph");
  const nodes = new Map();
  for (const node of graph.querySelectorAll(".node")) nodes.set(node.dataset.node, node);
  const edges = [...graph.querySelectorAll(".edge")];
  let chosen = null;

  // the node, and everything that edges lead to one way
  function reach(id, from, to) {
    const found = new Set([id]);
    for (const reached of found) {
      for (const edge of edges) if (edge.dataset[from] === reached) found.add(edge.dataset[to]);
    }
    return found;
  }

  function light(id) {
    graph.classList.toggle("picked", id !== null);
    if (id === null) return;
    const before = reach(id, "to", "from");
    const behind = reach(id, "from", "to");
    for (const [name, node] of nodes) {
      node.classList.toggle("lit", before.has(name) || behind.has(name));
      node.classList.toggle("chosen", name === id);
    }
    for (const edge of edges) {
      const { from, to } = edge.dataset;
      edge.classList.toggle("lit", (before.has(from) && before.has(to)) || (behind.has(from) && behind.has(to)));
    }
  }

  function choose(id) {
    chosen = id;
    for (const node of nodes.values()) node.classList.remove("chosen");
    light(id);
  }

  for (const [id, node] of nodes) {
    node.addEventListener("mouseenter", () => light(id));
    node.addEventListener("mouseleave", () => choose(chosen));
    node.addEventListener("focus", () => light(id));
    node.addEventListener("blur", () => choose(chosen));
    node.addEventListener("click", () => choose(id));
  }
  for (const link of document.querySelectorAll("[data-show]")) {
    link.addEventListener("click", () => {
      choose(link.dataset.show);
      nodes.get(link.dataset.show).scrollIntoView({ block: "nearest", inline: "center" });
    });
  }

  const filter = document.getElementById("filter");
  const matches = document.getElementById("matches");
  const rows = [...document.querySelectorAll("tr[data-node]")];
  function sift() {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const fits = words.every((word) => row.dataset.search.includes(word));
      count += fits;
      row.hidden = !fits;
      document.getElementById(row.dataset.node).hidden = !fits;
      nodes.get(row.dataset.node).classList.toggle("unmatched", !fits);
    }
    for (const group of document.querySelectorAll(".group")) {
      group.hidden = !group.querySelector("article:not([hidden])");
    }
    graph.classList.toggle("filtered", words.length > 0);
    document.getElementById("nothing").hidden = count > 0;
    matches.textContent = words.length ? `${count} of ${rows.length}` : "";
  }
  filter.addEventListener("input", sift);

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      choose(null);
      if (document.activeElement === filter) {
        filter.value = "";
        sift();
      }
    } else if (event.key === "/" && document.activeElement !== filter) {
      event.preventDefault();
      filter.focus();
    }
  });

  // a link to what the filter hides leads there all the same
  addEventListener("hashchange", () => {
    const target = document.querySelector(":target");
    if (target?.hidden) {
      filter.value = "";
      sift();
      target.scrollIntoView();
    }
  });
  sift();
})();

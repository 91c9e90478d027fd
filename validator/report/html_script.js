
"use strict";
// The page can be read without this: it sorts, filters, opens what a link leads into, and unfolds for printing.

function openAround(target) {
  for (let node = target; node; node = node.parentElement) {
    if (node.tagName === "DETAILS") node.open = true;
  }
}

function follow(hash) {
  const target = document.getElementById(hash.slice(1));
  if (!target) return;
  openAround(target);
  target.scrollIntoView();
}

function sortKey(row, column) {
  const cell = row.cells[column];
  return cell.dataset.value === undefined ? cell.textContent : Number(cell.dataset.value);
}

// The first click on a column of numbers shows its largest, on one of names its first.
function sortBy(header, table) {
  const rows = [...table.tBodies[0].rows];
  const column = header.cellIndex;
  const numbers = header.classList.contains("n") || header.dataset.first === "down";
  const was = header.getAttribute("aria-sort");
  const down = was ? was === "ascending" : numbers;
  for (const other of header.parentElement.cells) other.removeAttribute("aria-sort");
  header.setAttribute("aria-sort", down ? "descending" : "ascending");
  rows.sort((a, b) => {
    const x = sortKey(a, column), y = sortKey(b, column);
    const order = typeof x === "number" ? x - y : x.localeCompare(y, undefined, {numeric: true});
    return down ? -order : order;
  });
  table.tBodies[0].append(...rows);
}

function filterFleet(table, bar) {
  const text = document.getElementById("filter-name").value.trim().toLowerCase();
  const verdict = document.getElementById("filter-verdict").value;
  let shown = 0;
  for (const row of table.tBodies[0].rows) {
    const words = row.cells[1].textContent + " " + row.cells[2].textContent;
    const fits = words.toLowerCase().includes(text) && (verdict === "" || row.dataset.verdict === verdict);
    row.hidden = !fits;
    document.getElementById(row.querySelector("a").hash.slice(1)).hidden = !fits;
    if (fits) shown += 1;
  }
  bar.querySelector("[role=status]").textContent = shown + " of " + table.tBodies[0].rows.length + " models";
}

function setUpFleet(bar) {
  const table = document.getElementById("fleet");
  bar.hidden = false;
  for (const button of table.querySelectorAll(".sort")) {
    button.disabled = false;
    button.addEventListener("click", () => sortBy(button.closest("th"), table));
  }
  bar.addEventListener("input", () => filterFleet(table, bar));
}

// Outputs of one model: rows and statistics go together, and a case without any is hidden.
function filterOutputs(section, bar) {
  const text = bar.querySelector("[type=search]").value.trim().toLowerCase();
  const failedOnly = bar.querySelector("[type=checkbox]").checked;
  let shown = 0, all = 0;
  for (const one of section.querySelectorAll(".case")) {
    let here = 0;
    for (const row of one.querySelectorAll(".outputs tbody tr")) {
      const fits = row.cells[0].textContent.toLowerCase().includes(text) &&
        (!failedOnly || row.classList.contains("fails"));
      row.hidden = !fits;
      const link = row.querySelector("a");
      if (link) document.getElementById(link.hash.slice(1)).hidden = !fits;
      all += 1;
      if (fits) here += 1;
    }
    one.hidden = here === 0;
    if (text || failedOnly) one.open = here > 0;
    shown += here;
  }
  bar.querySelector("[role=status]").textContent = shown + " of " + all + " outputs";
}

function setUpOutputs(bar) {
  bar.hidden = false;
  const section = bar.closest("details");
  bar.addEventListener("input", () => filterOutputs(section, bar));
}

for (const bar of document.querySelectorAll(".filter")) {
  (bar.dataset.for === "fleet" ? setUpFleet : setUpOutputs)(bar);
}
addEventListener("hashchange", () => follow(location.hash));
// A second click on the same link changes no address, and yet has to unfold again.
addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='#']");
  if (link) follow(link.hash);
});
addEventListener("beforeprint", () => {
  for (const details of document.querySelectorAll("details.model, details.part")) details.open = true;
});
follow(location.hash);

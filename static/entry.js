/* Enhances the entry grid: keys, pasting from Excel, live feedback.
   The page works without it. Only the server parses numbers and finds faults. */

"use strict";

(() => {
  const form = document.getElementById("grid");
  if (!form || !form.querySelector("[data-field]")) return;

  const FIELDS = [
    "numerator", "denominator", "value", "availability", "expected_month", "provisional", "remarks",
  ];
  const state = document.getElementById("grid-state");
  const answers = [...form.querySelectorAll("[data-answer]")];
  const rows = [...form.querySelectorAll("[data-row]")].map((element) => ({
    element,
    id: element.dataset.row,
    fields: Object.fromEntries(
      [...element.querySelectorAll("[data-field]")].map((field) => [field.dataset.field, field]),
    ),
  }));
  const rowOf = (field) => rows.findIndex((row) => row.element.contains(field));

  /* Keyboard navigation */

  const goTo = (field) => {
    if (!field) return false;
    field.focus();
    if (field.type === "text") field.select();
    return true;
  };

  const vertically = (field, step) => {
    const name = field.dataset.field;
    for (let index = rowOf(field) + step; rows[index]; index += step) {
      const found = rows[index].fields[name];
      if (found) return found;
    }
    return null;
  };

  const horizontally = (field, step) => {
    const all = [...form.querySelectorAll("[data-field]")];
    return all[all.indexOf(field) + step];
  };

  const next = (field, step) => {
    const index = answers.indexOf(field);
    return index < 0 ? vertically(field, step) : answers[index + step];
  };

  const atEdge = (field, step) => {
    if (field.type === "checkbox") return true;
    const { selectionStart: start, selectionEnd: end, value } = field;
    if (start === 0 && end === value.length) return true;
    return start === end && start === (step < 0 ? 0 : value.length);
  };

  form.addEventListener("keydown", (event) => {
    const field = event.target.closest("[data-field]");
    if (!field || event.isComposing || event.altKey || event.metaKey) return;
    if (event.key === "z" && event.ctrlKey && undo.length && !event.shiftKey) {
      event.preventDefault();
      takeBack();
      return;
    }
    if (event.ctrlKey) return;
    const isArea = field.tagName === "TEXTAREA";
    const isSelect = field.tagName === "SELECT";
    const step = ["ArrowUp", "ArrowLeft"].includes(event.key) || event.shiftKey ? -1 : 1;
    let target = null;
    if (event.key === "Enter" && !isArea) {
      event.preventDefault();
      target = next(field, step) || (step > 0 && form.querySelector(".save button"));
    } else if (event.shiftKey || isSelect) {
      return;
    } else if (["ArrowUp", "ArrowDown"].includes(event.key)) {
      if (!isArea || atEdge(field, step)) target = vertically(field, step);
    } else if (["ArrowLeft", "ArrowRight"].includes(event.key) && atEdge(field, step)) {
      target = horizontally(field, step);
    }
    if (target && goTo(target)) event.preventDefault();
  });

  /* Pasting a block from Excel */

  const cellsIn = (text) => {
    const block = [[]];
    let cell = "";
    let isQuoted = false;
    for (let i = 0; i < text.length; i += 1) {
      const sign = text[i];
      if (isQuoted) {
        if (sign !== '"') cell += sign;
        else if (text[i + 1] === '"') { cell += '"'; i += 1; } else isQuoted = false;
      } else if (sign === '"' && cell === "") isQuoted = true;
      else if (sign === "\t") { block.at(-1).push(cell); cell = ""; }
      else if (sign === "\n") { block.at(-1).push(cell); cell = ""; block.push([]); }
      else if (sign !== "\r") cell += sign;
    }
    block.at(-1).push(cell);
    if (block.at(-1).join("") === "") block.pop();
    return block;
  };

  const [YES, NO] = ["yes", "no"].map((name) => form.dataset[name].split(" "));

  /* Returns whether the field accepted the text. */
  const put = (field, text) => {
    if (field.type === "checkbox") {
      const word = text.normalize("NFKC").toLowerCase();
      if (!YES.includes(word) && !NO.includes(word)) return false;
      field.checked = YES.includes(word);
      return true;
    }
    if (field.tagName === "SELECT") {
      const option = [...field.options].find((one) => [one.value, one.text].includes(text));
      if (option) field.value = option.value;
      return Boolean(option);
    }
    field.value = text;
    return true;
  };
  const contentOf = (field) => (field.type === "checkbox" ? field.checked : field.value);

  let undo = [];

  const paste = (start, block) => {
    const top = rowOf(start);
    const left = FIELDS.indexOf(start.dataset.field);
    const before = [];
    let taken = 0;
    let left_over = 0;
    block.forEach((line, down) => line.forEach((cell, across) => {
      const text = cell.trim();
      if (!text) return;
      const field = rows[top + down]?.fields[FIELDS[left + across]];
      const old = field && contentOf(field);
      if (field && put(field, text)) {
        before.push([field, old]);
        taken += 1;
      } else left_over += 1;
    }));
    undo = before;
    const more = left_over ? `欄がないか、選べない言葉の${left_over}個は貼り付けていません。` : "";
    say(`${taken}個のセルに貼り付けました。${more}`, taken ? "元に戻す" : "");
    later();
  };

  const takeBack = () => {
    for (const [field, old] of undo.reverse()) {
      if (field.type === "checkbox") field.checked = old; else field.value = old;
    }
    say(`${undo.length}個のセルを貼り付ける前に戻しました。`);
    undo = [];
    later();
  };

  form.addEventListener("paste", (event) => {
    const field = event.target.closest("[data-field]");
    const text = event.clipboardData?.getData("text/plain") || "";
    if (!field || !/[\t\n]/.test(text)) return;
    const block = cellsIn(text);
    if (field.tagName === "TEXTAREA" && !text.includes("\t") && block.length > 1) return;
    event.preventDefault();
    paste(field, block);
  });

  const say = (text, button = "") => {
    state.textContent = text;
    if (!button) return;
    const back = document.createElement("button");
    back.type = "button";
    back.className = "light small";
    back.textContent = button;
    back.addEventListener("click", takeBack);
    state.append(" ", back);
  };

  /* Feedback from the server, which entry_keeping.js asks */

  const later = () => form.dispatchEvent(new Event("change"));

  form.addEventListener("understood", ({ detail }) => {
    for (const row of rows.filter(({ id }) => detail.ids.includes(id))) {
      const output = row.element.querySelector(".reading");
      const told = detail.rows[row.id] || { text: "", faults: [], doubts: [] };
      const notes = [...told.faults, ...told.doubts];
      output.textContent = [told.text && `＝ ${told.text}`, ...notes].filter(Boolean).join("　");
      output.classList.toggle("doubtful", notes.length > 0);
    }
  });

  form.addEventListener("input", () => {
    if (undo.length) say("");
    undo = [];
  });
})();

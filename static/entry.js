/* Enhances a grid for entering, of values or of projects: keys, pasting from Excel, live feedback.
   The page works without it. Only the server parses numbers and finds faults. The form says which
   fields a row has, which of them take numbers, and what rows and numbers are called. */

"use strict";

(() => {
  const form = document.getElementById("grid");
  if (!form || !form.querySelector("[data-field]")) return;

  const FIELDS = form.dataset.fields.split(" ");
  const NUMBERS = form.dataset.numbers.split(" ");
  const [FIRST] = FIELDS; // every row that can be filled in has it
  const { thing: THING, amount: AMOUNT, heading: HEADING } = form.dataset;
  const state = document.getElementById("grid-state");
  const rows = [...form.querySelectorAll("[data-row]")].map((element) => ({
    element,
    id: element.dataset.row,
    details: element.querySelector("details"),
    fields: Object.fromEntries(
      [...element.querySelectorAll("[data-field]")].map((field) => [field.dataset.field, field]),
    ),
  }));
  const rowOf = (field) => rows.findIndex((row) => row.element.contains(field));
  const isShown = (field) => field.getClientRects().length > 0;
  const contentOf = (field) => (field.type === "checkbox" ? field.checked : field.value);

  /* Opens the row where that is needed to see the field. */
  const reveal = (field) => {
    const row = rows[rowOf(field)];
    row.element.hidden = false;
    if (!isShown(field) && row.details) row.details.open = true;
  };

  /* The number of filled rows comes from the server: only it knows whether typed texts are valid. */

  const progress = document.getElementById("grid-progress");

  const count = (filled) => {
    for (const row of rows) {
      if (row.id in filled) row.element.toggleAttribute("data-filled", filled[row.id]);
    }
    const number = rows.filter(({ element }) => "filled" in element.dataset).length;
    progress.querySelector("b").textContent = `${number + Number(progress.dataset.elsewhere)}件`;
  };

  /* Search by name */

  const find = document.getElementById("find");
  const plain = (text) => text.normalize("NFKC").toLowerCase().replace(/\s/g, "");

  const narrow = () => {
    const wanted = fold(find.value);
    for (const row of rows) row.element.hidden = !fold(row.element.dataset.name).includes(wanted);
    dropRange();
  };

  /* Request only what the page lacks. */
  find.form.addEventListener("submit", (event) => {
    const first = rows.find((row) => !row.element.hidden && row.fields[FIRST]);
    if (!first || new URLSearchParams(location.search).has("name")) return;
    event.preventDefault();
    goTo(first.fields[FIRST]);
  });
  find.addEventListener("input", narrow);

  /* What the search hides is not sent on, as with a filter of the server. What was typed there is
     shown first, because sending on saves it, too. */
  const hiddenRows = () => rows.filter((row) => row.element.hidden);
  let isSentOn = false;

  form.addEventListener("submit", (event) => {
    isSentOn = event.submitter?.name === "step";
    const isTyped = ({ element, fields }) =>
      element.classList.contains("faulty") || Object.values(fields).some(isChanged);
    const typed = isSentOn ? hiddenRows().filter(isTyped) : [];
    if (!typed.length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    for (const row of typed) row.element.hidden = false;
    goTo(typed[0].fields[FIRST]);
    say(`検索で表示していない${typed.length}件にも、保存していない入力があるので、表示しました。`
      + "確かめて、もう一度押してください。");
  });
  form.addEventListener("formdata", ({ formData }) => {
    if (!isSentOn) return;
    const names = hiddenRows().flatMap((row) => [...row.element.querySelectorAll("[name]")].map((field) => field.name));
    for (const name of names) formData.delete(name);
  });

  /* Undo and redo, step by step */

  const MERGED = 1000;
  const known = new Map();
  const done = [];
  const undone = [];
  for (const row of rows) {
    for (const field of Object.values(row.fields)) known.set(field, contentOf(field));
  }

  const note = (changes, isTyped = false) => {
    const last = done.at(-1);
    const now = performance.now();
    const [change] = changes;
    if (isTyped && last?.isTyped && last.changes[0].field === change.field && now - last.at < MERGED) {
      last.changes[0].after = change.after;
      last.at = now;
    } else {
      done.push({ changes, isTyped, at: now });
    }
    undone.length = 0;
    for (const { field, after } of changes) known.set(field, after);
  };

  const noteTyped = (field) => {
    const [before, after] = [known.get(field), contentOf(field)];
    if (before !== after) note([{ field, before, after }], field.type !== "checkbox");
  };

  const setContent = (field, content) => {
    if (field.type === "checkbox") field.checked = content; else field.value = content;
    known.set(field, content);
    showUnlisted(field);
  };

  const step = (from, to, side) => {
    const taken = from.pop();
    if (!taken) return false;
    taken.at = 0;
    // Backwards, because a step may change a field twice.
    const inOrder = side === "before" ? [...taken.changes].reverse() : taken.changes;
    for (const change of inOrder) setContent(change.field, change[side]);
    to.push(taken);
    const [{ field }] = taken.changes;
    reveal(field);
    goTo(field);
    later();
    return true;
  };

  const takeBack = () => {
    const size = done.at(-1)?.changes.length;
    if (step(done, undone, "before")) say(`${size}個の欄を元に戻しました。`, "やり直す", doAgain);
  };

  const doAgain = () => {
    const size = undone.at(-1)?.changes.length;
    if (step(undone, done, "after")) say(`${size}個の欄をやり直しました。`, "元に戻す", takeBack);
  };

  /* Puts texts into fields as one step: [field, text] each. Returns how many fields took theirs. */
  const change = (pairs) => {
    const changes = [];
    let taken = 0;
    for (const [field, text] of pairs) {
      const before = contentOf(field);
      if (!put(field, text)) continue;
      taken += 1;
      if (contentOf(field) !== before) changes.push({ field, before, after: contentOf(field) });
    }
    if (changes.length) note(changes);
    later();
    return taken;
  };

  const [YES, NO] = ["yes", "no"].map((name) => form.dataset[name].split(" "));
  const wordOf = (text) => text.normalize("NFKC").toLowerCase();
  const isMark = (text) => [...YES, ...NO].includes(wordOf(text));

  /* A word that a list does not have stays in it, marked, until another one is chosen: only the
     user knows which one was meant. */
  const isUnlisted = (field) => field.selectedOptions?.[0]?.dataset.unlisted !== undefined;

  const showUnlisted = (field) => {
    if (field.tagName !== "SELECT" || document.getElementById(`${field.id}-wrong`)) return;
    if (isUnlisted(field)) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  };

  /* Width and spaces make no difference, as on the server: 拡　充 means 拡充, where nothing else does. */
  const optionFor = (field, text) => {
    const meant = (same) => [...field.options].filter((one) => same(one.value) || same(one.text));
    const [exact] = meant((word) => word === text);
    const alike = plain(text) ? meant((word) => plain(word) === plain(text)) : [];
    return exact || (alike.length === 1 ? alike[0] : undefined);
  };

  /* Returns whether the field accepted the text. */
  const put = (field, text) => {
    if (field.type === "checkbox") {
      if (!isMark(text)) return false;
      field.checked = YES.includes(wordOf(text));
      return true;
    }
    if (field.tagName === "SELECT") {
      const option = optionFor(field, text);
      field.value = (option || addUnlisted(field, text)).value;
      showUnlisted(field);
      return true;
    }
    field.value = text;
    return true;
  };

  /* A text that put() takes back as the same content */
  const textOf = (field) => {
    if (field.type === "checkbox") return field.checked ? "○" : "";
    if (field.tagName === "SELECT") return field.value ? field.selectedOptions[0].text : "";
    return field.value;
  };

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
      if (found && isShown(found)) return found;
    }
    return null;
  };

  const horizontally = (field, step) => {
    const all = [...form.querySelectorAll("[data-field]")].filter(isShown);
    return all[all.indexOf(field) + step];
  };

  /* From an empty value of a share, Enter moves to its parts; otherwise down. */
  const next = (field, step) => {
    const { value, numerator, denominator } = rows[rowOf(field)].fields;
    if (numerator && step > 0) {
      if (field === value && !value.value) return numerator;
      if (field === numerator) return denominator;
    } else if (numerator) {
      if (field === denominator) return numerator;
      if (field === numerator) return value;
    }
    return vertically(field === denominator ? value : field, step);
  };

  const atEdge = (field, step) => {
    if (field.type === "checkbox") return true;
    const { selectionStart: start, selectionEnd: end, value } = field;
    if (start === 0 && end === value.length) return true;
    return start === end && start === (step < 0 ? 0 : value.length);
  };

  /* A closed list keeps its choice: the arrow keys move to other cells, as in all fields. */
  let openList = null;
  form.addEventListener("mousedown", (event) => { openList = event.target.closest("select"); });
  form.addEventListener("focusout", (event) => { if (event.target === openList) openList = null; });
  form.addEventListener("change", () => { openList = null; });

  form.addEventListener("keydown", (event) => {
    const field = event.target.closest("[data-field]");
    if (event.isComposing || event.metaKey) return;
    if (!field) return;
    const isArea = field.tagName === "TEXTAREA";
    const isSelect = field.tagName === "SELECT";
    if (isSelect && (event.key === " " || (event.altKey && /^Arrow/.test(event.key)))) {
      openList = field;
      return;
    }
    if (event.altKey || (isSelect && openList === field)) return;
    const key = event.key.toLowerCase();
    if (event.ctrlKey) {
      const act = {
        z: event.shiftKey ? doAgain : takeBack, y: doAgain, d: () => fillDown(field),
        enter: isArea ? () => goTo(next(field, 1) || endOfForm()) : null,
      }[key];
      if (!act) return;
      event.preventDefault();
      act();
      return;
    }
    if (event.key === "F2") {
      event.preventDefault();
      openOrClose(field);
      return;
    }
    if (event.shiftKey && /^Arrow/.test(event.key) && extend(field, event.key)) {
      event.preventDefault();
      return;
    }
    if (range && ["Delete", "Backspace"].includes(event.key)) {
      event.preventDefault();
      change(cellsOfRange().flat().filter(Boolean).map((one) => [one, ""]));
      return;
    }
    if (event.key !== "Shift") dropRange();
    const way = ["ArrowUp", "ArrowLeft"].includes(event.key) || event.shiftKey ? -1 : 1;
    let target = null;
    if (event.key === "Enter" && !isArea) {
      event.preventDefault();
      target = next(field, way) || (way > 0 && endOfForm());
    } else if (event.shiftKey) {
      return;
    } else if (["ArrowUp", "ArrowDown"].includes(event.key)) {
      if (isSelect) event.preventDefault();
      if (!isArea || atEdge(field, way)) target = vertically(field, way);
    } else if (["ArrowLeft", "ArrowRight"].includes(event.key)) {
      if (isSelect) event.preventDefault();
      if (isSelect || atEdge(field, way)) target = horizontally(field, way);
    } else if (isSelect && ["PageUp", "PageDown", "Home", "End"].includes(event.key)) {
      event.preventDefault();
    }
    if (target && goTo(target)) event.preventDefault();
  });

  const endOfForm = () => document.querySelector(".save button");

  const openOrClose = (field) => {
    const row = rows[rowOf(field)];
    if (!row.details) return;
    const { value, remarks } = row.fields;
    if (field.closest(".more")) {
      row.details.open = false;
      goTo(value);
    } else {
      row.details.open = true;
      goTo(remarks);
    }
  };

  /* Copies the remarks of the year before; of a row that is asked about, moves on to the next. */
  const takeOver = (field) => {
    const row = rows[rowOf(field)];
    const { remarks } = row.fields;
    if (!remarks) return;
    const last = row.element.querySelector("[data-last-remarks]")?.dataset.lastRemarks.trim();
    reveal(remarks);
    remarks.focus();
    if (!last) {
      say("前年度の備考はありません。");
      return;
    }
    if (!remarks.value.includes(last)) {
      change([[remarks, [remarks.value.trim(), last].filter(Boolean).join("\n")]]);
      say("前年度の備考を写しました。", "元に戻す", takeBack);
    }
    if (!remarks.matches("[aria-invalid]")) return;
    remarks.removeAttribute("aria-invalid");
    const asked = form.querySelector("[aria-invalid]");
    const again = document.querySelector(`.save [name="${form.dataset.again || "save"}"]`);
    goTo(asked || again);
  };

  /* Also where the list of errors has the focus: the first row that is asked about */
  document.addEventListener("keydown", (event) => {
    if (event.key !== "F4" || event.altKey || event.ctrlKey || event.isComposing) return;
    const field = event.target.closest("#grid [data-field]")
      || form.querySelector('[data-field="remarks"][aria-invalid]');
    if (!field) return;
    event.preventDefault();
    takeOver(field);
  });

  for (const row of rows) {
    const last = row.element.querySelector("[data-last-remarks]");
    if (!last || !row.fields.remarks) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "light small";
    button.textContent = "備考に写す（F4）";
    button.addEventListener("click", () => takeOver(row.fields.remarks));
    last.append(button);
  }

  /* A range of cells: extended with Shift and arrows or a click, copied, filled down, emptied */

  let range = null;

  const shownRows = () => rows.filter((row) => row.fields[FIRST] && !row.element.hidden);

  const cellsOfRange = () => {
    const shown = shownRows();
    const across = [range.from, range.to].map((field) => FIELDS.indexOf(field.dataset.field));
    const down = [range.from, range.to].map((field) => shown.indexOf(rows[rowOf(field)]));
    const [left, right] = [Math.min(...across), Math.max(...across)];
    const names = FIELDS.slice(left, right + 1);
    return shown.slice(Math.min(...down), Math.max(...down) + 1)
      .map((row) => names.map((name) => row.fields[name]));
  };

  const dropRange = () => {
    range = null;
    form.querySelectorAll(".picked").forEach((field) => field.classList.remove("picked"));
  };

  const setRange = (from, to) => {
    dropRange();
    if (from === to) return;
    range = { from, to };
    for (const field of cellsOfRange().flat()) field?.classList.add("picked");
  };

  /* Returns whether the key was for the range and not for the text of the field. */
  const extend = (field, key) => {
    const from = range?.from || field;
    const at = range?.to || field;
    if (["ArrowUp", "ArrowDown"].includes(key)) {
      if (field.tagName === "TEXTAREA" && !range) return false;
      const to = vertically(at, key === "ArrowUp" ? -1 : 1);
      if (to) setRange(from, to);
      return true;
    }
    if (!range) return false;
    const { fields } = rows[rowOf(at)];
    const names = FIELDS.filter((name) => fields[name] && isShown(fields[name]));
    const to = names[names.indexOf(at.dataset.field) + (key === "ArrowLeft" ? -1 : 1)];
    if (to) setRange(from, fields[to]);
    return true;
  };

  form.addEventListener("mousedown", (event) => {
    const to = event.target.closest("[data-field]");
    const from = document.activeElement?.closest("#grid [data-field]");
    if (!event.shiftKey || !to || !from || to === from) {
      dropRange();
      return;
    }
    event.preventDefault();
    setRange(from, to);
  });

  form.addEventListener("copy", (event) => {
    if (!range) return;
    const quoted = (text) => (/[\t\n"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
    const lines = cellsOfRange().map((line) => line.map((field) => quoted(field ? textOf(field) : "")));
    event.clipboardData.setData("text/plain", lines.map((line) => `${line.join("\t")}\r\n`).join(""));
    event.preventDefault();
    say(`${lines.length}行${lines[0].length}列をコピーしました。`);
  });

  /* The topmost cell of the range into the others; without a range, the cell above. */
  const fillDown = (field) => {
    const cells = range ? cellsOfRange() : [[vertically(field, -1)], [field]];
    const [top, ...below] = cells;
    const pairs = below.flatMap((line) => line.map((one, index) => [one, top[index]]))
      .filter(([one, from]) => one && from).map(([one, from]) => [one, textOf(from)]);
    if (!pairs.length) return;
    const filled = change(pairs);
    say(`${filled}個の欄に、上の欄と同じ内容を入れました。`, "元に戻す", takeBack);
  };

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

  const WORDS_OF_FIELDS = Object.entries(JSON.parse(form.dataset.headers));
  const LABELS = Object.fromEntries(WORDS_OF_FIELDS.map(([name, [label]]) => [name, label]));
  const HEADERS = WORDS_OF_FIELDS
    .flatMap(([name, words]) => words.map((word) => [plain(word), name]));
  const fieldNamed = new Map(HEADERS);

  /* Rows by their names and codes; null where two rows share one */
  const byName = new Map();
  for (const row of rows) {
    const { name, codes = "" } = row.element.dataset;
    for (const word of [name, ...codes.split(" ")].map(plain).filter(Boolean)) {
      byName.set(word, byName.has(word) && byName.get(word) !== row ? null : row);
    }
  }

  /* Words by which a cell may name a row: itself, or its lines without the plan in brackets, as the
     Excel form writes the places of an indicator */
  const wordsIn = (cell) => [
    plain(cell), ...cell.split("\n").map((line) => plain(line.replace(/[（(][^（()）]*[）)]\s*$/, ""))),
  ];
  const rowsCalled = (cell) => wordsIn(cell).filter((word) => byName.has(word)).map((word) => byName.get(word));

  const columnsOf = (block) => [...Array(Math.max(...block.map((line) => line.length))).keys()];
  const cellsOf = (block, column) => block.map((line) => (line[column] || "").trim()).filter(Boolean);

  /* A number, possibly with its unit: no place in a plan and no name that begins with a digit */
  const isNumber = (text) => /^[^\p{L}\p{N}]*\d[\d,.]*[^\d]*$/u.test(plain(text).replace(/^約/, ""));
  const WORDS = '[data-field="availability"] option, select[data-field="value"] option';
  const ABSENCES = new Set([...form.querySelectorAll(WORDS)].map((one) => one.text));
  const isForNumber = (text) =>
    isNumber(text) || ABSENCES.has(text.replace(/[（(].*$/, "")) || /^[^\p{L}\p{N}]+$/u.test(text);
  const isMostly = (cells, check) => cells.filter(check).length * 2 > cells.length;

  /* Returns the indexes of the columns whose cells are mostly names or codes of indicators: some may
     be unknown here, but no numbers. */
  const namingColumns = (block) => columnsOf(block).filter((column) => {
    const cells = cellsOf(block, column);
    const others = cells.filter((cell) => !rowsCalled(cell).length);
    const found = cells.length - others.length;
    return found > 0 && (found * 2 >= cells.length - 1 || !others.some(isNumber));
  });

  /* At most 3 of the words, quoted */
  const listed = (words, longest = 30) => words.slice(0, 3).map((word) => `「${word.slice(0, longest)}」`).join("")
    + (words.length > 3 ? "など" : "");

  /* Returns the rows that a line names: none, one, or several if its name and its code disagree. */
  const rowsNamed = (words) => [...new Set(words.flatMap(rowsCalled).filter(Boolean))];

  const REMEDY = `何も貼り付けていません。値の列に${HEADING}を付けて貼り付け直してください。`;

  /* Returns why it is unclear which column has the values; "" if it is clear. `fields` has the field
     for each column, `titles` their headers. A number is never taken from a column by guessing. */
  const unclearColumns = (body, fields, titles, naming, hasHeads) => {
    const title = (column) => titles?.[column]?.trim() || `左から${column + 1}列目`;
    const others = columnsOf(body).filter((column) => !naming.includes(column));
    const ofNumbers = others.filter((column) => isMostly(cellsOf(body, column), isNumber));
    if (hasHeads) return "";
    if (ofNumbers.length > 1) {
      return `数の列が${ofNumbers.length}列（${listed(ofNumbers.map(title))}）あり、どの列が${AMOUNT}か決められません。${REMEDY}`;
    }
    if (titles && ofNumbers.length) {
      return `見出し${listed(ofNumbers.map(title))}の列が、この年度の${AMOUNT}か決められません。${REMEDY}`;
    }
    const texts = others.filter((column) =>
      NUMBERS.includes(fields[column]) && isMostly(cellsOf(body, column), (cell) => !isForNumber(cell)));
    return texts.length ? `${listed(texts.map(title))}（${listed(cellsOf(body, texts[0]))}）は数ではありません。${REMEDY}` : "";
  };

  /* Where a cell of a block belongs, in words; "" where the page ends before it. */
  const placeOf = (row, name) => (row && name ? `${row.element.dataset.name}の${LABELS[name]}` : "");

  /* Reports the cells that no field accepted and the words that no list has, with their places. */
  const told = (pairs, left) => {
    const at = ([field, text]) => `${placeOf(rows[rowOf(field)], field.dataset.field)}：${text}`;
    const refused = pairs.filter(([field, text]) => field.type === "checkbox" && !isMark(text)).map(at);
    const unlisted = pairs.filter(([field]) => isUnlisted(field));
    for (const [field] of unlisted) reveal(field);
    const places = left.filter(Boolean);
    return [
      left.length ? `欄がない${left.length}個${places.length ? `（${listed(places, 80)}）` : ""}は貼り付けていません。` : "",
      refused.length ? `印として読めない${refused.length}個（${listed(refused, 80)}）は貼り付けていません。` : "",
      unlisted.length
        ? `選択肢にない言葉が${unlisted.length}個（${listed(unlisted.map(at), 80)}）あります。赤い枠の欄で選び直してください。` : "",
    ].join("");
  };

  const pasteByName = (start, block, naming) => {
    const heads = block[0].map((cell) => fieldNamed.get(plain(cell)));
    const isNamed = naming.some((column) => rowsCalled(block[0][column] || "").length);
    const hasHeads = heads.some(Boolean) && !isNamed;
    const twice = block[0].filter((_, column) => heads[column] && heads.indexOf(heads[column]) !== column);
    if (hasHeads && twice.length) {
      say(`見出し${listed(twice)}の列が二つ以上あり、どの列の値か決められません。何も貼り付けていません。`
        + "一つの列だけを残して、貼り付け直してください。");
      return;
    }
    let at = FIELDS.indexOf(start.dataset.field);
    const columns = hasHeads ? heads : block.reduce((all, line) => (line.length > all.length ? line : all), [])
      .map((_, column) => (naming.includes(column) ? undefined : FIELDS[at++]));
    const isHeader = !isNamed && block.length > 1
      && !block[0].some((cell, column) => !naming.includes(column) && isNumber(cell) && !/実績|目標|年/.test(cell));
    const body = isHeader ? block.slice(1) : block;
    const refusal = unclearColumns(body, columns, isHeader ? block[0] : null, naming, hasHeads);
    if (refusal) {
      say(refusal);
      return;
    }
    const ignored = hasHeads ? columnsOf(body).filter((column) =>
      !heads[column] && !naming.includes(column) && isMostly(cellsOf(body, column), isNumber)) : [];
    const unknown = [];
    const unclear = [];
    const contents = new Map(); // by row: the text for each field, null where two lines differ
    const left = [];
    for (const line of hasHeads ? block.slice(1) : block) {
      if (!line.some((cell) => cell.trim())) continue;
      const words = naming.map((column) => (line[column] || "").trim()).filter(Boolean);
      const [row, other] = rowsNamed(words);
      if (!row || other) {
        const isUnclear = other || words.some((word) => rowsCalled(word).length);
        (isUnclear ? unclear : unknown).push(words[0] || "名前のない行");
        continue;
      }
      const texts = contents.get(row) || new Map();
      contents.set(row, texts);
      line.forEach((cell, column) => {
        const text = cell.trim();
        if (!text || naming.includes(column)) return;
        const field = row.fields[columns[column]];
        if (field) texts.set(field, [text, undefined].includes(texts.get(field)) ? text : null);
        else if (columns[column] || !hasHeads) left.push(placeOf(row, columns[column]));
      });
    }
    const differing = [...contents].filter(([, texts]) => [...texts.values()].includes(null));
    for (const [row] of differing) contents.delete(row);
    const pairs = [...contents.values()].flatMap((texts) => [...texts]);
    const taken = change(pairs);
    const names = differing.map(([row]) => row.element.dataset.name);
    say([
      `${THING}名か番号で合わせて、${taken}個のセルに貼り付けました。`,
      names.length ? `${listed(names)}は、内容の違う行が二つ以上あるため、どの行も貼り付けていません。` : "",
      unclear.length ? `${THING}を一つに決められない${unclear.length}行（${listed(unclear)}）は貼り付けていません。` : "",
      unknown.length ? `この画面の${THING}と合わない${unknown.length}行（${listed(unknown)}）は貼り付けていません。` : "",
      told(pairs, left),
      ignored.length ? `見出し${listed(ignored.map((column) => block[0][column] || "なし"))}の列は貼り付けていません。` : "",
    ].join(""), taken ? "元に戻す" : "", takeBack);
  };

  const paste = (start, block) => {
    const naming = block[0].length > 1 ? namingColumns(block) : [];
    if (naming.length) {
      pasteByName(start, block, naming);
      return;
    }
    const shown = shownRows();
    const top = shown.indexOf(rows[rowOf(start)]);
    const first = FIELDS.indexOf(start.dataset.field);
    const texts = columnsOf(block).filter((column) => {
      const name = FIELDS[first + column];
      const under = shown.slice(top, top + block.length).map((row) => row.fields[name]).filter(Boolean);
      if (!NUMBERS.includes(name) || !under.length) return false;
      // One column of words into empty fields is answered by the server.
      return (block[0].length > 1 || under.some((field) => field.value))
        && isMostly(cellsOf(block, column), (cell) => !isForNumber(cell));
    });
    if (texts.length) {
      say(`${listed(cellsOf(block, texts[0]))}は数ではないため、値の欄には入れません。何も貼り付けていません。`
        + `値の列だけを選ぶか、この画面の${THING}名か番号の列を付けて、貼り付け直してください。`);
      return;
    }
    const pairs = [];
    const left = [];
    block.forEach((line, down) => line.forEach((cell, across) => {
      const text = cell.trim();
      if (!text) return;
      const [row, name] = [shown[top + down], FIELDS[first + across]];
      const field = row?.fields[name];
      if (field) pairs.push([field, text]); else left.push(placeOf(row, name));
    }));
    const taken = change(pairs);
    say(`${taken}個のセルに貼り付けました。${told(pairs, left)}`, taken ? "元に戻す" : "", takeBack);
  };

  /* One cell is text like any other, and so are lines that do not come from a table. */
  form.addEventListener("paste", (event) => {
    const field = event.target.closest("[data-field]");
    const text = event.clipboardData?.getData("text/plain") || "";
    if (!field || !/[\t\n]/.test(text)) return;
    const block = cellsIn(text);
    const isTable = text.includes("\t") || /<table/i.test(event.clipboardData.getData("text/html"));
    const isArea = field.tagName === "TEXTAREA";
    if (isArea && !isTable && block.length > 1) return;
    event.preventDefault();
    if (block.length === 1 && block[0].length === 1 && "setRangeText" in field && field.type !== "checkbox") {
      field.setRangeText(isArea ? block[0][0] : block[0][0].trim(), field.selectionStart, field.selectionEnd, "end");
      noteTyped(field);
      later();
    } else if (block.length) paste(field, block);
  });

  const say = (text, button = "", act = null) => {
    state.textContent = text;
    if (!button) return;
    const back = document.createElement("button");
    back.type = "button";
    back.className = "light small";
    back.textContent = button;
    back.addEventListener("click", act);
    state.append(" ", back);
  };

  /* Feedback from the server, which entry_keeping.js asks */

  const later = () => form.dispatchEvent(new Event("change"));

  form.addEventListener("understood", ({ detail }) => {
    for (const row of rows.filter(({ id }) => detail.ids.includes(id))) {
      const output = row.element.querySelector(".reading");
      const told = detail.rows[row.id] || { text: "", faults: [], doubts: [] };
      const doubts = told.doubts.length ? [...told.doubts, "正しければ、理由を備考に書いてください（F2キー）。"] : [];
      if (output) output.textContent = told.text && `＝ ${told.text}`;
      Object.values(row.fields).forEach(dropFault);
      const shown = [...row.element.querySelectorAll(".wrong span")].map((one) => one.textContent);
      const faults = told.faults.filter((fault) => !shown.includes(fault));
      row.element.querySelector(".notes td").textContent = [...faults, ...doubts].join("");
      showJudgement(row.element.querySelector(".forecast"), told.judgement);
      // What entry_keeping.js has restored was not typed here and cannot be undone.
      for (const field of Object.values(row.fields)) known.set(field, contentOf(field));
    }
    count(detail.filled);
  });

  const showJudgement = (place, judgement) => {
    place?.replaceChildren();
    if (!judgement) return;
    for (const [text, look] of [
      [judgement.total, ""], [judgement.figure, ""], [judgement.label, `status ${judgement.band}`],
    ]) {
      const part = document.createElement("span");
      part.textContent = text;
      part.className = look;
      place.append(part, " ");
    }
  };

  /* Without an answer nothing is known about what has been typed since the last one. */
  form.addEventListener("unheard", () => {
    for (const { element, fields } of rows.filter((row) => Object.values(row.fields).some(isChanged))) {
      for (const place of [".reading", ".notes td", ".forecast"]) {
        element.querySelector(place)?.replaceChildren();
      }
      Object.values(fields).forEach(dropFault);
    }
  });

  /* The reported errors may be outdated: the next answer is about the new content. */
  const dropFault = (field) => {
    const wrong = document.getElementById(`${field.id}-wrong`);
    if (!wrong || !isChanged(field)) return;
    wrong.remove();
    field.removeAttribute("aria-invalid");
    const others = field.getAttribute("aria-describedby")?.split(" ").filter((id) => id !== wrong.id);
    if (others?.length) field.setAttribute("aria-describedby", others.join(" "));
    else field.removeAttribute("aria-describedby");
  };
  form.addEventListener("change", ({ target }) => { if (known.has(target)) dropFault(target); });

  form.addEventListener("input", (event) => {
    if (!known.has(event.target)) return;
    dropFault(event.target);
    showUnlisted(event.target);
    if (!event.isComposing) noteTyped(event.target);
    if (state.querySelector("button")) say("");
  });
  form.addEventListener("compositionend", (event) => {
    if (known.has(event.target)) noteTyped(event.target);
  });

  /* Begins with the first row below the heading or, where it is far from that, with the first row to
     fill in, so that as many rows as possible are seen. */

  const start = form.querySelector("[autofocus]");
  const begin = () => requestAnimationFrame(() => {
    const { element } = rows[rowOf(start)];
    rows[0].element.scrollIntoView();
    const end = document.querySelector(".save").getBoundingClientRect().top;
    if (element.getBoundingClientRect().bottom > end) element.scrollIntoView();
  });
  if (start && !location.hash) {
    if (document.activeElement === start) begin();
    else start.addEventListener("focus", begin, { once: true });
  }
})();

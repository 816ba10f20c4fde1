/* Keeps what is typed into the entry grid: in this browser at once, on the server a moment later.
   What the browser has goes when the server has confirmed that it keeps or has saved it. The page
   never says that something is kept where it is not. The grid works without this script. */

"use strict";

(() => {
  const form = document.querySelector("form[data-kept]");
  if (!form) return;

  const PAUSE = 600; // milliseconds without typing before a request
  // Milliseconds that an answer may take: the server itself waits 20 s for a locked database, and
  // then says so.
  const PATIENCE = 45_000;
  const LONGEST = 14 * 24 * 3600 * 1000; // milliseconds for which the browser keeps a row
  const KEY = `unsaved-input ${form.dataset.person} ${form.dataset.kept}`;

  const withKept = () => {
    const address = new URL(location.href);
    address.searchParams.delete("answer");
    address.searchParams.set("kept", "1");
    address.hash = "";
    return address;
  };

  if ("answer" in form.dataset) {
    // The back button shows what the server keeps, including what is typed after this answer.
    history.replaceState(null, "", withKept());
  }

  if (form.id !== "grid") {
    // The page that asks which value to keep. The server keeps what was typed; what of it is given
    // up by choosing must not come back.
    form.addEventListener("submit", () => { try { localStorage.removeItem(KEY); } catch { /* none */ } });
    return;
  }

  const state = document.getElementById("grid-state");
  const rows = [...form.querySelectorAll("[data-row]")]
    .map((element) => ({
      id: element.dataset.row,
      seen: form.elements[`r${element.dataset.row}-seen`],
      page: form.elements[`r${element.dataset.row}-page`], // names this page, and one whose input it shows
      fields: [...element.querySelectorAll("[data-field]")],
    }))
    .filter((row) => row.seen);

  const textOf = (field) => (field.type === "checkbox" ? (field.checked ? "on" : "") : field.value);
  const textsOf = (row) => Object.fromEntries(
    [row.seen, row.page, ...row.fields].map((field) => [field.name, textOf(field)]),
  );
  const pageOf = (id, texts) => (texts[`r${id}-page`] || "").split(".")[0];
  const isSame = (one, other) => Object.keys(one).every(
    (name) => name.endsWith("-page") || one[name] === other?.[name],
  );

  /* Rows that differ from the page as loaded */

  const isRowChanged = (row) => row.fields.some(isChanged);

  /* What this browser keeps: {row id: {at, texts}} */

  const stored = () => {
    try {
      return JSON.parse(localStorage.getItem(KEY)) || {};
    } catch {
      return {};
    }
  };

  /* Returns whether the browser has stored it: it may be forbidden to, or full. */
  const store = (kept) => {
    try {
      if (Object.keys(kept).length) localStorage.setItem(KEY, JSON.stringify(kept));
      else localStorage.removeItem(KEY);
      return true;
    } catch {
      return false;
    }
  };

  const touched = new Set();
  let isInBrowser = false; // whether the browser has everything that was typed

  const note = () => {
    rows.filter(isRowChanged).forEach((row) => touched.add(row));
    const kept = stored();
    for (const row of touched) {
      const texts = textsOf(row);
      if (!isSame(texts, kept[row.id]?.texts)) kept[row.id] = { at: Date.now(), texts };
    }
    isInBrowser = store(kept);
  };

  const forget = (ids, sent) => {
    const kept = stored();
    for (const id of ids) {
      if (kept[id] && isSame(kept[id].texts, sent[id])) delete kept[id];
    }
    store(kept);
  };

  /* Asking the server to keep it and to report how it was understood */

  const WHERE = () => (isInBrowser
    ? "入力した内容は、このパソコンのブラウザーに残しています。"
    : "入力した内容は、この画面にだけ残っています。画面を閉じないでください。");

  let timer = 0;
  let isLeaving = false;
  let isUnclear = false; // whether the page shows a failure that a success has to replace
  let restored = ""; // what the page says about input that it has restored
  let asking = null; // the AbortController of the request under way

  /* Returns what became of it: "kept", "ended" (the session) or "failed". */
  const send = async () => {
    const sent = {};
    for (const [id, { texts }] of Object.entries(stored())) sent[id] = texts;
    for (const row of touched) sent[row.id] = textsOf(row);
    const data = new FormData();
    data.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    for (const texts of Object.values(sent)) {
      for (const [name, text] of Object.entries(texts)) data.append(name, text);
    }
    let response = null;
    let answer = null;
    asking = new AbortController();
    const limit = setTimeout(() => asking.abort(), PATIENCE);
    try {
      const { signal } = asking;
      response = await fetch(form.dataset.kept, { method: "POST", body: data, signal });
      if (response.ok && !response.redirected) answer = await response.json();
    } catch {
      if (isLeaving) return "failed";
      tell(`サーバーにつながりません。まだ保存していません。${WHERE()}`);
      return "failed";
    } finally {
      clearTimeout(limit);
    }
    if (response.redirected) {
      const told = new URL(response.url).searchParams;
      const isKept = told.get("form") === "kept";
      const ended = told.get("ended") || "out";
      tell(
        `${ended === "idle" ? "ログインの有効な時間が過ぎました。" : "ログアウトしています。"}まだ保存していません。${
          isKept ? "ここまでに入力した内容は保管してあります。" : WHERE()}`,
        "もう一度ログインする", `${form.dataset.login}&ended=${ended}${isKept ? "&form=kept" : ""}`,
      );
      return "ended";
    }
    if (response.status === 403) {
      tell(
        `別の画面でログインし直したため、この画面からは保存できません。${WHERE()}`,
        "画面を読み込み直す", location.href,
      );
      return "failed";
    }
    if (!answer) {
      tell(`現在、保存できません。数分後にもう一度保存してください。${WHERE()}`);
      return "failed";
    }
    forget(answer.confirmed, sent);
    form.dispatchEvent(new CustomEvent("understood", {
      // While somebody keeps typing into a row, the next answer is about it.
      detail: { ...answer, ids: Object.keys(sent).filter((id) => isOnPage(id, sent)) },
    }));
    showKept(answer, sent);
    return "kept";
  };

  const showKept = (answer, sent) => {
    const missed = Object.keys(sent).filter((id) => !answer.confirmed.includes(Number(id)));
    const isElsewhere = answer.kept.some((id) => !isOnPage(id, sent));
    if (missed.length) tell(`入力した内容のうち${missed.length}件は、保管できません。${WHERE()}`);
    else if (isElsewhere) tell("前に入力して保存していない内容があります。", "確かめる", withKept());
    else if (answer.kept_at && (isUnclear || !state.querySelector("button"))) {
      isUnclear = false;
      state.textContent = `${restored}入力の途中の内容を${answer.kept_at}に保管しました。`;
    }
  };

  const isOnPage = (id, sent) => {
    const row = rows.find((one) => one.id === String(id));
    return row && isSame(sent[id], textsOf(row));
  };

  const tell = (text, linked = "", address = "") => {
    isUnclear = true;
    state.textContent = text;
    if (!linked) return;
    const link = document.createElement("a");
    link.href = address;
    link.textContent = linked;
    state.append(" ", link);
  };

  let running = Promise.resolve();
  const inTurn = () => {
    clearTimeout(timer);
    running = running.then(send).then((outcome) => {
      if (outcome !== "kept" && !isLeaving) form.dispatchEvent(new CustomEvent("unheard"));
      return outcome;
    });
    return running;
  };
  const later = () => {
    note();
    clearTimeout(timer);
    timer = setTimeout(() => { if (!isLeaving) inTurn(); }, PAUSE);
  };
  form.addEventListener("input", () => { restored = ""; later(); });
  form.addEventListener("change", later);

  /* Saving: the page is left only when the server has everything that was typed. So an answer that
     fails or is lost loses nothing, and no request is under way that could end the session first. */

  let isSaving = false;

  form.addEventListener("submit", async (event) => {
    if (isLeaving) return;
    event.preventDefault();
    if (isSaving) return;
    isSaving = true;
    tell("保存しています。");
    note();
    const outcome = await inTurn();
    isSaving = false;
    if (outcome === "failed") return;
    // The browser keeps it, too, until a page shows that it has been saved.
    note();
    const login = outcome === "ended" && state.querySelector("a");
    if (login && !isInBrowser && !login.search.includes("form=kept")) return;
    isLeaving = true;
    if (login) {
      const address = new URL(login.href);
      address.searchParams.set("form", "kept");
      location.assign(address);
    } else form.requestSubmit(event.submitter);
  });
  /* The offer of what the server keeps: using it and throwing it away both leave this page. */
  const offer = document.getElementById("kept")?.parentElement;
  const leave = () => {
    isLeaving = true;
    clearTimeout(timer);
    asking?.abort();
  };
  offer?.querySelector("a")?.addEventListener("click", leave);
  offer?.querySelector("form").addEventListener("submit", ({ submitter }) => {
    leave();
    if (submitter?.name !== "row") store({});
    else {
      const [id, page] = submitter.value.split(".");
      const kept = stored();
      if (kept[id] && pageOf(id, kept[id].texts) === page) delete kept[id];
      store(kept);
    }
  });

  window.addEventListener("pageshow", (event) => {
    if (event.persisted) isLeaving = false; // the back button shows the page as it was left
  });
  window.addEventListener("beforeunload", (event) => {
    const isUnsaved = "unsaved" in form.dataset || rows.some(isRowChanged);
    if (!isLeaving && isUnsaved) event.preventDefault();
  });

  /* What was not confirmed when this page was left the last time */

  const put = (field, text) => {
    if (field.type === "checkbox") field.checked = text === "on";
    else {
      const isListed = field.tagName !== "SELECT" || [...field.options].some((one) => one.value === text);
      if (!isListed) addUnlisted(field, text);
      field.value = text;
    }
  };

  const restore = () => {
    const kept = stored();
    let count = 0;
    for (const [id, { at, texts }] of Object.entries(kept)) {
      if (Date.now() - at > LONGEST) delete kept[id];
      const row = rows.find((one) => one.id === id);
      if (!kept[id] || !row || row.seen.value !== texts[row.seen.name]) continue;
      if (isSame(texts, textsOf(row))) continue;
      for (const field of row.fields) put(field, texts[field.name] ?? "");
      row.page.value = `${pageOf(id, textsOf(row))}.${pageOf(id, texts)}`;
      touched.add(row);
      count += 1;
    }
    isInBrowser = store(kept);
    if (count) {
      restored = `入力して、まだ保存していない${count}件を、元の欄に戻しました。`;
      tell(restored);
    }
    if (Object.keys(kept).length) inTurn();
  };

  restore();
  if (rows.some(isRowChanged)) later(); // typed before this script was there
})();
